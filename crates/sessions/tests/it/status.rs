//! Where a session stands: live and by its journal it is the same.

use image::{Rgb, RgbImage};
use sessions::{Phase, Recorded, Responses, Session, Status, copy_references, read_references};

use crate::common::{answers, create, resume};

const CONFIG: &str = r#"
    [session]
    repeats = 2
    [[thread]]
    name = "a"
    generator = "pixels"
    optimizer = "cholesky-cmaes"
    options = { population_size = 6 }
    generations = 3
    target = { channel = 0 }
    [[thread]]
    name = "b"
    generator = "pixels"
    optimizer = "genetic"
    options = { population_size = 5 }
    generations = 5
    goal = "minimize"
    target = { channel = 1 }
    [references]
    folders = ["natural"]
"#;

/// The status but for the time, as JSON.
fn plain(status: Status) -> serde_json::Value {
    let mut json = serde_json::to_value(status).unwrap();
    json.as_object_mut().unwrap().remove("waiting_s").unwrap();
    json
}

/// Live and recorded status are the same, which is returned.
fn checked(session: &Session) -> Status {
    let recorded = Recorded::read(session.folder()).unwrap().status();
    assert_eq!(plain(recorded), plain(session.status()));
    assert_eq!(session.status().phase, session.phase());
    session.status()
}

#[test]
fn the_journal_says_where_the_session_stands() {
    let folder = tempfile::tempdir().unwrap();
    let natural = folder.path().join("natural");
    std::fs::create_dir(&natural).unwrap();
    RgbImage::from_pixel(8, 8, Rgb([200, 0, 0])).save(natural.join("red.png")).unwrap();
    copy_references(&[natural], folder.path()).unwrap();
    let mut session = create(folder.path(), CONFIG, read_references(folder.path()).unwrap());
    let first = checked(&session);
    assert_eq!((first.phase, first.block, first.presentations, first.missing), (Phase::Open, Some(0), 7, 7));

    // A part of the responses, one of them without a number, and one to an image that there is not.
    let block = session.block().unwrap().clone();
    let mut responses = answers(&block);
    let rest = responses.rows.split_off(3);
    responses.rows[0].values[0].0 = f64::NAN;
    responses.rows[1].name = "other.png".into();
    session.take(0, responses).unwrap();
    let status = checked(&session);
    assert_eq!((status.responses, status.missing), (3, 5));
    session.pause().unwrap();
    assert_eq!(checked(&session).phase, Phase::Paused);
    session.note("the animal sleeps").unwrap();
    session.take(0, Responses { rows: rest, ..Responses::default() }).unwrap();
    session.close(0, "asked").unwrap();
    session.proceed().unwrap();
    assert_eq!(checked(&session).notes, ["the animal sleeps"]);
    session.take(0, answers(&block)).unwrap();
    assert_eq!(checked(&session).late, 7);

    let mut before = 0;
    while let Some(block) = session.block().cloned() {
        session.take(block.number, answers(&block)).unwrap();
        let status = checked(&session);
        assert!(status.scores >= before && status.reference_mean.is_some());
        before = status.scores;
        if status.threads[1].generation == 2 {
            drop(session);
            session = resume(folder.path()).unwrap();
            checked(&session);
            session.stop_thread(1).unwrap();
            assert!(checked(&session).threads[1].stopped);
        }
    }
    let last = checked(&session);
    assert_eq!((last.phase, last.block, last.missing), (Phase::Finished, None, 0));
    assert_eq!(last.threads[0].generation, 3);
    assert!(last.threads[0].best.unwrap() > last.threads[0].mean.unwrap());
    assert!(last.threads[1].best.unwrap() <= last.threads[1].mean.unwrap());
}
