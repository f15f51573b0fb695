//! States that earlier versions saved.

use std::collections::BTreeSet;

use optim_core::{AnyOptimizer, Method, Optimizer, Population, Stream, registry, stream_rng};

use crate::common::state;

const STORED: &str = include_str!("../fixtures/stored_states.txt");
const SEED: u64 = 11;

fn scores(codes: &Population) -> Vec<f64> {
    codes.iter().map(|code| code[0] - 0.5 * code[1] * code[1]).collect()
}

fn step(optimizer: &mut AnyOptimizer) {
    let mut codes = Population::new(3);
    optimizer.ask(&mut stream_rng(SEED, Stream::Method, optimizer.generation()), &mut codes);
    optimizer.tell(&codes, &scores(&codes)).unwrap();
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    hexadecimal.as_bytes().chunks(2).map(byte).collect()
}

#[test]
fn old_states_are_read_and_go_on_as_new_ones() {
    let mut names = BTreeSet::new();
    for line in STORED.lines() {
        let [name, start, stored] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let given = start == "given";
        let options = {
            let info = Method::from_name(name).unwrap().info();
            [(info.size_option.to_owned(), info.smallest_size.max(4).to_string())]
        };
        let mut fresh = Method::with_options(name, &options).unwrap().build(3).unwrap();
        if given {
            fresh.start_from(&Population::from_rows(3, &[1.0, 2.0, 0.5, -1.0, 0.25, 2.0])).unwrap();
        }
        let stored = bytes(stored);
        let mut old: AnyOptimizer = postcard::from_bytes(&stored).unwrap();
        assert_eq!(state(&old), stored, "{name}: the layout is that of before");
        // SphereCMA weighs given codes as its reference since.
        if given && name.starts_with("sphere-cma") {
            continue;
        }
        for _ in 0..if given { 1 } else { 4 } {
            step(&mut fresh);
        }
        for _ in 0..3 {
            step(&mut fresh);
            step(&mut old);
        }
        let difference = fresh.recommend().iter().zip(old.recommend()).map(|(a, b)| (a - b).abs());
        assert!(difference.fold(0.0, f64::max) < 1e-9, "{name}, {start}");
        names.insert(name.to_owned());
    }
    assert_eq!(names.len(), registry().len());
}
