use std::fs;

use sessions::journal::JOURNAL_FILE;

use crate::common::{create, events, resume, serve};

const CONFIG: &str = r#"
    [session]
    seed = 3
    repeats = 2
    block_size = 9
    [[thread]]
    generator = "pixels"
    optimizer = "sphere-cma"
    options = { population_size = 6, select_size = 3 }
    generations = 6
    target = { channel = 0 }
    [[thread]]
    generator = "pixels"
    optimizer = "xdream-genetic"
    options = { population_size = 5 }
    generations = 4
"#;

#[test]
fn a_session_killed_after_any_event_goes_on_bit_for_bit() {
    let whole = tempfile::tempdir().unwrap();
    let mut session = create(whole.path(), CONFIG, Vec::new());
    let shown = serve(&mut session, 100);
    drop(session);
    let text = fs::read(whole.path().join(JOURNAL_FILE)).unwrap();
    let ends: Vec<usize> = text.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(i, _)| i + 1).collect();
    assert!(ends.len() > 50);
    for &end in &ends {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(JOURNAL_FILE), &text[..end]).unwrap();
        let mut session = resume(folder.path()).unwrap();
        let rest = serve(&mut session, 100);
        assert_eq!(rest, shown[shown.len() - rest.len()..], "cut at {end}");
        assert_eq!(events(folder.path()), events(whole.path()), "cut at {end}");
    }
}

#[test]
fn the_last_record_may_be_cut_at_every_byte() {
    let whole = tempfile::tempdir().unwrap();
    let mut session = create(whole.path(), CONFIG, Vec::new());
    serve(&mut session, 3);
    drop(session);
    let text = fs::read(whole.path().join(JOURNAL_FILE)).unwrap();
    let last = text[..text.len() - 1].iter().rposition(|&byte| byte == b'\n').unwrap() + 1;
    let folder = tempfile::tempdir().unwrap();
    for end in last..text.len() {
        fs::write(folder.path().join(JOURNAL_FILE), &text[..end]).unwrap();
        let session = resume(folder.path()).unwrap();
        drop(session);
        assert_eq!(events(folder.path()), events(whole.path()), "cut at {end}");
    }
}

#[test]
fn another_program_s_journal_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = create(folder.path(), CONFIG, Vec::new());
    serve(&mut session, 4);
    drop(session);
    let path = folder.path().join(JOURNAL_FILE);
    let text = fs::read_to_string(&path).unwrap();
    // A score that was told is another one: its line gets a new checksum.
    let forge = |line: &str| {
        if !line.contains("\"told\"") {
            return line.to_owned();
        }
        let json = line[17..].replace("\"counts\":[2", "\"counts\":[1");
        format!("{:016x} {json}", xxhash_rust::xxh3::xxh3_64(json.as_bytes()))
    };
    fs::write(&path, text.lines().map(|line| forge(line) + "\n").collect::<String>()).unwrap();
    let error = resume(folder.path()).err().unwrap().to_string();
    assert!(error.contains("does not reproduce"), "{error}");
}

#[test]
fn a_block_keeps_the_images_of_a_thread_that_was_stopped_while_it_was_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = create(folder.path(), CONFIG, Vec::new());
    serve(&mut session, 2);
    session.stop_thread(1).unwrap();
    let files = |session: &sessions::Session| -> Vec<Vec<u8>> {
        session.block().unwrap().images.iter().map(|image| image.file.to_vec()).collect()
    };
    let before = files(&session);
    assert!(session.block().unwrap().images.iter().any(|image| image.image.thread == Some(1)));
    drop(session);
    let session = resume(folder.path()).unwrap();
    assert_eq!(files(&session), before);
    assert!(before.iter().all(|file| !file.is_empty()));
}

const UNFIT: &str = "[[thread]]\nname='it'\ngenerator='pixels'\noptimizer='genetic'\noptions={population_size=4}\n\
                     generations=2\ntarget={channel=7}";

#[test]
fn a_session_killed_before_the_pause_of_an_unfit_target_pauses() {
    let whole = tempfile::tempdir().unwrap();
    serve(&mut create(whole.path(), UNFIT, Vec::new()), 100);
    assert!(events(whole.path()).last().unwrap().contains("paused"));
    let text = fs::read_to_string(whole.path().join(JOURNAL_FILE)).unwrap();
    for lines in 1..=text.lines().count() {
        let folder = tempfile::tempdir().unwrap();
        let part: String = text.split_inclusive('\n').take(lines).collect();
        fs::write(folder.path().join(JOURNAL_FILE), part).unwrap();
        serve(&mut resume(folder.path()).unwrap(), 100);
        assert_eq!(events(folder.path()), events(whole.path()), "cut after {lines}");
    }
}

/// Version 0.1 showed the images without end, and its warning gave no reason.
#[test]
fn a_journal_of_an_unfit_target_without_reason_and_pause_is_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = create(folder.path(), UNFIT, Vec::new());
    for _ in 0..3 {
        serve(&mut session, 1);
        session.proceed().unwrap();
    }
    drop(session);
    let path = folder.path().join(JOURNAL_FILE);
    let old = "thread 'it': no response that its target can use, all images are shown again";
    let journal: String = fs::read_to_string(&path)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(&line[17..]).unwrap())
        .filter(|record| record["event"] != "paused" && record["event"] != "continued")
        .map(|mut record| {
            if record["event"] == "warning" {
                record["text"] = old.into();
            }
            let json = record.to_string();
            format!("{:016x} {json}\n", xxhash_rust::xxh3::xxh3_64(json.as_bytes()))
        })
        .collect();
    fs::write(&path, &journal).unwrap();
    let session = resume(folder.path()).unwrap();
    assert_eq!((session.current(), session.status().warnings), (Some(3), vec![old.to_owned(); 3]));
    assert_eq!(session.phase(), sessions::Phase::Paused, "not once more");
    drop(session);
    assert!(fs::read_to_string(&path).unwrap().starts_with(&journal));
}
