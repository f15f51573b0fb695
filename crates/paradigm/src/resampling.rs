//! How an image gets another size.
//!
//! Every rule is linear and treats rows and columns apart, so an image of another size is `R X Cᵀ` with one matrix of
//! weights an axis. Networks and images on the processor use the same matrices.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How a pixel of the new image is computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resampling {
    /// Linear between the nearest pixels; of a smaller image a triangle over all pixels that the new one covers, as
    /// Pillow and the crate `image` do.
    #[default]
    Bilinear,
    /// The pixel `floor(i old / new)`, as PyTorch's `interpolate` takes by default.
    Nearest,
    /// The mean over the area of the new pixel.
    Area,
}

impl Resampling {
    /// All of them with their names.
    pub const NAMED: [(&'static str, Self); 3] =
        [("bilinear", Self::Bilinear), ("nearest", Self::Nearest), ("area", Self::Area)];

    /// Whether it is the default, which files leave out.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl FromStr for Resampling {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::NAMED.iter().find(|(known, _)| *known == name);
        found.map(|(_, rule)| *rule).ok_or("write bilinear, nearest or area")
    }
}

/// The weights of some new pixels along one axis: for each the first old pixel that it is computed from, and the weights
/// of that and those that follow. They add up to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Old pixels.
    pub old: usize,
    /// One entry a new pixel.
    pub rows: Vec<(usize, Vec<f64>)>,
}

impl Weights {
    /// The weights by which `new` pixels come of `old` ones, of those from `begin` to before `end`.
    ///
    /// # Panics
    /// If there are no old or no new pixels, or `begin..end` is not among the new ones.
    #[must_use]
    pub fn of(rule: Resampling, old: usize, new: usize, begin: usize, end: usize) -> Self {
        assert!(old > 0 && begin <= end && end <= new, "{begin}..{end} of {new} pixels from {old}");
        Self { old, rows: (begin..end).map(|i| weights(rule, i, old, new)).collect() }
    }

    /// Whether every new pixel is the old one in its place.
    #[must_use]
    pub fn keep_all(&self) -> bool {
        self.rows.len() == self.old && self.rows.iter().enumerate().all(|(i, row)| row.0 == i && row.1 == [1.0])
    }

    /// The matrix `[new, old]` in C order.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "pixels are single precision")]
    pub fn matrix(&self) -> Vec<f32> {
        let mut matrix = vec![0.0; self.rows.len() * self.old];
        for (i, (first, weights)) in self.rows.iter().enumerate() {
            for (k, weight) in weights.iter().enumerate() {
                matrix[i * self.old + first + k] = *weight as f32;
            }
        }
        matrix
    }
}

fn weights(rule: Resampling, i: usize, old: usize, new: usize) -> (usize, Vec<f64>) {
    let ratio = old as f64 / new as f64;
    let (begin, end) = (i as f64 * ratio, (i + 1) as f64 * ratio);
    let weight: Box<dyn Fn(usize) -> f64> = match rule {
        Resampling::Nearest => return ((i * old / new).min(old - 1), vec![1.0]),
        Resampling::Area => Box::new(move |j| (end.min((j + 1) as f64) - begin.max(j as f64)).max(0.0)),
        Resampling::Bilinear => {
            let (centre, reach) = ((begin + end) / 2.0, ratio.max(1.0));
            Box::new(move |j| (1.0 - ((j as f64 + 0.5 - centre) / reach).abs()).max(0.0))
        }
    };
    // No rule reaches further than two new pixels or two old ones.
    let reach = 2.0 * ratio.max(1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the old pixels")]
    let (first, last) = ((begin - reach).max(0.0) as usize, ((end + reach) as usize).min(old - 1));
    let all: Vec<f64> = (first..=last).map(weight).collect();
    let leading = all.iter().take_while(|weight| **weight == 0.0).count();
    let trailing = all[leading..].iter().rev().take_while(|weight| **weight == 0.0).count();
    let mut counted = all[leading..all.len() - trailing].to_vec();
    let sum: f64 = counted.iter().sum();
    counted.iter_mut().for_each(|weight| *weight /= sum);
    (first + leading, counted)
}
