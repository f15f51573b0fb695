//! Do evolved codes lie along the axes that images are sensitive to?

use analysis::alignment::{
    Alignment, Projections, axes_beyond_shuffles, resampled_correlations, shuffle_rows, singular_value_shares,
};
use analysis::bootstrap::GroupBootstrap;
use analysis::correlation::Correlation;
use analysis::figure::Estimate;
use analysis::figure::alignment::{Alignment as Figure, Correlations};
use analysis::geometry::norm;
use analysis::report::{Cell, Claim, Table};
use analysis::summary::quantiles;
use anyhow::{Context, Result};
use nalgebra::DMatrix;
use optim_core::{Stream, stream_rng};
use rand::RngExt;

use super::super::campaigns::Grid;
use super::super::claims::{Side, Statement, over_units};
use super::super::runs::{Run, double};
use super::super::scores::coverage;
use super::super::study::{Content, NamedTable, Study, describe};
use super::headings;
use super::metric::{measured, restricted};

/// Optimizers whose final codes are pooled: the CMA-ES.
const POOLED: [&str; 5] = ["cholesky-cmaes", "cma", "diagonal-cma", "sphere-cma", "sphere-cma-inv"];
/// Eigenvalues below this share of the largest are rounding of single precision.
const ROUNDING: f64 = 1e-6;
/// Level of the published comparison of singular values with shuffles.
const LEVEL: f64 = 0.01;
const SEED: u64 = 2;

/// Sizes of projections by eigenvalue, with shuffled and noise-driven controls.
pub(in super::super) fn alignment(study: &Study<'_>) -> Result<Content> {
    let spectrum = &measured(study)?.average;
    let (evolved_runs, control_runs) = (pooled(study, Grid::Round2)?, pooled(study, Grid::NoiseControl)?);
    let (evolved, control) = (final_codes(&evolved_runs)?, final_codes(&control_runs)?);
    let axes = &spectrum.eigenvectors;
    let sizes = Projections::of(&evolved, axes)?.mean_absolute;
    let driven = Projections::of(&control, axes)?.mean_absolute;
    let mut rng = stream_rng(SEED, Stream::Resampling, 0);
    let mut shuffled = vec![0.0; sizes.len()];
    let mut shuffled_shares = Vec::new();
    for _ in 0..study.analyses.shuffles {
        let codes = shuffle_rows(&evolved, |n| rng.random_range(0..n))?;
        let found = Projections::of(&codes, axes)?.mean_absolute;
        shuffled.iter_mut().zip(found).for_each(|(sum, size)| *sum += size / study.analyses.shuffles as f64);
        shuffled_shares.push(singular_value_shares(&codes)?);
    }
    let shares = singular_value_shares(&evolved)?;
    let beyond = axes_beyond_shuffles(&shares, &shuffled_shares, LEVEL)?;
    let largest = spectrum.eigenvalues.first().copied().context("a metric without eigenvalues")?;
    let cutoff = spectrum.eigenvalues.iter().take_while(|value| **value > ROUNDING * largest).count();
    let relate = |sizes: &[f64]| Alignment::of(sizes, &shuffled, &spectrum.eigenvalues, cutoff);
    let found = relate(&sizes)?;
    let noise = relate(&driven)?;
    let log: Vec<f64> = spectrum.eigenvalues[..cutoff].iter().map(|value| value.log10()).collect();
    let shuffle = Correlation::pearson(&shuffled[..cutoff], &log).map_or(f64::NAN, |correlation| correlation.r);
    let visible = axes.columns(0, cutoff).into_owned();
    let correlated = Correlated::of(
        [(&evolved_runs, &evolved), (&control_runs, &control)],
        &visible,
        &log,
        [found.pearson.r, noise.pearson.r],
        study.analyses.resamples,
    )?;
    let figure = Figure {
        title: "Codes on the axes of the generator's metric".to_owned(),
        correlations: Some(Correlations { evolved: found.pearson.r, shuffled: shuffle, noise_driven: noise.pearson.r }),
        eigenvalues: spectrum.eigenvalues.clone(),
        evolved: sizes,
        shuffled,
        noise_driven: driven,
        singular_values: roots(&shares),
        shuffled_singular_values: shuffled_shares.iter().map(|shares| roots(shares)).collect(),
    };
    Ok(Content {
        svg: Some(figure.to_svg()?),
        summary: format!(
            "Do codes that a CMA-ES ends at have larger coefficients on axes along which the image changes more? Codes are \
             the mean codes of the last generation at unit length. Controls: the same codes with their coordinates \
             shuffled, and final mean codes of noise-driven runs of the same methods, which know nothing of images: \
             whatever alignment they show is not the search's doing. {cutoff} axes have an eigenvalue above {ROUNDING:e} of \
             the largest, and r is over those; {beyond} axes of the pooled codes exceed the {:.0} % quantile of all shuffled \
             ones. Axes are neighbours on a spectrum and no independent sample: intervals of r therefore resample units \
             (of controls, runs) and take the axes as given.{}",
            100.0 * (1.0 - LEVEL),
            restricted(measured(study)?)
        ),
        caption: format!(
            "Codes: {} Controls: {} Metric: average over {} codes, pixels, {}.",
            describe(evolved_runs.iter().copied()),
            describe(control_runs.iter().copied()),
            measured(study)?.codes.len(),
            measured(study)?.known()
        ),
        tables: vec![NamedTable { stem: "alignment", table: table(&found, &noise, shuffle) }],
        claims: correlated.claims()?,
    })
}

fn pooled<'a>(study: &'a Study<'_>, grid: Grid) -> Result<Vec<&'a Run>> {
    Ok(POOLED.iter().map(|optimizer| study.noise_free(grid, optimizer)).collect::<Result<Vec<_>>>()?.concat())
}

/// Mean codes of the last generation at unit length, `[M, N]`.
fn final_codes(runs: &[&Run]) -> Result<DMatrix<f64>> {
    let mut codes = Vec::new();
    for run in runs {
        let arrays = run.arrays()?;
        let mean = double(&arrays.generation_means[arrays.generation_means.len() - arrays.dim..]);
        let length = norm(&mean);
        codes.extend(mean.into_iter().map(|value| value / length));
    }
    Ok(DMatrix::from_row_slice(runs.len(), codes.len() / runs.len().max(1), &codes))
}

fn roots(shares: &[f64]) -> Vec<f64> {
    shares.iter().map(|share| share.max(0.0).sqrt()).collect()
}

fn table(found: &Alignment, noise: &Alignment, shuffle: f64) -> Table {
    let p = |p: f64| Cell { number: true, ..Cell::text(format!("{p:.1e}")) };
    let row = |name: &str, alignment: &Alignment| {
        vec![
            Cell::text(name),
            Cell::number(alignment.pearson.r, 3),
            Cell::number(alignment.spearman.r, 3),
            p(alignment.before.p),
            alignment.after.as_ref().map_or_else(|| Cell::text("–"), |test| p(test.p)),
        ]
    };
    Table {
        caption: "Mean absolute coefficient against log eigenvalue; Kolmogorov-Smirnov tests against shuffled codes"
            .to_owned(),
        headings: headings(["codes", "Pearson r", "Spearman r", "p before the cut-off", "p behind it"]),
        rows: vec![
            row("evolved", found),
            row("noise-driven", noise),
            vec![Cell::text("evolved, coordinates shuffled"), Cell::number(shuffle, 3)],
        ],
    }
}

/// Correlations of evolved codes and of controls, and what resamples of units and of control runs give.
struct Correlated {
    evolved: f64,
    control: f64,
    resampled: Vec<f64>,
    resampled_control: Vec<f64>,
    units: usize,
    control_runs: usize,
}

impl Correlated {
    /// Resamples units of evolved codes, and runs of controls, which have no unit in common.
    fn of(
        [evolved, control]: [(&[&Run], &DMatrix<f64>); 2],
        axes: &DMatrix<f64>,
        logarithms: &[f64],
        [evolved_r, control_r]: [f64; 2],
        resamples: usize,
    ) -> Result<Self> {
        let mut names: Vec<String> = Vec::new();
        let mut number = |run: &&Run| {
            let name = run.unit().to_string();
            names.iter().position(|known| *known == name).unwrap_or_else(|| {
                names.push(name);
                names.len() - 1
            })
        };
        let units: Vec<usize> = evolved.0.iter().map(&mut number).collect();
        let runs: Vec<usize> = (0..control.0.len()).collect();
        let (unit_count, run_count) = (names.len(), runs.len());
        let correlate = |codes: &DMatrix<f64>, groups: &[usize], count: usize, stream: u64| -> Result<Vec<f64>> {
            let mut rng = stream_rng(SEED, Stream::Resampling, stream);
            let draw = GroupBootstrap::draw(count, resamples, |n| rng.random_range(0..n))?;
            Ok(resampled_correlations(codes, axes, logarithms, groups, &draw)?)
        };
        Ok(Self {
            evolved: evolved_r,
            control: control_r,
            resampled: correlate(evolved.1, &units, unit_count, 1)?,
            resampled_control: correlate(control.1, &runs, run_count, 2)?,
            units: unit_count,
            control_runs: run_count,
        })
    }

    /// The correlation of evolved codes, and its excess over that of the controls.
    fn claims(&self) -> Result<Vec<Claim>> {
        let statement = |words: &str, claimed: &str| Statement {
            words: words.to_owned(),
            source: "figure on alignment",
            claimed: claimed.to_owned(),
        };
        let excess: Vec<f64> = self.resampled.iter().zip(&self.resampled_control).map(|(a, b)| a - b).collect();
        let (above, over) = ((Side::Above, 0.0), (self.units, "units, with the axes taken as given"));
        let along = statement("Evolved codes lie along the axes with large eigenvalues", "positive correlation");
        let more = statement("They do so more than codes of noise-driven runs", "no alignment in the control");
        let fewer = (self.units.min(self.control_runs), "units and as many control runs, with the axes taken as given");
        Ok(vec![
            over_units(along, "correlation", interval(self.evolved, &self.resampled, self.units)?, above, over),
            over_units(
                more,
                "difference of correlations",
                interval(self.evolved - self.control, &excess, fewer.0)?,
                above,
                fewer,
            ),
        ])
    }
}

/// A value with the percentile interval of its resamples over some groups.
fn interval(mean: f64, resampled: &[f64], groups: usize) -> Result<Estimate> {
    let tail = (1.0 - coverage(groups)?) / 2.0;
    let [low, high] = quantiles(resampled, [tail, 1.0 - tail])?;
    Ok(Estimate { mean, low, high })
}
