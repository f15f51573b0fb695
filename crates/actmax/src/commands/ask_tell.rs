//! `actmax ask-tell`.

use std::io::{BufRead, Write};

use crate::ask_tell::{Dialogue, Opening, OpeningError, Replies, Request};
use crate::{CommandError, Library};

/// Answers one line with one line until the client stops or is gone.
pub(super) fn run(library: &Library, input: &mut dyn BufRead, out: &mut dyn Write) -> Result<(), CommandError> {
    let mut line = Vec::new();
    if !read_line(input, &mut line)? {
        return Err(OpeningError::Ended.into());
    }
    let mut dialogue = Dialogue::open(Opening::parse(&line, library)?, library)?;
    let mut replies = Replies::new(out);
    replies.codes(dialogue.generation()?)?;
    while read_line(input, &mut line)? {
        match Request::parse(&line) {
            Ok(Request::Stop) => break,
            Ok(Request::Save) => match dialogue.save() {
                Ok(state) => replies.state(state)?,
                Err(error) => replies.refuse(&error)?,
            },
            Ok(Request::Scores(scores)) => match dialogue.tell(&scores)? {
                Ok(()) => replies.codes(dialogue.generation()?)?,
                Err(error) => replies.refuse(&error)?,
            },
            Err(error) => replies.refuse(&error)?,
        }
    }
    Ok(replies.conclude(&dialogue.conclude()?)?)
}

/// The next line that is not blank; `false` at the end of the input.
fn read_line(input: &mut dyn BufRead, line: &mut Vec<u8>) -> Result<bool, CommandError> {
    loop {
        line.clear();
        if input.read_until(b'\n', line).map_err(CommandError::Input)? == 0 {
            return Ok(false);
        }
        if !line.trim_ascii().is_empty() {
            return Ok(true);
        }
    }
}
