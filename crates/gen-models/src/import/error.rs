//! Why an ONNX file cannot become a registered model.

use std::path::PathBuf;

use thiserror::Error;

use crate::ModelError;

/// What is wrong with a file, or with what is said about it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file cannot be read, is no model, or ONNX Runtime cannot run it.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The file is of another format.
    #[error("{} is no ONNX model but {what}: {remedy}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// The name cannot be that of a file.
    #[error(
        "'{name}' cannot be a model's name: give one with --name, of letters, digits, '.', '_' and '-', a letter or \
         digit first"
    )]
    Name {
        /// The name.
        name: String,
    },
    /// An operator that ONNX Runtime does not come with.
    #[error(
        "{model} needs the operator {operator} of the domain '{domain}', which ONNX Runtime does not have: export it \
         from standard operators"
    )]
    CustomOperator {
        /// The model.
        model: String,
        /// The operator.
        operator: String,
        /// Its domain.
        domain: String,
    },
    /// A tensor that depends on itself.
    #[error("{model} cannot be computed: its tensor '{tensor}' is computed from itself")]
    Cycle {
        /// The model.
        model: String,
        /// The tensor.
        tensor: String,
    },
    /// An input of more numbers than can be tried.
    #[error("{what} of {model} has {found} numbers, more than the {most} that can be tried")]
    TooMany {
        /// The model.
        model: String,
        /// What has them.
        what: String,
        /// How many: the sizes of its axes.
        found: String,
        /// How many there may be.
        most: usize,
    },
    /// An operator set that ONNX Runtime does not read.
    #[error("{model} is written in ONNX opset {opset}; {oldest} to {newest} can be run: export it again")]
    Opset {
        /// The model.
        model: String,
        /// Its opset.
        opset: i64,
        /// The oldest that can be used.
        oldest: i64,
        /// The newest that can be used.
        newest: i64,
    },
    /// It might be a generator and a CNN.
    #[error("{model} may be a generator or a CNN (in: {inputs}; out: {outputs}): say which with --kind")]
    KindUnclear {
        /// The model.
        model: String,
        /// Its inputs with their shapes.
        inputs: String,
        /// Its outputs with their shapes.
        outputs: String,
    },
    /// A CNN must take images.
    #[error(
        "{model} is no CNN: no input of it is an image of 1 or 3 channels (in: {inputs}); a generator is added with \
         --kind generator"
    )]
    NotAnImageInput {
        /// The model.
        model: String,
        /// Its inputs with their shapes.
        inputs: String,
    },
    /// A generator must give images.
    #[error(
        "{model} is no generator: no output of it is an image of 1 or 3 channels (out: {outputs}); --output names \
         another tensor, --size HxW the shape of flat images, and a CNN is added with --kind cnn"
    )]
    NotAnImageOutput {
        /// The model.
        model: String,
        /// Its outputs with their shapes.
        outputs: String,
    },
    /// An input or a tensor of that name does not exist.
    #[error("{model} has no {role} '{name}'; it has {}", known.join(", "))]
    Unknown {
        /// The model.
        model: String,
        /// `input` or `tensor`.
        role: &'static str,
        /// The name.
        name: String,
        /// The names that exist.
        known: Vec<String>,
    },
    /// The length of an input cannot be seen in the file.
    #[error(
        "the shape of input '{input}' of {model}, {shape}, does not say how long a code is: {}", code_size(*free, given)
    )]
    FreeLength {
        /// The model.
        model: String,
        /// The input.
        input: String,
        /// What the file declares.
        shape: String,
        /// Sizes that it leaves free, the batch apart.
        free: usize,
        /// What was given for them.
        given: Vec<usize>,
    },
    /// An element type that numbers cannot be turned into.
    #[error("input '{input}' of {model} takes {element}, which cannot be made of numbers")]
    ElementType {
        /// The model.
        model: String,
        /// The input.
        input: String,
        /// What it takes.
        element: String,
    },
    /// A rule for a part of an input that it does not have, or two rules for one.
    #[error("'{rule}' does not fit: {reason}")]
    Rule {
        /// The rule as given.
        rule: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The values that an input is held at cannot be read.
    #[error("cannot read the values that input '{input}' is held at from {}", path.display())]
    Values {
        /// The input.
        input: String,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// All inputs are held.
    #[error("nothing of {model} is left to evolve: hold fewer of its inputs ({inputs})")]
    NothingToEvolve {
        /// The model.
        model: String,
        /// Its inputs with their shapes.
        inputs: String,
    },
    /// The same input gives different outputs.
    #[error(
        "{model} answers the same input differently each time{}: export it without, in evaluation mode",
        operator.as_ref().map_or_else(String::new, |operator| format!(", it has the random operator {operator}"))
    )]
    NotDeterministic {
        /// The model.
        model: String,
        /// A random operator in it, if there is one.
        operator: Option<String>,
    },
    /// No output belongs to one image or code.
    #[error("no output of {model} has an answer of its own for each of its inputs (out: {outputs})")]
    NotPerRow {
        /// The model.
        model: String,
        /// Its outputs with their shapes.
        outputs: String,
    },
    /// Numbers that are not finite.
    #[error("{model} gives images with values that are not finite")]
    NotFinite {
        /// The model.
        model: String,
    },
    /// What a file became computes something else than the file.
    #[error(
        "'{tensor}' of {model} changed when the file was brought to the form that this program reads: by \
         {difference:.1e} of its largest value, where {tolerance:.0e} is rounding; this is a fault of this program"
    )]
    Changed {
        /// The model.
        model: String,
        /// The tensor.
        tensor: String,
        /// Largest difference, in units of the tensor's largest value.
        difference: f32,
        /// How far they may be apart.
        tolerance: f32,
    },
    /// A generator whose images nothing changes.
    #[error(
        "{model} gives the same image for three random codes: --output names another tensor, --input another use of \
         its inputs"
    )]
    SameImage {
        /// The model.
        model: String,
    },
    /// An option that does not fit the file.
    #[error("--{option} does not fit {model}: {reason}")]
    Option {
        /// The model.
        model: String,
        /// The option.
        option: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// Larger than an ONNX file can be.
    #[error("{model} has {bytes} bytes with its weights; models above 2 GB cannot be loaded from one file")]
    TooLarge {
        /// The model.
        model: String,
        /// Its size.
        bytes: usize,
    },
}

impl ImportError {
    /// Whether the user can mend it in the arguments.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::Name { .. }
                | Self::KindUnclear { .. }
                | Self::Unknown { .. }
                | Self::FreeLength { .. }
                | Self::Rule { .. }
                | Self::Values { .. }
                | Self::NothingToEvolve { .. }
                | Self::Option { .. }
        )
    }
}

/// Which option fills in the free sizes of an input.
fn code_size(free: usize, given: &[usize]) -> String {
    let option = match free {
        1 => "--code-size N does".to_owned(),
        _ => format!("--code-size {} does, a number for each of its free sizes", vec!["N"; free].join("x")),
    };
    let given: Vec<String> = given.iter().map(usize::to_string).collect();
    if given.is_empty() { option } else { format!("{option} ({} does not fit)", given.join("x")) }
}
