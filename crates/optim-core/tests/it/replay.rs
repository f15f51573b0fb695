//! The methods against recorded runs of their references (tests/fixtures/traces).

use std::fs;
use std::path::Path;

use optim_core::replay::{ReplayError, TOLERANCE, replay};

#[test]
fn every_recording_is_reproduced() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/traces");
    let mut replayed = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|e| e != "json") {
            continue;
        }
        let report = replay(&fs::read_to_string(&path).unwrap()).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert!(report.holds(), "{}: {:?}", path.display(), report.deviations);
        assert!(report.deviations.contains_key("codes") && report.generations > 1, "{}", path.display());
        replayed += 1;
    }
    assert_eq!(replayed, 63, "recordings of the covered families");
}

#[test]
fn a_changed_score_is_noticed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/traces/cholesky_cmaes_freq2_N6.json");
    let mut recording: serde_json::Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let worst = serde_json::json!(-1e9);
    recording["generations"][3]["scores"][0] = worst.clone();
    recording["generations"][3]["scores"][1] = worst;
    let report = replay(&recording.to_string()).unwrap();
    assert!(report.largest() > TOLERANCE);
}

#[test]
fn other_families_are_named() {
    let recording = r#"{"name": "x", "optimizer": "CMA", "N": 2, "generations": [{"codes": [[0, 0]], "losses": [1]}]}"#;
    assert!(matches!(replay(recording), Err(ReplayError::NotCovered { optimizer }) if optimizer == "CMA"));
}
