//! A file of a newer IR: fields that the schema does not have yet stay in it.

use onnx_graph::Model;
use onnx_graph::edit::cut;
use onnx_graph::model::{float_tensor, float_value, untyped_value};
use onnx_graph::proto::{AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto};
use prost::Message;

/// A number of Protobuf, seven bits a byte.
fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// Field `number` of wire type `kind` with these bytes for its value.
fn field(number: u64, kind: u64, value: &[u8]) -> Vec<u8> {
    [varint(number << 3 | kind), value.to_vec()].concat()
}

/// Field `number`, a text.
fn text(number: u64, text: &str) -> Vec<u8> {
    field(number, 2, &[varint(text.len() as u64), text.as_bytes().to_vec()].concat())
}

/// A field of every wire type, none of which any message of the schema has.
fn all_kinds() -> Vec<u8> {
    let fields = [
        field(901, 0, &varint(u64::MAX)),
        field(902, 1, &[1, 2, 3, 4, 5, 6, 7, 8]),
        text(903, "newer"),
        text(903, "twice"),
        field(904, 5, &[1, 2, 3, 4]),
    ];
    fields.concat()
}

/// x -> Relu -> y, where the node has an attribute with a tensor and one with a graph; every message has fields of its
/// own that are unknown.
fn newer_model() -> ModelProto {
    let tensor = |name: &str| TensorProto { unknown: text(905, name), ..float_tensor(name, &[1], &[0.5]) };
    let attribute = |name: &str| AttributeProto {
        name: Some(name.to_owned()),
        unknown: text(906, name),
        ..AttributeProto::default()
    };
    let inner = GraphProto { name: Some("inner".to_owned()), unknown: text(907, "inner"), ..GraphProto::default() };
    let node = NodeProto {
        input: vec!["x".to_owned(), "w".to_owned()],
        output: vec!["y".to_owned()],
        op_type: Some("Relu".to_owned()),
        attribute: vec![
            AttributeProto { t: Some(tensor("t")), ..attribute("tensor") },
            AttributeProto { g: Some(inner), ..attribute("graph") },
        ],
        unknown: all_kinds(),
        ..NodeProto::default()
    };
    let mut input = float_value("x", &[None, Some(3)]);
    let shape = input.r#type.as_mut().unwrap().tensor_type.as_mut().unwrap().shape.as_mut().unwrap();
    shape.dim[1].unknown = text(908, "dimension");
    let large =
        TensorProto { raw_data: Some(vec![7; 5000]), unknown: text(909, "w"), ..float_tensor("w", &[1250], &[]) };
    let graph = GraphProto {
        node: vec![node],
        initializer: vec![large],
        input: vec![input],
        output: vec![untyped_value("y")],
        unknown: text(910, "graph"),
        ..GraphProto::default()
    };
    ModelProto {
        ir_version: Some(99),
        graph: Some(graph),
        opset_import: vec![OperatorSetIdProto { version: Some(21), ..OperatorSetIdProto::default() }],
        unknown: text(911, "model"),
        ..ModelProto::default()
    }
}

#[test]
fn unknown_fields_are_kept_byte_for_byte_at_every_depth() {
    let file = newer_model().encode_to_vec();
    assert_eq!(ModelProto::decode(&file[..]).unwrap(), newer_model());
    let again = ModelProto::decode(&file[..]).unwrap().encode_to_vec();
    assert_eq!(again, file);
    for name in ["newer", "twice", "tensor", "inner", "dimension", "model"] {
        assert!(file.windows(name.len()).any(|bytes| bytes == name.as_bytes()), "{name}");
    }
}

#[test]
fn a_message_with_an_unknown_field_written_by_hand_is_read() {
    let node = [text(4, "Relu"), all_kinds(), text(1, "x")].concat();
    let read = NodeProto::decode(&node[..]).unwrap();
    assert_eq!((read.op_type(), &read.input[..], &read.unknown), ("Relu", &["x".to_owned()][..], &all_kinds()));
    let cut_off = &node[..node.len() - 1];
    assert!(NodeProto::decode(cut_off).is_err());
    let group = field(912, 3, &field(912, 4, &[]));
    assert!(NodeProto::decode(&group[..]).is_err(), "what cannot be kept is refused");
}

#[test]
fn surgery_keeps_them_in_what_it_keeps() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("newer.onnx");
    std::fs::write(&path, newer_model().encode_to_vec()).unwrap();
    let expected = newer_model();
    for mut model in
        [Model::open(&path, "newer").unwrap(), Model::decode(&expected.encode_to_vec(), "newer", None).unwrap()]
    {
        cut(&mut model.graph, &["y".to_owned()]);
        let (found, whole) = (ModelProto::decode(&model.encode()[..]).unwrap(), expected.graph.as_ref().unwrap());
        let graph = found.graph.unwrap();
        assert_eq!((found.unknown, graph.unknown), (expected.unknown.clone(), whole.unknown.clone()));
        assert_eq!((graph.node, graph.input), (whole.node.clone(), whole.input.clone()));
        assert_eq!(graph.initializer[0].unknown, whole.initializer[0].unknown);
    }
}
