//! What can be asked for: figures and tables by name, in the order of the argument.

use anyhow::Result;

use super::campaigns::Grid;
use super::sections;
use super::study::{Content, Study};

/// Steps of the argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// What the reader sees first.
    Opening,
    /// Which optimizers win.
    Winners,
    /// Why they win.
    Reasons,
    /// What follows from it.
    Consequences,
    /// What the publication does not have.
    Beyond,
}

impl Step {
    pub(super) fn heading(self) -> &'static str {
        match self {
            Self::Opening => "At a glance",
            Self::Winners => "Which optimizers win",
            Self::Reasons => "Why they win",
            Self::Consequences => "What follows",
            Self::Beyond => "Beyond the paper",
        }
    }

    pub(super) fn about(self) -> &'static str {
        match self {
            Self::Opening => "",
            Self::Winners => {
                "Round 1 compares twelve optimizers from nevergrad, with 3000 evaluations a run. Round 2 compares a \
                 genetic algorithm with five variants of CMA-ES."
            }
            Self::Reasons => {
                "The publication's answer: the covariance matrix of CMA-ES hardly changes, its mean code walks almost at random, \
                 and its norm grows. The figures test this, and relate the walk to the geometry of images and of units."
            }
            Self::Consequences => {
                "If step size and direction are what matters, an optimizer can set them directly. SphereCMA walks on a \
                 sphere of codes and shrinks its angular steps by a schedule."
            }
            Self::Beyond => "No claim of the publication is tested here.",
        }
    }
}

/// A figure or table of the report.
pub(super) struct Output {
    /// Name on the command line, and stem of its files.
    pub(super) name: &'static str,
    pub(super) step: Step,
    pub(super) heading: &'static str,
    /// One line for `--figure list`.
    pub(super) about: &'static str,
    /// The campaigns that it needs.
    pub(super) needs: &'static [Grid],
    /// Makes it.
    pub(super) make: fn(&Study<'_>) -> Result<Content>,
}

impl Output {
    /// Whether it is made from the generator's metric.
    pub(super) fn reads_metric(&self) -> bool {
        matches!(self.name, "metric" | "alignment" | "hessian")
    }
}

macro_rules! output {
    ($step:ident, $name:expr, $heading:literal, $about:literal, [$($grid:ident),*], $make:expr) => {
        Output {
            name: $name,
            step: Step::$step,
            heading: $heading,
            about: $about,
            needs: &[$(Grid::$grid),*],
            make: $make,
        }
    };
}

/// Name of the section whose claims check this program against the published algorithm.
pub(super) const DRIFT: &str = "drift-claims";

/// All of them, in the order of the report.
#[rustfmt::skip]
pub(super) const OUTPUTS: &[Output] = &[
    output!(Opening, "round2-montage", "What evolves: images of six optimizers", "evolved images by optimizer, with their clean scores", [Round2], |study| sections::montage(study, Grid::Round2)),
    output!(Opening, "round2-activation", "Who wins: a genetic algorithm and five variants of CMA-ES", "normalised activation of the genetic algorithm and five variants of CMA-ES", [Round1, Round2], |study| sections::activation(study, Grid::Round2)),
    output!(Winners, "round1-activation", "Twelve optimizers: activation", "normalised activation of twelve optimizers from nevergrad", [Round1], |study| sections::activation(study, Grid::Round1)),
    output!(Winners, "round1-pairs", "Twelve optimizers: every pair", "ratios of means of all pairs of the twelve", [Round1], |study| sections::pairs(study, Grid::Round1)),
    output!(Winners, "round1-traces", "Twelve optimizers: scores over a run", "score by generation and by evaluation", [Round1], |study| sections::traces(study, Grid::Round1)),
    output!(Winners, "round1-montage", "Twelve optimizers: evolved images", "evolved images by optimizer, with their clean scores", [Round1], |study| sections::montage(study, Grid::Round1)),
    output!(Winners, "round1-runtime", "Twelve optimizers: run time", "seconds a run", [Round1], |study| sections::runtime(study, Grid::Round1)),
    output!(Winners, "round2-pairs", "Genetic algorithm and CMA: every pair", "ratios of means of all pairs of the six", [Round2], |study| sections::pairs(study, Grid::Round2)),
    output!(Winners, "ga-against-cma", "Genetic algorithm against CholeskyCMAES", "genetic algorithm and CholeskyCMAES unit by unit, by noise level", [Round2], sections::ga_against_cma),
    output!(Winners, "round2-traces", "Genetic algorithm and CMA: scores over a run", "score by generation and by evaluation", [Round2], |study| sections::traces(study, Grid::Round2)),
    output!(Winners, "round2-runtime", "Genetic algorithm and CMA: run time", "seconds a run", [Round2], |study| sections::runtime(study, Grid::Round2)),
    output!(Winners, "variants", "Variants of CMA-ES by layer and noise", "normalised score of the variants by layer, a panel a noise level", [Round2], sections::variants),
    output!(Winners, "convergence", "Speed of convergence", "table: area under the trace, evaluations to 50, 80 and 90 % of the best", [Round1, Round2], sections::convergence),
    output!(Winners, "anova", "Analysis of variance", "table: what explains the scores of round 2", [Round2], sections::anova),
    output!(Reasons, "cosines", "Trajectories are cosines in their principal components", "projections, frequencies, R² and explained variance, with the noise-driven control", [Round2, NoiseControl], sections::cosines),
    output!(Reasons, "projections", "Projections of several optimizers", "first five projections of runs and controls", [Round2, NoiseControl], sections::projections),
    output!(Reasons, "lissajous", "Pairs of projections", "Lissajous curves of runs and controls", [Round2, NoiseControl], sections::lissajous),
    output!(Reasons, "norms", "Growth of the norm", "norm of the mean code by generation, with the noise-driven control", [Round2, NoiseControl], sections::norms),
    output!(Reasons, "steps", "Geometry of steps", "angles and distances of codes and images, contrast, and one tangent vector against the norm", [Round2], sections::steps),
    output!(Reasons, "tangent", "One tangent vector at several norms", "images of a code with one tangent vector added at several norms", [Round2], sections::tangent),
    output!(Reasons, "covariance", "Covariance matrices", "eigenvalues, condition number and distance from the identity", [Covariance], sections::covariance),
    output!(Reasons, "metric", "Metric of the generator", "spectrum of the metric at evolved codes", [Round2], sections::metric),
    output!(Reasons, "alignment", "Alignment with the metric", "evolved codes on the metric's axes, with shuffled and noise-driven controls", [Round2, NoiseControl], sections::alignment),
    output!(Reasons, "hessian", "Curvature of units", "spectra of Hessians at peaks and at random codes", [Round2], sections::hessian),
    output!(Consequences, "schedules", "Step sizes of SphereCMA", "schedules of the angular step, and the scheme of a step", [NoiseControl], sections::schedules),
    output!(Consequences, "sphere", "SphereCMA against the CMAs", "paired comparison by noise level", [Round2], sections::sphere),
    output!(Consequences, DRIFT, "Drift without a network", "table: claims on noise-driven runs", [NoiseControl], sections::drift),
    output!(Beyond, "beyond", "Methods newer than the publication", "polar-es-savage and CR-FM-NES beside the published methods, by noise level", [Round2, Beyond], sections::beyond),
];
