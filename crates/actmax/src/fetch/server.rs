//! A web server on loopback that can be told to fail.

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// The connection is cut after so many bytes of the body.
    Cut(usize),
    /// The answer is this status.
    Status(u16),
    /// The whole file comes although a part was asked for.
    NoRanges,
    /// Another part comes than was asked for.
    OtherRange,
    /// The body is longer than the file.
    TooLong,
}

#[derive(Default)]
struct State {
    files: HashMap<String, (Vec<u8>, String)>,
    faults: VecDeque<Fault>,
    /// Path and range of every request.
    requests: Vec<(String, Option<String>)>,
}

/// The server; it ends with the process.
pub(super) struct Server {
    address: String,
    state: Arc<Mutex<State>>,
}

impl Server {
    pub(super) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                thread::spawn(move || drop(serve(stream, &state)));
            }
        });
        Self { address, state }
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Serves `bytes` at `/name` and, by a redirection, at `/moved/name`.
    pub(super) fn put(&self, name: &str, bytes: &[u8], tag: &str) {
        self.state.lock().unwrap().files.insert(name.to_owned(), (bytes.to_vec(), tag.to_owned()));
    }

    /// Lets the next requests go wrong, one after another, and those after them not.
    pub(super) fn fail(&self, faults: &[Fault]) {
        self.state.lock().unwrap().faults = faults.iter().copied().collect();
    }

    /// Path and range of the requests since the last call.
    pub(super) fn requests(&self) -> Vec<(String, Option<String>)> {
        std::mem::take(&mut self.state.lock().unwrap().requests)
    }
}

/// Answers one request and closes the connection.
fn serve(mut stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let path = lines.next().unwrap_or(Ok(String::new()))?.split(' ').nth(1).unwrap_or("").to_owned();
    let mut headers = HashMap::new();
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let (file, fault) = {
        let mut state = state.lock().unwrap();
        state.requests.push((path.clone(), headers.get("range").cloned()));
        let file = state.files.get(path.trim_start_matches('/')).cloned();
        let fault = if path.starts_with("/moved/") { None } else { state.faults.pop_front() };
        (file, fault)
    };
    if let Some(name) = path.strip_prefix("/moved/") {
        return write!(
            stream,
            "HTTP/1.1 302 Found\r\nLocation: /{name}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
    }
    if let Some(Fault::Status(status)) = fault {
        return write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
    let Some((mut bytes, tag)) = file else {
        return write!(stream, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    };
    if let Some(Fault::TooLong) = fault {
        bytes.extend_from_slice(b"more");
    }
    let fresh = headers.get("if-range").is_none_or(|wanted| *wanted == tag) && !matches!(fault, Some(Fault::NoRanges));
    let start = headers.get("range").filter(|_| fresh);
    let start: Option<usize> = start.and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
    let total = bytes.len();
    let start = start.map(|start| if let Some(Fault::OtherRange) = fault { start / 2 } else { start });
    let (status, body) = match start {
        Some(start) if start >= total => (format!("416 X\r\nContent-Range: bytes */{total}"), &[][..]),
        Some(start) => (format!("206 X\r\nContent-Range: bytes {start}-{}/{total}", total - 1), &bytes[start..]),
        None => ("200 OK".to_owned(), &bytes[..]),
    };
    let length = body.len();
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nETag: {tag}\r\nConnection: close\r\n\r\n")?;
    match fault {
        Some(Fault::Cut(len)) => {
            stream.write_all(&body[..len.min(length)])?;
            stream.flush()?;
            stream.shutdown(Shutdown::Both)
        }
        _ => stream.write_all(body),
    }
}
