//! Real processes that serve a session, killed, and let run out of room.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use sessions::Phase;
use sessions::door::FolderDoor;
use sessions::journal::JOURNAL_FILE;
use xxhash_rust::xxh3::xxh3_64;

use crate::common::{attend, create, events, resume};

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

#[test]
#[ignore = "it is the process that the other tests of this file start"]
fn process() {
    let Some(folder) = std::env::var_os(SESSION) else { panic!("the other tests of this file start it") };
    let mut session = resume(Path::new(&folder)).unwrap_or_else(|error| panic!("{error}"));
    let mut door = FolderDoor::open(&session).unwrap_or_else(|error| panic!("{error}"));
    while session.phase() != Phase::Finished {
        door.look(&mut session).unwrap_or_else(|error| panic!("{error}"));
        sleep(Duration::from_millis(1));
    }
}

/// Starts a process that serves the session, perhaps by a shell that does something before.
fn start(folder: &Path, shell: Option<&str>) -> Child {
    let own = std::env::current_exe().unwrap();
    let mut command = match shell {
        Some(script) => {
            let mut command = Command::new("sh");
            command.args(["-c", &format!("{script}; exec \"$0\" \"$@\"")]).arg(own);
            command
        }
        None => Command::new(own),
    };
    command.args(["--exact", "kills::process", "--ignored", "--nocapture", "--quiet"]).env(SESSION, folder);
    command.env("RUST_BACKTRACE", "0").env("RAYON_NUM_THREADS", "2");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Answers blocks while a process lives, at most for so long.
fn beside(child: &mut Child, folder: &Path, time: Duration) -> Option<ExitStatus> {
    let since = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        if since.elapsed() > time {
            return None;
        }
        attend(folder, IMAGES);
        sleep(Duration::from_millis(1));
    }
}

/// Waits for the end of the session.
fn to_the_end(mut child: Child, folder: &Path) {
    match beside(&mut child, folder, Duration::from_secs(60)) {
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
    let mut session = resume(folder).unwrap();
    let mut door = FolderDoor::open(&session).unwrap();
    while session.phase() != Phase::Finished {
        door.look(&mut session).unwrap();
        attend(folder, IMAGES);
    }
}

/// The events of a session that nothing disturbs.
fn undisturbed(seed: u64, generations: u32) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    begin(folder.path(), seed, generations);
    serve(folder.path());
    events(folder.path())
}

fn length(folder: &Path) -> u64 {
    fs::metadata(folder.join(JOURNAL_FILE)).unwrap().len()
}

#[test]
fn two_hundred_kills_change_nothing() {
    let (mut kills, mut at_work) = (0, 0);
    for seed in 0.. {
        let folder = tempfile::tempdir().unwrap();
        begin(folder.path(), seed, 40);
        loop {
            let before = length(folder.path());
            let mut child = start(folder.path(), None);
            let time = Duration::from_micros(2_000 + xxh3_64(&[seed as u8, kills as u8]) % 60_000);
            if let Some(status) = beside(&mut child, folder.path(), time) {
                assert!(status.success(), "{}", stderr(child));
                break;
            }
            child.kill().unwrap(); // SIGKILL
            child.wait().unwrap();
            kills += 1;
            at_work += u32::from(length(folder.path()) > before);
            if kills >= 200 {
                to_the_end(start(folder.path(), None), folder.path());
                break;
            }
        }
        assert_eq!(events(folder.path()), undisturbed(seed, 40), "seed {seed}");
        if kills >= 200 {
            assert!(at_work > 50, "{at_work} of {kills} processes were killed at work");
            return;
        }
    }
}

#[test]
fn a_copy_made_while_the_session_runs_goes_on_alike() {
    let folder = tempfile::tempdir().unwrap();
    begin(folder.path(), 1, 30);
    let mut child = start(folder.path(), None);
    let mut copies = Vec::new();
    for copy in 0..12 {
        let time = Duration::from_micros(5_000 + xxh3_64(&[copy]) % 40_000);
        if beside(&mut child, folder.path(), time).is_some() {
            break;
        }
        let into = tempfile::tempdir().unwrap();
        copy_folder(folder.path(), into.path());
        copies.push(into);
    }
    to_the_end(child, folder.path());
    let expected = undisturbed(1, 30);
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
        let mut child = start(folder.path(), Some(&format!("trap '' XFSZ; ulimit -f {units}")));
        let status = beside(&mut child, folder.path(), Duration::from_secs(60)).expect("the process ends");
        if status.success() {
            break;
        }
        stopped += 1;
        let said = stderr(child);
        assert!(said.contains("cannot write") && said.contains("session.jsonl") || said.contains(".npy"), "{said}");
    }
    assert!(stopped > 5, "{stopped}");
    assert_eq!(events(folder.path()), undisturbed(2, 8));
}
