//! What is wrong with a configuration is told with its line.

use std::error::Error;

use networks::{Config, Library, resolve};

/// A campaign of two methods without a network, with this in line 2.
fn text(line: &str) -> String {
    format!(
        "generations = 3\n{line}\noptimizers = [\"genetic\"]\n[[optimizer]]\nname = \"cma\"\n\
         options = {{ population_size = 8 }}\n[noise_scores]\ndim = 9\n"
    )
}

/// The error and what is behind it; nothing where there is none.
fn error(text: &str) -> String {
    let library = Library::embedded().unwrap();
    let all = |error: &dyn Error| match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    match Config::parse("c.toml", "c", text, None) {
        Ok(config) => resolve(&config, &library).map_or_else(|error| all(&error), |_| String::new()),
        Err(error) => all(&error),
    }
}

#[test]
fn values_out_of_range_have_a_line() {
    assert_eq!(error(&text("")), "");
    for (key, says) in [
        ("stop_after = \"0s\"", "more than 0"),
        ("stop_after = \"nan\"", "more than 0"),
        ("stop_stalled = 3", "5 or more"),
        ("stop_score = nan", "finite number"),
        ("reps = 0", "0 repeats give no score"),
        ("repeats = 0", "no repeats"),
        ("name = \"\"", "name of a folder"),
        ("name = \"..\"", "name of a folder"),
        ("name = \"../escaped\"", "name of a folder"),
        ("name = 'a\\b'", "name of a folder"),
    ] {
        let said = error(&text(key));
        assert!(said.starts_with("c.toml, line 2") && said.contains(says), "{key}: {said}");
    }
    for (old, new, line, says) in [
        ("dim = 9", "dim = 0", 8, "1 or more"),
        ("population_size = 8", "population_size = 0", 6, "population_size: 0 is out of range"),
    ] {
        let said = error(&text("").replace(old, new));
        assert!(said.starts_with(&format!("c.toml, line {line}")) && said.contains(says), "{new}: {said}");
    }
}

#[test]
fn repeats_of_equal_scores_are_refused() {
    for quiet in ["reps = 2", "reps = 2\nnoise = [0.0]"] {
        let said = error(&text(quiet));
        assert!(said.starts_with("c.toml, line 2") && said.contains("one and the same score"), "{said}");
    }
    for noisy in ["reps = 1", "reps = 2\nnoise = [0.0, 0.2]", "reps = 2\npoisson = [1.0]"] {
        assert_eq!(error(&text(noisy)), "", "{noisy}");
    }
    let said = error(&text("").replace("name = \"cma\"", "name = \"cma\"\nreps = 4"));
    assert!(said.starts_with("c.toml, line 6"), "{said}");
}

#[test]
fn a_size_is_a_part_of_a_folders_name() {
    let text = text("") + "[size.\"x/../..\"]\nseed = 2\n";
    let error = Config::parse("c.toml", "c", &text, Some("x/../..")).unwrap_err();
    assert!(error.to_string().starts_with("c.toml, line 9"), "{error}");
}
