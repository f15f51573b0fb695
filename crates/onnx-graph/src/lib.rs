//! Surgery on ONNX graphs, without a runtime: reading, cutting, cropping, joining.
//!
//! [`Model::open`] reads a file and leaves its large weights where they are. [`edit::cut`] keeps what some tensors
//! need, [`crop()`] what the units at some positions of a map see, [`join()`] puts two graphs into one.
//!
//! ```no_run
//! use onnx_graph::{Model, edit::cut};
//!
//! let mut model = Model::open("net.onnx".as_ref(), "net")?;
//! cut(&mut model.graph, &["conv3".to_owned()]);
//! std::fs::write("conv3.onnx", model.encode())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod attribute;
pub mod chain;
pub mod constant;
mod crop;
pub mod edit;
mod error;
mod external;
mod join;
mod layers;
mod message;
pub mod model;
pub mod narrow;
mod one_by_one;
pub mod opset;
pub mod order;
mod pixels;
pub mod proto;
mod skim;
pub mod upgrade;

pub use crop::{Span, Window, crop};
pub use error::GraphError;
pub use external::EXTERNAL_ROOT;
pub use join::join;
pub use layers::{LayerShape, candidates};
pub use model::{FLOAT, Model, float_tensor, float_value, integer_tensor};
pub use one_by_one::one_by_one;
