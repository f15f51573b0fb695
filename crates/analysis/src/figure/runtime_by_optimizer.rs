//! Time of a generation or of a run by optimizer, beside published times.

use super::distribution::{Distribution, Distributions, Facet, Shape};
use super::error::{FigureError, check_any};
use super::facets::distinct;

/// What was timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timed {
    /// One generation: ask and tell, without the objective.
    Generation,
    /// One run, with the objective.
    Run,
}

impl Timed {
    /// Label of the axis, and what one value is.
    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Generation => ("seconds a generation (ask and tell)", "generation"),
            Self::Run => ("seconds a run", "run"),
        }
    }
}

/// Times of one optimizer under one condition.
#[derive(Debug, Clone, PartialEq)]
pub struct RuntimeGroup {
    /// What the panel shows, for example a machine or a dimension.
    pub condition: String,
    /// Name of the optimizer on the command line.
    pub optimizer: String,
    /// Seconds, one number a generation or run; what is not positive and finite is left out.
    pub seconds: Vec<f64>,
    /// Published mean, seconds.
    pub published: Option<f64>,
}

/// Time by optimizer on a logarithmic axis.
#[derive(Debug, Clone, PartialEq)]
pub struct RuntimeByOptimizer {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// What was timed.
    pub timed: Timed,
    /// Groups in any order; optimizers and conditions appear in that of their first group.
    pub groups: Vec<RuntimeGroup>,
}

impl RuntimeByOptimizer {
    /// Draws the figure, one panel a condition.
    ///
    /// # Errors
    /// [`FigureError::Empty`] where no time is positive and finite.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        let seconds = self.groups.iter().flat_map(|group| group.seconds.iter().copied());
        check_any("runtime_by_optimizer", "positive time", seconds.filter(|value| *value > 0.0))?;
        let facet = |condition: &str| Facet {
            title: condition.to_owned(),
            distributions: self
                .groups
                .iter()
                .filter(|group| group.condition == condition)
                .map(to_distribution)
                .collect(),
        };
        let conditions = distinct(self.groups.iter().map(|group| group.condition.as_str()));
        let rows = vec![(String::new(), conditions.into_iter().map(facet).collect())];
        let (x_label, value) = self.timed.labels();
        Ok(Distributions { title: &self.title, rows, x_label, value, logarithmic: true, shape: Shape::Boxes }.to_svg())
    }
}

fn to_distribution(group: &RuntimeGroup) -> Distribution<'_> {
    Distribution { optimizer: &group.optimizer, values: &group.seconds, published: group.published }
}
