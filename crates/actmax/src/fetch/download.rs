//! A file over HTTP, in as many attempts as it takes.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use ureq::http::{HeaderMap, Response, StatusCode};
use ureq::{Agent, Body};

use super::{DownloadError, FetchError, with_causes};
use crate::console::say;

/// Attempts in a row that may bring nothing.
const ATTEMPTS: u32 = 4;
/// Pause after the first of them; it doubles from one to the next.
const PAUSE: Duration = if cfg!(test) { Duration::from_millis(5) } else { Duration::from_secs(1) };
/// Longest that a server may be silent.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is to be downloaded.
pub(super) struct Source<'a> {
    pub(super) url: String,
    /// Name of the model, for the progress bar.
    pub(super) name: &'a str,
    /// Its size, where it is known.
    pub(super) bytes: Option<u64>,
    /// Whether a checksum will tell if the parts of several attempts fit together.
    pub(super) hashed: bool,
}

/// Why an attempt ended.
enum Failure {
    /// Another one may go on.
    Passing(DownloadError),
    /// Another one would end alike.
    Final(DownloadError),
}

/// A download that is not complete, beside where the file will be.
struct Part {
    path: PathBuf,
    /// Holds the server's word for the version of the file that the part is of.
    tag: PathBuf,
}

impl Part {
    fn of(file: &Path) -> Self {
        let with = |extension: &str| {
            let mut name = file.as_os_str().to_owned();
            name.push(extension);
            PathBuf::from(name)
        };
        Self { path: with(".part"), tag: with(".part.etag") }
    }

    fn len(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |metadata| metadata.len())
    }

    fn remove(&self) -> Result<(), Failure> {
        for path in [&self.path, &self.tag] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(unwritable(path)(error)),
                _ => {}
            }
        }
        Ok(())
    }
}

impl Source<'_> {
    /// Downloads to `file`, which appears when it is complete; goes on where an earlier call was interrupted.
    pub(super) fn download(&self, file: &Path) -> Result<(), FetchError> {
        let part = Part::of(file);
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(30)))
            .timeout_recv_response(Some(PATIENCE))
            .timeout_per_read(Some(PATIENCE))
            .user_agent(concat!("actmax/", env!("CARGO_PKG_VERSION")));
        let agent = Agent::new_with_config(config.build());
        let bar = bar(self.name, self.bytes);
        let failed = |source, kept| FetchError::Download { url: self.url.clone(), kept, source };
        let (mut idle, mut reached) = (0, part.len());
        loop {
            let error = match self.attempt(&agent, &part, &bar) {
                Ok(()) => break,
                Err(Failure::Final(error)) => return Err(failed(error, 0)),
                Err(Failure::Passing(error)) => error,
            };
            idle = if part.len() > reached { 1 } else { idle + 1 };
            reached = part.len();
            if idle >= ATTEMPTS {
                return Err(failed(error, reached));
            }
            bar.suspend(|| say(&format!("{}: {}, trying again", self.name, with_causes(&error))));
            std::thread::sleep(PAUSE * (1 << (idle - 1)));
        }
        bar.finish_and_clear();
        fs::rename(&part.path, file).map_err(FetchError::io("write", file))?;
        part.remove().map_err(|(Failure::Passing(error) | Failure::Final(error))| failed(error, 0))
    }

    /// Asks for what is missing and writes what comes.
    fn attempt(&self, agent: &Agent, part: &Part, bar: &ProgressBar) -> Result<(), Failure> {
        let tag = fs::read_to_string(&part.tag).ok();
        if tag.is_none() && !self.hashed {
            part.remove()?;
        }
        let start = part.len();
        if start > 0 && self.bytes == Some(start) {
            return Ok(());
        }
        let mut request = agent.get(&self.url);
        if start > 0 {
            request = request.header("Range", format!("bytes={start}-"));
            if let Some(tag) = &tag {
                request = request.header("If-Range", tag);
            }
        }
        let response = request.call().map_err(passing_or_final)?;
        match response.status() {
            StatusCode::OK => self.receive(response, part, 0, bar),
            StatusCode::PARTIAL_CONTENT if range_start(response.headers()) == Some(start) => {
                self.receive(response, part, start, bar)
            }
            StatusCode::RANGE_NOT_SATISFIABLE if total(response.headers()) == Some(start) => Ok(()),
            StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
                part.remove()?;
                Err(Failure::Passing(DownloadError::OtherVersion))
            }
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                Err(Failure::Passing(DownloadError::Status(status)))
            }
            status => Err(Failure::Final(DownloadError::Status(status))),
        }
    }

    /// Writes a response behind the first `start` bytes of the part.
    fn receive(&self, response: Response<Body>, part: &Part, start: u64, bar: &ProgressBar) -> Result<(), Failure> {
        let headers = response.headers();
        let length: Option<u64> = number(headers, "content-length");
        let whole = total(headers).or(length.map(|length| start + length));
        if let (Some(expected), Some(found)) = (self.bytes, whole)
            && expected != found
        {
            part.remove()?;
            return Err(Failure::Final(DownloadError::OtherSize { found, expected }));
        }
        if start == 0 {
            part.remove()?;
        }
        // A weak tag promises too little.
        if let Some(tag) = text(headers, "etag").filter(|tag| !tag.starts_with("W/")) {
            fs::write(&part.tag, tag).map_err(unwritable(&part.tag))?;
        }
        let file = OpenOptions::new().create(true).append(true).open(&part.path);
        let mut file = file.map_err(unwritable(&part.path))?;
        if let Some(whole) = whole {
            bar.set_length(whole);
        }
        bar.set_position(start);
        let mut body = response.into_body().into_reader();
        let mut buffer = vec![0; 1 << 16];
        let mut written = start;
        loop {
            let read = body.read(&mut buffer).map_err(|error| Failure::Passing(DownloadError::Interrupted(error)))?;
            if read == 0 {
                break;
            }
            file.write_all(&buffer[..read]).map_err(unwritable(&part.path))?;
            written += read as u64;
            bar.set_position(written);
        }
        file.sync_all().map_err(unwritable(&part.path))?;
        match whole.or(self.bytes) {
            Some(whole) if written < whole => Err(Failure::Passing(DownloadError::TooShort { written, whole })),
            _ => Ok(()),
        }
    }
}

fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> Failure {
    let path = path.to_owned();
    move |source| Failure::Final(DownloadError::Write { path, source })
}

/// An address that makes no sense stays so; the network may come back.
fn passing_or_final(error: ureq::Error) -> Failure {
    match error {
        ureq::Error::BadUri(_) | ureq::Error::Http(_) | ureq::Error::TooManyRedirects => Failure::Final(error.into()),
        _ => Failure::Passing(error.into()),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    text(headers, name).and_then(|value| value.parse().ok())
}

/// First byte of a partial response: `bytes START-END/TOTAL`.
fn range_start(headers: &HeaderMap) -> Option<u64> {
    text(headers, "content-range")?.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}

/// Size of the whole file by a partial response, or by the refusal of one.
fn total(headers: &HeaderMap) -> Option<u64> {
    text(headers, "content-range")?.rsplit_once('/')?.1.parse().ok()
}

/// A bar on a terminal, nothing elsewhere.
fn bar(name: &str, bytes: Option<u64>) -> ProgressBar {
    let template = "{prefix:18} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(bytes.unwrap_or(0)).with_style(style).with_prefix(name.to_owned())
}
