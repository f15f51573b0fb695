//! Configurations that no session begins with.

use std::error::Error;

use sessions::SessionConfig;

use crate::common::begin;

const THREAD: &str = "[[thread]]\nname = 'it'\ngenerator = 'pixels'\noptimizer = 'genetic'\n";

/// Why a thread with this line, below these settings, is refused.
fn refused(settings: &str, line: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let error = begin(folder.path(), &format!("{settings}\n{THREAD}{line}\n"), Vec::new()).err().expect(line);
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "{line}: nothing may be written");
    format!("{error}: {}", error.source().map(ToString::to_string).unwrap_or_default())
}

#[test]
fn an_image_outside_the_canvas() {
    for (settings, line, size, canvas) in [
        ("[session]\ncanvas = 40", "at = [-500, 5]", 8, 40),
        ("", "at = [-500, 5]", 8, 8),
        ("[session]\ncanvas = 40", "at = [-500, 5]\nsize = 20", 20, 40),
    ] {
        assert_eq!(
            refused(settings, line),
            format!(
                "image of thread 'it': an image of {size} pixels at -500,5 lies outside the canvas of {canvas} pixels"
            )
        );
    }
}

#[test]
fn a_pattern_that_cannot_be_met() {
    for (target, why) in [
        ("pattern = [1, 2], std = [1, 0]", "std of channel 1 is 0.0, it must be positive and finite"),
        ("pattern = [1], mask = [false]", "no channel counts: the pattern is empty, or the mask leaves out all of it"),
        (
            "pattern = [0], measure = 'cosine'",
            "the pattern is zero, so the cosine with it is undefined: the measure dot or squared distance takes it",
        ),
    ] {
        let line = format!("target = {{ {target} }}");
        assert_eq!(refused("", &line), format!("target of thread 'it': {why}"));
        // A session that an older version began can still be read.
        SessionConfig::parse(&format!("{THREAD}{line}")).unwrap();
    }
}

#[test]
fn a_list_without_a_value() {
    for list in ["pattern", "channels"] {
        assert_eq!(
            refused("", &format!("target = {{ {list} = [] }}")),
            format!("target.{list} of thread 'it' must be a list of at least one value, or left out: ")
        );
    }
}

#[test]
fn a_channel_that_is_neither_place_nor_name() {
    for channel in ["channel = -1", "channels = [1.5]"] {
        let why = refused("", &format!("target = {{ {channel} }}"));
        assert!(why.contains("a channel must be its place, a whole number from 0, or its name in quotes"), "{why}");
        assert!(why.contains(channel), "{why}");
    }
}
