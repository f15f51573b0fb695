//! What is answered: one JSON object a line.

use std::fmt::Display;
use std::io::{self, Write};

use optim_core::Population;
use serde::{Serialize, Serializer};

use super::session::Session;

/// Writes lines, each of which arrives before the next one is awaited.
pub(crate) struct Replies<'a> {
    out: &'a mut dyn Write,
    line: Vec<u8>,
}

#[derive(Serialize)]
struct Codes<'a> {
    generation: u64,
    codes: Rows<'a>,
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
struct Conclusion<'a> {
    recommendation: &'a [f64],
    best: Option<Best>,
    diagnostics: Diagnostics,
}

#[derive(Serialize)]
struct Best {
    code: Vec<f64>,
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
struct Diagnostics(Vec<(&'static str, f64)>);

impl Serialize for Diagnostics {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, x)| (name, x.is_finite().then_some(x))))
    }
}

impl<'a> Replies<'a> {
    pub(crate) fn new(out: &'a mut dyn Write) -> Self {
        Self { out, line: Vec::new() }
    }

    /// The generation that is out.
    pub(crate) fn codes(&mut self, session: &Session) -> io::Result<()> {
        self.write(&Codes { generation: session.generation(), codes: Rows(session.codes()) })
    }

    /// The session as text, or why there is none.
    pub(crate) fn state(&mut self, session: &Session) -> io::Result<()> {
        match session.save() {
            Ok(state) => self.write(&State { state }),
            Err(error) => self.refuse(&error),
        }
    }

    /// Why a line was not followed.
    pub(crate) fn refuse(&mut self, error: &dyn Display) -> io::Result<()> {
        self.write(&Refusal { error: error.to_string() })
    }

    /// What came of the session.
    pub(crate) fn conclude(&mut self, session: &mut Session) -> io::Result<()> {
        let best = session.best().map(|(code, score)| Best { code, score });
        let diagnostics = Diagnostics(session.diagnostics());
        self.write(&Conclusion { recommendation: session.recommendation(), best, diagnostics })
    }

    fn write(&mut self, reply: &impl Serialize) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, reply)?;
        self.line.push(b'\n');
        self.out.write_all(&self.line)?;
        self.out.flush()
    }
}
