//! What is to be done with the inputs of a network: `--input`.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;

/// What happens to an input, or to a part of it.
#[derive(Clone, Debug, PartialEq)]
pub struct InputRule {
    /// Name of the input.
    pub input: String,
    /// Components `start..end` of it; `None` is all of them.
    pub part: Option<Range<usize>>,
    /// What happens to them.
    pub usage: InputUse,
}

/// What happens to numbers that a network takes.
#[derive(Clone, Debug, PartialEq)]
pub enum InputUse {
    /// They are part of the code.
    Evolve,
    /// All of them are this number.
    Number(f32),
    /// They are read from a NumPy file.
    File(PathBuf),
    /// One of them is 1, the others are 0; in an input of whole numbers, it is the number itself.
    OneHot(usize),
}

/// A rule that is not of the form `NAME[A..B]:USE`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "write NAME:evolve, NAME:hold=NUMBER, NAME:hold=FILE.npy or NAME:one-hot=K, with NAME[A..B] for a part of an input"
)]
pub struct InputRuleError;

impl FromStr for InputRule {
    type Err = InputRuleError;

    fn from_str(text: &str) -> Result<Self, InputRuleError> {
        let (target, usage) = split(text).ok_or(InputRuleError)?;
        let (input, part) = match target.strip_suffix(']').and_then(|target| target.rsplit_once('[')) {
            Some((input, range)) => (input, Some(part(range).ok_or(InputRuleError)?)),
            None => (target, None),
        };
        if input.is_empty() { Err(InputRuleError) } else { Ok(Self { input: input.to_owned(), part, usage }) }
    }
}

/// Target and use; names hold colons, so the last one that a use follows counts.
fn split(text: &str) -> Option<(&str, InputUse)> {
    if let Some(target) = text.strip_suffix(":evolve") {
        return Some((target, InputUse::Evolve));
    }
    if let Some((target, index)) = text.rsplit_once(":one-hot=") {
        return Some((target, InputUse::OneHot(index.parse().ok()?)));
    }
    let (target, value) = text.rsplit_once(":hold=").filter(|(_, value)| !value.is_empty())?;
    let number = value.parse().ok().filter(|number: &f32| number.is_finite());
    Some((target, number.map_or_else(|| InputUse::File(value.into()), InputUse::Number)))
}

fn part(text: &str) -> Option<Range<usize>> {
    let (start, end) = text.split_once("..")?;
    let range = start.parse().ok()?..end.parse().ok()?;
    (range.start < range.end).then_some(range)
}

impl fmt::Display for InputRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.input)?;
        if let Some(part) = &self.part {
            write!(f, "[{}..{}]", part.start, part.end)?;
        }
        write!(f, ":{}", self.usage)
    }
}

impl fmt::Display for InputUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Evolve => write!(f, "evolve"),
            Self::Number(value) => write!(f, "hold={value}"),
            Self::File(path) => write!(f, "hold={}", path.display()),
            Self::OneHot(index) => write!(f, "one-hot={index}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_and_printed() {
        for (text, input, part, usage) in [
            ("z:evolve", "z", None, InputUse::Evolve),
            ("input:0:hold=0.5", "input:0", None, InputUse::Number(0.5)),
            ("code[128..256]:hold=class.npy", "code", Some(128..256), InputUse::File("class.npy".into())),
            ("a[b]:0[0..2]:one-hot=1", "a[b]:0", Some(0..2), InputUse::OneHot(1)),
        ] {
            let rule: InputRule = text.parse().unwrap();
            assert_eq!(rule, InputRule { input: input.to_owned(), part, usage });
            assert_eq!(rule.to_string(), text);
        }
        for text in ["z", "z:", ":evolve", "z:hold=", "z:one-hot=x", "z[3..3]:evolve", "z[1-3]:evolve", "z:keep"] {
            assert_eq!(text.parse::<InputRule>(), Err(InputRuleError), "{text}");
        }
    }
}
