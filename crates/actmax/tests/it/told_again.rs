//! Runs that are what a session was: told its scores again, or scored by what the pretend rig's neuron sees.

use std::fs;

use experiments::journal::Score;
use sessions::{Event, journal};

use crate::exports::answered;
use crate::online::{done, end, start};
use crate::support::Sandbox;

/// Hashes of the codes and scores of each generation of a session's thread.
fn told(sandbox: &Sandbox, session: &str, of: usize) -> Vec<(String, Vec<u64>)> {
    let records = journal::read(&sandbox.path(session).join(journal::JOURNAL_FILE)).unwrap();
    let told = records.into_iter().filter_map(|record| match record.event {
        Event::Told { thread, scores, codes_xxh3, .. } if thread == of => Some((codes_xxh3, bits(&scores))),
        _ => None,
    });
    told.collect()
}

fn bits(scores: &[Score]) -> Vec<u64> {
    scores.iter().map(|score| score.0.to_bits()).collect()
}

/// The same of a run.
fn scored(sandbox: &Sandbox, run: &str) -> Vec<(String, Vec<u64>)> {
    let journal = fs::read_to_string(sandbox.path(run).join("journal.jsonl")).unwrap();
    let entry = |line: &str| {
        let entry: experiments::journal::Entry = serde_json::from_str(line).unwrap();
        (entry.codes_xxh3, bits(&entry.noisy))
    };
    journal.lines().skip(1).map(entry).collect()
}

#[test]
fn a_run_that_is_told_a_sessions_scores_has_its_codes() {
    let sandbox = answered();
    for (thread, name, generations) in [(0, "it", 5), (1, "v4", 2)] {
        let (from, out) = (format!("s:{name}"), format!("again-{name}"));
        let said = done(sandbox, &["evolve", "--scores-from", &from, "--out", &out]);
        assert!(said.contains(&format!("{generations} of {generations} generations of {name}")), "{said}");
        assert_eq!(scored(sandbox, &out), told(sandbox, "s", thread));
        let codes = (0..generations).flat_map(|generation| {
            let file = sandbox.path(&format!("s/codes/{name}/gen{generation:03}.npy"));
            experiments::read_codes(&file, 4096).unwrap().as_slice().to_vec()
        });
        let codes: Vec<f32> = codes.map(|value| value as f32).collect();
        assert!(sandbox.evolution(&out).codes_all.is_some_and(|all| all == codes));
        for picture in ["best.png", "progress.png", "trace.svg", "summary.json"] {
            assert!(sandbox.path(&out).join(picture).is_file(), "{picture}");
        }
    }
    for (from, why) in [("s", "it, v4"), ("s:it2", "it, v4"), ("t:it", "no session")] {
        let refused = sandbox.actmax(&["evolve", "--scores-from", from, "--out", "refused"]);
        assert_eq!(refused.code(), 2, "{}", refused.stderr());
        assert!(refused.stderr().contains(why), "{}", refused.stderr());
        assert!(!sandbox.path("refused").exists());
    }
    let both = sandbox.actmax(&["evolve", "--scores-from", "s:it", "--unit", "fc8:eye"]);
    assert_eq!(both.code(), 2);
}

#[test]
fn a_quantised_run_is_a_session_with_a_rig_that_misses_nothing() {
    let sandbox = Sandbox::new();
    let thread = "generator = 'tiny-deepsim'\noptions = { population_size = 7 }\ngenerations = 4\n";
    fs::write(sandbox.path("session.toml"), format!("[session]\nseed = 5\n[[thread]]\n{thread}")).unwrap();
    let run = ["--option", "population_size=7", "--generations", "4", "--seed", "5"];
    for unit in ["fc8:eye", "conv4:3"] {
        let name = unit.replace(':', "-");
        done(&sandbox, &["session", "new", &name, "--config", "session.toml"]);
        let session = start(&sandbox, &["session", "run", &name]);
        done(&sandbox, &["rig", "simulate", &name, "--unit", unit]);
        end(session);
        let [quantised, plain] = ["quantised", "plain"].map(|kind| format!("{kind}-{name}"));
        sandbox.evolve(&quantised, &[&run[..], &["--unit", unit, "--quantise"]].concat());
        sandbox.evolve(&plain, &[&run[..], &["--unit", unit]].concat());
        assert_eq!(scored(&sandbox, &quantised), told(&sandbox, &name, 0), "{unit}");
        assert_eq!(scored(&sandbox, &quantised)[0].0, scored(&sandbox, &plain)[0].0, "the first codes are the same");
        assert_ne!(scored(&sandbox, &quantised)[0].1, scored(&sandbox, &plain)[0].1, "8 bits make no difference");
        // A run without it is written as it always was.
        let header = |run: &str| fs::read_to_string(sandbox.path(run).join("journal.jsonl")).unwrap();
        assert!(header(&quantised).contains(r#""quantise":true"#) && !header(&plain).contains("quantise"));
        assert!(sandbox.evolve(&quantised, &["--resume"]).stdout().contains("finished already"));
    }
}
