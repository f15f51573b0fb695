//! Recorded recommendations of every registered method: no change of a method goes unnoticed.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use optim_core::{Method, Optimizer, Population, Stream, registry, stream_rng};

const DIMS: [usize; 2] = [5, 20];
const LANDSCAPES: [&str; 2] = ["ellipsoid", "cosine"];
const SEED: u64 = 11;
const GENERATIONS: u64 = 10;
/// Relative deviation allowed: the mathematics library differs between machines in the last digit.
const TOLERANCE: f64 = 1e-9;
const HEADER: &str = "method,dim,seed,generations,landscape,recommended_1,recommended_2,recommended_3,norm,best_score";
/// Set to 1, it makes the test write what it computes.
const BLESS: &str = "ACTMAX_BLESS";

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/recommendations.csv")
}

/// Component k, counted from 1, has weight k; the best point, or direction, is `c_k = (-1)^k (1 + 1/k)`.
fn score(landscape: &str, z: &[f64]) -> f64 {
    let (mut distance, mut scale, mut product, mut square) = (0.0, 0.0, 0.0, 0.0);
    for (k, x) in (1u32..).zip(z) {
        let weight = f64::from(k);
        let c = if k % 2 == 0 { 1.0 + 1.0 / weight } else { -1.0 - 1.0 / weight };
        distance += weight * (x - c) * (x - c);
        scale += weight * c * c;
        product += weight * x * c;
        square += weight * x * x;
    }
    match landscape {
        "ellipsoid" => 100.0 / (1.0 + distance / scale),
        "cosine" if square == 0.0 => 0.0,
        "cosine" => 100.0 * product / (square * scale).sqrt(),
        other => panic!("no landscape '{other}'"),
    }
}

/// First three components of the recommendation, its norm, and the best score.
fn numbers(method: &str, dim: usize, landscape: &str) -> [f64; 5] {
    let method = Method::from_name(method).unwrap().for_generations(GENERATIONS as usize);
    let mut optimizer = method.build(dim).unwrap();
    let mut codes = Population::new(dim);
    for generation in 0..GENERATIONS {
        optimizer.ask(&mut stream_rng(SEED, Stream::Method, generation), &mut codes);
        let scores: Vec<f64> = codes.iter().map(|z| score(landscape, z)).collect();
        optimizer.tell(&codes, &scores).unwrap();
    }
    let z = optimizer.recommend();
    let norm = z.iter().map(|x| x * x).sum::<f64>().sqrt();
    [z[0], z[1], z[2], norm, optimizer.incumbent().unwrap().1]
}

/// Numbers by what stands before them in a row.
type Rows = BTreeMap<String, [f64; 5]>;

fn computed() -> Vec<(String, [f64; 5])> {
    let mut rows = Vec::new();
    for info in registry() {
        for dim in DIMS {
            for landscape in LANDSCAPES {
                let key = format!("{},{dim},{SEED},{GENERATIONS},{landscape}", info.name);
                rows.push((key, numbers(info.name, dim, landscape)));
            }
        }
    }
    rows
}

fn recorded() -> Rows {
    let text = std::fs::read_to_string(file()).unwrap_or_else(|e| panic!("{}: {e}; {}", file().display(), how()));
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(HEADER), "{}", how());
    lines.map(parse).collect()
}

fn parse(line: &str) -> (String, [f64; 5]) {
    let fields: Vec<&str> = line.split(',').collect();
    assert_eq!(fields.len(), 10, "{line}");
    (fields[..5].join(","), std::array::from_fn(|i| fields[5 + i].parse().unwrap()))
}

fn how() -> String {
    format!("if the change is meant: {BLESS}=1 cargo test -p optim-core --test it recommendations")
}

/// Writes shortest decimals that read back exactly.
fn bless(rows: &[(String, [f64; 5])]) {
    let mut text = format!("{HEADER}\n");
    for (key, numbers) in rows {
        let numbers: Vec<String> = numbers.iter().map(|x| format!("{x:?}")).collect();
        writeln!(text, "{key},{}", numbers.join(",")).unwrap();
    }
    std::fs::write(file(), text).unwrap();
}

/// Components are compared on the scale of the norm.
fn deviation(ours: &[f64; 5], recorded: &[f64; 5]) -> f64 {
    let scale = |i: usize| if i < 4 { recorded[3].abs() } else { recorded[4].abs() };
    let relative = |i: usize| {
        let difference = (ours[i] - recorded[i]).abs();
        if difference == 0.0 { 0.0 } else { difference / scale(i) }
    };
    // Not `f64::max`, which would pass over NaN.
    (0..5).map(relative).fold(0.0, |worst, x| if x > worst || x.is_nan() { x } else { worst })
}

#[test]
fn every_method_recommends_what_it_did() {
    let computed = computed();
    if std::env::var(BLESS).is_ok_and(|value| value == "1") {
        bless(&computed);
    }
    let mut recorded = recorded();
    let mut wrong = Vec::new();
    for (key, ours) in &computed {
        match recorded.remove(key) {
            None => wrong.push(format!("{key}: not recorded")),
            Some(theirs) => {
                let deviation = deviation(ours, &theirs);
                if deviation.is_nan() || deviation > TOLERANCE {
                    wrong.push(format!("{key}: {ours:?}, recorded {theirs:?}, deviation {deviation:.1e}"));
                }
            }
        }
    }
    wrong.extend(recorded.keys().map(|key| format!("{key}: recorded, but no such method")));
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), how());
}

#[test]
fn deviations_are_seen() {
    let row = [1.0, 2.0, 2.0, 3.0, 50.0];
    assert_eq!(deviation(&row, &row), 0.0);
    assert!(deviation(&[1.0, 2.0, 2.0, 3.0, 50.000_001], &row) > TOLERANCE);
    assert!(deviation(&[1.0, 2.0, 2.0 + 1e-8, 3.0, 50.0], &row) > TOLERANCE);
    assert!(deviation(&[f64::NAN, 2.0, 2.0, 3.0, 50.0], &row).is_nan());
    assert!(deviation(&[0.0; 5], &[0.0; 5]) == 0.0);
    assert!(deviation(&[1e-3, 0.0, 0.0, 0.0, 0.0], &[0.0; 5]) > TOLERANCE);
}
