//! The embedded pair, compiled in: a generator of 4096 numbers and a CNN, both of 64 x 64 pixels, and the tables that
//! describe them and the published models. Bytes and text only; crate `gen-models` reads them.

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
