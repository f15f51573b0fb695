//! Real processes that serve a session, killed, and let run out of room.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use sessions::door::{FolderDoor, HttpDoor};
use sessions::journal::JOURNAL_FILE;
use sessions::{Phase, Session};
use xxhash_rust::xxh3::xxh3_64;

use crate::common::{attend, create, events, resume};
use crate::http::Client;

const TEXT: &str = "
    [session]
    seed = SEED
    [[thread]]
    name = 'a'
    generator = 'pixels'
    optimizer = 'genetic'
    options = { population_size = 4 }
    generations = GENERATIONS
    [[thread]]
    name = 'b'
    generator = 'few-pixels'
    optimizer = 'xdream-genetic'
    options = { population_size = 5 }
    generations = GENERATIONS
";

const IMAGES: usize = 9;

/// The variable that names the folder of the session which a process is to serve.
const SESSION: &str = "SESSION_OF_KILLS";

/// The variable that names the door.
const DOOR: &str = "DOOR_OF_KILLS";

/// Through what a rig comes in.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Door {
    Folder,
    Http,
}

impl Door {
    /// Answers a block, if one is out and the process lives.
    fn attend(self, folder: &Path) {
        match self {
            Self::Folder => attend(folder, IMAGES),
            Self::Http => drop(Client::of_process(folder).and_then(|client| client.attend())),
        }
    }

    /// Serves a session to its end; `rig` is called in between.
    fn serve(self, session: &mut Session, mut rig: impl FnMut()) {
        match self {
            Self::Folder => {
                let mut door = FolderDoor::open(session).unwrap_or_else(|error| panic!("{error}"));
                while session.phase() != Phase::Finished {
                    door.look(session).unwrap_or_else(|error| panic!("{error}"));
                    rig();
                }
            }
            Self::Http => {
                let mut door =
                    HttpDoor::open(session, "127.0.0.1:0".parse().unwrap()).unwrap_or_else(|error| panic!("{error}"));
                while session.phase() != Phase::Finished {
                    door.serve(session, Duration::from_millis(1)).unwrap_or_else(|error| panic!("{error}"));
                }
            }
        }
    }
}

#[test]
#[ignore = "it is the process that the other tests of this file start"]
fn process() {
    let Some(folder) = std::env::var_os(SESSION) else { panic!("the other tests of this file start it") };
    let mut session = resume(Path::new(&folder)).unwrap_or_else(|error| panic!("{error}"));
    let door = if std::env::var_os(DOOR).is_some_and(|door| door == "Http") { Door::Http } else { Door::Folder };
    door.serve(&mut session, || sleep(Duration::from_millis(1)));
}

/// Starts a process that serves the session, perhaps by a shell that does something before.
fn start(folder: &Path, door: Door, shell: Option<&str>) -> Child {
    let own = std::env::current_exe().unwrap();
    let mut command = match shell {
        Some(script) => {
            let mut command = Command::new("sh");
            command.args(["-c", &format!("{script}; exec \"$0\" \"$@\"")]).arg(own);
            command
        }
        None => Command::new(own),
    };
    command
        .args(["--exact", "kills::process", "--ignored", "--nocapture", "--quiet"])
        .env(SESSION, folder)
        .env(DOOR, format!("{door:?}"));
    command.env("RUST_BACKTRACE", "0").env("RAYON_NUM_THREADS", "2");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Answers blocks while a process lives, at most for so long.
fn beside(child: &mut Child, folder: &Path, door: Door, time: Duration) -> Option<ExitStatus> {
    let since = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        if since.elapsed() > time {
            return None;
        }
        door.attend(folder);
        sleep(Duration::from_millis(1));
    }
}

/// Waits for the end of the session.
fn to_the_end(mut child: Child, folder: &Path, door: Door) {
    match beside(&mut child, folder, door, Duration::from_secs(60)) {
        Some(status) => assert!(status.success(), "{}", stderr(child)),
        None => {
            child.kill().unwrap();
            panic!("the session does not end");
        }
    }
}

fn stderr(child: Child) -> String {
    let mut text = String::new();
    child.stderr.unwrap().read_to_string(&mut text).unwrap();
    text
}

fn begin(folder: &Path, seed: u64, generations: u32) {
    let text = TEXT.replace("SEED", &seed.to_string()).replace("GENERATIONS", &generations.to_string());
    create(folder, &text, Vec::new());
}

/// Serves a session in this process.
fn serve(folder: &Path) {
    Door::Folder.serve(&mut resume(folder).unwrap(), || attend(folder, IMAGES));
}

/// The events of a session that nothing disturbs.
fn undisturbed(seed: u64, generations: u32, door: Door) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    begin(folder.path(), seed, generations);
    match door {
        Door::Folder => serve(folder.path()),
        Door::Http => to_the_end(start(folder.path(), door, None), folder.path(), door),
    }
    events(folder.path())
}

fn length(folder: &Path) -> u64 {
    fs::metadata(folder.join(JOURNAL_FILE)).unwrap().len()
}

#[test]
fn two_hundred_kills_at_the_folder_change_nothing() {
    kill_again_and_again(Door::Folder, 200, 60_000);
}

#[test]
fn kills_change_nothing_over_http() {
    kill_again_and_again(Door::Http, 60, 100_000);
}

/// Kills the processes that serve sessions, each within so many microseconds. The sessions' events are those of sessions
/// that nothing disturbed.
fn kill_again_and_again(door: Door, wanted: u32, within: u64) {
    let (mut kills, mut at_work) = (0, 0);
    for seed in 0.. {
        let folder = tempfile::tempdir().unwrap();
        begin(folder.path(), seed, 40);
        loop {
            let before = length(folder.path());
            let mut child = start(folder.path(), door, None);
            let time = Duration::from_micros(2_000 + xxh3_64(&[seed as u8, kills as u8]) % within);
            if let Some(status) = beside(&mut child, folder.path(), door, time) {
                assert!(status.success(), "{}", stderr(child));
                break;
            }
            child.kill().unwrap(); // SIGKILL
            child.wait().unwrap();
            kills += 1;
            at_work += u32::from(length(folder.path()) > before);
            if kills >= wanted {
                to_the_end(start(folder.path(), door, None), folder.path(), door);
                break;
            }
        }
        assert_eq!(events(folder.path()), undisturbed(seed, 40, door), "seed {seed}");
        if kills >= wanted {
            assert!(at_work > wanted / 4, "{at_work} of {kills} processes were killed at work");
            return;
        }
    }
}

#[test]
fn a_copy_made_while_the_session_runs_goes_on_alike() {
    let folder = tempfile::tempdir().unwrap();
    begin(folder.path(), 1, 30);
    let mut child = start(folder.path(), Door::Folder, None);
    let mut copies = Vec::new();
    for copy in 0..12 {
        let time = Duration::from_micros(5_000 + xxh3_64(&[copy]) % 40_000);
        if beside(&mut child, folder.path(), Door::Folder, time).is_some() {
            break;
        }
        let into = tempfile::tempdir().unwrap();
        copy_folder(folder.path(), into.path());
        copies.push(into);
    }
    to_the_end(child, folder.path(), Door::Folder);
    let expected = undisturbed(1, 30, Door::Folder);
    assert_eq!(events(folder.path()), expected);
    let early = copies.iter().filter(|copy| events(copy.path()).len() < expected.len()).count();
    assert!(early >= 3, "{early} of {} copies were made before the end", copies.len());
    for copy in copies {
        serve(copy.path());
        assert_eq!(events(copy.path()), expected);
    }
}

/// Copies what is there; what goes away meanwhile is left out.
fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().flatten() {
        let into = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&into).unwrap();
            copy_folder(&entry.path(), &into);
        } else {
            let _ = fs::copy(entry.path(), into);
        }
    }
}

/// Files may be so many units long; what is longer is refused by the system in the middle of a write. The limit rises only
/// when the session stopped.
#[test]
#[cfg(unix)]
fn a_session_that_runs_out_of_room_again_and_again_goes_on_alike() {
    let folder = tempfile::tempdir().unwrap();
    begin(folder.path(), 2, 8);
    let mut stopped = 0;
    for units in 1.. {
        let mut child = start(folder.path(), Door::Folder, Some(&format!("trap '' XFSZ; ulimit -f {units}")));
        let status =
            beside(&mut child, folder.path(), Door::Folder, Duration::from_secs(60)).expect("the process ends");
        if status.success() {
            break;
        }
        stopped += 1;
        let said = stderr(child);
        assert!(said.contains("cannot write") && said.contains("session.jsonl") || said.contains(".npy"), "{said}");
    }
    assert!(stopped > 5, "{stopped}");
    assert_eq!(events(folder.path()), undisturbed(2, 8, Door::Folder));
}
