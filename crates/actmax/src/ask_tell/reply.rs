//! What is answered: one JSON object a line.

use std::fmt::Display;
use std::io::{self, Write};

use optim_core::Population;
use serde::{Serialize, Serializer};

use super::encoding::{Encoding, to_base64};

/// Writes lines, each of which arrives before the next one is awaited.
pub(crate) struct Replies<'a> {
    out: &'a mut dyn Write,
    line: Vec<u8>,
}

/// A generation that is out.
pub(crate) struct Generation<'a> {
    /// Its number, from 0.
    pub(super) number: u64,
    pub(super) codes: &'a Population,
    pub(super) encoding: Encoding,
    /// Its images, in the order of the codes.
    pub(super) images: Option<Vec<String>>,
    /// Whether the run is over, so that its scores are not awaited.
    pub(super) over: bool,
}

#[derive(Serialize)]
struct Codes<'a> {
    generation: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    codes: Option<Rows<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    codes_base64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shape: Option<[usize; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    images: Option<Vec<String>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    over: bool,
}

impl<'a> From<Generation<'a>> for Codes<'a> {
    fn from(generation: Generation<'a>) -> Self {
        let Generation { number, codes, encoding, images, over } = generation;
        let mut reply = Self { generation: number, codes: None, codes_base64: None, shape: None, images, over };
        match encoding {
            Encoding::Digits => reply.codes = Some(Rows(codes)),
            Encoding::Base64F32 => {
                reply.codes_base64 = Some(to_base64(codes));
                reply.shape = Some([codes.len(), codes.dim()]);
            }
        }
        reply
    }
}

/// What came of a session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conclusion {
    /// The code that the method would stand by.
    pub(super) recommendation: Vec<f64>,
    /// The code with the best score told, the lowest one if that is sought.
    pub(super) best: Option<(Vec<f64>, f64)>,
    /// Named scalars of the method's state.
    pub(super) diagnostics: Vec<(&'static str, f64)>,
}

#[derive(Serialize)]
struct State {
    state: String,
}

#[derive(Serialize)]
struct Refusal {
    error: String,
}

#[derive(Serialize)]
struct LastLine<'a> {
    recommendation: &'a [f64],
    best: Option<Best<'a>>,
    diagnostics: Diagnostics<'a>,
}

#[derive(Serialize)]
struct Best<'a> {
    code: &'a [f64],
    score: f64,
}

/// Codes as a list of lists.
struct Rows<'a>(&'a Population);

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter())
    }
}

/// Named numbers as an object; JSON has no infinities and no NaN, they become null.
struct Diagnostics<'a>(&'a [(&'static str, f64)]);

impl Serialize for Diagnostics<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, x)| (name, x.is_finite().then_some(x))))
    }
}

impl<'a> Replies<'a> {
    pub(crate) fn new(out: &'a mut dyn Write) -> Self {
        Self { out, line: Vec::new() }
    }

    /// The generation that is out.
    pub(crate) fn codes(&mut self, generation: Generation<'_>) -> io::Result<()> {
        self.write(&Codes::from(generation))
    }

    /// The session as text.
    pub(crate) fn state(&mut self, state: String) -> io::Result<()> {
        self.write(&State { state })
    }

    /// Why a line was not followed.
    pub(crate) fn refuse(&mut self, error: &dyn Display) -> io::Result<()> {
        self.write(&Refusal { error: error.to_string() })
    }

    /// What came of the session.
    pub(crate) fn conclude(&mut self, conclusion: &Conclusion) -> io::Result<()> {
        let Conclusion { recommendation, best, diagnostics } = conclusion;
        let best = best.as_ref().map(|(code, score)| Best { code, score: *score });
        self.write(&LastLine { recommendation, best, diagnostics: Diagnostics(diagnostics) })
    }

    fn write(&mut self, reply: &impl Serialize) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, reply)?;
        self.line.push(b'\n');
        self.out.write_all(&self.line)?;
        self.out.flush()
    }
}
