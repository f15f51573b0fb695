//! Surgery on ONNX graphs, without ONNX Runtime: reading, cutting, adding pre-processing, joining.

pub(crate) mod attribute;
pub(crate) mod chain;
pub(crate) mod constant;
mod crop;
mod each;
pub(crate) mod edit;
mod external;
mod join;
pub(crate) mod layers;
pub(crate) mod model;
pub(crate) mod narrow;
pub(crate) mod opset;
pub(crate) mod order;
mod preprocess;
pub(crate) mod proto;
mod skim;
pub(crate) mod upgrade;

pub(crate) use crop::{Span, Window, crop};
pub(crate) use external::ROOT;
pub(crate) use join::join;
pub(crate) use layers::{LayerShape, candidates};
pub(crate) use model::{FLOAT, Model, float_tensor, float_value, integer_tensor};
pub(crate) use preprocess::{ADDED, generator_graph, probe_graph, scoring_graph};

/// The model with another declaration of its only input.
#[cfg(test)]
pub(crate) fn with_input(model: &Model, input: &str, sizes: &[Option<usize>]) -> Model {
    let mut model = model.clone();
    model.graph.input = vec![model::float_value(input, sizes)];
    model
}

/// A file whose raw weights are moved to `location`, and the content of that.
#[cfg(test)]
pub(crate) fn externalised(file: &[u8], location: &str) -> (Vec<u8>, Vec<u8>) {
    use prost::Message;
    use proto::StringStringEntryProto;
    let entry = |key: &str, value: String| StringStringEntryProto { key: Some(key.to_owned()), value: Some(value) };
    let mut weights = Vec::new();
    let mut model = proto::ModelProto::decode(file).expect("a model");
    for tensor in model.graph.iter_mut().flat_map(|graph| &mut graph.initializer) {
        let Some(raw) = tensor.raw_data.take() else { continue };
        let place = [("offset", weights.len()), ("length", raw.len())];
        tensor.external_data = vec![entry("location", location.to_owned())];
        tensor.external_data.extend(place.map(|(key, value)| entry(key, value.to_string())));
        tensor.data_location = Some(1);
        weights.extend(raw);
    }
    (model.encode_to_vec(), weights)
}
