//! Where an image lies.

use paradigm::{Geometry, GeometryError, Resampling};

fn geometry(canvas: u32, size: u32, at: [i32; 2]) -> Geometry {
    Geometry { canvas, size, at, surround: 51, resize: Resampling::Bilinear }
}

#[test]
fn an_image_lies_around_its_centre_and_is_cut_at_the_edges() {
    // Of an axis: the pixels of the image that lie on the canvas, and those of the canvas before and behind them.
    let span = |geometry: &Geometry, axis| {
        let (weights, around) = geometry.along(axis, geometry.size as usize);
        let first = weights.rows[0].0;
        (first..first + weights.rows.len(), around)
    };
    let inside = geometry(10, 4, [3, 8]);
    assert_eq!(span(&inside, 0), (0..4, [1, 5]));
    assert_eq!(span(&inside, 1), (0..4, [6, 0]));
    let beyond = geometry(10, 6, [0, 9]);
    assert_eq!(span(&beyond, 0), (3..6, [0, 7]));
    assert_eq!(span(&beyond, 1), (0..4, [6, 0]));
    let larger = geometry(4, 10, [2, 2]);
    assert_eq!(span(&larger, 0), (3..7, [0, 0]));
    assert!(geometry(6, 6, [3, 3]).covers_canvas() && !larger.covers_canvas());
}

#[test]
fn a_plane_is_placed_to_the_pixel() {
    let plane: Vec<f32> = (0..6).map(|i| i as f32 / 10.0).collect();
    // 2 rows of 3 columns, enlarged to 6 x 6 without mixing.
    let nearest = Geometry { resize: Resampling::Nearest, ..geometry(8, 6, [4, 4]) };
    let canvas = nearest.place_plane(&plane, [2, 3]);
    assert_eq!((canvas.len(), canvas[0], canvas[8 + 1], canvas[8 + 2]), (64, 0.2, 0.0, 0.0));
    assert_eq!((canvas[3 * 8 + 6], canvas[4 * 8 + 6], canvas[6 * 8 + 5]), (0.2, 0.5, 0.5));
    let same = geometry(3, 3, [1, 1]).place_plane(&[0.25; 9], [3, 3]);
    assert_eq!(same, [0.25; 9]);
}

#[test]
fn what_cannot_be_shown_is_refused() {
    assert_eq!(geometry(10, 4, [3, 8]).check(), Ok(()));
    assert_eq!(geometry(0, 4, [3, 8]).check(), Err(GeometryError::Side { what: "canvas", pixels: 0 }));
    assert!(geometry(10, 5000, [3, 8]).check().is_err());
    let outside = geometry(10, 4, [12, 5]).check().unwrap_err();
    assert!(outside.to_string().contains("at 12,5 lies outside"), "{outside}");
    assert_eq!(geometry(10, 4, [11, 5]).check(), Ok(()));
}

#[test]
fn the_default_is_left_out_of_files() {
    let text = r#"{"canvas":10,"size":4,"at":[3,8],"surround":128}"#;
    let read: Geometry = serde_json::from_str(text).unwrap();
    assert_eq!(read.resize, Resampling::Bilinear);
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
    let nearest = Geometry { resize: Resampling::Nearest, ..read };
    assert!(serde_json::to_string(&nearest).unwrap().ends_with(r#""surround":128,"resize":"nearest"}"#));
}
