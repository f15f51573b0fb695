//! Cosine fits of trajectories.

use analysis::figure::cosine_panels::{CosineGroup, CosinePanels, CosineRun};
use analysis::figure::projections::ProjectionRow;
use analysis::pca::Pca;
use analysis::published_cosine;
use analysis::random_walk::{explained_variance_ratio, limiting_ratio};
use analysis::report::{Cell, Claim, Table};
use analysis::style::optimizer_label;
use anyhow::{Context, Result};
use nalgebra::DMatrix;

use super::super::campaigns::Grid;
use super::super::claims::{Notation, Side, Statement, over_runs};
use super::super::study::{Content, NamedTable, Study, describe};
use super::{PROJECTED, headings, mean_cell};

/// Components that are fitted.
const COMPONENTS: usize = 10;
/// R2 that counts as near 1.
const CLOSE: f64 = 0.9;
/// Components whose fits the claim takes together.
const CLAIMED: usize = 5;

/// The four panels, over noise-free runs on units and noise-driven ones.
pub(in super::super) fn cosines(study: &Study<'_>) -> Result<Content> {
    let mut groups = Vec::new();
    for optimizer in PROJECTED {
        for (grid, note) in [(Grid::Round2, "units"), (Grid::NoiseControl, "noise-driven")] {
            let runs = study.noise_free(grid, optimizer)?;
            let fitted = runs.iter().map(|run| fits(&run.trajectory()?)).collect::<Result<Vec<_>>>()?;
            let control = grid == Grid::NoiseControl;
            let generations = runs.first().map_or(2, |run| run.generations());
            let (optimizer, note) = (optimizer.to_owned(), note.to_owned());
            groups.push(CosineGroup { optimizer, note, control, generations, runs: fitted });
        }
    }
    let shown = study.shown("cholesky-cmaes")?.context("round2 has no noise-free run of cholesky-cmaes")?;
    let label = study.models.unit_label(shown);
    let figure = CosinePanels {
        title: "Principal components of the mean code's trajectory".to_owned(),
        shown: ProjectionRow::of(&shown.label, &label, &shown.trajectory()?)?,
        groups: groups.clone(),
    };
    let captioned = |grid: Grid| -> Result<String> {
        let runs = PROJECTED.iter().map(|optimizer| study.noise_free(grid, optimizer)).collect::<Result<Vec<_>>>()?;
        Ok(describe(runs.concat()))
    };
    Ok(Content {
        svg: Some(figure.to_svg()?),
        summary: "The principal projections of a random walk in many dimensions are cosines: half a period, one period, one \
                  and a half periods and so on. Component k explains 6 / (π² k²) of the variance, at finite T nearly that \
                  (Antognini and Sohl-Dickstein, 2018). Fits are A cos(2π ω (x + φ)) + b within the published bounds. R² is \
                  given with ω and φ free, and with both fixed by theory. The free fit is the best of several searches; \
                  the publication made one, which can end below the fixed fit.\n\nCompare runs on units with noise-driven \
                  ones: cosines alone are no sign of search. SphereCMA's steps shrink over the run, so its path is no \
                  walk of equal steps."
            .to_owned(),
        caption: format!(
            "Top left: {label}. Units: {} Noise-driven: {}",
            captioned(Grid::Round2)?,
            captioned(Grid::NoiseControl)?
        ),
        tables: vec![NamedTable { stem: "cosines", table: table(&groups)? }],
        claims: claims(&groups)?,
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

/// A row a group and component.
fn table(groups: &[CosineGroup]) -> Result<Table> {
    let mut rows = Vec::new();
    for group in groups {
        let generations = group.generations;
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
        caption: "Cosine fits by component: mean ± standard error over runs (one run has no error)".to_owned(),
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
fn claims(groups: &[CosineGroup]) -> Result<Vec<Claim>> {
    let mut claims = Vec::new();
    let own = |group: &&CosineGroup| group.optimizer == "cholesky-cmaes" && !group.runs.is_empty();
    for group in groups.iter().filter(own) {
        let theory = explained_variance_ratio(1, group.generations)?;
        let name = format!("{} ({})", optimizer_label(&group.optimizer), group.note);
        let statement = |words: String, claimed: &str| Statement {
            words,
            source: "figure on principal components",
            claimed: claimed.to_owned(),
            ..Statement::default()
        };
        let fit: Vec<f64> =
            group.runs.iter().map(|run| mean(&run.r_squared_free[..CLAIMED.min(run.r_squared_free.len())])).collect();
        let words = format!("{name}: cosines fit the first {CLAIMED} projections");
        claims.push(over_runs(
            statement(words, "R² near 1"),
            "mean R² free",
            &fit,
            (Side::Above, CLOSE),
            Notation::Decimals(3),
        )?);
        let share: Vec<f64> =
            group.runs.iter().filter_map(|run| run.explained_variance_ratio.first().copied()).collect();
        let away: Vec<f64> = share.iter().map(|share| (share / theory - 1.0).abs()).collect();
        let words = format!(
            "{name}: the first component explains the share of the variance that theory has at T = {}, within a tenth of it",
            group.generations
        );
        let mut claim = over_runs(
            statement(words, &format!("{theory:.3}")),
            "relative distance from theory, mean over runs",
            &away,
            (Side::Below, 0.1),
            Notation::Decimals(3),
        )?;
        claim.ours = format!("{:.3}", mean(&share));
        claims.push(claim);
    }
    Ok(claims)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
