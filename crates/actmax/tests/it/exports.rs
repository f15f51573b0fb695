//! What others read of a session: NWB and MAT.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use image::{Rgb, RgbImage};
use test_needs::Need;

use crate::online::{done, end, start};
use crate::support::Sandbox;

/// Two threads of other places on the canvas, references, and images that stay.
const CONFIG: &str = r#"
    [session]
    seed = 1
    repeats = 2
    canvas = 80
    after_scores = "keep"
    [[thread]]
    name = "it"
    generator = "tiny-deepsim"
    optimizer = "sphere-cma"
    options = { population_size = 6 }
    generations = 5
    [[thread]]
    name = "v4"
    generator = "tiny-deepsim"
    optimizer = "genetic"
    options = { population_size = 5 }
    generations = 2
    goal = "minimize"
    size = 40
    at = [25, 50]
    [references]
    folders = ["natural"]
"#;

const SUBJECT: &str = r#"
[subject]
subject_id = "monkey1"
sex = "M"
species = "Macaca mulatta"
age = "P7Y3M"

[nwb]
session_start_time = 2026-01-01T00:00:00+01:00
"#;

/// A session that the pretend rig has answered, made once.
pub(crate) fn answered() -> &'static Sandbox {
    static SESSION: OnceLock<Sandbox> = OnceLock::new();
    SESSION.get_or_init(|| {
        let sandbox = Sandbox::new();
        fs::create_dir(sandbox.path("natural")).unwrap();
        let image = RgbImage::from_fn(30, 20, |x, y| Rgb([(x * 8) as u8, (y * 12) as u8, 90]));
        image.save(sandbox.path("natural/a face.png")).unwrap();
        fs::write(sandbox.path("session.toml"), CONFIG).unwrap();
        done(&sandbox, &["session", "new", "s", "--config", "session.toml"]);
        let session = start(&sandbox, &["session", "run", "s"]);
        done(&sandbox, &["rig", "simulate", "s", "--unit", "fc8:eye", "--poisson", "10"]);
        end(session);
        sandbox
    })
}

fn python(interpreter: &Path, script: &str, arguments: &[&Path]) {
    let done = Command::new(interpreter).args(["-c", script]).args(arguments).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{out}{err}");
}

#[test]
fn a_session_as_nwb_passes_the_archives_judges() {
    let Some(interpreter) = Need::Nwb.or_skip() else { return };
    let sandbox = answered();
    let before = sandbox.actmax(&["session", "export", "s", "--format", "nwb"]);
    assert_eq!(before.code(), 2, "{}", before.stderr());
    let said = before.stderr();
    for missing in ["subject.subject_id", "subject.sex", "subject.species", "subject.age", "nwb.session_start_time"] {
        assert!(said.contains(missing) && said.contains("session.toml"), "{said}");
    }
    let config = sandbox.path("s/session.toml");
    fs::write(&config, format!("{}{SUBJECT}", fs::read_to_string(&config).unwrap())).unwrap();
    let said = done(sandbox, &["session", "export", "s", "--format", "nwb"]);
    // Two repeats of 6 + 4 x 7 and 5 + 5 images, and a reference in each of ten blocks.
    assert!(said.contains(&format!("{} trials, 45 images", 2 * 44 + 10)), "{said}");
    let file = sandbox.path("s/export/session.nwb");
    python(&interpreter, JUDGES, &[&file]);
    python(&interpreter, CONTENT, &[&file, &sandbox.path("s")]);
    // The images are those that the rig saw.
    let shown = sandbox.contents("s/stimuli");
    assert_eq!(shown.len(), 98);
    for (name, bytes) in shown {
        let id = name.strip_suffix(".png").unwrap().splitn(3, '_').nth(2).unwrap();
        let again = fs::read(sandbox.path("s/again").join(id)).unwrap();
        assert!(image::load_from_memory(&bytes).unwrap().to_rgb8().into_raw() == again, "{name}");
    }
}

#[test]
fn the_threads_of_a_session_are_analysed_each_by_itself() {
    let sandbox = answered();
    let done = sandbox.actmax(&["analyse", "s"]);
    assert_eq!(done.code(), 0, "{}", done.stderr());
    assert!(done.stdout().contains("s:it: 5 generations, 34 codes"), "{}", done.stdout());
    assert!(done.stderr().contains("s:v4 is left out: it has 2 generations"), "{}", done.stderr());
    let analysed = sandbox.contents("s/analysis/it");
    assert!(analysed.contains_key("cosines.svg") && analysed.contains_key("norms.png"));
    let table = String::from_utf8(analysed["generations.csv"].clone()).unwrap();
    assert_eq!(table.lines().count(), 1 + 5);
}

#[test]
fn the_first_block_is_seen_on_one_sheet() {
    let sheet = image::open(answered().path("s/preview.png")).unwrap().to_rgb8();
    // 6 + 5 images and a reference, five in a row of 96 units; the canvas is gray around the second thread's images.
    assert!(sheet.width() > 5 * 144 && sheet.height() > 3 * 144, "{:?}", sheet.dimensions());
    let gray = sheet.pixels().filter(|pixel| pixel.0 == [128; 3]).count();
    assert!(gray > 5 * 144 * 144 / 2, "{gray}");
}

#[test]
fn scipy_and_octave_read_a_session_as_mat() {
    let sandbox = answered();
    done(sandbox, &["session", "export", "s", "--format", "mat"]);
    done(sandbox, &["session", "export", "s", "--format", "npz"]);
    let folder = sandbox.path("s/export");
    if let Some(interpreter) = Need::Nwb.or_skip() {
        python(&interpreter, SCIPY, &[&folder]);
    }
    let Some(octave) = Need::Octave.or_skip() else { return };
    let script = format!(
        "s = load('{0}/mat/session.mat'); r = load('{0}/mat/it.mat');
        assert(isequal(size(s.scores_record), [5 2]) && isequal(size(s.scores_record{{3, 1}}), [7 1]));
        assert(isequal(cell2mat(s.scores_record(:, 1)), r.scores_all) && isempty(s.scores_record{{3, 2}}));
        assert(isequal(size(s.natscores_record{{1, 1}}), [2 1]) && isequal(size(s.tEvokedResp), [1 98]));
        shown = strcmp(s.stimulusID, r.image_ids{{4}});
        assert(sum(shown) == 2 && abs(mean(s.tEvokedResp(shown)) - r.scores_all(4)) < 1e-9);
        assert(isequal(size(r.codes_all), [34 4096]) && isa(r.codes_all, 'single'));
        disp('whole')",
        folder.display()
    );
    // Octave may fail at its own end, after all is done.
    let done = Command::new(octave).args(["--norc", "--eval", &script]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&done.stdout).trim(), "whole", "{}", String::from_utf8_lossy(&done.stderr));
}

const SCIPY: &str = r#"
import sys
import numpy as np
from scipy.io import loadmat
folder = sys.argv[1]
for name in ("it", "v4"):
    mat, npz = loadmat(f"{folder}/mat/{name}.mat"), np.load(f"{folder}/runs/{name}/evolution.npz")
    for array in ("codes_all", "scores_all", "cleanscores_all", "generations", "generation_means", "mean_norms",
                  "next_codes", "best_code", "recommended"):
        expected = npz[array]
        assert np.array_equal(mat[array].reshape(expected.shape), expected), array
    assert mat["image_ids"].shape == (1, len(npz["scores_all"])) and (mat["nscores"] == 2).all()
mat = loadmat(f"{folder}/mat/session.mat", squeeze_me=True)
assert mat["threads"].tolist() == ["it", "v4"] and mat["stimulusID"][0] in set(mat["stimulusID"][1:])
reference = mat["is_reference"] == 1
assert reference.sum() == 10 and (mat["thread"][reference] == -1).all()
assert np.array_equal(np.concatenate(mat["natscores_record"][:, 0]), mat["tEvokedResp"][reference])
"#;

/// The archives' judges as a user runs them.
const JUDGES: &str = r#"
import os, subprocess, sys
for judge in (["pynwb-validate"], ["nwbinspector", "--config", "dandi"]):
    program = os.path.join(os.path.dirname(sys.executable), judge[0])
    said = subprocess.run([program, *judge[1:], sys.argv[1]], capture_output=True, text=True)
    text = said.stdout + said.stderr
    found = [word for word in ("CRITICAL", "BEST_PRACTICE_VIOLATION", "PYNWB_VALIDATION", "ERROR") if word in text]
    assert said.returncode == 0 and not found, text
"#;

/// Everything in the file beside the session's own files.
const CONTENT: &str = r##"
import glob, json, os, sys, warnings
warnings.simplefilter("ignore")
import numpy as np
from pynwb import NWBHDF5IO
file, session = sys.argv[1:]
events = [json.loads(line.split(" ", 1)[1]) for line in open(session + "/session.jsonl")]
rows = [row for event in events if event["event"] == "scored" for row in event["responses"]["rows"]]
told = {(event["thread"], event["generation"]): event["scores"] for event in events if event["event"] == "told"}
with NWBHDF5IO(file, "r") as io:
    nwb = io.read()
    table = nwb.trials.to_dataframe()
    assert list(table.columns) == ["start_time", "stop_time", "stimulus_name", "block", "thread", "generation", "role",
                                   "score", "arrival", table.columns[-1]], list(table.columns)
    assert len(table) == len(rows) and (table.stop_time >= table.start_time).all() and (table.start_time > 0).all()
    images = nwb.stimulus_template["images"].images
    assert set(table.stimulus_name) == set(images)
    assert sorted(zip(table.stimulus_name, table[table.columns[-1]])) == sorted((row["id"], row["values"][0]) for row in rows)
    assert set(table.role) == {"evolved", "reference"} and (table.thread[table.role == "reference"] == -1).all()
    for thread, name in enumerate(["it", "v4"]):
        scores, ids = nwb.get_scratch("scores_" + name)[:, 0], [x.decode() for x in nwb.get_scratch("image_ids_" + name)]
        generations = nwb.get_scratch("generations_" + name)[:, 0]
        codes = nwb.get_scratch("codes_" + name)[:]
        for generation in sorted(set(generations)):
            own = generations == generation
            assert scores[own].tolist() == told[thread, int(generation)]
            stored = np.load(f"{session}/codes/{name}/gen{int(generation):03d}.npy")
            assert np.array_equal(codes[own], stored.astype(np.float32))
        # The score of an image is the mean of its trials.
        means = table[table.thread == thread].groupby("stimulus_name").score.mean()
        assert np.allclose([means[id] for id in ids], scores)
    assert "[[thread]]" in str(nwb.get_scratch("config"))
    os.mkdir(session + "/again")
    for name, image in images.items():
        open(f"{session}/again/{name}", "wb").write(image.data[:].tobytes())
"##;
