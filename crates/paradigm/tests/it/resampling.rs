//! Rules of resampling.

use paradigm::{Resampling, Weights};

fn rows(rule: Resampling, old: usize, new: usize) -> Vec<(usize, Vec<f64>)> {
    Weights::of(rule, old, new, 0, new).rows
}

#[test]
fn every_rule_keeps_gray_gray_and_the_same_size_the_same() {
    for (_, rule) in Resampling::NAMED {
        for (old, new) in [(1, 1), (5, 5), (64, 64), (64, 227), (227, 64), (7, 3), (3, 7), (256, 80), (2, 1)] {
            for (first, weights) in rows(rule, old, new) {
                assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12 && first + weights.len() <= old);
                assert!(old != new || weights == [1.0], "{rule:?} {old}");
            }
        }
    }
}

#[test]
fn weights_are_those_of_the_rules() {
    assert_eq!(rows(Resampling::Nearest, 5, 3).iter().map(|row| row.0).collect::<Vec<_>>(), [0, 1, 3]);
    let area = rows(Resampling::Area, 3, 2);
    let thirds = |row: &[f64], expected: [f64; 2]| row.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12);
    assert!(area[0].0 == 0 && thirds(&area[0].1, [2.0 / 3.0, 1.0 / 3.0]));
    assert!(area[1].0 == 1 && thirds(&area[1].1, [1.0 / 3.0, 2.0 / 3.0]));
    // Twice as large: three quarters of the nearest and one of the next; the edges repeat.
    assert_eq!(
        rows(Resampling::Bilinear, 2, 4),
        [(0, vec![1.0]), (0, vec![0.75, 0.25]), (0, vec![0.25, 0.75]), (1, vec![1.0])]
    );
    let halved = rows(Resampling::Bilinear, 8, 4);
    assert_eq!(halved[1], (1, vec![0.125, 0.375, 0.375, 0.125]));
    assert_eq!(Weights::of(Resampling::Nearest, 4, 2, 1, 2).matrix(), [0.0, 0.0, 1.0, 0.0]);
}
