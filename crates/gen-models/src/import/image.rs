//! Images at the ends of a network: their axes, and bringing them to `[n, 3, H, W]`, RGB.

use onnx_graph::attribute::{integer, integers};
use onnx_graph::chain::Chain;
use onnx_graph::model::{FLOAT, float_tensor, integer_tensor};
use serde::{Deserialize, Serialize};

use super::declared::{Declared, element};

/// Order of the axes of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageLayout {
    /// `[n, channels, height, width]`, as PyTorch has it.
    Nchw,
    /// `[n, height, width, channels]`, as TensorFlow has it.
    Nhwc,
}

/// What is known of the axes of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Axes {
    pub(super) layout: ImageLayout,
    /// 1 or 3.
    pub(super) channels: usize,
    /// Height and width where fixed.
    pub(super) size: [Option<usize>; 2],
}

/// The axes of a four-dimensional tensor, if it can be images of 1 or 3 channels.
pub(super) fn axes(shape: &[Option<usize>], layout: Option<ImageLayout>) -> Option<Axes> {
    let &[_, a, b, c] = shape else { return None };
    let colours = |size: Option<usize>| size.filter(|size| matches!(size, 1 | 3));
    let nchw = || colours(a).map(|channels| Axes { layout: ImageLayout::Nchw, channels, size: [b, c] });
    let nhwc = || colours(c).map(|channels| Axes { layout: ImageLayout::Nhwc, channels, size: [a, b] });
    let free = || (a, c) == (None, None);
    let assumed = |layout, size| Some(Axes { layout, channels: 3, size });
    match layout {
        Some(ImageLayout::Nchw) => {
            nchw().or_else(|| if a.is_none() { assumed(ImageLayout::Nchw, [b, c]) } else { None })
        }
        Some(ImageLayout::Nhwc) => {
            nhwc().or_else(|| if c.is_none() { assumed(ImageLayout::Nhwc, [a, b]) } else { None })
        }
        None => nchw().or_else(nhwc).or_else(|| if free() { assumed(ImageLayout::Nchw, [b, c]) } else { None }),
    }
}

/// Whether an input or output looks like images of at least 4 pixels a side.
pub(super) fn looks_like_images(declared: &Declared, layout: Option<ImageLayout>) -> bool {
    let axes = declared.shape.as_deref().and_then(|shape| axes(shape, layout));
    axes.is_some_and(|axes| axes.size.iter().all(|size| size.is_none_or(|size| size >= 4)))
}

/// Whether an input or output of four axes declares 1 or 3 channels.
pub(super) fn shows_channels(declared: &Declared) -> bool {
    matches!(declared.shape.as_deref(), Some([_, Some(1 | 3), _, _] | [_, _, _, Some(1 | 3)]))
}

/// Axis of the channels.
pub(super) fn channel_axis(layout: ImageLayout) -> usize {
    match layout {
        ImageLayout::Nchw => 1,
        ImageLayout::Nhwc => 3,
    }
}

/// Weights of red, green and blue in a gray value: luma of ITU-R BT.601.
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];

fn swap_red_and_blue(chain: &mut Chain) {
    let order = chain.constant(integer_tensor("bgr", &[2, 1, 0]));
    chain.push("Gather", &[&order], vec![integer("axis", 1)]);
}

/// Adds what makes the images that a network takes of `[n, 3, H, W]`, RGB, in single precision.
pub(super) fn add_entry(chain: &mut Chain, axes: Axes, bgr: bool, kind: i32) {
    match axes.channels {
        1 => chain.with_constant("Conv", float_tensor("luma", &[1, 3, 1, 1], &LUMA)),
        _ if bgr => swap_red_and_blue(chain),
        _ => {}
    }
    if axes.layout == ImageLayout::Nhwc {
        chain.push("Transpose", &[], vec![integers("perm", &[0, 2, 3, 1])]);
    }
    if kind != FLOAT && kind != 0 {
        if !element::is_float(kind) {
            chain.push("Round", &[], vec![]);
        }
        chain.push("Cast", &[], vec![integer("to", i64::from(kind))]);
    }
}

/// An image `[3, H, W]`, RGB, as the file takes it: what the nodes of [`add_entry`] compute, as a check of them.
pub(super) fn as_taken(image: &[f32], axes: Axes, bgr: bool, kind: i32) -> Vec<f32> {
    let planes: Vec<&[f32]> = image.chunks(image.len() / 3).collect();
    let gray = |i: usize| planes.iter().zip(LUMA).map(|(plane, weight)| plane[i] * weight).sum::<f32>();
    let mut taken: Vec<f32> = match axes.channels {
        1 => (0..planes[0].len()).map(gray).collect(),
        _ if bgr => planes.iter().rev().flat_map(|plane| plane.iter().copied()).collect(),
        _ => image.to_vec(),
    };
    if kind != 0 && !element::is_float(kind) {
        taken.iter_mut().for_each(|value| *value = value.round_ties_even());
    }
    match axes.layout {
        ImageLayout::Nchw => taken,
        ImageLayout::Nhwc => transpose(&taken, axes.channels),
    }
}

/// The transpose of a matrix of so many rows.
pub(super) fn transpose(values: &[f32], rows: usize) -> Vec<f32> {
    let columns = values.len() / rows.max(1);
    (0..columns).flat_map(|column| (0..rows).map(move |row| values[row * columns + column])).collect()
}

/// How the images are in an output: its shape without the batch, and what is said of it.
pub(super) fn output_axes(
    shape: &[usize],
    layout: Option<ImageLayout>,
    size: Option<[usize; 2]>,
) -> Option<[usize; 3]> {
    match *shape {
        [height, width] if height > 1 && width > 1 && size.is_none_or(|size| size == [height, width]) => {
            Some([1, height, width])
        }
        [len] => {
            let [height, width] = size?;
            [1, 3]
                .into_iter()
                .find(|channels| channels * height * width == len)
                .map(|channels| [channels, height, width])
        }
        [..] => {
            let free: Vec<Option<usize>> = std::iter::once(None).chain(shape.iter().copied().map(Some)).collect();
            let axes = axes(&free, layout)?;
            let [Some(height), Some(width)] = axes.size else { return None };
            (height > 1 && width > 1).then_some([axes.channels, height, width])
        }
    }
}

/// Adds what makes `[n, 3, H, W]`, RGB, in single precision, of the images that a network gives.
pub(super) fn add_exit(
    chain: &mut Chain,
    shape: &[usize],
    kind: i32,
    layout: Option<ImageLayout>,
    [channels, height, width]: [usize; 3],
    bgr: bool,
) {
    if kind != FLOAT {
        chain.push("Cast", &[], vec![integer("to", i64::from(FLOAT))]);
    }
    match layout_of(shape, layout) {
        Some(ImageLayout::Nhwc) => chain.push("Transpose", &[], vec![integers("perm", &[0, 3, 1, 2])]),
        Some(ImageLayout::Nchw) => {}
        None => {
            let sizes = [channels, height, width].map(|size| i64::try_from(size).unwrap_or(i64::MAX));
            let sizes: Vec<i64> = std::iter::once(-1).chain(sizes).collect();
            chain.with_constant("Reshape", integer_tensor("shape", &sizes));
        }
    }
    if channels == 1 {
        let gray = chain.last.clone();
        chain.push("Concat", &[&gray, &gray], vec![integer("axis", 1)]);
    } else if bgr {
        swap_red_and_blue(chain);
    }
}

/// The order of the axes of images in an output of this shape (without the batch); `None` where they are not three.
fn layout_of(shape: &[usize], layout: Option<ImageLayout>) -> Option<ImageLayout> {
    let free: Vec<Option<usize>> = std::iter::once(None).chain(shape.iter().copied().map(Some)).collect();
    axes(&free, layout).map(|axes| axes.layout)
}

/// An image as the file gives it, as `[3, H, W]`, RGB: what the nodes of [`add_exit`] compute, as a check of them.
pub(super) fn as_shown(
    values: &[f32],
    shape: &[usize],
    layout: Option<ImageLayout>,
    channels: usize,
    bgr: bool,
) -> Vec<f32> {
    let planes = match layout_of(shape, layout) {
        Some(ImageLayout::Nhwc) => transpose(values, values.len() / channels),
        _ => values.to_vec(),
    };
    match channels {
        1 => planes.repeat(3),
        _ if bgr => planes.chunks(planes.len() / 3).rev().flatten().copied().collect(),
        _ => planes,
    }
}
