//! Feeding every input of a network from one row of numbers.

use std::ops::Range;
use std::path::Path;

use onnx_graph::Model;
use onnx_graph::attribute::integer;
use onnx_graph::chain::Chain;
use onnx_graph::model::{float_tensor, integer_tensor};

use super::declared::{Declared, count, element, listed};
use super::error::ImportError;
use super::rule::{InputRule, InputUse};
use super::{Note, Notes};

/// Reads that many numbers from a file.
pub type ReadValues<'a> = &'a dyn Fn(&Path, usize) -> Result<Vec<f32>, Box<dyn std::error::Error + Send + Sync>>;

/// An input with what happens to its components.
pub(super) struct Fed {
    declared: Declared,
    /// Sizes without the batch; `None` for an input that has no batch.
    row: Option<Vec<usize>>,
    /// Consecutive parts of all its components.
    parts: Vec<(usize, Part)>,
}

/// Where a part of an input comes from.
enum Part {
    /// The code, from this component on.
    Code(usize),
    /// Constants.
    Held(Vec<f32>),
}

/// What the rules say of all `inputs`; only those of a generator may be evolved.
pub(super) struct Assignment {
    pub(super) fed: Vec<Fed>,
    /// Length N of the code.
    pub(super) code: usize,
}

/// What is known besides the inputs themselves.
pub(super) struct Given<'a> {
    pub(super) model: &'a str,
    pub(super) rules: &'a [InputRule],
    /// Sizes that the file leaves free, in order.
    pub(super) code_size: &'a [usize],
    pub(super) may_evolve: bool,
    pub(super) read: ReadValues<'a>,
}

/// Lays the rules over the defaults.
pub(super) fn assign(inputs: &[Declared], given: &Given<'_>, notes: &mut Notes) -> Result<Assignment, ImportError> {
    for rule in given.rules {
        if inputs.iter().all(|input| input.name != rule.input) {
            return Err(ImportError::Unknown {
                model: given.model.to_owned(),
                role: "input",
                name: rule.input.clone(),
                known: inputs.iter().map(|input| input.name.clone()).collect(),
            });
        }
    }
    let mut code = 0;
    let mut fed = Vec::new();
    for input in inputs {
        let rules: Vec<&InputRule> = given.rules.iter().filter(|rule| rule.input == input.name).collect();
        let row = row(input, given)?;
        let sizes: Vec<usize> = input.batch().into_iter().chain(row.iter().flatten().copied()).collect();
        count(given.model, &format!("input '{}'", input.name), &sizes)?;
        let len = row.as_deref().map_or(1, |row| row.iter().product());
        let (default, guessed) = if inputs.len() == 1 && given.may_evolve {
            (InputUse::Evolve, false)
        } else {
            default_use(input, len, given.may_evolve)
        };
        if guessed && rules.is_empty() {
            notes.push(Note::assumed(format!("input '{}' is held: {default}", input.name), "input"));
        }
        let mut parts = Vec::new();
        for (range, usage) in ranges(&rules, len, &default)? {
            let part = match usage {
                InputUse::Evolve if !given.may_evolve || !(element::is_float(input.element) || input.element == 0) => {
                    let reason = format!("'{}' cannot be evolved, only held", input.name);
                    return Err(ImportError::Rule { rule: format!("{}:evolve", input.name), reason });
                }
                InputUse::Evolve => {
                    code += range.len();
                    Part::Code(code - range.len())
                }
                usage => Part::Held(values(input, &usage, range.len(), given.read)?),
            };
            parts.push((range.len(), part));
        }
        fed.push(Fed { declared: input.clone(), row, parts });
    }
    if given.may_evolve && code == 0 {
        return Err(ImportError::NothingToEvolve { model: given.model.to_owned(), inputs: listed(inputs) });
    }
    let fixed = |input: &Declared| input.shape.as_ref().is_some_and(|shape| shape.iter().skip(1).all(Option::is_some));
    let asked = given.code_size.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
    if !given.code_size.is_empty() && inputs.iter().all(fixed) && asked != Some(code) {
        let reason = if given.may_evolve {
            format!("its code has {code} numbers, and no size of its inputs is free")
        } else {
            "it is a CNN, and no size of its inputs is free beside the image's".to_owned()
        };
        return Err(ImportError::Option { model: given.model.to_owned(), option: "code-size", reason });
    }
    Ok(Assignment { fed, code })
}

/// Sizes of one row of an input; `None` for a number that belongs to the whole batch.
fn row(input: &Declared, given: &Given<'_>) -> Result<Option<Vec<usize>>, ImportError> {
    if !(element::is_number(input.element) || matches!(input.element, element::BOOL | 0)) {
        let element = element::name(input.element);
        return Err(ImportError::ElementType { model: given.model.to_owned(), input: input.name.clone(), element });
    }
    let free = |free| ImportError::FreeLength {
        model: given.model.to_owned(),
        input: input.name.clone(),
        shape: input.shape_text(),
        free,
        given: given.code_size.to_vec(),
    };
    let Some(shape) = &input.shape else {
        return if given.code_size.is_empty() { Err(free(1)) } else { Ok(Some(given.code_size.to_vec())) };
    };
    match shape.as_slice() {
        [] => Ok(None),
        [Some(1)] if element::is_float(input.element) => Ok(None),
        [Some(2..)] => Err(ImportError::Rule {
            rule: format!("{} {}", input.name, input.shape_text()),
            reason: "an input needs a batch axis in front, as in [n, 512]".to_owned(),
        }),
        [_, sizes @ ..] => {
            let known = sizes.iter().flatten().copied().collect::<Vec<_>>();
            let known = count(given.model, &format!("input '{}'", input.name), &known)?;
            let missing = sizes.iter().filter(|size| size.is_none()).count();
            let filled: Vec<usize> = match (missing, given.code_size) {
                (0, _) => Vec::new(),
                (1, &[code]) if code.is_multiple_of(known) => vec![code / known],
                (2.., filled) if filled.len() == missing => filled.to_vec(),
                _ => return Err(free(missing)),
            };
            let mut filled = filled.into_iter();
            Ok(sizes.iter().map(|size| size.or_else(|| filled.next())).collect())
        }
    }
}

/// Whether it is of one channel with height and width, as the noise that StyleGAN adds to its maps.
pub(super) fn is_noise_map(input: &Declared) -> bool {
    matches!(input.shape.as_deref(), Some([_, Some(1), Some(height), Some(width)]) if *height > 1 || *width > 1)
}

/// Whether it is a vector an item, `[n, N]` or `[n, N, 1, 1]`, or less.
pub(super) fn is_code(input: &Declared) -> bool {
    let long = |sizes: &[Option<usize>]| sizes.iter().filter(|&&size| size != Some(1)).count();
    input.shape.as_deref().is_some_and(|shape| shape.len() <= 2 || long(&shape[1..]) <= 1)
}

/// What happens to an input that no rule mentions, and whether that is a guess.
fn default_use(input: &Declared, len: usize, may_evolve: bool) -> (InputUse, bool) {
    let name = input.name.to_ascii_lowercase();
    let is_class = ["class", "label", "cond", "onehot", "one_hot"].iter().any(|word| name.contains(word))
        || ["y", "c"].contains(&name.as_str());
    match () {
        () if !may_evolve || !element::is_float(input.element) => (InputUse::Number(0.0), true),
        () if len == 1 => (InputUse::Number(1.0), true),
        () if is_noise_map(input) => (InputUse::Number(0.0), true),
        () if is_class => (InputUse::OneHot(0), true),
        () => (InputUse::Evolve, false),
    }
}

/// Consecutive ranges over `0..len`: those of the rules, and `default` between them.
fn ranges(rules: &[&InputRule], len: usize, default: &InputUse) -> Result<Vec<(Range<usize>, InputUse)>, ImportError> {
    // The rest of an input of which a part is named is evolved, unless another rule is for all of it.
    let whole = rules.iter().find(|rule| rule.part.is_none()).map(|rule| rule.usage.clone());
    let rest = whole.unwrap_or_else(|| if rules.is_empty() { default.clone() } else { InputUse::Evolve });
    let mut parts: Vec<(Range<usize>, &InputRule)> =
        rules.iter().filter_map(|rule| Some((rule.part.clone()?, *rule))).collect();
    parts.sort_by_key(|(range, _)| range.start);
    let refused = |rule: &InputRule, reason: String| Err(ImportError::Rule { rule: rule.to_string(), reason });
    if let [_, again, ..] = rules.iter().filter(|rule| rule.part.is_none()).collect::<Vec<_>>()[..] {
        return refused(again, "the input has a rule already".to_owned());
    }
    let (mut found, mut at) = (Vec::new(), 0);
    for (range, rule) in parts {
        if range.end > len {
            return refused(rule, format!("the input has components 0..{len}"));
        }
        if range.start < at {
            return refused(rule, "another rule is for some of these components".to_owned());
        }
        if at < range.start {
            found.push((at..range.start, rest.clone()));
        }
        at = range.end;
        found.push((range, rule.usage.clone()));
    }
    if at < len {
        found.push((at..len, rest));
    }
    Ok(found)
}

/// The constants that an input is held at.
fn values(input: &Declared, usage: &InputUse, len: usize, read: ReadValues<'_>) -> Result<Vec<f32>, ImportError> {
    let rule = || format!("{}:{usage}", input.name);
    match usage {
        InputUse::Number(value) => Ok(vec![*value; len]),
        InputUse::File(path) => read(path, len).map_err(|source| ImportError::Values {
            input: input.name.clone(),
            path: path.clone(),
            source,
        }),
        #[expect(clippy::cast_precision_loss, reason = "classes are few")]
        InputUse::OneHot(index) if len == 1 && !element::is_float(input.element) => Ok(vec![*index as f32]),
        InputUse::OneHot(index) if *index < len => Ok((0..len).map(|i| if i == *index { 1.0 } else { 0.0 }).collect()),
        InputUse::OneHot(_) => {
            Err(ImportError::Rule { rule: rule(), reason: format!("there are {len} components, counted from 0") })
        }
        InputUse::Evolve => Ok(Vec::new()),
    }
}

/// What an input of the file as it was given is fed with.
pub(super) struct Feed {
    pub(super) input: String,
    pub(super) element: i32,
    /// Shape, batch included.
    pub(super) shape: Vec<usize>,
    /// Values, C-order.
    pub(super) data: Vec<f32>,
}

impl Assignment {
    /// All inputs for one code, `batch` times: what the nodes of [`feed`](Self::feed) compute, as a check of them.
    pub(super) fn filled(&self, code: &[f32], batch: usize) -> Vec<Feed> {
        self.fed.iter().map(|fed| fed.filled(code, batch)).collect()
    }

    /// The code's own shape without the batch, if the network takes it as it is: `[N]` or `[N, 1, ...]`.
    pub(super) fn direct(&self) -> Option<(&str, Vec<usize>)> {
        let [Fed { declared, row: Some(row), parts }] = self.fed.as_slice() else { return None };
        let whole = matches!(parts.as_slice(), [(_, Part::Code(0))]) && matches!(declared.element, element::FLOAT | 0);
        let flat = row.first() == Some(&self.code);
        (whole && flat).then(|| (declared.name.as_str(), row.clone()))
    }

    /// The code in words: which inputs it is made of.
    pub(super) fn evolved(&self) -> Vec<&str> {
        let codes = |fed: &&Fed| fed.parts.iter().any(|(_, part)| matches!(part, Part::Code(_)));
        self.fed.iter().filter(codes).map(|fed| fed.declared.name.as_str()).collect()
    }

    /// Adds the nodes that make all inputs of `source`, a tensor `[n, ...]` whose rows are codes.
    pub(super) fn feed(&self, model: &mut Model, prefix: &str, source: &str) {
        let mut nodes = Vec::new();
        for (i, fed) in self.fed.iter().enumerate() {
            let mut chain = Chain::new(&format!("{prefix}input{i}/"), source);
            fed.add(&mut chain, source, self.code);
            chain.end_in(&fed.declared.name);
            nodes.extend(chain.nodes);
            model.graph.initializer.extend(chain.constants);
        }
        model.graph.node.splice(0..0, nodes);
    }
}

impl Fed {
    fn filled(&self, code: &[f32], batch: usize) -> Feed {
        let values = |(len, part): &(usize, Part)| match part {
            Part::Code(start) => code[*start..start + len].to_vec(),
            Part::Held(values) => values.clone(),
        };
        let once: Vec<f32> = self.parts.iter().flat_map(values).collect();
        let (shape, data) = match &self.row {
            Some(row) => (std::iter::once(batch).chain(row.iter().copied()).collect(), once.repeat(batch)),
            None => (vec![1; self.declared.shape.as_ref().map_or(0, Vec::len)], once),
        };
        Feed { input: self.declared.name.clone(), element: self.declared.element, shape, data }
    }

    fn add(&self, chain: &mut Chain, source: &str, code: usize) {
        let size = |size: usize| i64::try_from(size).unwrap_or(i64::MAX);
        let kind = if self.declared.element == 0 { element::FLOAT } else { self.declared.element };
        let cast = vec![integer("to", i64::from(kind))];
        let Some(row) = &self.row else {
            // One number for the whole batch.
            let held =
                self.parts.iter().find_map(|(_, part)| if let Part::Held(values) = part { Some(values) } else { None });
            let rank = vec![1; self.declared.shape.as_ref().map_or(0, Vec::len)];
            chain.last = chain.constant(float_tensor("held", &rank, held.map_or(&[0.0][..], Vec::as_slice)));
            chain.push("Cast", &[], cast);
            return;
        };
        let mut pieces = Vec::new();
        for (i, (len, part)) in self.parts.iter().enumerate() {
            pieces.push(match part {
                Part::Code(0) if *len == code => source.to_owned(),
                Part::Code(start) => {
                    let [from, to, axis] = [("from", *start), ("to", start + len), ("axis", 1)]
                        .map(|(name, value)| chain.constant(integer_tensor(&format!("{name}{i}"), &[size(value)])));
                    chain.node("Slice", vec![source.to_owned(), from, to, axis], vec![])
                }
                Part::Held(values) => {
                    let values = chain.constant(float_tensor(&format!("held{i}"), &[1, size(*len)], values));
                    let [zero, one, len] = [("zero", 0), ("one", 1), ("len", size(*len))]
                        .map(|(name, value)| chain.constant(integer_tensor(&format!("{name}{i}"), &[value])));
                    let shape = chain.node("Shape", vec![source.to_owned()], vec![]);
                    let rows = chain.node("Slice", vec![shape, zero, one], vec![]);
                    let shape = chain.node("Concat", vec![rows, len], vec![integer("axis", 0)]);
                    chain.node("Expand", vec![values, shape], vec![])
                }
            });
        }
        let mut pieces = pieces.into_iter();
        chain.last = pieces.next().unwrap_or_default();
        let others: Vec<String> = pieces.collect();
        if !others.is_empty() {
            chain.push("Concat", &others.iter().map(String::as_str).collect::<Vec<_>>(), vec![integer("axis", 1)]);
        }
        let target: Vec<i64> = std::iter::once(-1).chain(row.iter().map(|&len| size(len))).collect();
        if target.len() != 2 {
            chain.with_constant("Reshape", integer_tensor("shape", &target));
        }
        if kind != element::FLOAT || chain.nodes.is_empty() {
            chain.push("Cast", &[], cast);
        }
    }
}
