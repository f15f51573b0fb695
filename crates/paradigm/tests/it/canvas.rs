//! Images of 8 bits on the canvas.

use image::{Rgb, RgbImage, imageops};
use paradigm::{Geometry, Resampling};

#[test]
fn an_image_lies_where_its_geometry_says() {
    let image = RgbImage::from_pixel(4, 4, Rgb([200, 0, 0]));
    let geometry = Geometry { canvas: 10, size: 4, at: [3, 8], surround: 50, resize: Resampling::Bilinear };
    let placed = geometry.place(image);
    assert_eq!(placed.dimensions(), (10, 10));
    let red = |x, y| placed.get_pixel(x, y).0 == [200, 0, 0];
    assert!(red(1, 6) && red(4, 9) && !red(0, 6) && !red(5, 9) && !red(1, 5));
    assert_eq!(placed.get_pixel(9, 0).0, [50; 3]);
    for at in [[-3, 5], [13, 5], [5, -3], [5, 13], [-100, 100]] {
        let outside = Geometry { at, ..geometry }.place(placed.clone());
        assert!(outside.pixels().all(|pixel| pixel.0 == [50; 3]), "{at:?}");
    }
}

#[test]
fn an_image_of_another_size_is_resampled_bilinearly() {
    let image = RgbImage::from_fn(13, 13, |x, y| Rgb([(x * 19) as u8, (y * x) as u8, (x * 7 + y * 11) as u8]));
    let resize = Resampling::Bilinear;
    for side in [5, 12, 40] {
        let geometry = Geometry { canvas: side, size: side, at: [side as i32 / 2; 2], surround: 0, resize };
        let peer = imageops::resize(&image, side, side, imageops::FilterType::Triangle);
        let placed = geometry.place(image.clone());
        assert_eq!(placed.dimensions(), (side, side));
        for (value, expected) in placed.as_raw().iter().zip(peer.as_raw()) {
            assert!(value.abs_diff(*expected) <= 1, "{value} {expected}");
        }
    }
}

/// Images of 8 bits are what planes are, rounded: bilinear ones after each axis. And the middle of an image that is not square.
#[test]
fn images_and_planes_agree() {
    let image = RgbImage::from_fn(37, 24, |x, y| Rgb([(x * 7 % 256) as u8, (y * 11 % 256) as u8, (x * y % 256) as u8]));
    for (_, resize) in Resampling::NAMED {
        let roundings = if resize == Resampling::Bilinear { 2.0 } else { 1.0 };
        for size in [9, 24, 50] {
            let geometry = Geometry { canvas: 40, size, at: [12, 33], surround: 99, resize };
            let middle = imageops::crop_imm(&image, 6, 0, 24, 24).to_image();
            let placed = geometry.place(middle.clone());
            assert_eq!(geometry.place_middle(&image), placed);
            let plane: Vec<f32> = middle.pixels().map(|pixel| f32::from(pixel.0[2]) / 255.0).collect();
            for (pixel, value) in placed.pixels().zip(geometry.place_plane(&plane, [24, 24])) {
                let off = (f32::from(pixel.0[2]) - 255.0 * value).abs();
                assert!(off <= 0.51 * roundings, "{resize:?} {size}: off by {off}");
            }
        }
    }
}
