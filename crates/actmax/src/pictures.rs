//! Image files of what a generator makes, many at once.

use std::num::NonZeroUsize;
use std::thread;

use gen_models::{ExecutionDevice, Images, SessionOptions};
use image::ImageResult;
use sessions::ImageKind;

/// Images that are computed at once: a generation of any published method fits.
pub(crate) const BATCH: usize = 64;

/// All cores of the processor.
pub(crate) fn session_options() -> SessionOptions {
    SessionOptions { threads: cores(), device: ExecutionDevice::Cpu, batch_size: BATCH }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// One file an image, in their order, on all cores; one kind for each.
///
/// # Panics
/// If there are fewer kinds than images.
pub(crate) fn encode_all(images: &Images, kinds: &[ImageKind]) -> ImageResult<Vec<Vec<u8>>> {
    let rows: Vec<usize> = (0..images.len()).collect();
    let encode_part = |rows: &[usize]| {
        rows.iter().map(|&row| kinds[row].encode(&images.to_rgb8(row))).collect::<ImageResult<Vec<_>>>()
    };
    thread::scope(|scope| {
        let parts: Vec<_> = rows
            .chunks(rows.len().div_ceil(cores()).max(1))
            .map(|rows| scope.spawn(move || encode_part(rows)))
            .collect();
        let mut files = Vec::with_capacity(rows.len());
        for part in parts {
            files.extend(part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(files)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_hold_the_pixels_in_order() {
        let pixel = |i: usize| (i * 37 % 256) as f32 / 255.0;
        let images = Images::new((0..5 * 3 * 4 * 7).map(pixel).collect(), [5, 3, 4, 7]).unwrap();
        for kind in [ImageKind::Png, ImageKind::Bmp] {
            let files = encode_all(&images, &[kind; 5]).unwrap();
            assert_eq!(files.len(), 5);
            for (row, file) in files.iter().enumerate() {
                assert_eq!(image::load_from_memory(file).unwrap().to_rgb8(), images.to_rgb8(row), "{kind:?} {row}");
            }
        }
    }
}
