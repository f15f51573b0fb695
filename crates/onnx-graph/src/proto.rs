//! The messages of the public ONNX schema (onnx.proto, IR version 13), complete.
//!
//! Scalars are optional as in the schema (proto2), so that presence survives; repeated numbers are `packed` where the
//! schema packs them. Names must be UTF-8; comments (`doc_string`) are kept as the bytes that they are. What stands in a
//! file and not here is kept in `unknown`.

use crate::message::messages;

messages! {
    /// A model: graph, operator sets, local functions.
    message ModelProto {
        optional int64 ir_version = 1;
        optional string producer_name = 2;
        optional string producer_version = 3;
        optional string domain = 4;
        optional int64 model_version = 5;
        optional bytes doc_string = 6;
        optional GraphProto graph = 7;
        repeated OperatorSetIdProto opset_import = 8;
        repeated StringStringEntryProto metadata_props = 14;
        repeated TrainingInfoProto training_info = 20;
        repeated FunctionProto functions = 25;
        repeated DeviceConfigurationProto configuration = 26;
    }

    /// Nodes in topological order, weights, inputs and outputs.
    message GraphProto {
        repeated NodeProto node = 1;
        optional string name = 2;
        repeated TensorProto initializer = 5;
        optional bytes doc_string = 10;
        repeated ValueInfoProto input = 11;
        repeated ValueInfoProto output = 12;
        repeated ValueInfoProto value_info = 13;
        repeated TensorAnnotation quantization_annotation = 14;
        repeated SparseTensorProto sparse_initializer = 15;
        repeated StringStringEntryProto metadata_props = 16;
    }

    /// One operation.
    message NodeProto {
        repeated string input = 1;
        repeated string output = 2;
        optional string name = 3;
        optional string op_type = 4;
        repeated AttributeProto attribute = 5;
        optional bytes doc_string = 6;
        optional string domain = 7;
        optional string overload = 8;
        repeated StringStringEntryProto metadata_props = 9;
        repeated NodeDeviceConfigurationProto device_configurations = 10;
    }

    /// A named constant of a node, possibly a graph.
    message AttributeProto {
        optional string name = 1;
        optional float f = 2;
        optional int64 i = 3;
        optional bytes s = 4;
        optional TensorProto t = 5;
        optional GraphProto g = 6;
        repeated float floats = 7;
        repeated int64 ints = 8;
        repeated bytes strings = 9;
        repeated TensorProto tensors = 10;
        repeated GraphProto graphs = 11;
        optional bytes doc_string = 13;
        optional TypeProto tp = 14;
        repeated TypeProto type_protos = 15;
        optional int32 r#type = 20;
        optional string ref_attr_name = 21;
        optional SparseTensorProto sparse_tensor = 22;
        repeated SparseTensorProto sparse_tensors = 23;
    }

    /// A constant array, its values in one of the typed fields, in `raw_data`, or in another file.
    message TensorProto {
        repeated int64 dims = 1;
        optional int32 data_type = 2;
        optional Segment segment = 3;
        packed float float_data = 4;
        packed int32 int32_data = 5;
        repeated bytes string_data = 6;
        packed int64 int64_data = 7;
        optional string name = 8;
        optional bytes raw_data = 9;
        packed double double_data = 10;
        packed uint64 uint64_data = 11;
        optional bytes doc_string = 12;
        repeated StringStringEntryProto external_data = 13;
        optional int32 data_location = 14;
        repeated StringStringEntryProto metadata_props = 16;
    }

    /// Part of a tensor that is stored in pieces.
    message Segment {
        optional int64 begin = 1;
        optional int64 end = 2;
    }

    /// A sparse constant.
    message SparseTensorProto {
        optional TensorProto values = 1;
        optional TensorProto indices = 2;
        repeated int64 dims = 3;
    }

    /// Name and type of a tensor.
    message ValueInfoProto {
        optional string name = 1;
        optional TypeProto r#type = 2;
        optional bytes doc_string = 3;
        repeated StringStringEntryProto metadata_props = 4;
    }

    /// A type; only tensors matter here. One of the types is set, the schema's `oneof`.
    message TypeProto {
        optional TensorTypeProto tensor_type = 1;
        optional ElementTypeProto sequence_type = 4;
        optional MapTypeProto map_type = 5;
        optional string denotation = 6;
        optional OpaqueTypeProto opaque_type = 7;
        optional TensorTypeProto sparse_tensor_type = 8;
        optional ElementTypeProto optional_type = 9;
    }

    /// Element type and shape of a dense or sparse tensor.
    message TensorTypeProto {
        optional int32 elem_type = 1;
        optional TensorShapeProto shape = 2;
    }

    /// Type of a sequence's or an optional's element.
    message ElementTypeProto {
        boxed TypeProto elem_type = 1;
    }

    /// Types of a map.
    message MapTypeProto {
        optional int32 key_type = 1;
        boxed TypeProto value_type = 2;
    }

    /// A type that only its operators know.
    message OpaqueTypeProto {
        optional string domain = 1;
        optional string name = 2;
    }

    /// Sizes of a tensor.
    message TensorShapeProto {
        repeated Dimension dim = 1;
    }

    /// One size, known or named: `dim_value` or `dim_param`, the schema's `oneof`.
    message Dimension {
        optional int64 dim_value = 1;
        optional string dim_param = 2;
        optional string denotation = 3;
    }

    /// Version of an operator set.
    message OperatorSetIdProto {
        optional string domain = 1;
        optional int64 version = 2;
    }

    /// A key and a value.
    message StringStringEntryProto {
        optional string key = 1;
        optional string value = 2;
    }

    /// Quantization parameters of a tensor.
    message TensorAnnotation {
        optional string tensor_name = 1;
        repeated StringStringEntryProto quant_parameter_tensor_names = 2;
    }

    /// Graphs of a training step; inference ignores them.
    message TrainingInfoProto {
        optional GraphProto initialization = 1;
        optional GraphProto algorithm = 2;
        repeated StringStringEntryProto initialization_binding = 3;
        repeated StringStringEntryProto update_binding = 4;
    }

    /// An operator that the model itself defines.
    message FunctionProto {
        optional string name = 1;
        repeated string input = 4;
        repeated string output = 5;
        repeated string attribute = 6;
        repeated NodeProto node = 7;
        optional bytes doc_string = 8;
        repeated OperatorSetIdProto opset_import = 9;
        optional string domain = 10;
        repeated AttributeProto attribute_proto = 11;
        repeated ValueInfoProto value_info = 12;
        optional string overload = 13;
        repeated StringStringEntryProto metadata_props = 14;
    }

    /// Devices of a distributed model.
    message DeviceConfigurationProto {
        optional string name = 1;
        optional int32 num_devices = 2;
        repeated string device = 3;
    }

    /// How a node is spread over devices.
    message NodeDeviceConfigurationProto {
        optional string configuration_id = 1;
        repeated ShardingSpecProto sharding_spec = 2;
        optional int32 pipeline_stage = 3;
    }

    /// How a tensor is spread over devices.
    message ShardingSpecProto {
        optional string tensor_name = 1;
        repeated int64 device = 2;
        repeated IntIntListEntryProto index_to_device_group_map = 3;
        repeated ShardedDimProto sharded_dim = 4;
    }

    /// How an axis is spread over devices.
    message ShardedDimProto {
        optional int64 axis = 1;
        repeated SimpleShardedDimProto simple_sharding = 2;
    }

    /// Parts of an axis.
    message SimpleShardedDimProto {
        optional int64 dim_value = 1;
        optional string dim_param = 2;
        optional int64 num_shards = 3;
    }

    /// A key and numbers.
    message IntIntListEntryProto {
        optional int64 key = 1;
        repeated int64 value = 2;
    }
}
