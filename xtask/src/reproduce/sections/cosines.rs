//! Cosine fits of trajectories.

use analysis::figure::cosine_panels::{CosineGroup, CosinePanels, CosineRun};
use analysis::figure::projections::ProjectionRow;
use analysis::pca::Pca;
use analysis::published_cosine;
use analysis::random_walk::{explained_variance_ratio, limiting_ratio};
use analysis::report::{Cell, Claim, Table};
use analysis::style::optimizer_label;
use analysis::summary::Summary;
use anyhow::{Context, Result};
use nalgebra::DMatrix;

use super::super::campaigns::Grid;
use super::super::claims::{Notation, Side, Statement, over_runs};
use super::super::runs::Run;
use super::super::study::{Content, NamedTable, Study, describe};
use super::{PROJECTED, headings, mean_cell};

/// Components that are fitted.
const COMPONENTS: usize = 10;
/// Components whose fits the claim takes together.
const CLAIMED: usize = 5;

/// The four panels, over noise-free runs on units and noise-driven ones.
pub(in super::super) fn cosines(study: &Study<'_>) -> Result<Content> {
    let (mut groups, mut lengths) = (Vec::new(), Vec::new());
    for optimizer in PROJECTED {
        for (grid, note) in [(Grid::Round2, "units"), (Grid::NoiseControl, "noise-driven")] {
            let runs = study.noise_free(grid, optimizer)?;
            let fitted = runs.iter().map(|run| fits(&run.trajectory()?)).collect::<Result<Vec<_>>>()?;
            let control = grid == Grid::NoiseControl;
            lengths.push(runs.first().map_or(2, |run| run.generations()));
            groups.push(CosineGroup { optimizer: optimizer.to_owned(), note: note.to_owned(), control, runs: fitted });
        }
    }
    let shown = study.shown("cholesky-cmaes")?.context("round2 has no noise-free run of cholesky-cmaes")?;
    let label = study.models.unit_label(shown);
    let generations = shown.generations();
    let figure = CosinePanels {
        title: "Principal components of the mean code's trajectory".to_owned(),
        generations,
        shown: ProjectionRow::of(&shown.label, &label, &shown.trajectory()?)?,
        groups: groups.clone(),
    };
    let captioned: Vec<&Run> = PROJECTED
        .iter()
        .map(|optimizer| study.noise_free(Grid::Round2, optimizer))
        .collect::<Result<Vec<_>>>()?
        .concat();
    Ok(Content {
        svg: Some(figure.to_svg()?),
        summary: "The principal projections of a random walk in many dimensions are cosines of half a period, one period, \
                  one and a half periods and so on, and component k explains 6 / (π² k²) of the variance, at finite T \
                  nearly that. Fits are A cos(2π ω (x + φ)) + b with the published start values and bounds; R² is given \
                  with ω and φ free and fixed by theory. Compare runs on units with noise-driven ones: cosines alone are \
                  no sign of search. SphereCMA's steps shrink over the run, so that it is no walk of equal steps."
            .to_owned(),
        caption: format!("Top left: {label}. {} Beside them noise-driven runs.", describe(captioned)),
        tables: vec![NamedTable { stem: "cosines", table: table(&groups, &lengths)? }],
        claims: claims(&groups, &lengths)?,
    })
}

/// Fits of one trajectory.
fn fits(trajectory: &DMatrix<f64>) -> Result<CosineRun> {
    let components = COMPONENTS.min(trajectory.nrows().saturating_sub(1));
    let pca = Pca::fit(trajectory, components)?;
    let mut run = CosineRun {
        periods: Vec::new(),
        r_squared_free: Vec::new(),
        r_squared_fixed: Vec::new(),
        explained_variance_ratio: pca.explained_variance_ratio.clone(),
    };
    for component in 0..components {
        let fit = published_cosine::fit(&pca.projection(component)?, component + 1)?;
        run.periods.push(fit.omega);
        run.r_squared_free.push(fit.r_squared_free);
        run.r_squared_fixed.push(fit.r_squared_fixed);
    }
    Ok(run)
}

/// A row a group and component; `lengths` are the generations of the groups' runs.
fn table(groups: &[CosineGroup], lengths: &[usize]) -> Result<Table> {
    let mut rows = Vec::new();
    for (group, &generations) in groups.iter().zip(lengths) {
        for k in 1..=CLAIMED.min(generations - 1) {
            let of = |list: fn(&CosineRun) -> &Vec<f64>| -> Vec<f64> {
                group.runs.iter().filter_map(|run| list(run).get(k - 1).copied()).collect()
            };
            rows.push(vec![
                Cell::text(format!("{}, {}", optimizer_label(&group.optimizer), group.note)),
                Cell::number(k as f64, 0),
                mean_cell(&of(|run| &run.periods), 3),
                Cell::number(k as f64 / 2.0, 1),
                mean_cell(&of(|run| &run.r_squared_free), 3),
                mean_cell(&of(|run| &run.r_squared_fixed), 3),
                mean_cell(&of(|run| &run.explained_variance_ratio), 4),
                Cell::number(explained_variance_ratio(k, generations)?, 4),
                Cell::number(limiting_ratio(k)?, 4),
            ]);
        }
    }
    Ok(Table {
        caption: "Cosine fits by component: mean ± standard error over runs".to_owned(),
        headings: headings([
            "runs",
            "component",
            "periods",
            "theory",
            "R² free",
            "R² fixed",
            "explained variance",
            "theory, finite T",
            "6 / (π² k²)",
        ]),
        rows,
    })
}

/// R2 and explained variance of the CMA-ES that the publication shows, and of its control.
fn claims(groups: &[CosineGroup], lengths: &[usize]) -> Result<Vec<Claim>> {
    let mut claims = Vec::new();
    let own = |(group, _): &(&CosineGroup, &usize)| group.optimizer == "cholesky-cmaes" && !group.runs.is_empty();
    for (group, &generations) in groups.iter().zip(lengths).filter(own) {
        let theory = explained_variance_ratio(1, generations)?;
        let name = format!("{} ({})", optimizer_label(&group.optimizer), group.note);
        let statement = |words: String, claimed: &str| Statement {
            words,
            source: "figure on principal components",
            claimed: claimed.to_owned(),
        };
        let fit: Vec<f64> =
            group.runs.iter().map(|run| mean(&run.r_squared_free[..CLAIMED.min(run.r_squared_free.len())])).collect();
        let words = format!("{name}: cosines fit the first {CLAIMED} projections");
        claims.push(over_runs(
            statement(words, "R² near 1"),
            "mean R² free",
            &fit,
            (Side::Above, 0.8),
            Notation::Decimals(3),
        )?);
        let share: Vec<f64> =
            group.runs.iter().filter_map(|run| run.explained_variance_ratio.first().copied()).collect();
        let away: Vec<f64> = share.iter().map(|share| (share / theory - 1.0).abs()).collect();
        let words = format!(
            "{name}: the first component explains {:.3} of the variance, as theory at T = {generations} has it; ours: the \
             relative distance from it, mean share {:.3}",
            theory,
            Summary::of(&share)?.mean
        );
        let claimed = format!("{theory:.3}");
        claims.push(over_runs(
            statement(words, &claimed),
            "relative distance",
            &away,
            (Side::Below, 0.1),
            Notation::Decimals(3),
        )?);
    }
    Ok(claims)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
