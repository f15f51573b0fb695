//! Files of images.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};
use paradigm::ImageKind;

#[test]
fn files_hold_the_pixels() {
    let image = RgbImage::from_fn(7, 5, |x, y| Rgb([x as u8 * 30, y as u8 * 50, 9]));
    for kind in [ImageKind::Png, ImageKind::Bmp] {
        let bytes = kind.encode(&image).unwrap();
        assert_eq!(image::load_from_memory(&bytes).unwrap().to_rgb8(), image);
    }
    let mut peer = Cursor::new(Vec::new());
    image.write_to(&mut peer, ImageFormat::Bmp).unwrap();
    assert_eq!(ImageKind::Bmp.encode(&image).unwrap(), peer.into_inner());
}
