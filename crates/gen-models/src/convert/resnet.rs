//! ResNet50 as torchvision has it (He et al. 2016, with the stride in the 3 x 3 convolutions).
//!
//! Layers have the names of PyTorch's modules. In a block, `relu1` and `relu2` follow `bn1` and `bn2`, `add` is
//! the sum before the last ReLU, and the block's own name is what comes out of it.

use super::ConvertError;
use super::graph::{Builder, Filters, Value, Window};
use super::weights::Weights;
use crate::LayerInfo;

/// Channels inside the blocks, number of blocks, stride of the first one.
const STAGES: [(usize, usize, usize); 4] = [(64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)];
/// A block's result has so many times the channels inside it.
const EXPANSION: usize = 4;

/// The graph: file and layers.
pub(super) fn build(weights: Weights, width: usize, size: usize) -> Result<(Vec<u8>, Vec<LayerInfo>), ConvertError> {
    let (mut graph, x) = Builder::new(weights, super::IMAGE, &[3, size, size]);
    let x = normalised(&mut graph, &x, "", ["conv1", "bn1"], 64 / width, Window { kernel: 7, stride: 2, padding: 3 })?;
    let x = rectified(&mut graph, &x, "relu", &[".ReLUrelu".to_owned()]);
    let mut x = graph.max_pool(&x, Window { kernel: 3, stride: 2, padding: 1 }, "maxpool");
    graph.offer(&x, &[".MaxPool2dmaxpool".to_owned()]);
    for (i, (channels, blocks, stride)) in STAGES.into_iter().enumerate() {
        for number in 0..blocks {
            let stride = if number == 0 { stride } else { 1 };
            x = block(&mut graph, &x, i + 1, number, channels / width, stride)?;
        }
    }
    let x = graph.mean_pool(&x, "avgpool");
    graph.offer(&x, &[".AdaptiveAvgPool2davgpool".to_owned()]);
    let x = graph.reshape(&x, &[x.shape[0]], "flat");
    let x = graph.linear(&x, "fc", 1000 / width, "fc")?;
    graph.offer(&x, &[".Linearfc".to_owned()]);
    graph.finish(&x)
}

/// Three convolutions, around which the input goes too.
fn block(
    graph: &mut Builder,
    input: &Value,
    stage: usize,
    number: usize,
    channels: usize,
    stride: usize,
) -> Result<Value, ConvertError> {
    let name = format!("layer{stage}.{number}");
    let prefix = format!("{name}.");
    let point = Window { kernel: 1, stride: 1, padding: 0 };
    let x = normalised(graph, input, &prefix, ["conv1", "bn1"], channels, point)?;
    let x = rectified(graph, &x, &format!("{prefix}relu1"), &[]);
    let x = normalised(graph, &x, &prefix, ["conv2", "bn2"], channels, Window { kernel: 3, stride, padding: 1 })?;
    let x = rectified(graph, &x, &format!("{prefix}relu2"), &[]);
    let x = normalised(graph, &x, &prefix, ["conv3", "bn3"], channels * EXPANSION, point)?;
    let around = if number == 0 {
        let (module, window) = (format!("{prefix}downsample."), Window { stride, ..point });
        normalised(graph, input, &module, ["0", "1"], channels * EXPANSION, window)?
    } else {
        input.clone()
    };
    let sum = graph.sum(&x, &around, &format!("{prefix}add"));
    graph.offer(&sum, &[]);
    Ok(rectified(graph, &sum, &name, &[format!(".layer{stage}.Bottleneck{number}")]))
}

/// A convolution without bias and its batch normalisation, both offered.
fn normalised(
    graph: &mut Builder,
    x: &Value,
    prefix: &str,
    [convolution, norm]: [&str; 2],
    channels: usize,
    window: Window,
) -> Result<Value, ConvertError> {
    let (convolution, norm) = (format!("{prefix}{convolution}"), format!("{prefix}{norm}"));
    let filters = Filters { module: &convolution, channels, window, bias: false, order: None };
    let x = graph.convolution(x, filters, &convolution)?;
    graph.offer(&x, &[alias(&convolution, "Conv2d")]);
    let x = graph.batch_norm(&x, &norm, &norm)?;
    graph.offer(&x, &[alias(&norm, "BatchNorm2d")]);
    Ok(x)
}

fn rectified(graph: &mut Builder, x: &Value, name: &str, aliases: &[String]) -> Value {
    let x = graph.each("Relu", x, vec![], name);
    graph.offer(&x, aliases);
    x
}

/// The published name of a module: `.layer1.0.Conv2dconv1` for `layer1.0.conv1`.
fn alias(module: &str, class: &str) -> String {
    match module.rsplit_once('.') {
        Some((parent, name)) => format!(".{parent}.{class}{name}"),
        None => format!(".{class}{module}"),
    }
}
