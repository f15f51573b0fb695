//! What a file declares of its inputs and outputs.

use onnx_graph::proto::{Dimension, GraphProto, TensorTypeProto, ValueInfoProto};

use super::error::ImportError;

/// Element types of the ONNX schema.
pub(super) mod element {
    pub(crate) use onnx_graph::model::{FLOAT, INT64};
    pub(crate) const UINT8: i32 = 2;
    pub(crate) const INT8: i32 = 3;
    pub(crate) const UINT16: i32 = 4;
    pub(crate) const INT16: i32 = 5;
    pub(crate) const INT32: i32 = 6;
    pub(crate) const BOOL: i32 = 9;
    pub(crate) const FLOAT16: i32 = 10;
    pub(crate) const DOUBLE: i32 = 11;
    pub(crate) const BFLOAT16: i32 = 16;

    /// Whether the elements are numbers with fractions.
    pub(crate) fn is_float(element: i32) -> bool {
        matches!(element, FLOAT | FLOAT16 | DOUBLE | BFLOAT16)
    }

    /// Whether the elements are numbers.
    pub(crate) fn is_number(element: i32) -> bool {
        is_float(element) || matches!(element, INT64 | INT32 | INT16 | UINT16 | UINT8 | INT8)
    }

    pub(crate) fn name(element: i32) -> String {
        match element {
            FLOAT => "float32".to_owned(),
            FLOAT16 => "float16".to_owned(),
            DOUBLE => "float64".to_owned(),
            BFLOAT16 => "bfloat16".to_owned(),
            INT64 => "int64".to_owned(),
            INT32 => "int32".to_owned(),
            UINT8 => "uint8".to_owned(),
            INT8 => "int8".to_owned(),
            UINT16 => "uint16".to_owned(),
            INT16 => "int16".to_owned(),
            BOOL => "bool".to_owned(),
            8 => "text".to_owned(),
            0 => "no tensor".to_owned(),
            other => format!("element type {other}"),
        }
    }
}

/// An input or output by its declaration.
#[derive(Clone, Debug)]
pub(super) struct Declared {
    pub(super) name: String,
    /// Element type; 0 if it is no tensor or undeclared.
    pub(super) element: i32,
    /// Sizes, `None` where free; `None` altogether if undeclared.
    pub(super) shape: Option<Vec<Option<usize>>>,
}

impl Declared {
    pub(super) fn of(value: &ValueInfoProto) -> Self {
        let tensor = value.r#type.as_ref().and_then(|kind| kind.tensor_type.as_ref());
        let size = |dim: &Dimension| usize::try_from(dim.dim_value?).ok().filter(|&size| size > 0);
        let shape = tensor.and_then(|tensor| tensor.shape.as_ref());
        Self {
            name: value.name().to_owned(),
            element: tensor.map_or(0, TensorTypeProto::elem_type),
            shape: shape.map(|shape| shape.dim.iter().map(size).collect()),
        }
    }

    pub(super) fn inputs(graph: &GraphProto) -> Vec<Self> {
        graph.input.iter().map(Self::of).collect()
    }

    pub(super) fn outputs(graph: &GraphProto) -> Vec<Self> {
        graph.output.iter().map(Self::of).collect()
    }

    /// The batch size, if it is fixed.
    pub(super) fn batch(&self) -> Option<usize> {
        *self.shape.as_ref()?.first()?
    }

    /// The shape in words.
    pub(super) fn shape_text(&self) -> String {
        let Some(shape) = &self.shape else { return "undeclared".to_owned() };
        let sizes: Vec<String> =
            shape.iter().map(|size| size.map_or("?".to_owned(), |size| size.to_string())).collect();
        format!("[{}]", sizes.join(", "))
    }
}

/// Most numbers that an input may take at once, its batch size included: 256 MB in single precision.
const MOST: usize = 1 << 26;

/// The product of an input's sizes, refused where it is more than can be tried.
pub(super) fn count(model: &str, what: &str, sizes: &[usize]) -> Result<usize, ImportError> {
    let product = sizes.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
    product.filter(|&product| product <= MOST).ok_or_else(|| ImportError::TooMany {
        model: model.to_owned(),
        what: what.to_owned(),
        found: sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(" x "),
        most: MOST,
    })
}

/// Names, types and shapes in words.
pub(super) fn listed(values: &[Declared]) -> String {
    let text = |value: &Declared| format!("'{}' {} {}", value.name, element::name(value.element), value.shape_text());
    if values.is_empty() { "nothing".to_owned() } else { values.iter().map(text).collect::<Vec<_>>().join(", ") }
}
