use experiments::journal::Score;
use sessions::{Event, Geometry, Phase, Responses, Row, SessionConfig, SessionError, journal};

use crate::common::{answers, create, serve};

const TWO: &str = r#"
    [session]
    repeats = 2
    [[thread]]
    name = "a"
    generator = "pixels"
    optimizer = "cholesky-cmaes"
    options = { population_size = 6 }
    generations = 5
    target = { channel = 0 }
    [[thread]]
    name = "b"
    generator = "pixels"
    optimizer = "genetic"
    options = { population_size = 5 }
    generations = 3
    goal = "minimize"
    target = { channels = [0, 1], weights = [1.0, 2.0] }
"#;

fn told(folder: &std::path::Path) -> Vec<(usize, u32, Vec<f64>, Vec<u32>)> {
    let records = journal::read(&folder.join(journal::JOURNAL_FILE)).unwrap();
    let told = records.into_iter().filter_map(|record| match record.event {
        Event::Told { thread, generation, scores, counts, .. } => {
            Some((thread, generation, scores.iter().map(|score| score.0).collect(), counts))
        }
        _ => None,
    });
    told.collect()
}

#[test]
fn two_threads_share_blocks_and_each_hears_its_own_scores() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = create(folder.path(), TWO, Vec::new());
    let first = session.block().unwrap().clone();
    let mut receipts = Vec::new();
    for _ in 0..2 {
        let block = session.block().unwrap().clone();
        receipts.push(session.take(block.number, answers(&block)).unwrap());
    }
    assert_eq!(receipts[0].missing, [""; 0]);
    let told_first = told(folder.path());
    assert_eq!(told_first.len(), 2);
    assert!(told_first.iter().all(|(_, generation, _, counts)| *generation == 0 && counts.iter().all(|&n| n == 2)));
    // Thread a begins with one code of zeros; its two responses are those of its two trials.
    let trials = |session: &sessions::Session| session.block().map(|block| block.order.len());
    assert_eq!(first.images.len(), 1 + 5);
    assert_eq!(trials(&session), Some(6 + 5));
    serve(&mut session, 100);
    assert_eq!(session.phase(), Phase::Finished);
    let generations = |thread| told(folder.path()).iter().filter(|told| told.0 == thread).count();
    assert_eq!((generations(0), generations(1)), (5, 3));
    assert!(folder.path().join("codes/a/gen004.npy").is_file());
}

#[test]
fn names_are_unknown_blocks_wrong_and_keys_seen_before() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = create(folder.path(), TWO, Vec::new());
    let block = session.block().unwrap().clone();
    let mut responses = answers(&block);
    let rest = responses.rows.split_off(2);
    responses.rows.push(Row { name: "other.png".into(), ..responses.rows[0].clone() });
    responses.key = Some("k".into());
    let receipt = session.take(0, responses.clone()).unwrap();
    assert_eq!((receipt.accepted, receipt.unknown.as_slice()), (2, &["other.png".to_owned()][..]));
    assert_eq!(receipt.missing.len(), 4);
    assert_eq!(session.take(0, responses).unwrap().accepted, 2);
    assert_eq!(session.status().missing, 4);
    assert!(matches!(session.take(5, answers(&block)), Err(SessionError::WrongBlock { block: 5, current: Some(0) })));
    let mut short = Responses { rows: rest.clone(), ..Responses::default() };
    short.rows[1].values.pop();
    assert!(matches!(session.take(0, short), Err(SessionError::WrongLength { row: 1, found: 1, expected: 2 })));
    let receipt = session.take(0, Responses { rows: rest, ..Responses::default() }).unwrap();
    assert_eq!(receipt.next, Some(1));
    assert!(session.take(0, answers(&block)).unwrap().late);
}

#[test]
fn images_without_a_response_are_shown_again_and_then_count_as_missing() {
    let text = "[[thread]]\ngenerator='pixels'\noptimizer='genetic'\noptions={population_size=4}\ngenerations=2";
    let folder = tempfile::tempdir().unwrap();
    let mut session = create(folder.path(), text, Vec::new());
    let block = session.block().unwrap().clone();
    let lost = block.images[2].name().to_owned();
    let mut responses = answers(&block);
    responses.rows.retain(|row| row.name != lost);
    session.take(0, responses).unwrap();
    session.close(0, "asked").unwrap();
    let again = session.block().unwrap().clone();
    assert_eq!((again.number, again.images.len()), (1, 1));
    assert_eq!(again.images[0].image, block.images[2].image);
    // A response of nothing but NaN is none.
    let mut nothing = answers(&again);
    nothing.rows[0].values = vec![Score(f64::NAN); 2];
    session.take(1, nothing).unwrap();
    let told = told(folder.path());
    assert!(told[0].2[2].is_nan() && told[0].3 == [1, 1, 0, 1]);
    assert_eq!(session.block().unwrap().step, 1);
    // Without any response at all, the generation is shown again and again.
    for block in 2..6 {
        session.close(block, "asked").unwrap();
        assert_eq!(session.block().unwrap().step, 1);
    }
}

#[test]
fn a_pause_hides_the_block_and_a_stop_ends_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = create(folder.path(), TWO, Vec::new());
    session.pause().unwrap();
    assert!(session.block().is_none() && session.current() == Some(0));
    session.note("<script>").unwrap();
    session.proceed().unwrap();
    session.stop_thread(1).unwrap();
    serve(&mut session, 2);
    assert!(session.block().unwrap().images.iter().all(|image| image.image.thread == Some(0)));
    session.stop().unwrap();
    serve(&mut session, 9);
    assert_eq!((session.phase(), session.block().is_some()), (Phase::Finished, false));
}

#[test]
fn responses_that_the_target_cannot_use_are_none_and_said_so() {
    let text = "[[thread]]\ngenerator='pixels'\noptimizer='genetic'\noptions={population_size=4}\ngenerations=2\n\
                target={channel=7}";
    let folder = tempfile::tempdir().unwrap();
    let mut session = create(folder.path(), text, Vec::new());
    for block in 0..3 {
        let out = session.block().unwrap().clone();
        assert_eq!((out.number, out.step, out.images.len()), (block, 0, 4));
        session.take(block, answers(&out)).unwrap();
        // The same images are shown again only if somebody wants that.
        assert!(session.block().is_none() && session.current() == Some(block + 1));
        session.proceed().unwrap();
    }
    let why = "thread 'thread000': no response that its target can use: the target reads channel 7, the responses have \
               2 channels, numbered from 0; the session pauses";
    assert_eq!(session.status().warnings, [why; 3]);
    drop(session);
    let session = crate::common::resume(folder.path()).unwrap();
    assert_eq!((session.current(), session.phase()), (Some(3), Phase::Open));
}

#[test]
fn a_response_that_is_not_finite_is_missing() {
    let text = "[session]\nshow_again=0\n[[thread]]\ngenerator='pixels'\noptimizer='genetic'\n\
                options={population_size=4}\ngenerations=1\ntarget={channel=0}";
    let folder = tempfile::tempdir().unwrap();
    let mut session = create(folder.path(), text, Vec::new());
    let mut responses = answers(session.block().unwrap());
    responses.rows[1].values[0] = Score(f64::INFINITY);
    responses.rows[2].values[0] = Score(f64::NEG_INFINITY);
    session.take(0, responses).unwrap();
    let (_, _, scores, counts) = told(folder.path()).remove(0);
    assert_eq!(scores.iter().filter(|score| score.is_nan()).count(), 2, "{scores:?}");
    assert_eq!(counts.iter().sum::<u32>(), 2);
}

/// Images get their size by the configured rule; without `resize` nothing is written of it.
#[test]
fn a_session_says_how_images_get_their_size() {
    let with = |settings: &str, size: &str| {
        format!(
            "[session]\n{settings}\n[[thread]]\ngenerator = 'pixels'\noptimizer = 'genetic'\n{size}\n\
             options = {{ population_size = 4 }}\ngenerations = 1\n"
        )
    };
    let image = |text: &str| {
        let folder = tempfile::tempdir().unwrap();
        let session = create(folder.path(), text, Vec::new());
        image::load_from_memory(&session.block().unwrap().images[0].file).unwrap().to_rgb8()
    };
    let native = image(&with("", ""));
    assert_eq!(native.dimensions(), (8, 8));
    for rule in ["bilinear", "nearest", "area", ""] {
        let key = if rule.is_empty() { String::new() } else { format!("resize = '{rule}'") };
        let resize = rule.parse().unwrap_or_default();
        let geometry = Geometry { canvas: 24, size: 5, at: [12, 12], surround: 128, resize };
        assert!(image(&with(&format!("canvas = 24\n{key}"), "size = 5")) == geometry.place(native.clone()), "{rule}");
    }
    let settings = |key: &str| {
        serde_json::to_value(SessionConfig::parse(&with(key, "")).unwrap().session).unwrap().get("resize").cloned()
    };
    assert_eq!((settings(""), settings("resize = 'bilinear'")), (None, None));
    assert_eq!(settings("resize = 'nearest'"), Some("nearest".into()));
    let wrong = SessionConfig::parse(&with("resize = 'cubic'", "")).unwrap_err();
    let wrong = format!("{wrong} {:?}", std::error::Error::source(&wrong).map(ToString::to_string));
    assert!(wrong.contains("expected one of `bilinear`, `nearest`, `area`"), "{wrong}");
}
