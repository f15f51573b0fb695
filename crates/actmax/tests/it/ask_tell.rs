//! `ask-tell`: the protocol line by line, as a client in any language meets it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use optim_core::{Method, Optimizer, Population, Stream, registry, stream_rng};
use serde_json::{Value, json};

use crate::support::Sandbox;

/// A client whose messages are lines.
pub(crate) struct Client {
    _sandbox: Option<Sandbox>,
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Client {
    fn start() -> Self {
        let sandbox = Sandbox::new();
        let client = Self::start_in(&sandbox);
        Self { _sandbox: Some(sandbox), ..client }
    }

    /// Talks to a program that runs in a sandbox, which outlives it.
    pub(crate) fn start_in(sandbox: &Sandbox) -> Self {
        let mut command = sandbox.command(&["ask-tell"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let (input, output) = (process.stdin.take(), BufReader::new(process.stdout.take().unwrap()));
        Self { _sandbox: None, process, input, output }
    }

    fn open(first: &Value) -> (Self, Value) {
        let mut client = Self::start();
        let reply = client.send(&first.to_string());
        (client, reply)
    }

    pub(crate) fn open_in(sandbox: &Sandbox, first: &Value) -> (Self, Value) {
        let mut client = Self::start_in(sandbox);
        let reply = client.send(&first.to_string());
        (client, reply)
    }

    /// Ends the program at once, as a crash would.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub(crate) fn send(&mut self, line: &str) -> Value {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
        self.reply()
    }

    fn reply(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in '{line}'"))
    }

    /// Scores the codes that are out; some are missing.
    pub(crate) fn turn(&mut self, reply: &Value) -> Value {
        let score = |(i, code): (usize, &Vec<f64>)| if i % 7 == 3 { Value::Null } else { json!(objective(code)) };
        let scores: Vec<Value> = codes(reply).iter().enumerate().map(score).collect();
        self.send(&json!({ "scores": scores }).to_string())
    }

    /// What is said after the input has ended, and that nothing comes after it.
    pub(crate) fn end(mut self) -> Value {
        self.input = None;
        let reply = self.reply();
        self.assert_ended();
        reply
    }

    pub(crate) fn assert_ended(mut self) {
        let mut rest = String::new();
        assert_eq!(self.output.read_line(&mut rest).unwrap(), 0, "{rest}");
        let done = self.process.wait_with_output().unwrap();
        assert_eq!((done.status.code(), String::from_utf8(done.stderr).unwrap()), (Some(0), String::new()));
    }
}

fn objective(code: &[f64]) -> f64 {
    code.iter().enumerate().map(|(i, x)| (x - i as f64).cos() - 0.01 * x * x).sum()
}

pub(crate) fn codes(reply: &Value) -> Vec<Vec<f64>> {
    serde_json::from_value(reply["codes"].clone()).unwrap_or_else(|_| panic!("no codes in {reply}"))
}

pub(crate) fn scores_of(reply: &Value, sign: f64) -> String {
    let scores: Vec<f64> = codes(reply).iter().map(|code| sign * objective(code)).collect();
    json!({ "scores": scores }).to_string()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "compares with the method driven by hand")]
fn codes_are_those_of_the_method_to_the_last_bit() {
    let first = json!({"optimizer": "cholesky-cmaes", "dim": 6, "seed": 9, "options": {"population_size": 5}});
    let (mut client, mut reply) = Client::open(&first);
    let options = [("population_size".to_owned(), "5".to_owned())];
    let mut method = Method::with_options("cholesky-cmaes", &options).unwrap().build(6).unwrap();
    let mut own = Population::new(6);
    for generation in 0..20 {
        method.ask(&mut stream_rng(9, Stream::Method, generation), &mut own);
        assert_eq!(reply["generation"], json!(generation));
        assert_eq!(codes(&reply).len(), if generation == 0 { 1 } else { 5 });
        assert_eq!(codes(&reply).concat(), own.as_slice());
        method.tell(&own, &own.iter().map(objective).collect::<Vec<_>>()).unwrap();
        reply = client.send(&scores_of(&reply, 1.0));
    }
    let last = client.end();
    let (code, score) = method.incumbent().unwrap();
    assert_eq!(last["recommendation"], json!(method.recommend()));
    assert_eq!(last["best"], json!({"code": code, "score": score}));
    let diagnostics: Value = method.diagnostics().into_iter().map(|(name, x)| (name.to_owned(), json!(x))).collect();
    assert_eq!(last["diagnostics"], diagnostics);
}

#[test]
fn a_resumed_session_is_the_uninterrupted_one() {
    for info in registry() {
        for maximize in [true, false] {
            let first = json!({"optimizer": info.name, "dim": 5, "seed": 3, "maximize": maximize, "generations": 8});
            let (mut client, mut reply) = Client::open(&first);
            for _ in 0..4 {
                reply = client.turn(&reply);
            }
            let state = client.send(r#"{"save": true}"#)["state"].clone();
            let (mut resumed, mut again) = Client::open(&json!({ "resume": state }));
            for _ in 0..5 {
                assert_eq!(again, reply, "{}", info.name);
                assert_eq!(resumed.send(r#"{"save": true}"#), client.send(r#"{"save": true}"#), "{}", info.name);
                (reply, again) = (client.turn(&reply), resumed.turn(&again));
            }
            assert_eq!(client.end(), resumed.end(), "{}", info.name);
        }
    }
}

#[test]
fn a_line_that_cannot_be_followed_changes_nothing() {
    let first = json!({"optimizer": "sphere-cma", "dim": 4, "options": {"population_size": 3}});
    let (mut client, reply) = Client::open(&first);
    let before = client.send(r#"{"save": true}"#);
    for (line, message) in [
        ("scores", "no JSON object"),
        ("[1, 2, 3]", "no JSON object"),
        ("{}", "has 0 of them"),
        (r#"{"scores": [1, 2]}"#, "2 scores were told for 3 codes"),
        (r#"{"scores": [1, 2, 3, 4]}"#, "4 scores"),
        (r#"{"scores": [null, null, null]}"#, "all 3 scores"),
        (r#"{"scores": [1, 2, "3"]}"#, "score 2 is \"3\""),
        (r#"{"scores": [1, "NaN", 3]}"#, "score 1 is"),
        (r#"{"scores": [1, true, 3]}"#, "score 1 is true"),
        (r#"{"scores": [1, [2], 3]}"#, "score 1 is [2]"),
        (r#"{"scores": [1, NaN, 3]}"#, "send null instead"),
        (r#"{"scores": [1, -Infinity, 3]}"#, "send null instead"),
        (r#"{"scores": [1, 1e999, 3]}"#, "out of range"),
        (r#"{"scores": 5}"#, "must be a list"),
        (r#"{"scores": null}"#, "must be a list"),
        (r#"{"score": [1, 2, 3]}"#, "did you mean scores"),
        (r#"{"scores": [1, 2, 3], "stop": true}"#, "has 2 of them"),
        (r#"{"stop": false}"#, "'stop' must be true"),
        (r#"{"save": 1}"#, "'save' must be true"),
        (r#"{"optimizer": "genetic", "dim": 4}"#, "unknown key"),
    ] {
        let error = client.send(line);
        assert!(error["error"].as_str().unwrap().contains(message), "{line}: {error}");
        assert_eq!(error.as_object().unwrap().len(), 1);
        assert_eq!(client.send(r#"{"save": true}"#), before, "{line}");
    }
    client.input.as_mut().unwrap().write_all(b"\n  \n{\"scores\": [\xff]}\n").unwrap();
    assert!(client.reply()["error"].is_string(), "blank lines are skipped, other bytes refused");
    let (mut undisturbed, _) = Client::open(&first);
    assert_eq!(client.send(&scores_of(&reply, 1.0)), undisturbed.send(&scores_of(&reply, 1.0)));
    assert!(client.send(r#"{"stop": true}"#)["best"]["score"].is_f64());
    client.assert_ended();
}

/// Asserts that a first line ends the program with status 2 and these words.
pub(crate) fn assert_refused(first: &str, messages: &[&str]) {
    let mut client = Client::start();
    let mut input = client.input.take().unwrap();
    let _ = input.write_all(first.as_bytes());
    drop(input);
    let done = client.process.wait_with_output().unwrap();
    let stderr = String::from_utf8(done.stderr).unwrap();
    let mut stdout = String::new();
    client.output.read_line(&mut stdout).unwrap();
    assert_eq!((done.status.code(), stdout.as_str()), (Some(2), ""), "{first}: {stderr}");
    for message in messages {
        assert!(stderr.contains(message), "{first}: {message} in {stderr}");
    }
    assert!(!stderr.contains("panicked"), "{stderr}");
}

#[test]
fn a_first_line_that_does_not_fit_says_why() {
    for (first, messages) in [
        ("", &["ended before the first line"][..]),
        ("hello", &["no JSON object"]),
        ("3", &["no JSON object"]),
        (r#"{"dim": 3}"#, &["needs 'optimizer'"]),
        (r#"{"optimizer": "genetic"}"#, &["needs 'dim'"]),
        (r#"{"optimizer": "genetic", "dims": 3}"#, &["unknown key 'dims'", "did you mean dim"]),
        (r#"{"optimizer": "sphere-cmaes", "dim": 3}"#, &["'sphere-cmaes'", "did you mean sphere-cma"]),
        (r#"{"optimizer": 7, "dim": 3}"#, &["'optimizer' must be"]),
        (r#"{"optimizer": "genetic", "dim": 0}"#, &["dimension", "1 or more"]),
        (r#"{"optimizer": "genetic", "dim": -3}"#, &["'dim' must be a whole number"]),
        (r#"{"optimizer": "genetic", "dim": 2.5}"#, &["'dim' must be a whole number"]),
        (r#"{"optimizer": "genetic", "dim": "3"}"#, &["'dim' must be a whole number"]),
        (r#"{"optimizer": "genetic", "dim": 1e15}"#, &["1000000000000000 dimensions and 40 codes"]),
        (r#"{"optimizer": "genetic", "dim": 3, "seed": -1}"#, &["'seed' must be"]),
        (r#"{"optimizer": "genetic", "dim": 3, "maximize": 1}"#, &["'maximize' must be true or false"]),
        (r#"{"optimizer": "genetic", "dim": 3, "generations": 0}"#, &["'generations' must be"]),
        (r#"{"optimizer": "genetic", "dim": 3, "options": []}"#, &["'options' must be"]),
        (r#"{"optimizer": "genetic", "dim": 3, "options": {"popsize": 3}}"#, &["'popsize'", "population_size"]),
        (r#"{"optimizer": "genetic", "dim": 3, "options": {"mutation_rate": 2}}"#, &["mutation_rate", "from 0 to 1"]),
        (
            r#"{"optimizer": "genetic", "dim": 3, "options": {"mutation_rate": "2"}}"#,
            &["mutation_rate", "takes a number"],
        ),
        (r#"{"optimizer": "genetic", "dim": 3, "options": {"population_size": 1e12}}"#, &["population_size"]),
        (r#"{"optimizer": "genetic", "dim": 3, "options": {"population_size": 100000000}}"#, &["100000000 codes"]),
        (r#"{"optimizer": "genetic", "dim": 3, "x0": [1, 2]}"#, &["takes one or more of 3"]),
        (r#"{"optimizer": "genetic", "dim": 3, "x0": [[1, 2, 3], [1, 2]]}"#, &["code 1 has 2 numbers"]),
        (r#"{"optimizer": "genetic", "dim": 3, "x0": []}"#, &["'x0' must be"]),
        (r#"{"optimizer": "genetic", "dim": 3, "x0": [null, 1, 2]}"#, &["'x0' must be"]),
        (r#"{"optimizer": "sphere-cma", "dim": 3, "x0": [0, 0, 0]}"#, &["no direction"]),
        (r#"{"resume": "x", "dim": 3}"#, &["leave 'dim' out"]),
        (r#"{"resume": 3}"#, &["'resume' must be"]),
    ] {
        assert_refused(first, messages);
    }
}

#[test]
fn a_damaged_state_is_refused() {
    let (mut client, _) = Client::open(&json!({"optimizer": "genetic", "dim": 3}));
    let state = client.send(r#"{"save": true}"#)["state"].as_str().unwrap().to_owned();
    let (start, body) = state.split_once(':').unwrap();
    let (half, swapped) = (&body[..body.len() / 2], body.replacen('A', "B", 1));
    for (damaged, message) in [
        ("garbage".to_owned(), "no state that 'save' gave"),
        (body.to_owned(), "no state that 'save' gave"),
        (format!("{start}:"), "damaged"),
        (format!("{start}:{half}"), "damaged"),
        (format!("{start}:{swapped}"), "damaged"),
        (format!("{start}:{body}AAAA"), "damaged"),
        (format!("{start}:!{body}"), "damaged"),
        (format!("actmax-ask-tell-99:{body}"), "version 99"),
    ] {
        assert_refused(&json!({ "resume": damaged }).to_string(), &["cannot be resumed", message]);
    }
}

#[test]
fn minimizing_is_maximizing_the_opposite() {
    let first = |maximize: bool| json!({"optimizer": "genetic", "dim": 4, "seed": 5, "maximize": maximize});
    let ((mut up, mut above), (mut down, mut below)) = (Client::open(&first(true)), Client::open(&first(false)));
    let mut lowest = f64::INFINITY;
    for _ in 0..6 {
        assert_eq!(above, below);
        lowest = codes(&below).iter().map(|code| -objective(code)).fold(lowest, f64::min);
        (above, below) = (up.send(&scores_of(&above, 1.0)), down.send(&scores_of(&below, -1.0)));
    }
    let (above, below) = (up.end(), down.end());
    assert_eq!(below["best"]["score"], json!(lowest));
    assert_eq!(above["best"]["code"], below["best"]["code"]);
    assert_eq!(above["recommendation"], below["recommendation"]);
}

#[test]
fn given_codes_and_schedules_are_taken_over() {
    let (_, one) = Client::open(&json!({"optimizer": "cholesky-cmaes", "dim": 2, "x0": [0.1, 0.2]}));
    assert_eq!(codes(&one), [[0.1, 0.2]]);
    let (_, two) = Client::open(&json!({"optimizer": "genetic", "dim": 2, "x0": [[1, 2], [3, 4]], "seed": 2.0}));
    assert_eq!(codes(&two), [[1.0, 2.0], [3.0, 4.0]]);
    let second = |first: Value| {
        let (mut client, reply) = Client::open(&first);
        client.turn(&reply)
    };
    let by_length = second(json!({"optimizer": "sphere-cma-lin", "dim": 3, "generations": 3}));
    let by_option = second(json!({"optimizer": "sphere-cma-lin", "dim": 3, "options": {"n_gen": 3}}));
    let longer = second(json!({"optimizer": "sphere-cma-lin", "dim": 3, "x0": null}));
    assert_eq!(by_length, by_option);
    assert_eq!(longer["generation"], 1);
    let inverse = second(json!({"optimizer": "sphere-cma-inv", "dim": 3, "options": {"lr": 1.5}}));
    assert_ne!(longer, inverse, "a registered variant keeps its schedule when it has options");
}

#[test]
fn before_anything_is_told_there_is_no_best() {
    let (client, _) = Client::open(&json!({"optimizer": "genetic", "dim": 2}));
    let last = client.end();
    assert_eq!(last, json!({"recommendation": [0.0, 0.0], "best": null, "diagnostics": {"kT": null}}));
}

#[test]
fn a_client_that_is_gone_is_no_error() {
    let mut client = Client::start();
    let mut input = client.input.take().unwrap();
    drop(client.output);
    let first = json!({"optimizer": "genetic", "dim": 4}).to_string();
    let _ = writeln!(input, "{first}");
    drop(input);
    let done = client.process.wait_with_output().unwrap();
    assert_eq!((done.status.code(), String::from_utf8(done.stderr).unwrap()), (Some(0), String::new()));
}
