//! A step: one generation of every thread, shown in one or more blocks.

use std::sync::Arc;

use crate::block::Presented;
use crate::order::Showings;
use crate::target::{Layout, Target};

/// An image of a step with what came back.
#[derive(Debug)]
pub(crate) struct StepImage {
    pub(crate) image: Presented,
    pub(crate) showings: Showings,
    /// The bytes of its file, as soon as they are needed.
    pub(crate) file: Option<Arc<[u8]>>,
    /// Sums of the values that came, and how many.
    sums: Vec<f64>,
    counts: Vec<u32>,
}

impl StepImage {
    pub(crate) fn new(image: Presented) -> Self {
        Self { image, showings: Showings::default(), file: None, sums: Vec::new(), counts: Vec::new() }
    }

    /// Takes a response.
    pub(crate) fn take(&mut self, values: &[f64]) {
        self.showings.responses += 1;
        self.sums.resize(values.len(), 0.0);
        self.counts.resize(values.len(), 0);
        for (i, value) in values.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
            self.sums[i] += value;
            self.counts[i] += 1;
        }
    }

    /// The mean response; NaN where nothing came.
    pub(crate) fn mean_response(&self) -> Vec<f64> {
        self.sums.iter().zip(&self.counts).map(|(sum, &count)| sum / f64::from(count)).collect()
    }

    /// What the mean response is worth; NaN without a response.
    pub(crate) fn score(&self, target: &Target, layout: Layout<'_>) -> f64 {
        if self.showings.responses == 0 { f64::NAN } else { target.score(&self.mean_response(), layout) }
    }
}
