//! Functions and classes that a pickle stream names. None is ever called: the few that make tensors are
//! imitated, a few more are known to lie beside them in training checkpoints and are passed over, and all
//! others are refused.

use super::object::{Id, Object, Objects, Tensor};

/// Packages whose objects training checkpoints carry along: optimizer and schedule, command line arguments,
/// metrics.
const CARRIED_ALONG: &[&str] =
    &["argparse", "collections", "copy_reg", "copyreg", "cox", "dill", "numpy", "robustness", "torch"];

/// Built-in types of the same kind; the first part differs between Python 2 and 3.
const BUILTINS: &[&str] = &[
    "__main__",
    "bool",
    "bytearray",
    "bytes",
    "complex",
    "dict",
    "float",
    "frozenset",
    "int",
    "list",
    "long",
    "object",
    "range",
    "set",
    "slice",
    "str",
    "tuple",
    "unicode",
];

/// Whether the stream may name it.
pub(super) fn is_known(module: &str, name: &str) -> bool {
    match module {
        "builtins" | "__builtin__" => BUILTINS.contains(&name),
        "_codecs" => name == "encode",
        // What dill writes with a function, such as a schedule of learning rates.
        "__main__" => name == "__dict__",
        _ => CARRIED_ALONG.contains(&module.split('.').next().unwrap_or_default()),
    }
}

/// What calling `global` with `arguments` makes; `None` if the arguments are not what it takes.
pub(super) fn call(objects: &mut Objects, global: &str, arguments: &[Id]) -> Option<Object> {
    match global {
        "collections.OrderedDict" => match arguments {
            [] => Some(Object::Dict(Vec::new())),
            &[pairs] => {
                // Taken, not copied: a stream that hands on one list many times must not fill the memory.
                let (Object::List(pairs) | Object::Tuple(pairs)) = objects.get_mut(pairs) else { return None };
                let pairs = std::mem::take(pairs);
                let pair = |&id: &Id| match objects.members(id)? {
                    &[key, value] => Some((key, value)),
                    _ => None,
                };
                Some(Object::Dict(pairs.iter().map(pair).collect::<Option<_>>()?))
            }
            _ => None,
        },
        "torch._utils._rebuild_tensor" | "torch._utils._rebuild_tensor_v2" => tensor(objects, arguments),
        "torch._utils._rebuild_parameter" | "torch._utils._rebuild_parameter_with_state" => {
            match objects.get(*arguments.first()?) {
                Object::Tensor(tensor) => Some(Object::Tensor(tensor.clone())),
                _ => None,
            }
        }
        _ => Some(Object::Other),
    }
}

/// `(storage, offset, shape, stride, ...)`.
fn tensor(objects: &Objects, arguments: &[Id]) -> Option<Object> {
    let &[storage, offset, shape, stride, ..] = arguments else { return None };
    let Object::Storage(storage) = objects.get(storage) else { return None };
    let offset = usize::try_from(objects.integer(offset)?).ok()?;
    let (shape, stride) = (objects.sizes(shape)?, objects.sizes(stride)?);
    if shape.len() != stride.len() {
        return None;
    }
    Some(Object::Tensor(Tensor { storage: storage.clone(), offset, shape, stride }))
}
