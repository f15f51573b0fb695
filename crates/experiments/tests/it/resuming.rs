//! An interrupted run goes on as if it had not been.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use experiments::{
    Evolution, EvolveError, Evolver, Goal, Journal, JournalError, Keep, Noise, Provenance, RunSpec, codes_sha256,
    write_evolution,
};
use optim_core::{Method, Population};
use tempfile::TempDir;

use crate::support::{DeviceGone, Function, Witness, hill};

const DIM: usize = 6;

fn spec(method: &str) -> RunSpec {
    RunSpec {
        method: Method::from_name(method).unwrap(),
        dim: DIM,
        seed: 11,
        generations: 5,
        noise: Noise::Multiplicative { level: 0.2 },
        goal: Goal::Maximize,
        objective: serde_json::json!({ "generator": "none", "unit": "hill" }).into(),
        initial_codes_sha256: None,
        reps: 1,
        stop: experiments::StopRules::default(),
        initial_norm: None,
    }
}

/// A hill with scores that JSON has no numbers for.
fn rough_hill(codes: &Population) -> Result<Vec<f64>, DeviceGone> {
    let mut scores = hill(codes)?;
    if codes.len() > 4 {
        scores[1..4].copy_from_slice(&[-f64::NAN, f64::NEG_INFINITY, -0.0]);
    }
    Ok(scores)
}

/// Runs with a journal, new or to be resumed; returns the run and the number of evaluated generations.
fn run(spec: &RunSpec, journal: &Path, witness: &mut Witness) -> Result<(Evolution, usize), EvolveError> {
    let here = Provenance::here();
    let journal = match journal.exists() {
        true => Journal::resume(journal, spec, &here)?,
        false => Journal::create(journal, spec, Keep::All, &here)?,
    };
    let mut objective = Function::new(DIM, rough_hill);
    let evolver = Evolver::new(spec.optimizer(None)?, spec.plan())?.with_journal(journal).with_observer(witness);
    let evolution = evolver.run(&mut objective)?;
    Ok((evolution, objective.calls))
}

/// All arrays of a run, as bytes.
fn arrays(evolution: &Evolution) -> Vec<u8> {
    let mut bytes = write_evolution(Cursor::new(Vec::new()), evolution, None).unwrap().into_inner();
    for code in [&evolution.recommended, evolution.final_mean.as_ref().unwrap()] {
        bytes.extend(code.iter().flat_map(|x| x.to_le_bytes()));
    }
    for best in [&evolution.best_clean, &evolution.best_noisy] {
        let best = best.as_ref().unwrap();
        bytes.extend(best.score.to_le_bytes());
        bytes.extend(best.evaluation.to_le_bytes());
        bytes.extend(best.code.iter().flat_map(|x| x.to_le_bytes()));
    }
    bytes.extend(evolution.incumbent.as_ref().unwrap().1.to_le_bytes());
    bytes.extend(evolution.diagnostics.iter().flatten().flat_map(|(_, value)| value.to_le_bytes()));
    bytes
}

/// The journal's lines without the times, which differ between runs.
fn lines_without_times(journal: &Path) -> Vec<String> {
    let text = fs::read_to_string(journal).unwrap();
    text.lines().map(|line| line.split(",\"seconds\"").next().unwrap().to_owned()).collect()
}

fn undisturbed(spec: &RunSpec, folder: &TempDir) -> (Vec<u8>, String) {
    let path = folder.path().join("undisturbed.jsonl");
    let (evolution, calls) = run(spec, &path, &mut Witness::default()).unwrap();
    assert_eq!(calls, 5);
    (arrays(&evolution), fs::read_to_string(path).unwrap())
}

#[test]
fn interrupted_at_any_generation_it_ends_bit_for_bit_the_same() {
    for method in ["cholesky-cmaes", "sphere-cma", "genetic", "random-search"] {
        let folder = TempDir::new().unwrap();
        let spec = spec(method);
        let (expected, _) = undisturbed(&spec, &folder);
        for interrupted_after in 0..=5 {
            let path = folder.path().join(format!("{interrupted_after}.jsonl"));
            let (first, _) = run(&spec, &path, &mut Witness::stopping_after(interrupted_after)).unwrap();
            assert_eq!(first.generations_scored() as usize, interrupted_after);
            let mut witness = Witness::default();
            let (resumed, calls) = run(&spec, &path, &mut witness).unwrap();
            assert_eq!(calls, 5 - interrupted_after, "{method}: replay evaluates nothing");
            assert!(arrays(&resumed) == expected, "{method} after {interrupted_after}");
            assert_eq!(witness.start.unwrap().journalled as usize, interrupted_after);
            let replayed: Vec<bool> = witness.seen.iter().map(|seen| seen.replayed).collect();
            assert_eq!(replayed, (0..5).map(|g| g < interrupted_after).collect::<Vec<_>>());
            assert_eq!(lines_without_times(&path), lines_without_times(&folder.path().join("undisturbed.jsonl")));
        }
    }
}

#[test]
fn torn_at_any_byte_the_journal_is_resumed() {
    let folder = TempDir::new().unwrap();
    let spec = spec("cholesky-cmaes");
    let (expected, text) = undisturbed(&spec, &folder);
    let ends: Vec<usize> = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect();
    let mut cuts: Vec<usize> = (0..text.len()).step_by(97).chain([1, 5, 30]).collect();
    cuts.extend(ends.iter().flat_map(|&end| [end - 1, end, end + 1]));
    for cut in cuts {
        let path = folder.path().join("torn.jsonl");
        fs::write(&path, &text[..cut]).unwrap();
        let (resumed, calls) = run(&spec, &path, &mut Witness::default()).unwrap();
        // Whole lines but the header's.
        let whole = ends.iter().filter(|&&end| end < cut).count().saturating_sub(1);
        assert_eq!(calls, 5 - whole, "cut at {cut}");
        assert!(arrays(&resumed) == expected, "cut at {cut}");
        assert_eq!(lines_without_times(&path), lines_without_times(&folder.path().join("undisturbed.jsonl")));
    }
}

#[test]
fn what_a_crash_appended_to_the_last_line_is_dropped() {
    let folder = TempDir::new().unwrap();
    let spec = spec("sphere-cma");
    let (expected, text) = undisturbed(&spec, &folder);
    let path = folder.path().join("zeros.jsonl");
    let third = text.match_indices('\n').nth(2).unwrap().0 + 1;
    fs::write(&path, [&text.as_bytes()[..third + 40], &[0; 512]].concat()).unwrap();
    let (resumed, calls) = run(&spec, &path, &mut Witness::default()).unwrap();
    assert_eq!(calls, 3);
    assert!(arrays(&resumed) == expected);
}

#[test]
fn a_break_during_replay_takes_effect_after_it() {
    let folder = TempDir::new().unwrap();
    let spec = spec("genetic");
    let path = folder.path().join("journal.jsonl");
    run(&spec, &path, &mut Witness::stopping_after(3)).unwrap();
    let (evolution, calls) = run(&spec, &path, &mut Witness::stopping_after(1)).unwrap();
    assert_eq!((evolution.generations_scored(), calls), (3, 0));
}

#[test]
fn a_damaged_line_is_named() {
    let folder = TempDir::new().unwrap();
    let spec = spec("genetic");
    let (_, text) = undisturbed(&spec, &folder);
    let lines: Vec<&str> = text.lines().collect();
    let path = folder.path().join("damaged.jsonl");
    let resume = |lines: &[&str]| {
        fs::write(&path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
        Journal::resume(&path, &spec, &Provenance::here()).unwrap_err()
    };
    let line_of = |error: JournalError| match error {
        JournalError::Damaged { line, .. } => line,
        other => panic!("{other:?}"),
    };
    assert_eq!(line_of(resume(&[lines[0], lines[1], &lines[2][..50], lines[3]])), 3);
    assert_eq!(line_of(resume(&[lines[0], lines[1], lines[3]])), 3);
    assert_eq!(line_of(resume(&[lines[0], &lines[1].replacen("\"noisy\":[", "\"noisy\":[1.0,", 1)])), 2);
    assert_eq!(line_of(resume(&[lines[0], &lines[1].replacen("-inf", "minus infinity", 1)])), 2);
    assert_eq!(line_of(resume(&["{\"format\":\"actmax-journal\"}", lines[1]])), 1);
    let too_long = lines[5].replace("\"generation\":4", "\"generation\":5");
    assert_eq!(line_of(resume(&[&lines[..], &[&too_long]].concat())), 7);
    let later = resume(&[&lines[0].replacen("\"version\":1", "\"version\":2", 1), lines[1]]);
    assert!(matches!(&later, JournalError::OtherFormat { version: 2, .. }), "{later:?}");
    fs::write(&path, "something else").unwrap();
    assert_eq!(line_of(Journal::resume(&path, &spec, &Provenance::here()).unwrap_err()), 1);
    assert_eq!(fs::read_to_string(&path).unwrap(), "something else");
}

#[test]
fn a_journal_of_another_run_is_refused_by_its_fields() {
    let folder = TempDir::new().unwrap();
    let recorded = spec("genetic");
    undisturbed(&recorded, &folder);
    let path = folder.path().join("undisturbed.jsonl");
    let mut requested = spec("sphere-cma");
    requested.seed = 12;
    requested.noise = Noise::None;
    requested.objective = serde_json::json!({ "generator": "none", "unit": "valley" }).into();
    let error = Journal::resume(&path, &requested, &Provenance::here()).unwrap_err();
    let JournalError::OtherSpec { fields, .. } = &error else { panic!("{error:?}") };
    for expected in [
        "method.optimizer (\"genetic\" recorded, \"sphere-cma\" requested)",
        "noise.kind (\"multiplicative\" recorded, \"none\" requested)",
        "noise.level (0.2 recorded, null requested)",
        "objective.unit (\"hill\" recorded, \"valley\" requested)",
        "seed (11 recorded, 12 requested)",
    ] {
        assert!(fields.iter().any(|field| field == expected), "{expected} in {fields:?}");
    }
    assert!(!fields.iter().any(|field| field.starts_with("dim") || field.starts_with("generations")));
    assert!(error.to_string().contains("objective.unit"));
}

#[test]
fn codes_that_do_not_come_out_again_are_an_error_that_says_what_differs() {
    let folder = TempDir::new().unwrap();
    let spec = spec("genetic");
    let (_, text) = undisturbed(&spec, &folder);
    let path = folder.path().join("elsewhere.jsonl");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines[3] = {
        let mut entry: serde_json::Value = serde_json::from_str(&lines[3]).unwrap();
        entry["codes_xxh3"] = "0".repeat(16).into();
        entry.to_string()
    };
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    let error = run(&spec, &path, &mut Witness::default()).unwrap_err();
    assert!(matches!(&error, EvolveError::NotReproduced { generation: 2, differences, .. } if differences.is_empty()));

    let header: serde_json::Value = serde_json::from_str(&lines[0]).unwrap();
    let cpu = header["provenance"]["cpu"].to_string();
    lines[0] = lines[0].replace(&cpu, "\"Z80\"");
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    let error = run(&spec, &path, &mut Witness::default()).unwrap_err();
    let EvolveError::NotReproduced { differences, .. } = &error else { panic!("{error:?}") };
    assert!(differences[0].starts_with("the CPU was Z80, is "), "{differences:?}");
    assert!(error.to_string().contains("Z80"));
}

#[test]
fn a_journal_has_one_writer() {
    let folder = TempDir::new().unwrap();
    let (spec, here) = (spec("genetic"), Provenance::here());
    let path = folder.path().join("journal.jsonl");
    assert!(matches!(Journal::resume(&path, &spec, &here), Err(JournalError::NotFound { .. })));
    let writer = Journal::create(&path, &spec, Keep::All, &here).unwrap();
    assert!(matches!(Journal::resume(&path, &spec, &here), Err(JournalError::InUse { .. })));
    drop(writer);
    let reopened = Journal::resume(&path, &spec, &here).unwrap();
    assert_eq!((&reopened.header().spec, reopened.recorded().len()), (&spec, 0));
    assert!(matches!(Journal::create(&path, &spec, Keep::All, &here), Err(JournalError::Io { .. })));
}

#[test]
fn scores_survive_the_journal_exactly() {
    let folder = TempDir::new().unwrap();
    let spec = RunSpec { generations: 1, noise: Noise::None, ..spec("random-search") };
    let path = folder.path().join("journal.jsonl");
    let special = [
        0.1 + 0.2,
        5e-324,
        f64::MIN_POSITIVE,
        f64::MAX,
        -f64::MAX,
        -0.0,
        1e23,
        9007199254740993.0,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        123456789012345680.0,
        1.0 / 3.0,
        2.0_f64.powi(70),
    ];
    let evaluate = |codes: &Population| Ok(special.iter().copied().cycle().take(codes.len()).collect());
    let journal = Journal::create(&path, &spec, Keep::All, &Provenance::here()).unwrap();
    let evolver = Evolver::new(spec.optimizer(None).unwrap(), spec.plan()).unwrap().with_journal(journal);
    let written = evolver.run(&mut Function::new(DIM, evaluate)).unwrap();
    let (read, calls) = run(&spec, &path, &mut Witness::default()).unwrap();
    let bits = |scores: &[f64]| scores.iter().map(|score| score.to_bits()).collect::<Vec<_>>();
    assert_eq!(calls, 0);
    assert!(written.evaluations() >= special.len());
    assert_eq!(bits(&read.cleanscores_all), bits(&written.cleanscores_all));
    assert_eq!(bits(&read.cleanscores_all[..special.len()]), bits(&special));
}

#[test]
fn initial_codes_are_those_that_the_specification_names() {
    let codes = Population::from_rows(DIM, &[0.5; DIM]);
    let hash = codes_sha256(&codes);
    let plain = spec("cholesky-cmaes");
    let named = RunSpec { initial_codes_sha256: Some(hash.clone()), ..plain.clone() };
    assert!(named.optimizer(Some(&codes)).is_ok());
    for (spec, given) in [(&plain, Some(&codes)), (&named, None), (&named, Some(&Population::zeros(DIM, 1)))] {
        assert!(matches!(spec.optimizer(given), Err(EvolveError::OtherInitialCodes { .. })));
    }
    // The fingerprint is part of stored journals.
    assert_eq!(
        codes_sha256(&Population::from_rows(2, &[1.0, -2.5, 0.0, 1e-300])),
        "fde94fe30c3793f4e1292fedbba2b17a9805f7a13aa89433a36b3ae7c9836413"
    );
}

#[test]
fn a_finished_run_is_extended_to_the_longer_run() {
    let folder = TempDir::new().unwrap();
    let (short, long) = (spec("cholesky-cmaes"), RunSpec { generations: 9, ..spec("cholesky-cmaes") });
    let (extended, whole) = (folder.path().join("extended.jsonl"), folder.path().join("whole.jsonl"));
    run(&short, &extended, &mut Witness::default()).unwrap();
    // A torn line is dropped on the way.
    fs::write(&extended, fs::read_to_string(&extended).unwrap() + "{\"generation\":5,").unwrap();
    let (evolution, calls) = run(&long, &extended, &mut Witness::default()).unwrap();
    assert_eq!((evolution.generations_scored(), calls), (9, 4));
    let (expected, _) = run(&long, &whole, &mut Witness::default()).unwrap();
    assert!(arrays(&evolution) == arrays(&expected));
    assert_eq!(lines_without_times(&extended), lines_without_times(&whole));
    // It is the longer run now: the shorter one is refused, and nothing is left to do.
    assert!(matches!(
        Journal::resume(&extended, &short, &Provenance::here()),
        Err(JournalError::OtherSpec { fields, .. }) if fields == ["generations (9 recorded, 5 requested)"]
    ));
    let (_, calls) = run(&long, &extended, &mut Witness::default()).unwrap();
    assert_eq!(calls, 0);
}

#[test]
fn an_extended_journal_stays_locked() {
    let folder = TempDir::new().unwrap();
    let (short, long) = (spec("genetic"), RunSpec { generations: 9, ..spec("genetic") });
    let path = folder.path().join("journal.jsonl");
    run(&short, &path, &mut Witness::default()).unwrap();
    let _writer = Journal::resume(&path, &long, &Provenance::here()).unwrap();
    assert!(matches!(Journal::resume(&path, &long, &Provenance::here()), Err(JournalError::InUse { .. })));
}

#[test]
fn a_run_whose_schedule_spans_it_is_not_extended() {
    let folder = TempDir::new().unwrap();
    let (short, long) = (spec("sphere-cma"), RunSpec { generations: 9, ..spec("sphere-cma") });
    let path = folder.path().join("journal.jsonl");
    run(&short, &path, &mut Witness::default()).unwrap();
    let before = fs::read(&path).unwrap();
    let error = Journal::resume(&path, &long, &Provenance::here()).unwrap_err();
    assert!(matches!(&error, JournalError::Schedule { recorded: 5, asked: 9, options, .. } if options == &["n_gen"]));
    assert!(error.to_string().contains("n_gen"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);

    // With a schedule of its own length it can be.
    let of_length = |generations| RunSpec {
        method: Method::with_options("sphere-cma", &[("n_gen".to_owned(), "5".to_owned())]).unwrap(),
        generations,
        ..spec("sphere-cma")
    };
    let path = folder.path().join("fixed.jsonl");
    run(&of_length(5), &path, &mut Witness::default()).unwrap();
    let (extended, calls) = run(&of_length(7), &path, &mut Witness::default()).unwrap();
    let (whole, _) = run(&of_length(7), &folder.path().join("seven.jsonl"), &mut Witness::default()).unwrap();
    assert_eq!(calls, 2);
    assert!(arrays(&extended) == arrays(&whole));
}

#[test]
fn the_header_says_which_codes_are_kept_unless_all_are() {
    let folder = TempDir::new().unwrap();
    let (spec, here) = (spec("genetic"), Provenance::here());
    for (keep, written) in [(Keep::All, false), (Keep::LastOnly, true), (Keep::None, true)] {
        let path = folder.path().join(format!("{keep:?}.jsonl"));
        drop(Journal::create(&path, &spec, keep, &here).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap().contains("\"keep\""), written);
        assert_eq!(Journal::resume(&path, &spec, &here).unwrap().header().keep, keep);
    }
}
