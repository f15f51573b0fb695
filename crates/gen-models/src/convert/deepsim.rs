//! The DeePSim generators (Dosovitskiy and Brox 2016, <https://arxiv.org/abs/1602.02644>) as the authors of
//! the published benchmarks ported them from Caffe.
//!
//! Every variant inverts another layer of CaffeNet: its code has the shape of that layer's activation, and its
//! image is 256 x 256 (240 x 240 for norm1 and norm2). What a checkpoint does not say, the port does: every
//! layer but the last has a leaky ReLU of slope 0.3 behind it, except `deconv1` of norm1 and norm2; `conv5_1`
//! to `conv3_1` are transposed convolutions, except in norm1 and norm2; the variants for conv4 and below end in
//! `255 tanh`.
//!
//! The networks give BGR minus (104, 117, 123), the mean of the images that CaffeNet was trained on. The graph
//! gives RGB in 0..255, unclipped: the last layer's channels are written in reverse, and
//! (123, 117, 104) is added.

use onnx_graph::attribute::float;

use super::graph::{Builder, Filters, Window};
use super::weights::Weights;
use super::{Architecture, ConvertError};

/// Added to the channels R, G, B.
const MEAN: [f32; 3] = [123.0, 117.0, 104.0];
/// The order of channels that makes RGB of BGR.
const REVERSED: [usize; 3] = [2, 1, 0];
const SLOPE: f32 = 0.3;

/// How a layer computes.
#[derive(Clone, Copy)]
enum Kind {
    Linear,
    Convolution(Window),
    Transposed(Window),
}

/// Name, kind, channels of the result.
type Layer = (&'static str, Kind, usize);

const fn window(kernel: usize, stride: usize, padding: usize) -> Window {
    Window { kernel, stride, padding }
}

/// Doubles height and width.
const DOUBLE: Kind = Kind::Transposed(window(4, 2, 1));
/// Keeps height and width.
const SAME: Kind = Kind::Convolution(window(3, 1, 1));
const SAME_TRANSPOSED: Kind = Kind::Transposed(window(3, 1, 1));
/// Takes two pixels off height and width.
const VALID: Kind = Kind::Convolution(window(3, 1, 0));

const FULLY_CONNECTED: &[Layer] =
    &[("defc7", Kind::Linear, 4096), ("defc6", Kind::Linear, 4096), ("defc5", Kind::Linear, 4096)];

const POOL5: &[Layer] = &[("Rconv6", SAME, 512), ("Rconv7", SAME, 512), ("Rconv8", VALID, 512)];

/// What follows in the variants for pool5 and above.
const ABOVE_POOL5: &[Layer] = &[
    ("deconv5", DOUBLE, 256),
    ("conv5_1", SAME_TRANSPOSED, 512),
    ("deconv4", DOUBLE, 256),
    ("conv4_1", SAME_TRANSPOSED, 256),
    ("deconv3", DOUBLE, 128),
    ("conv3_1", SAME_TRANSPOSED, 128),
    ("deconv2", DOUBLE, 64),
    ("deconv1", DOUBLE, 32),
    ("deconv0", DOUBLE, 3),
];

const CONV4: &[Layer] = &[
    ("Rconv6", VALID, 384),
    ("Rconv7", VALID, 512),
    ("Rconv8", Kind::Convolution(window(2, 1, 0)), 512),
    ("deconv5", DOUBLE, 256),
    ("conv5_1", SAME_TRANSPOSED, 256),
    ("deconv4", DOUBLE, 128),
    ("conv4_1", SAME_TRANSPOSED, 128),
    ("deconv3", DOUBLE, 128),
    ("conv3_1", SAME_TRANSPOSED, 128),
    ("deconv2", DOUBLE, 64),
    ("conv2_1", SAME, 32),
    ("deconv1", DOUBLE, 16),
    ("conv1_1", SAME, 3),
];

const NORM2: &[Layer] = &[("Rconv6", Kind::Convolution(window(3, 1, 2)), 256), ("Rconv7", SAME, 128)];
const NORM1: &[Layer] = &[("Rconv6", Kind::Convolution(window(3, 2, 2)), 128), ("Rconv7", SAME, 128)];

/// What follows in the variants for norm1 and norm2.
const NORM: &[Layer] = &[
    ("Rconv8", SAME, 128),
    ("deconv4", DOUBLE, 128),
    ("conv4_1", SAME, 128),
    ("deconv3", DOUBLE, 64),
    ("conv3_1", SAME, 64),
    ("deconv2", DOUBLE, 32),
    ("conv2_1", SAME, 32),
    ("deconv1", DOUBLE, 16),
    ("conv1_1", SAME, 3),
];

/// What sets a variant apart.
struct Variant {
    /// Shape of the layer that it inverts.
    code: &'static [usize],
    layers: Vec<Layer>,
    /// Ends in `255 tanh`.
    tanh: bool,
    /// A layer without ReLU, besides the last one.
    linear: &'static str,
}

fn variant(architecture: Architecture) -> Variant {
    let (code, parts, tanh, linear): (&[usize], [&[Layer]; 2], bool, &str) = match architecture {
        Architecture::DeepsimFc8 => (&[1000], [FULLY_CONNECTED, ABOVE_POOL5], false, ""),
        Architecture::DeepsimPool5 => (&[256, 6, 6], [POOL5, ABOVE_POOL5], false, ""),
        Architecture::DeepsimConv4 => (&[384, 13, 13], [CONV4, &[]], true, ""),
        Architecture::DeepsimNorm2 => (&[256, 13, 13], [NORM2, NORM], true, "deconv1"),
        Architecture::DeepsimNorm1 => (&[96, 27, 27], [NORM1, NORM], true, "deconv1"),
        _ => (&[4096], [FULLY_CONNECTED, ABOVE_POOL5], false, ""),
    };
    Variant { code, layers: parts.concat(), tanh, linear }
}

/// Old checkpoints name the tensors of `defc7` `defc7.1.weight` and `defc7.1.bias`.
pub(super) fn rename(name: &str) -> String {
    name.replace(".1.", ".")
}

/// The graph: file, length of the code, height and width of the image.
pub(super) fn build(
    weights: Weights,
    architecture: Architecture,
    width: usize,
) -> Result<(Vec<u8>, usize, [usize; 2]), ConvertError> {
    let Variant { code, layers, tanh, linear } = variant(architecture);
    let narrow = |channels: usize| if channels == 3 { 3 } else { channels / width };
    let mut shape = code.to_vec();
    shape[0] = narrow(shape[0]);
    let latent_dim = shape.iter().product();
    let (mut graph, mut x) = Builder::new(weights, super::CODE, &[latent_dim]);
    if shape.len() > 1 {
        x = graph.reshape(&x, &shape, "activation");
    }
    for (i, &(name, kind, channels)) in layers.iter().enumerate() {
        let last = i + 1 == layers.len();
        let order = last.then_some(&REVERSED[..]);
        let plain = if last || name == linear { name.to_owned() } else { format!("{name}/sum") };
        let filters = |window| Filters { module: name, channels: narrow(channels), window, bias: true, order };
        x = match kind {
            Kind::Linear => graph.linear(&x, name, narrow(channels), &plain)?,
            Kind::Convolution(window) => graph.convolution(&x, filters(window), &plain)?,
            Kind::Transposed(window) => {
                if let [features] = x.shape[..] {
                    x = graph.reshape(&x, &[features / 16, 4, 4], "maps");
                }
                graph.transposed(&x, filters(window), &plain)?
            }
        };
        if x.name != name {
            x = graph.each("LeakyRelu", &x, vec![float("alpha", SLOPE)], name);
        }
    }
    if tanh {
        x = graph.each("Tanh", &x, vec![], "tanh");
        x = graph.with_constant("Mul", &x, &[255.0], "scaled");
    }
    let image = graph.with_constant("Add", &x, &MEAN, super::IMAGE);
    let size = [image.shape[1], image.shape[2]];
    Ok((graph.finish(&image)?.0, latent_dim, size))
}
