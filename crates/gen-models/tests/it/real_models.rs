//! A network with real weights, where the checkout has it beside it: its layers, and where it can be joined.

use std::path::Path;

use gen_models::{CnnModel, CnnSpec, FusedModel, LayerInfo, Manifest, ModelSource};
use test_needs::Need;

use crate::common::{generator, runtime};

const MANIFEST: &str = r#"
[[model]]
name = "squeezenet"
kind = "cnn"
file = "squeezenet1_1_imagenet.onnx"
input = "data"
input_size = [227, 227]
value_range = [0.0, 255.0]
mean = [123.68, 116.779, 103.939]
"#;

fn network(folder: &Path) -> CnnModel {
    let spec: CnnSpec = Manifest::parse(MANIFEST).unwrap().cnn("squeezenet").unwrap().clone();
    CnnModel::load(&spec, &ModelSource::File(folder.join(&spec.file))).unwrap()
}

#[test]
fn layers_are_read_from_the_file() {
    let Some(folder) = Need::RealModels.or_skip() else { return };
    let cnn = network(&folder);
    let layers = cnn.layers(runtime()).unwrap();
    for (name, shape) in [
        ("relu_conv1", vec![64, 113, 113]),
        ("pool3", vec![128, 27, 27]),
        ("fire9/concat", vec![512, 13, 13]),
        ("fire2/relu_squeeze1x1", vec![16, 56, 56]),
        ("pool10", vec![1000, 1, 1]),
        ("logits", vec![1000]),
    ] {
        assert!(layers.contains(&LayerInfo::new(name, shape)), "{name}");
    }
    assert_eq!(layers.len(), 66, "one a node");
}

/// Opsets 17 and 11: joined where the cut network means the same in both; the softmax before `prob` does not, and is
/// run in a session of its own.
#[test]
fn networks_are_joined_where_their_opsets_allow_it() {
    let Some(folder) = Need::RealModels.or_skip() else { return };
    let cnn = network(&folder);
    for (layer, joined) in [("fire3/concat", true), ("relu_conv10", true), ("logits", true), ("prob", false)] {
        let model = FusedModel::new(&generator(), &cnn, &[layer], runtime()).unwrap();
        assert_eq!(model.is_joined(), joined, "{layer}");
    }
}
