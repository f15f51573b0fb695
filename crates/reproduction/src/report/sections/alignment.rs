//! Do evolved codes lie along the axes that images are sensitive to?

use analysis::alignment::{
    Alignment, Projections, ROUNDING, Shuffled, axes_above_rounding, axes_beyond_shuffles, correlation_error,
    singular_value_shares,
};
use analysis::correlation::Correlation;
use analysis::figure::Estimate;
use analysis::figure::alignment::{Alignment as Figure, Correlations};
use analysis::geometry::norm;
use analysis::interval::reach;
use analysis::report::{Cell, Claim, Table};
use anyhow::Result;
use nalgebra::DMatrix;
use optim_core::{Stream, stream_rng};
use rand::RngExt;

use super::super::campaigns::Grid;
use super::super::claims::{COVERAGE, Side, Statement, over_groups};
use super::super::runs::{Run, double};
use super::super::study::{Content, NamedTable, Study, describe};
use super::headings;
use super::metric::{measured, restricted};

/// Optimizers whose final codes are pooled: the CMA-ES.
const POOLED: [&str; 5] = ["cholesky-cmaes", "cma", "diagonal-cma", "sphere-cma", "sphere-cma-inv"];
/// Level of the published comparison of singular values with shuffles.
const LEVEL: f64 = 0.01;
const SEED: u64 = 2;

/// Sizes of projections by eigenvalue, with shuffled and noise-driven controls.
pub(in super::super) fn alignment(study: &Study<'_>) -> Result<Content> {
    let measured = measured(study)?;
    let spectrum = &measured.average;
    let (evolved_runs, control_runs) = (pooled(study, Grid::Round2)?, pooled(study, Grid::NoiseControl)?);
    let (evolved, control) = (final_codes(&evolved_runs)?, final_codes(&control_runs)?);
    let axes = &spectrum.eigenvectors;
    let sizes = Projections::of(&evolved, axes)?.mean_absolute;
    let driven = Projections::of(&control, axes)?.mean_absolute;
    let mut rng = stream_rng(SEED, Stream::Resampling, 0);
    let Shuffled { mean_absolute: shuffled, shares: shuffled_shares } =
        Shuffled::of(&evolved, axes, study.analyses.shuffles, |n| rng.random_range(0..n))?;
    let shares = singular_value_shares(&evolved)?;
    let beyond = axes_beyond_shuffles(&shares, &shuffled_shares, LEVEL)?;
    let cutoff = axes_above_rounding(&spectrum.eigenvalues);
    let relate = |sizes: &[f64]| Alignment::of(sizes, &shuffled, &spectrum.eigenvalues, cutoff);
    let found = relate(&sizes)?;
    let noise = relate(&driven)?;
    let log: Vec<f64> = spectrum.eigenvalues[..cutoff].iter().map(|value| value.log10()).collect();
    let shuffle = Correlation::pearson(&shuffled[..cutoff], &log).map_or(f64::NAN, |correlation| correlation.r);
    let visible = axes.columns(0, cutoff).into_owned();
    let names = |runs: &[&Run], name: fn(&Run) -> String| runs.iter().map(|run| name(run)).collect::<Vec<String>>();
    let units = names(&evolved_runs, |run| run.unit().to_string());
    let runs = names(&control_runs, |run| format!("{} {}", run.label, run.repeat));
    let over_units = Correlated::of(found.pearson.r, &evolved, &units, &visible, &log);
    let over_runs = Correlated::of(noise.pearson.r, &control, &runs, &visible, &log);
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
            "Do the codes at the end of a CMA-ES lie along axes that change the image much? Codes are the mean codes of the \
             last generation, at unit length. There are two controls: the same codes with their coordinates shuffled, and \
             the final mean codes of noise-driven runs. Neither knows of images, so the search did not cause their \
             alignment. The correlation r is over the {cutoff} axes with an eigenvalue above {ROUNDING:e} of the largest. \
             {beyond} axes of the pooled codes exceed the {:.0} % quantile of all axes of shuffled codes, as the publication \
             counts them; the first axes of shuffled codes can exceed it too.\n\nAxes are neighbours on \
             one spectrum, so they are not an independent sample. The table therefore gives distances of distributions and no p values \
             (0: the same, 1: apart). The intervals of r leave out units in turn (of controls: runs) and take the axes as \
             given.{}",
            100.0 * (1.0 - LEVEL),
            restricted(&measured)
        ),
        caption: format!(
            "Codes: {} Controls: {} Metric: average over {} codes, pixels, {}.",
            describe(evolved_runs.iter().copied()),
            describe(control_runs.iter().copied()),
            measured.codes.len(),
            measured.known()
        ),
        tables: vec![NamedTable { stem: "alignment", table: table(&found, &noise, shuffle) }],
        claims: claims(&over_units, &over_runs),
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
    let row = |name: &str, alignment: &Alignment| {
        vec![
            Cell::text(name),
            Cell::number(alignment.pearson.r, 3),
            Cell::number(alignment.spearman.r, 3),
            Cell::number(alignment.before.statistic, 3),
            Cell::number(alignment.after.as_ref().map_or(f64::NAN, |test| test.statistic), 3),
        ]
    };
    Table {
        caption: "Mean absolute coefficient against log eigenvalue, and its Kolmogorov-Smirnov distance from that of \
                  shuffled codes"
            .to_owned(),
        headings: headings(["codes", "Pearson r", "Spearman r", "distance before the cut-off", "distance behind it"]),
        rows: vec![
            row("evolved", found),
            row("noise-driven", noise),
            vec![Cell::text("evolved, coordinates shuffled"), Cell::number(shuffle, 3)],
        ],
    }
}

/// A correlation with its standard error over groups of codes.
struct Correlated {
    r: f64,
    /// NaN for a single group.
    error: f64,
    groups: usize,
}

impl Correlated {
    /// Groups are those of runs of one name: units, or control runs, which have no unit.
    fn of(r: f64, codes: &DMatrix<f64>, names: &[String], axes: &DMatrix<f64>, logarithms: &[f64]) -> Self {
        let mut known: Vec<&String> = Vec::new();
        let mut number = |name| {
            known.iter().position(|other| *other == name).unwrap_or_else(|| {
                known.push(name);
                known.len() - 1
            })
        };
        let groups: Vec<usize> = names.iter().map(&mut number).collect();
        let error = correlation_error(codes, axes, logarithms, &groups).unwrap_or(f64::NAN);
        Self { r, error, groups: known.len() }
    }

    fn interval(&self) -> Estimate {
        let reach = self.error * reach(self.groups, COVERAGE).unwrap_or(f64::NAN);
        Estimate { mean: self.r, low: self.r - reach, high: self.r + reach }
    }
}

/// The correlation of evolved codes, and its excess over that of the controls.
fn claims(evolved: &Correlated, control: &Correlated) -> Vec<Claim> {
    let statement = |words: &str, claimed: &str| Statement {
        words: words.to_owned(),
        source: "figure on alignment",
        claimed: claimed.to_owned(),
        ..Statement::default()
    };
    let excess = Correlated {
        r: evolved.r - control.r,
        error: evolved.error.hypot(control.error),
        groups: evolved.groups.min(control.groups),
    };
    let judge = |statement, measure, found: &Correlated, over: &str| {
        let over = format!("the 95 % jackknife interval over {over}, with the axes taken as given,");
        over_groups(statement, measure, found.interval(), (Side::Above, 0.0), (found.groups, &over))
    };
    let (units, runs) = (format!("{} units", evolved.groups), format!("{} control runs", control.groups));
    vec![
        judge(
            statement("Evolved codes lie along the axes with large eigenvalues", "positive correlation"),
            "correlation",
            evolved,
            &units,
        ),
        judge(
            statement(
                "Evolved codes lie along these axes more than codes of noise-driven runs",
                "no alignment in the control",
            ),
            "difference of correlations",
            &excess,
            &format!("{units} and {runs}"),
        ),
    ]
}
