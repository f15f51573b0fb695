//! The HTTP door, over a socket on loopback.

use std::fs;
use std::io::{BufRead, BufReader, Cursor, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sessions::door::HttpDoor;
use sessions::{Phase, Session};
use sha2::{Digest, Sha256};

use crate::common::{create, neuron, resume};

const TEXT: &str = "
    [session]
    show_again = 0
    [[thread]]
    generator = 'pixels'
    optimizer = 'genetic'
    options = { population_size = 4 }
    generations = 3
";

/// A client that has the address and the token.
#[derive(Clone)]
pub(crate) struct Client {
    address: SocketAddr,
    token: String,
}

/// An answer: status, headers, body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }
}

impl Client {
    /// The client of a process that serves a session; none before its door is open.
    pub(crate) fn of_process(folder: &Path) -> Option<Self> {
        let url = fs::read_to_string(folder.join("http-url")).ok()?;
        let address = url.trim().strip_prefix("http://")?.parse().ok()?;
        Some(Self { address, token: fs::read_to_string(folder.join("http-token")).ok()?.trim().to_owned() })
    }

    /// Asks for the block that is out and answers a part of it; none if the process is gone.
    pub(crate) fn attend(&self) -> Option<()> {
        let block: Value = serde_json::from_slice(&self.try_raw(&self.head("GET", "/v1/block"), b"")?.body).ok()?;
        let mut rows = Vec::new();
        for name in names(&block) {
            let file = self.try_raw(&self.head("GET", &format!("/v1/images/{}", name.as_str()?)), b"")?;
            // The block may be over.
            if file.status != 200 {
                return Some(());
            }
            rows.push(json!({"name": name, "trial": 1, "values": neuron(&file.body)}));
        }
        // Two posts, each with a key of its own: a process that dies between them leaves a block that is half answered.
        let (first, second) = rows.split_at(rows.len() / 2);
        for (part, rows) in [first, second].into_iter().enumerate() {
            let key = format!("{}-{part}", block["block"]);
            let body = json!({"block": block["block"], "key": key, "rows": rows}).to_string();
            let head = format!("{}Content-Length: {}\r\n", self.head("POST", "/v1/scores"), body.len());
            self.try_raw(&head, body.as_bytes())?;
        }
        Some(())
    }

    fn open(&self, head: &str, body: &[u8]) -> Option<TcpStream> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
        stream.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes()).ok()?;
        // The server may answer before it has read all.
        let _ = stream.write_all(body);
        Some(stream)
    }

    /// A request with these header lines.
    fn raw(&self, head: &str, body: &[u8]) -> Answer {
        self.try_raw(head, body).expect("an answer")
    }

    /// The same to a server that may be gone.
    fn try_raw(&self, head: &str, body: &[u8]) -> Option<Answer> {
        let mut bytes = Vec::new();
        let mut stream = self.open(head, body)?;
        let mut part = [0; 4096];
        while let Ok(length @ 1..) = stream.read(&mut part) {
            bytes.extend_from_slice(&part[..length]);
        }
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        if status != 204 {
            assert!(head.to_lowercase().contains("content-type"), "{head}");
        }
        Some(Answer { status, body: bytes[end + 4..].to_vec() })
    }

    fn head(&self, method: &str, path: &str) -> String {
        let Self { address, token } = self;
        format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n")
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.raw(&self.head("GET", path), b"")
    }

    pub(crate) fn post(&self, path: &str, body: &[u8]) -> Answer {
        self.raw(&format!("{}Content-Length: {}\r\n", self.head("POST", path), body.len()), body)
    }

    fn scores(&self, block: &Value, names: &[&Value], key: &str) -> Answer {
        let rows: Vec<Value> = names
            .iter()
            .map(|name| {
                let file = self.get(&format!("/v1/images/{}", name.as_str().unwrap())).body;
                json!({"name": name, "trial": 1, "t": 0.5, "values": neuron(&file)})
            })
            .collect();
        self.post("/v1/scores", json!({"block": block, "key": key, "rows": rows}).to_string().as_bytes())
    }
}

/// Runs a client beside a session with an open door.
pub(crate) fn beside(session: &mut Session, client: impl FnOnce(&Client) + Send + 'static) {
    let mut door = HttpDoor::open(session, "127.0.0.1:0".parse().unwrap()).unwrap();
    let own = Client { address: door.address(), token: door.token().to_owned() };
    let thread = std::thread::spawn(move || client(&own));
    while !thread.is_finished() {
        door.serve(session, Duration::from_millis(5)).unwrap();
    }
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

fn names(block: &Value) -> Vec<&Value> {
    let images = block["images"].as_array().unwrap();
    block["order"].as_array().unwrap().iter().map(|i| &images[i.as_u64().unwrap() as usize]["name"]).collect()
}

#[test]
fn a_session_runs_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = create(folder.path(), TEXT, Vec::new());
    beside(&mut session, |client| {
        let mut after = None;
        for step in 0..3 {
            let query = after.map_or_else(String::new, |after: u64| format!("after={after}&"));
            let block = client.get(&format!("/v1/block?{query}wait=4")).json();
            assert_eq!(block["block"], step);
            let images = block["images"].as_array().unwrap();
            assert_eq!((images.len(), block["order"].as_array().unwrap().len()), (4, 4));
            let archive = client.get(&format!("/v1/block/{step}.zip"));
            let mut archive = zip::ZipArchive::new(Cursor::new(archive.body)).unwrap();
            assert_eq!(archive.len(), 4);
            for image in images {
                let name = image["name"].as_str().unwrap();
                let mut packed = Vec::new();
                archive.by_name(name).unwrap().read_to_end(&mut packed).unwrap();
                assert_eq!(client.get(&format!("/v1/images/{name}")).body, packed);
                let sha256: String = Sha256::digest(&packed).iter().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!((&image["sha256"], &image["shows"]), (&json!(sha256), &json!(1)));
                assert_eq!((&image["role"], &image["thread"]), (&json!("evolved"), &json!(0)));
            }
            // In two parts, each under its key.
            let names = names(&block);
            let first = client.scores(&block["block"], &names[..1], &format!("{step}a")).json();
            assert_eq!((&first["accepted"], &first["next"]), (&json!(1), &block["block"]));
            assert_eq!(first["missing"].as_array().unwrap().len(), 3);
            let rest = client.scores(&block["block"], &names[1..], &format!("{step}b")).json();
            assert_eq!((&rest["accepted"], &rest["missing"]), (&json!(3), &json!([])));
            assert_eq!(rest["next"], if step < 2 { json!(step + 1) } else { Value::Null });
            after = Some(step);
        }
        assert_eq!(client.get("/v1/block").status, 204);
        assert_eq!(client.get("/v1/status").json()["phase"], "finished");
    });
    assert_eq!(session.phase(), Phase::Finished);
}

#[test]
fn who_has_no_token_or_another_name_stays_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = create(folder.path(), TEXT, Vec::new());
    beside(&mut session, |client| {
        let Client { address, token } = client;
        let port = address.port();
        let refused = |host: &str, rest: &str, status: u16, words: &str| {
            let answer = client.raw(&format!("GET /v1/status HTTP/1.1\r\nHost: {host}\r\n{rest}"), b"");
            let error = answer.json()["error"].as_str().unwrap().to_owned();
            assert!(answer.status == status && error.contains(words), "{}: {error}", answer.status);
        };
        let own = address.to_string();
        let authorized = format!("Authorization: Bearer {token}\r\n");
        refused(&own, "", 401, "http-token");
        refused(&own, "Authorization: Bearer wrong\r\n", 401, "http-token");
        refused(&own, &format!("Authorization: Bearer {}\r\n", &token[1..]), 401, "http-token");
        refused(&own, &format!("Authorization: Basic {token}\r\n"), 401, "http-token");
        refused("rig.example", &authorized, 403, "rig.example");
        refused(&format!("rig.example:{port}"), &authorized, 403, "rig.example");
        refused("127.0.0.1:1", &authorized, 403, "127.0.0.1:1");
        refused(&own, &format!("{authorized}Origin: http://rig.example\r\n"), 403, "http://rig.example");
        refused(&own, &format!("{authorized}Origin: null\r\n"), 403, "null");
        let welcome = |host: &str, rest: &str| {
            let head = format!("GET /v1/status HTTP/1.1\r\nHost: {host}\r\n{authorized}{rest}");
            assert_eq!(client.raw(&head, b"").status, 200, "{host} {rest}");
        };
        welcome(&own, "");
        welcome(&format!("localhost:{port}"), &format!("Origin: http://localhost:{port}\r\n"));
        // Not even what there is can be found out.
        assert_eq!(client.raw("GET /v2 HTTP/1.1\r\nHost: x\r\n", b"").status, 403);
    });
}

#[test]
fn what_cannot_be_followed_is_a_sentence_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = create(folder.path(), TEXT, Vec::new());
    let journal = || fs::read_to_string(folder.path().join(sessions::journal::JOURNAL_FILE));
    let before = journal().unwrap();
    beside(&mut session, |client| {
        let refused = |answer: &Answer, status: u16, words: &str| {
            let error = answer.json()["error"].as_str().unwrap().to_owned();
            assert!(answer.status == status && error.contains(words), "{}: {error}", answer.status);
        };
        let scores = |body: &str| client.post("/v1/scores", body.as_bytes());
        refused(&scores("scores"), 400, "JSON object");
        refused(&scores("{}"), 400, "'block'");
        refused(&scores(r#"{"block": 0}"#), 400, "rows");
        refused(&scores(r#"{"block": 0.5, "rows": []}"#), 400, "number of a block");
        refused(&scores(r#"{"block": -1, "rows": []}"#), 400, "number of a block");
        refused(&scores(r#"{"block": 0, "rows": [{"name": "a", "values": ["x"]}]}"#), 400, "");
        refused(&scores(&format!(r#"{{"block": 0, "key": "{}", "rows": []}}"#, "k".repeat(201))), 400, "201 bytes");
        let later = scores(r#"{"block": 7, "rows": [{"name": "a", "values": [1]}]}"#);
        assert_eq!((later.status, &later.json()["block"]), (409, &json!(0)));
        let ragged = r#"{"block": 0, "rows": [{"name": "a", "values": [1]}, {"name": "b", "values": [1, 2]}]}"#;
        refused(&scores(ragged), 400, "1 values");
        refused(&client.post("/v1/scores", &vec![b' '; (8 << 20) + 1]), 413, "8388608");
        refused(&client.get("/v1/block/3.zip"), 409, "block 0 is");
        refused(&client.get("/v1/block/0"), 404, ".zip");
        refused(&client.post("/v1/block/x/close", b""), 404, "'x'");
        assert_eq!(client.post("/v1/block/3/close", b"").json()["block"], 0);
        for name in ["nothing.png", "..%2F..%2Fhttp-token", "%2Fetc%2Fpasswd", "block000"] {
            refused(&client.get(&format!("/v1/images/{name}")), 404, "has no image");
        }
        refused(&client.get("/v1/images/../../http-token"), 404, "nothing at");
        refused(&client.get("/v1/block?after=-1"), 400, "'after'");
        refused(&client.get("/v1/nowhere"), 404, "nothing at /v1/nowhere");
        refused(&client.post("/v1/status", b""), 405, "another method");
        assert_eq!(client.get("/v1/status").json()["missing"], 4);
    });
    assert_eq!(journal().unwrap(), before);
}

#[test]
fn resends_are_harmless_late_rows_are_kept_and_a_closed_block_counts_as_missing() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = create(folder.path(), TEXT, Vec::new());
    beside(&mut session, |client| {
        let block = client.get("/v1/block").json();
        let names = names(&block);
        let first = client.scores(&json!(0), &names[..2], "once");
        let again = client.scores(&json!(0), &names[..2], "once");
        assert_eq!((again.status, &again.json()["accepted"]), (200, &first.json()["accepted"]));
        assert_eq!(client.get("/v1/status").json()["missing"], 2, "the resend counts once");
        let unknown =
            client.post("/v1/scores", br#"{"block": 0, "rows": [{"name": "C:\\x\\other.png", "values": [1]}]}"#);
        assert_eq!(unknown.json()["unknown"], json!(["other.png"]));
        let closed = client.post("/v1/block/0/close", b"").json();
        assert_eq!((closed["missing"].as_array().unwrap().len(), &closed["next"]), (2, &json!(1)));
        let late = client.post("/v1/scores", br#"{"block": 0, "rows": [{"name": "x", "values": [1]}]}"#);
        assert_eq!((late.status, &late.json()["late"], &late.json()["next"]), (200, &json!(true), &json!(1)));
        let again = client.post("/v1/block/0/close", b"").json();
        assert_eq!((&again["late"], &again["next"]), (&json!(true), &json!(1)), "a close may be sent again");
        let after = client.scores(&json!(0), &[], "once").json();
        assert_eq!((&after["accepted"], &after["next"]), (&json!(2), &json!(1)));
    });
    let told = session.status();
    assert_eq!((told.scores, told.missing_share), (4, 0.5));
}

#[test]
fn a_request_waits_for_the_next_block_and_not_for_long() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = create(folder.path(), TEXT, Vec::new());
    beside(&mut session, |client| {
        let block = client.get("/v1/block").json();
        let begun = Instant::now();
        assert_eq!(client.get("/v1/block?after=0&wait=0.3").status, 204);
        assert!((0.3..3.0).contains(&begun.elapsed().as_secs_f64()), "{:?}", begun.elapsed());
        let waiting = client.clone();
        let thread = std::thread::spawn(move || waiting.get("/v1/block?after=0&wait=4").json());
        std::thread::sleep(Duration::from_millis(100));
        client.scores(&json!(0), &names(&block), "");
        assert_eq!(thread.join().unwrap()["block"], 1);
        let begun = Instant::now();
        assert_eq!(client.get("/v1/block?after=1&wait=1e9").status, 204);
        assert!((3.9..4.9).contains(&begun.elapsed().as_secs_f64()), "{:?}", begun.elapsed());
    });
}

#[test]
fn events_are_sent_as_they_happen() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = create(folder.path(), TEXT, Vec::new());
    beside(&mut session, |client| {
        let block = client.get("/v1/block").json();
        let mut stream = BufReader::new(client.open(&client.head("GET", "/v1/events"), b"").unwrap());
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            assert!(stream.read_line(&mut line).unwrap() > 0);
        }
        client.scores(&json!(0), &names(&block), "");
        let mut seen = Vec::new();
        while !seen.contains(&"offered".to_owned()) {
            line.clear();
            assert!(stream.read_line(&mut line).unwrap() > 0, "{seen:?}");
            if let Some(data) = line.strip_prefix("data: ") {
                let event: Value = serde_json::from_str(data).unwrap();
                seen.push(event["event"].as_str().unwrap().to_owned());
            }
        }
        assert_eq!(seen, ["scored", "closed", "told", "offered"]);
    });
}

#[test]
fn a_resumed_session_keeps_its_token_and_its_block() {
    let folder = tempfile::tempdir().unwrap();
    let tokens = |folder: &Path| fs::read_to_string(folder.join("http-token")).unwrap();
    let mut session = create(folder.path(), TEXT, Vec::new());
    beside(&mut session, |client| {
        let block = client.get("/v1/block").json();
        client.scores(&json!(0), &names(&block)[..1], "k");
    });
    let token = tokens(folder.path());
    drop(session);
    let mut session = resume(folder.path()).unwrap();
    beside(&mut session, |client| {
        let block = client.get("/v1/block").json();
        assert_eq!(client.scores(&json!(0), &names(&block)[..1], "k").json()["accepted"], 1);
        assert_eq!(client.get("/v1/status").json()["missing"], 3);
    });
    assert_eq!(tokens(folder.path()), token);
    let url = fs::read_to_string(folder.path().join("http-url")).unwrap();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
}
