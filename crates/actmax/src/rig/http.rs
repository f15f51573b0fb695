//! The pretend rig at the HTTP door.

use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;
use std::thread;
use std::time::Duration;

use image::RgbImage;
use serde::Deserialize;
use sessions::door::http::{TOKEN_FILE, URL_FILE};
use ureq::{Agent, Body, http::Response as HttpResponse};
use zip::ZipArchive;

use super::{Block, Door, LOOK, Response};
use crate::CommandError;
use crate::console::say;
use crate::online::OnlineError;

/// Longest time that a request takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Most bytes of an answer: a block of large images.
const MOST_BYTES: u64 = 1 << 30;

/// Asks for blocks, and posts scores. The URL is read anew for every request: a session that is resumed has another port.
pub(super) struct HttpRig<'a> {
    session: &'a Path,
    agent: Agent,
    /// The last block that was answered.
    after: Option<u32>,
    /// Whether it was said that the session cannot be reached.
    told: bool,
}

/// What became of a request.
enum Answer {
    Body(Vec<u8>),
    /// Nobody answers, no block is out, or another one is: look again.
    Nothing,
}

/// A block as the door describes it.
#[derive(Deserialize)]
struct Description {
    block: u32,
    order: Vec<usize>,
    images: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

/// The answer to scores, as far as the rig needs it.
#[derive(Deserialize)]
struct Receipt {
    missing: Vec<String>,
}

/// A refusal.
#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl<'a> HttpRig<'a> {
    pub(super) fn new(session: &'a Path) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).proxy(None);
        Self { session, agent: config.build().into(), after: None, told: false }
    }

    /// A request; a POST if it has a body. While the session cannot be reached it waits a moment.
    fn ask(&mut self, path: &str, body: Option<&[u8]>) -> Result<Answer, CommandError> {
        let read = |file| fs::read_to_string(self.session.join(file)).map(|text| text.trim().to_owned());
        let sent = match (read(URL_FILE), read(TOKEN_FILE)) {
            (Ok(url), Ok(token)) => self.send(&format!("{url}{path}"), &format!("Bearer {token}"), body).ok(),
            _ => None,
        };
        let Some((status, bytes)) = sent.filter(|(status, _)| *status < 500) else {
            if !self.told {
                self.told = true;
                say("waiting for the session: `actmax session run` with --http opens its door");
            }
            thread::sleep(LOOK);
            return Ok(Answer::Nothing);
        };
        self.told = false;
        match status {
            200 => Ok(Answer::Body(bytes)),
            204 | 404 | 409 => Ok(Answer::Nothing),
            _ => {
                let error = serde_json::from_slice(&bytes).map(|refusal: Refusal| refusal.error).unwrap_or_default();
                Err(OnlineError::Refused { path: path.to_owned(), status, error }.into())
            }
        }
    }

    fn send(&self, url: &str, token: &str, body: Option<&[u8]>) -> Result<(u16, Vec<u8>), ureq::Error> {
        let mut answer: HttpResponse<Body> = match body {
            None => self.agent.get(url).header("Authorization", token).call()?,
            Some(body) => self.agent.post(url).header("Authorization", token).send(body)?,
        };
        let status = answer.status().as_u16();
        Ok((status, answer.body_mut().with_config().limit(MOST_BYTES).read_to_vec()?))
    }
}

impl Door for HttpRig<'_> {
    fn look(&mut self) -> Result<Option<Block>, CommandError> {
        let after = self.after.map_or(String::new(), |after| format!("after={after}&"));
        let path = format!("/v1/block?{after}wait=1");
        let Answer::Body(body) = self.ask(&path, None)? else { return Ok(None) };
        let Description { block: number, order, images } = parse(&path, &body)?;
        let path = format!("/v1/block/{number}.zip");
        let Answer::Body(archive) = self.ask(&path, None)? else { return Ok(None) };
        let images: Vec<String> = images.into_iter().map(|image| image.name).collect();
        let images = unpack(&archive, images).map_err(|why| OnlineError::Answer { path: path.clone(), why })?;
        if order.iter().any(|&i| i >= images.len()) {
            return Err(OnlineError::Answer { path, why: "the order names images that there are not".into() }.into());
        }
        Ok(Some(Block { number, images, order }))
    }

    fn answer(&mut self, block: &Block, responses: &[Response]) -> Result<bool, CommandError> {
        let number = block.number;
        let row = |(trial, (i, rate)): (usize, &Response)| serde_json::json!({ "name": block.images[*i].0, "trial": trial, "values": [rate] });
        let rows: Vec<_> = responses.iter().enumerate().map(row).collect();
        // A block has one answer, so its number makes a resend harmless.
        let key = format!("rig simulate, block {number}");
        let body = serde_json::json!({ "block": number, "key": key, "rows": rows }).to_string();
        let Answer::Body(answer) = self.ask("/v1/scores", Some(body.as_bytes()))? else { return Ok(false) };
        let receipt: Receipt = parse("/v1/scores", &answer)?;
        if !receipt.missing.is_empty() {
            let close = format!("/v1/block/{number}/close");
            let Answer::Body(_) = self.ask(&close, Some(b""))? else { return Ok(false) };
        }
        self.after = Some(number);
        Ok(true)
    }
}

fn parse<'a, T: Deserialize<'a>>(path: &str, body: &'a [u8]) -> Result<T, CommandError> {
    let failed = |error: serde_json::Error| OnlineError::Answer { path: path.to_owned(), why: error.to_string() };
    serde_json::from_slice(body).map_err(|error| failed(error).into())
}

/// The images of an archive, by their names.
fn unpack(archive: &[u8], names: Vec<String>) -> Result<Vec<(String, RgbImage)>, String> {
    let mut archive = ZipArchive::new(Cursor::new(archive)).map_err(|error| error.to_string())?;
    let mut image = |name: String| {
        let mut bytes = Vec::new();
        let file = archive.by_name(&name).map_err(|error| format!("{name}: {error}"))?;
        file.take(MOST_BYTES).read_to_end(&mut bytes).map_err(|error| format!("{name}: {error}"))?;
        let image = image::load_from_memory(&bytes).map_err(|error| format!("{name}: {error}"))?;
        Ok((name, image.to_rgb8()))
    };
    names.into_iter().map(&mut image).collect()
}
