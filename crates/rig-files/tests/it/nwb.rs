//! What archives say about an exported session.

use std::path::Path;
use std::process::Command;

use rig_files::nwb::{self, NwbData, NwbError, NwbImage, NwbMetadata, NwbScratch, NwbSession, NwbTrial};
use test_needs::Need;

fn metadata() -> NwbMetadata {
    let text = |text: &str| Some(text.to_owned());
    NwbMetadata {
        identifier: text("monkey1-2026-03-01"),
        session_description: text("Images evolved for a channel of IT."),
        session_start_time: text("2026-03-01T10:15:00+01:00"),
        subject_id: text("monkey1"),
        sex: text("M"),
        species: text("Macaca mulatta"),
        age: text("P7Y3M"),
        subject_description: text("Adult."),
        institution: text("Institute"),
        lab: text("Laboratory"),
        experimenter: vec!["Doe, Jane".to_owned()],
        keywords: vec!["evolution".to_owned()],
        experiment_description: text("Closed-loop evolution of images."),
    }
}

fn session(trials: usize) -> NwbSession {
    let is_generated = |number: usize| !number.is_multiple_of(3);
    let trial = |number: usize| NwbTrial {
        // Backwards: the table is sorted by time.
        start_time: (trials - number) as f64 * 0.3,
        stop_time: (trials - number) as f64 * 0.3 + 0.1,
        stimulus_name: format!("block000_{:03}_x.png", number % 3),
        block: number as u32 / 3,
        thread: is_generated(number).then_some(number as u32 % 2),
        generation: is_generated(number).then_some(number as u32 / 3),
        role: if is_generated(number) { "generated" } else { "reference" }.to_owned(),
        score: if is_generated(number) { number as f64 } else { f64::NAN },
        late: number == 2,
        rig_time: number as f64 / 4.0,
        channels: vec![number as f64 + 0.5, if number == 1 { f64::NAN } else { -1.0 }],
    };
    let scratch = |name: &str, data| NwbScratch { name: name.to_owned(), notes: format!("The {name}."), data };
    NwbSession {
        info: metadata().complete().unwrap(),
        created: "2026-03-02T00:00:00Z".to_owned(),
        channels: vec!["5A".to_owned(), "a/b: ü".to_owned()],
        bins: 1,
        trials: (0..trials).map(trial).collect(),
        scratch: vec![
            scratch("codes", NwbData::Matrix { columns: 300, values: (0..900).map(f64::from).collect() }),
            scratch("singles", NwbData::Singles { columns: 2, values: vec![0.5, 1.5, -2.0, f32::NAN] }),
            scratch("ids", NwbData::Texts(vec!["x".to_owned(), "ü".to_owned()])),
            scratch("config", NwbData::Text("[[thread]]\nname = \"ü\"\n".to_owned())),
        ],
    }
}

/// 5 pixels across and 4 down, or of another size; red is the column, green the row, blue the number.
fn image(number: usize, width: u32, height: u32) -> NwbImage {
    let pixel = |place: u32| [(place % width) as u8, (place / width) as u8, number as u8];
    NwbImage {
        name: format!("block000_{number:03}_x.png"),
        width,
        height,
        rgb: (0..width * height).flat_map(pixel).collect(),
        description: "A gradient.".to_owned(),
    }
}

fn python(interpreter: &Path, script: &str, file: &Path) -> String {
    let done = Command::new(interpreter).args(["-c", script]).arg(file).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{out}{err}");
    out.into_owned()
}

/// Fails with what the validator or the inspector finds: every message of the inspector counts, suggestions too.
const JUDGES: &str = r#"
import sys, warnings
warnings.simplefilter("ignore")
import nwbinspector, pynwb
errors = [str(error) for error in pynwb.validate(path=sys.argv[1])]
config = nwbinspector.load_config("dandi")
found = list(nwbinspector.inspect_nwbfile(nwbfile_path=sys.argv[1], config=config))
found = [f"{message.importance} {message.check_function_name} {message.location}: {message.message}" for message in found]
sys.exit("\n".join(errors + found) or 0)
"#;

const CONTENT: &str = r#"
import sys, warnings
warnings.simplefilter("ignore")
import numpy as np
from pynwb import NWBHDF5IO
with NWBHDF5IO(sys.argv[1], "r") as io:
    file = io.read()
    assert file.identifier == "monkey1-2026-03-01" and file.subject.species == "Macaca mulatta"
    assert file.session_start_time.isoformat() == "2026-03-01T10:15:00+01:00", file.session_start_time
    assert tuple(file.experimenter) == ("Doe, Jane",) and tuple(file.keywords) == ("evolution",)
    table = file.trials.to_dataframe()
    assert list(table.columns) == ["start_time", "stop_time", "stimulus_name", "block", "thread", "generation", "role", "score",
                                   "arrival", "rig_time", "channel_5A", "channel_a_b___"], list(table.columns)
    assert len(table) == 9 and table.start_time.is_monotonic_increasing
    last = table.iloc[-1]
    assert last.stimulus_name == "block000_000_x.png" and last.role == "reference" and last.thread == -1
    assert np.isnan(last.score) and last.channel_5A == 0.5 and np.isnan(table.iloc[-2]["channel_a_b___"])
    assert table.arrival.tolist() == ["in time"] * 6 + ["late"] + ["in time"] * 2 and last.rig_time == 0 and table.iloc[0].block == 2
    singles = file.get_scratch("singles")
    assert singles.dtype == np.float32 and singles.shape == (2, 2) and singles[1, 0] == -2
    images = file.stimulus_template["images"].images
    assert sorted(images) == [f"block000_{i:03d}_x.png" for i in range(3)]
    pixels = images["block000_002_x.png"].data[:]
    assert pixels.shape == (4, 5, 3) and pixels.dtype == np.uint8
    assert pixels[3, 1].tolist() == [1, 3, 2]
    assert images["block000_000_x.png"].data.shape == (100, 80, 3)
    assert file.get_scratch("codes").shape == (3, 300) and file.get_scratch("codes")[1, 2] == 302
    assert file.get_scratch("config") == "[[thread]]\nname = \"ü\"\n"
    assert [text.decode() for text in file.get_scratch("ids")] == ["x", "ü"]
"#;

#[test]
fn the_archives_judges_find_nothing() {
    let Some(interpreter) = Need::Nwb.or_skip() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("session.nwb");
    // The last has the name of the first, and does not count.
    let images = [image(0, 80, 100), image(1, 5, 4), image(2, 5, 4), image(0, 5, 4)];
    let report = nwb::write(&path, &session(9), images.map(Ok)).unwrap();
    assert_eq!((report.trials, report.images), (9, 3));
    assert_eq!(report.bytes, path.metadata().unwrap().len());
    python(&interpreter, JUDGES, &path);
    python(&interpreter, CONTENT, &path);
    assert_eq!(folder.path().read_dir().unwrap().count(), 1, "a temporary file is left");
}

#[test]
fn a_session_of_many_images_without_metadata_beyond_the_required() {
    let Some(interpreter) = Need::Nwb.or_skip() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("session.nwb");
    let mut session = session(300);
    session.scratch.clear();
    let given = metadata();
    let required = NwbMetadata {
        experimenter: Vec::new(),
        keywords: Vec::new(),
        institution: None,
        lab: None,
        experiment_description: None,
        subject_description: None,
        ..given
    };
    session.info = required.complete().unwrap();
    // 48 MB: more than one batch.
    let report = nwb::write(&path, &session, (0..250).map(|number| Ok(image(number, 256, 250)))).unwrap();
    assert_eq!(report.images, 250);
    let script = "import sys, h5py; f = h5py.File(sys.argv[1]); g = f['stimulus/templates/images']; \
                  assert len(g) == 250 and all(g[f'block000_{i:03d}_x.png'][249, 255].tolist() == [255, 249, i] for i in range(250))";
    python(&interpreter, script, &path);
    // Archives do not ask for institution and experimenter; the inspector suggests them.
    let script = JUDGES.replace("config=config", "config=config, importance_threshold='BEST_PRACTICE_VIOLATION'");
    python(&interpreter, &script, &path);
}

#[test]
fn responses_in_time_bins_are_columns_of_rows() {
    let Some(interpreter) = Need::Nwb.or_skip() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("session.nwb");
    let mut session = session(9);
    session.bins = 2;
    for (number, trial) in session.trials.iter_mut().enumerate() {
        trial.channels = [1.0, 2.0, 3.0, 4.0].map(|value| value + 10.0 * number as f64).to_vec();
    }
    nwb::write(&path, &session, [Ok(image(0, 80, 100))]).unwrap();
    let script = "import sys, pynwb; f = pynwb.NWBHDF5IO(sys.argv[1], 'r').read(); \
                  assert f.trials['channel_a_b___'].data.shape == (9, 2); \
                  assert list(f.trials['channel_a_b___'][8]) == [3, 4] and list(f.trials['channel_5A'][7]) == [11, 12]";
    python(&interpreter, script, &path);
    let script = JUDGES.replace("config=config", "config=config, importance_threshold='BEST_PRACTICE_VIOLATION'");
    python(&interpreter, &script, &path);
}

#[test]
fn an_export_is_the_same_again() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str| {
        let path = folder.path().join(name);
        nwb::write(&path, &session(9), [Ok(image(0, 80, 100))]).unwrap();
        std::fs::read(path).unwrap()
    };
    assert!(write("a.nwb") == write("b.nwb"));
}

#[test]
fn what_is_wrong_is_refused_and_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("session.nwb");
    let refused = |session: &NwbSession, image: NwbImage| {
        let error = nwb::write(&path, session, [Ok(image)]).unwrap_err();
        assert!(folder.path().read_dir().unwrap().next().is_none(), "{error}");
        error.to_string()
    };
    let good = || image(0, 5, 4);
    let mut late = session(9);
    late.trials[3].stop_time = 0.0;
    assert!(refused(&late, good()).contains("stop_time of trial 3"));
    let mut short = session(9);
    short.trials[8].channels.pop();
    assert!(refused(&short, good()).contains("trial 8"));
    assert!(refused(&session(0), good()).contains("the table of trials"));
    assert!(refused(&session(9), NwbImage { name: "../x".to_owned(), ..good() }).contains("../x"));
    assert!(refused(&session(9), NwbImage { width: 6, ..good() }).contains("60 bytes for 6 x 4"));
    let unread = nwb::write(&path, &session(9), [Err(std::io::Error::other("no such picture"))]).unwrap_err();
    assert!(matches!(unread, NwbError::Io { .. }) && unread.to_string().contains("no such picture"));
    let species = NwbMetadata { species: Some("macaque".to_owned()), ..metadata() }.complete().unwrap_err();
    assert!(species.to_string().contains("Macaca mulatta"), "{species}");
}
