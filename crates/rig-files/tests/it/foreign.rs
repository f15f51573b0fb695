//! The fixtures that h5py, SciPy, NumPy and Octave wrote. What is in them follows the rule of `fixtures/make.py`.

use rig_files::{
    Array, ImageRef, Limits, MatValue, Prefer, ScoreTable, mat5, read_codes, read_scores, read_scores_preferring,
};

use crate::fixture;

const IMAGES: usize = 5;
const CHANNELS: usize = 3;
const BINS: usize = 4;

fn read(name: &str) -> ScoreTable {
    read_scores(&fixture(name), &Limits::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn name(image: usize) -> ImageRef {
    ImageRef::Name(match image {
        4 => "block003_004_ü世.png".to_owned(),
        _ => format!("block003_{image:03}_gen002_{:06}.png", 40 + image),
    })
}

fn score(image: usize, channel: usize) -> f64 {
    if (image, channel) == (2, 1) { f64::NAN } else { 10.0 * image as f64 + channel as f64 + 0.25 }
}

/// Equal, where NaN equals NaN.
#[track_caller]
fn assert_values(found: &[f64], expected: &[f64], what: &str) {
    let same = |(a, b): (&f64, &f64)| a == b || a.is_nan() && b.is_nan();
    assert!(found.len() == expected.len() && found.iter().zip(expected).all(same), "{what}: {found:?} {expected:?}");
}

#[track_caller]
fn assert_scores(table: &ScoreTable, images: &[ImageRef], order: &[usize], what: &str) {
    assert_eq!(table.rows.iter().map(|row| row.image.clone()).collect::<Vec<_>>(), images, "{what}");
    for (row, image) in table.rows.iter().zip(order) {
        let expected: Vec<f64> = (0..CHANNELS).map(|channel| score(*image, channel)).collect();
        assert_values(&row.values, &expected, what);
        assert_eq!((row.trial, row.time), (None, None));
    }
}

#[test]
fn scores_in_the_order_of_the_sorted_names() {
    let order = [0, 1, 2, 3, 4];
    for file in ["earliest.h5", "latest.h5", "octave.h5", "all.npz"] {
        assert_scores(&read(file), &order.map(ImageRef::Index), &order, file);
    }
    let integers: Vec<f64> = read("integers.h5").rows.iter().flat_map(|row| row.values.clone()).collect();
    assert_eq!(integers, (-4..6).map(f64::from).collect::<Vec<_>>());
}

#[test]
fn scores_with_indices() {
    let order = [3, 1, 1, 0];
    for file in ["indices.h5", "indices.npz"] {
        assert_scores(&read(file), &order.map(ImageRef::Index), &order, file);
    }
}

#[test]
fn scores_with_names() {
    let order = [0, 1, 2, 3, 4];
    for file in
        ["v5.mat", "v7.mat", "big_endian.mat", "v73.mat", "rasters.mat", "octave_v6.mat", "octave_v7.mat", "names.npz"]
    {
        assert_scores(&read(file), &order.map(name), &order, file);
    }
    assert_eq!(read("names.npz").channels.unwrap(), ["5A", "5B", "17U"]);
    assert_eq!(read("rasters.mat").channels.unwrap(), ["5A", "5B", "17U"]);
    assert_eq!(read("v73.mat").channels.unwrap(), ["5A", "5B", "17U"]);
}

#[test]
fn rasters_become_channels_by_bins() {
    let preferred = |file| read_scores_preferring(&fixture(file), &Limits::default(), Prefer::Rasters).unwrap();
    let cases = [
        (preferred("rasters.mat"), 50.0, true),
        (preferred("v73.mat"), 0.0, true),
        (read("only_rasters.mat"), 0.0, true),
        (read("bins.h5"), 0.0, false),
        (read("bins.npz"), 0.0, false),
    ];
    for (table, start, named) in cases {
        let edges: Vec<f64> = (0..=BINS).map(|bin| start + 50.0 * bin as f64).collect();
        assert_eq!(table.bins_ms.unwrap(), edges);
        assert_eq!(table.rows.len(), IMAGES);
        for (image, row) in table.rows.iter().enumerate() {
            assert_eq!(row.image, if named { name(image) } else { ImageRef::Index(image) });
            let value = |place: usize| (1000 * image + 100 * (place / BINS) + place % BINS) as f64;
            assert_eq!(row.values, (0..CHANNELS * BINS).map(value).collect::<Vec<_>>());
        }
    }
}

#[test]
fn every_class_of_a_mat_file() {
    for file in ["classes.mat", "octave_classes.mat"] {
        let bytes = std::fs::read(fixture(file)).unwrap();
        let variables = mat5::parse(&bytes, &Limits::default()).unwrap();
        let get = |name: &str| {
            let found = variables.iter().find(|(other, _)| other == name);
            found.unwrap_or_else(|| panic!("{file} has no {name}")).1.clone()
        };
        let row = |values: &[f64]| MatValue::Numeric(Array::new(vec![1, values.len()], values.to_vec()).unwrap());
        let two_to_53 = 9_007_199_254_740_992.0;
        assert_eq!(get("i8"), row(&[-128.0, 127.0]), "{file}");
        assert_eq!(get("u8"), row(&[0.0, 255.0]), "{file}");
        assert_eq!(get("i16"), row(&[-32768.0, 5.0]), "{file}");
        assert_eq!(get("u16"), row(&[65535.0, 5.0]), "{file}");
        assert_eq!(get("i32"), row(&[-2_147_483_648.0, 5.0]), "{file}");
        assert_eq!(get("u32"), row(&[4_294_967_295.0, 5.0]), "{file}");
        assert_eq!(get("i64"), row(&[-two_to_53, 5.0]), "{file}");
        assert_eq!(get("u64"), row(&[two_to_53, 5.0]), "{file}");
        assert_eq!(get("f4"), row(&[0.5, -2.0]), "{file}");
        let square = Array::new(vec![2, 2], vec![1.5, 3.5, 2.5, f64::INFINITY]).unwrap();
        assert_eq!(get("f8"), MatValue::Numeric(square), "{file}");
        assert_eq!(get("logical"), row(&[1.0, 0.0]), "{file}");
        assert_eq!(get("char"), MatValue::Char(vec!["Wörter".to_owned()]), "{file}");
        assert_eq!(get("rows"), MatValue::Char(vec!["ab ".to_owned(), "cde".to_owned()]), "{file}");
        let cells = vec![row(&[1.5]), MatValue::Char(vec!["x".to_owned()]), row(&[7.0])];
        assert_eq!(get("cell"), MatValue::Cell { shape: vec![1, 3], cells }, "{file}");
        assert_eq!(get("struct"), MatValue::Other("a struct"), "{file}");
        assert_eq!(get("complex"), MatValue::Other("complex numbers"), "{file}");
        assert_eq!(get("sparse"), MatValue::Other("a sparse array"), "{file}");
        assert_eq!(get("empty"), MatValue::Numeric(Array::new(vec![0, 3], Vec::new()).unwrap()), "{file}");
        assert_eq!(get("blank"), MatValue::Char(vec![String::new()]), "{file}");
    }
}

#[test]
fn small_elements_of_big_endian_files() {
    let bytes = std::fs::read(fixture("big_endian.mat")).unwrap();
    let variables = mat5::parse(&bytes, &Limits::default()).unwrap();
    let numbers = Array::new(vec![1, 2], vec![-2.0, 300.0]).unwrap();
    assert!(variables.contains(&("ab".to_owned(), MatValue::Numeric(numbers))));
}

#[test]
fn codes_of_a_rig() {
    let codes = read_codes(&fixture("codes.mat"), &Limits::default()).unwrap();
    assert_eq!(codes.ids, ["gen000_000000.bmp", "gen000_000001.bmp"]);
    assert_eq!((codes.rows, codes.dim), (vec![0.0, 0.25, 0.5, 1.0, 1.25, 1.5], 3));
}
