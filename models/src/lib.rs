//! The embedded pair, compiled in: a generator of 4096 numbers and a CNN, both of 64 x 64 pixels, and the tables that
//! describe them and the published models. Bytes and text only; crate `gen-models` reads them.

/// Two pictures of every class.
macro_rules! pictures {
    ($($class:literal),* $(,)?) => { [$(
        (concat!($class, "-0"), include_bytes!(concat!("../pictures/classes/", $class, "-0.png"))),
        (concat!($class, "-1"), include_bytes!(concat!("../pictures/classes/", $class, "-1.png"))),
    )*] };
}

/// What is known of the embedded models, TOML: one `[[model]]` each.
pub const MANIFEST: &str = include_str!("../manifest.toml");

/// What is known of the published models, TOML: where their weights are, checksums, conversion.
pub const PUBLISHED: &str = include_str!("../published.toml");

/// Names of the CNN's 31 classes, one a line, in the order of the channels of its last layer.
pub const CLASSES: &str = include_str!("../classes.txt");

/// The models' ONNX files, by the names that [`MANIFEST`] gives them.
pub const FILES: [(&str, &[u8]); 2] = [
    ("tiny-deepsim.onnx", include_bytes!("../tiny-deepsim.onnx")),
    ("tiny-alexnet.onnx", include_bytes!("../tiny-alexnet.onnx")),
];

/// Pictures of [`CLASSES`], two of each, PNG of 64 x 64 pixels by name. They are drawn as those that the pair was trained on, and
/// are none of them (`pictures/classes` beside the models).
pub const PICTURES: [(&str, &[u8]); 62] = pictures![
    "face",
    "eye",
    "stripes_vertical",
    "stripes_horizontal",
    "stripes_diagonal",
    "checker",
    "spiral",
    "rings",
    "rays",
    "dots",
    "star",
    "triangle",
    "square",
    "cross",
    "ball",
    "donut",
    "leaf",
    "flower",
    "tree",
    "house",
    "landscape",
    "fish",
    "mushroom",
    "wheel",
    "brick",
    "waves",
    "clouds",
    "leaf_litter",
    "butterfly",
    "letter",
    "cat",
];
