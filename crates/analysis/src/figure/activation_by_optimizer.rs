//! Normalised activation by optimizer, one panel a network (rows) and noise level (columns).

use super::distribution::{Distribution, Distributions, Facet, Shape};
use super::error::{FigureError, check_any};
use super::facets::{distinct, noise_heading, noise_levels};

/// What one optimizer reached on one network at one noise level.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivationGroup {
    /// Name of the network.
    pub network: String,
    /// Noise level: standard deviation of the noise over the score.
    pub noise: f64,
    /// Name of the optimizer on the command line.
    pub optimizer: String,
    /// Best clean score of every run over the largest of its unit, in 0 .. 1; what is not finite is left out.
    pub activations: Vec<f64>,
    /// Published mean of the same quantity.
    pub published: Option<f64>,
}

/// Normalised activation by optimizer.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivationByOptimizer {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// Groups in any order; optimizers and networks appear in that of their first group, noise levels ascending.
    pub groups: Vec<ActivationGroup>,
}

impl ActivationByOptimizer {
    /// Draws the figure: boxes with their runs, our mean and the published one.
    ///
    /// # Errors
    /// [`FigureError::Empty`] where no activation is finite.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        let values = self.groups.iter().flat_map(|group| group.activations.iter().copied());
        check_any("activation_by_optimizer", "activation", values)?;
        let networks = distinct(self.groups.iter().map(|group| group.network.as_str()));
        let levels = noise_levels(self.groups.iter().map(|group| group.noise));
        let facet = |network: &str, noise: f64| Facet {
            title: noise_heading(noise),
            distributions: self.at(network, noise).map(to_distribution).collect(),
        };
        let row = |network: &&str| {
            let facets = levels.iter().map(|&noise| facet(network, noise)).collect();
            ((*network).to_owned(), facets)
        };
        let rows = networks.iter().map(row).collect();
        let x_label = "best clean score / largest of the unit";
        Ok(Distributions { title: &self.title, rows, x_label, value: "run", logarithmic: false, shape: Shape::Boxes }
            .to_svg())
    }

    fn at(&self, network: &str, noise: f64) -> impl Iterator<Item = &ActivationGroup> {
        self.groups.iter().filter(move |group| group.network == network && group.noise == noise)
    }
}

fn to_distribution(group: &ActivationGroup) -> Distribution<'_> {
    Distribution { optimizer: &group.optimizer, values: &group.activations, published: group.published }
}
