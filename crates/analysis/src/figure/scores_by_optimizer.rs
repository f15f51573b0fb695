//! Scores of a campaign as boxes or violins with their runs, one row an optimizer, one panel a network and a kind of noise.

use super::distribution::{Distribution, Distributions, Facet, Shape};
use super::error::{FigureError, check_any};
use super::facets::distinct;

/// What one optimizer reached on one network under one kind of noise.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreGroup {
    /// Name of the network.
    pub network: String,
    /// The noise in words.
    pub noise: String,
    /// The optimizer: its name on the command line, or another label.
    pub optimizer: String,
    /// One score a run; what is not finite is left out.
    pub scores: Vec<f64>,
}

/// Scores by optimizer.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoresByOptimizer {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// What a score is, below the axis.
    pub score: String,
    /// Groups; optimizers, networks and kinds of noise appear in the order of their first group.
    pub groups: Vec<ScoreGroup>,
}

impl ScoresByOptimizer {
    /// Draws the figure: boxes with their runs and the means.
    ///
    /// # Errors
    /// [`FigureError::Empty`] where no score is finite.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        self.drawn(Shape::Boxes)
    }

    /// Draws the figure with violins instead of boxes: estimated densities, all equally high.
    ///
    /// # Errors
    /// As [`to_svg`](Self::to_svg).
    pub fn violins(&self) -> Result<String, FigureError> {
        self.drawn(Shape::Violins)
    }

    fn drawn(&self, shape: Shape) -> Result<String, FigureError> {
        check_any("scores_by_optimizer", "score", self.groups.iter().flat_map(|group| group.scores.iter().copied()))?;
        let networks = distinct(self.groups.iter().map(|group| group.network.as_str()));
        let noises = distinct(self.groups.iter().map(|group| group.noise.as_str()));
        let facet = |network: &str, noise: &str| Facet {
            title: noise.to_owned(),
            distributions: self
                .groups
                .iter()
                .filter(|group| group.network == network && group.noise == noise)
                .map(|group| Distribution { optimizer: &group.optimizer, values: &group.scores, published: None })
                .collect(),
        };
        let row = |network: &&str| {
            let facets = noises.iter().map(|noise| facet(network, noise)).collect();
            ((*network).to_owned(), facets)
        };
        let rows = networks.iter().map(row).collect();
        let (title, x_label) = (&self.title, &self.score);
        Ok(Distributions { title, rows, x_label, value: "run", logarithmic: false, shape }.to_svg())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_network_and_noise_has_a_panel() {
        let group = |network: &str, noise: &str, scores: &[f64]| ScoreGroup {
            network: network.to_owned(),
            noise: noise.to_owned(),
            optimizer: "genetic".to_owned(),
            scores: scores.to_vec(),
        };
        let groups = vec![group("one", "no noise", &[1.0, 2.0]), group("two", "Poisson counts", &[3.0])];
        let mut figure = ScoresByOptimizer { title: "scores".to_owned(), score: "clean score".to_owned(), groups };
        let svg = figure.to_svg().unwrap();
        assert!(
            ["no noise", "Poisson counts", "one", "two", "clean score", "Genetic"]
                .iter()
                .all(|word| svg.contains(word))
        );
        assert!(!figure.violins().unwrap().contains("density"), "two values have no density");
        figure.groups[0].scores = vec![1.0, 2.0, 2.2, 3.0, 4.0];
        assert!(figure.violins().unwrap().contains("density (Gaussian kernel"));
        figure.groups.iter_mut().for_each(|group| group.scores.clear());
        assert!(matches!(figure.to_svg(), Err(FigureError::Empty { .. })));
    }
}
