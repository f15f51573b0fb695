//! AlexNet as torchvision has it (Krizhevsky 2014, <https://arxiv.org/abs/1404.5997>), without dropout.
//!
//! `conv1` to `fc7` are after the ReLU, as in the published benchmarks; `conv1_pre` to `fc7_pre` before it.

use super::graph::{Builder, Filters, Value, Window};
use super::weights::Weights;
use super::{Architecture, ConvertError};
use crate::LayerInfo;

/// Number in `features`, name, channels, window; a pooling follows where there is a name for it.
type Convolution = (usize, &'static str, usize, [usize; 3], Option<&'static str>);

const CONVOLUTIONS: &[Convolution] = &[
    (0, "conv1", 64, [11, 4, 2], Some("pool1")),
    (3, "conv2", 192, [5, 1, 2], Some("pool2")),
    (6, "conv3", 384, [3, 1, 1], None),
    (8, "conv4", 256, [3, 1, 1], None),
    (10, "conv5", 256, [3, 1, 1], Some("pool5")),
];
const POOLING: Window = Window { kernel: 3, stride: 2, padding: 0 };
/// Height and width that the first linear layer takes.
const MAP: usize = 6;

/// The graph: file and layers.
pub(super) fn build(weights: Weights, width: usize, size: usize) -> Result<(Vec<u8>, Vec<LayerInfo>), ConvertError> {
    let (mut graph, mut x) = Builder::new(weights, super::IMAGE, &[3, size, size]);
    for &(number, name, channels, [kernel, stride, padding], pooling) in CONVOLUTIONS {
        let (module, window) = (format!("features.{number}"), Window { kernel, stride, padding });
        let filters = Filters { module: &module, channels: channels / width, window, bias: true, order: None };
        let pre = graph.convolution(&x, filters, &format!("{name}_pre"))?;
        x = rectify(&mut graph, &pre, name, ["features", "Conv2d"], number);
        if let Some(pooling) = pooling {
            x = graph.max_pool(&x, POOLING, pooling);
            let mut aliases = vec![format!(".features.MaxPool2d{}", number + 2)];
            // Averages a map to the size that it has already.
            aliases.extend((pooling == "pool5").then(|| ".AdaptiveAvgPool2davgpool".to_owned()));
            graph.offer(&x, &aliases);
        }
    }
    if x.shape[1..] != [MAP; 2] {
        let reason = format!("its linear layers take maps of {MAP} x {MAP}, these are {} x {}", x.shape[1], x.shape[2]);
        let architecture = Architecture::Alexnet.name().to_owned();
        return Err(ConvertError::ImageSize { architecture, size, reason });
    }
    x = graph.reshape(&x, &[x.shape.iter().product()], "flat");
    for (number, name) in [(1, "fc6"), (4, "fc7")] {
        let pre = graph.linear(&x, &format!("classifier.{number}"), 4096 / width, &format!("{name}_pre"))?;
        x = rectify(&mut graph, &pre, name, ["classifier", "Linear"], number);
    }
    x = graph.linear(&x, "classifier.6", 1000 / width, "fc8")?;
    graph.offer(&x, &[".classifier.Linear6".to_owned()]);
    graph.finish(&x)
}

/// Adds the ReLU and offers both sides of it.
fn rectify(graph: &mut Builder, pre: &Value, name: &str, [part, class]: [&str; 2], number: usize) -> Value {
    graph.offer(pre, &[format!(".{part}.{class}{number}")]);
    let x = graph.each("Relu", pre, vec![], name);
    graph.offer(&x, &[format!(".{part}.ReLU{}", number + 1), format!("{name}_relu")]);
    x
}
