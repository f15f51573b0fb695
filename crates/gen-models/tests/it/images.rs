//! Images to and from 8 bits.

use gen_models::Images;
use image::{Rgb, RgbImage};

#[test]
fn eight_bit_images_come_back_unchanged() {
    let picture = RgbImage::from_fn(17, 15, |x, y| Rgb([(17 * y + x) as u8, (x * 16) as u8, 255 - (y * 17) as u8]));
    let images = Images::from_rgb8(&picture);
    assert_eq!(images.shape(), [1, 3, 15, 17]);
    assert!(images.as_slice().iter().all(|x| (0.0..=1.0).contains(x)));
    assert_eq!(images.to_rgb8(0), picture);
}

#[test]
fn channels_are_planes_and_rows_come_first() {
    let data: Vec<f32> = (0..2 * 3 * 2 * 4).map(|i| i as f32 / 255.0).collect();
    let images = Images::new(data, [2, 3, 2, 4]).unwrap();
    assert_eq!(images.len(), 2);
    let second = images.to_rgb8(1);
    assert_eq!(second.dimensions(), (4, 2));
    assert_eq!(*second.get_pixel(3, 1), Rgb([24 + 7, 24 + 8 + 7, 24 + 16 + 7]));
    assert_eq!(images.image(1)[0], 24.0 / 255.0);
}

#[test]
fn values_outside_the_range_are_clipped() {
    let images = Images::new(vec![-0.2, 1.7, f32::NAN], [1, 3, 1, 1]).unwrap();
    assert_eq!(*images.to_rgb8(0).get_pixel(0, 0), Rgb([0, 255, 0]));
}
