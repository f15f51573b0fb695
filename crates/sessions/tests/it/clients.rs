//! The clients printed in docs/online.md, run as they stand there against a running session.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use sessions::door::HttpDoor;
use sessions::{Event, Phase, Session, journal};
use test_needs::Need;

use crate::common::create;

const TEXT: &str = "
    [session]
    repeats = 2
    [[thread]]
    generator = 'pixels'
    optimizer = 'genetic'
    options = { population_size = 4 }
    generations = 3
";

/// The first block of the page in that language after a text.
fn printed(after: &str, language: &str) -> String {
    let page = fs::read_to_string(test_needs::checkout().join("docs/online.md")).unwrap();
    let (_, page) = page.split_once(after).unwrap_or_else(|| panic!("no '{after}' on the page"));
    let (_, rest) = page.split_once(&format!("```{language}\n")).unwrap_or_else(|| panic!("no {language} on the page"));
    rest.split_once("```").unwrap().0.to_owned()
}

/// Serves a session until the client ends; returns what it printed, and the files of all images by their names.
fn serve(session: &mut Session, mut client: Command) -> (String, HashMap<String, Vec<u8>>) {
    let mut door = HttpDoor::open(session, "127.0.0.1:0".parse().unwrap()).unwrap();
    client.env("SESSION", session.folder()).current_dir(session.folder());
    let client = std::thread::spawn(move || client.output().unwrap());
    let mut files = HashMap::new();
    while !client.is_finished() {
        for image in session.block().map_or(&[][..], |block| &block.images) {
            files.insert(image.name().to_owned(), image.file.to_vec());
        }
        door.serve(session, Duration::from_millis(5)).unwrap();
    }
    let done = client.join().unwrap();
    let stderr = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && session.phase() == Phase::Finished, "{stderr}");
    (String::from_utf8(done.stdout).unwrap(), files)
}

/// Name and values of every response that the journal has.
fn responses(folder: &Path) -> Vec<(String, Vec<f64>)> {
    let records = journal::read(&folder.join(journal::JOURNAL_FILE)).unwrap();
    let scored = records.into_iter().filter_map(|record| match record.event {
        Event::Scored { responses, .. } => Some(responses.rows),
        _ => None,
    });
    scored.flatten().map(|row| (row.name, row.values.iter().map(|value| value.0).collect())).collect()
}

fn sum(file: &[u8]) -> u64 {
    file.iter().map(|&byte| u64::from(byte)).sum()
}

/// Runs a client that answers with the sum of an image's bytes modulo 97, and asks for images of odd names.
fn assert_served(client: impl FnOnce(&Path) -> Command) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("references")).unwrap();
    image::RgbImage::new(9, 9).save(folder.path().join("references/a face (left).png")).unwrap();
    let references = sessions::read_references(folder.path()).unwrap();
    let mut session = create(folder.path(), TEXT, references);
    let (said, files) = serve(&mut session, client(folder.path()));
    let last = files.keys().map(|name| name[5..8].parse::<u32>().unwrap()).max().unwrap();
    assert_eq!(said.trim(), format!("finished after block {last}"));
    assert_eq!(session.status().scores, 12);
    let responses = responses(folder.path());
    assert_eq!(responses.len(), files.len());
    for (name, values) in responses {
        assert_eq!(values, [(sum(&files[&name]) % 97) as f64], "{name}");
    }
}

#[test]
fn the_python_client_runs_a_session_to_its_end() {
    let Some(python) = Need::Python.or_skip() else { return };
    assert_served(|folder| {
        fs::write(folder.join("client.py"), printed("### Python", "python")).unwrap();
        let mut command = Command::new(python);
        command.arg("client.py");
        command
    });
}

#[test]
fn the_matlab_client_runs_a_session_to_its_end_in_octave() {
    let Some(octave) = Need::Octave.or_skip() else { return };
    assert_served(|folder| {
        fs::write(folder.join("show_session.m"), printed("### MATLAB", "matlab")).unwrap();
        let mut command = Command::new(octave);
        command.args(["--quiet", "--no-init-file", "--eval", "show_session('.')"]);
        command
    });
}

/// A display that shows every image of a block, and Open Ephys beside it: a TTL event at the onset of each image, and as
/// many spikes after it as the bytes of the image say.
const BROADCASTER: &str = r#"
import json, os, struct, sys, urllib.request
import zmq

folder = os.environ["SESSION"]
url = open(folder + "/http-url").read().strip()
headers = {"Authorization": "Bearer " + open(folder + "/http-token").read().strip()}
get = lambda path: urllib.request.urlopen(urllib.request.Request(url + path, headers=headers), timeout=30).read()
socket = zmq.Context().socket(zmq.XPUB)
port = socket.bind_to_random_port("tcp://127.0.0.1")
open(folder + "/port.part", "w").write(str(port))
os.rename(folder + "/port.part", folder + "/port")
assert socket.recv() == b"\x01"  # the bridge is there

def send(kind, **event):
    event.update(stream="example_data", source_node=101, sample_rate=30000.0)
    socket.send_multipart([struct.pack("<H", kind), json.dumps(event).encode()])

def ttl(sample, state, line=0):
    send(0, event_type="ttl", channel_name="TTL", sample_number=sample, line=line, state=state)

def spike(sample, electrode):
    send(1, event_type="spike", electrode=electrode, num_channels=1, sample_number=sample, sorted_id=1, amp1=-80.0)

sample, query = 100000, "/v1/block"
for _ in range(3):
    block = None
    while not block:
        block = get(query)
    block = json.loads(block)
    for i in block["order"]:
        total = sum(get("/v1/images/" + block["images"][i]["name"]))
        ttl(sample, True)
        ttl(sample + 10, True, line=3)
        for n in range(total % 7):
            spike(sample + 1600 + 100 * n, "Electrode 1")  # after 50 ms
        for n in range(total % 5):
            spike(sample + 100 + n, "Electrode 2")
        spike(sample + 6001, "Electrode 1")  # after 200 ms
        spike(sample + 1700, "Electrode 3")
        ttl(sample + 3000, False)
        sample += 15000
    query = f"/v1/block?after={block['block']}&wait=4"
socket.close(linger=5000)
zmq.Context.instance().term()
"#;

#[test]
fn the_bridge_counts_the_spikes_of_an_event_stream() {
    let Some(python) = Need::Zmq.or_skip() else { return };
    let folder = tempfile::tempdir().unwrap();
    let text = TEXT.replace("repeats = 2", "repeats = 1");
    let target = "target = { channel = 'Electrode 1', window = [50, 200] }";
    let mut session = create(folder.path(), &format!("{text}{target}"), Vec::new());
    fs::write(folder.path().join("bridge.py"), printed("### Open Ephys", "python")).unwrap();
    fs::write(folder.path().join("broadcaster.py"), BROADCASTER).unwrap();
    // The shell starts the broadcaster, waits for its port, and runs the bridge.
    let script = "\"$0\" broadcaster.py & while [ ! -e port ]; do sleep 0.05; done; \
                  EVENTS=tcp://127.0.0.1:$(cat port) \"$0\" bridge.py && wait $!";
    let mut command = Command::new("sh");
    command.args(["-c", script]).arg(python);
    let (said, files) = serve(&mut session, command);
    assert_eq!(said.trim(), "finished after block 2");
    let responses = responses(folder.path());
    assert_eq!(responses.len(), 12);
    for (name, values) in responses {
        let (first, second) = ((sum(&files[&name]) % 7) as f64, (sum(&files[&name]) % 5) as f64);
        let expected = [0.0, first / 0.15, second / 0.05, 0.0];
        assert!(values.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{name}: {values:?} {expected:?}");
    }
    assert!(session.status().threads[0].best.unwrap() > 0.0);
}
