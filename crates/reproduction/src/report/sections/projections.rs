//! Projections of several optimizers, and pairs of them.

use analysis::figure::lissajous::{Lissajous, LissajousPanel};
use analysis::figure::projections::{ProjectionRow, Projections};
use analysis::lissajous::{LissajousPair, pairs};
use analysis::pca::Pca;
use analysis::report::{Cell, Table};
use analysis::style::optimizer_label;
use anyhow::{Context, Result};

use super::super::campaigns::Grid;
use super::super::runs::Run;
use super::super::study::{Content, NamedTable, Study, describe};
use super::{PROJECTED, headings};

/// Components that are paired.
const PAIRED: usize = 4;

/// A run on a unit and a noise-driven one of every optimizer, with what figures call them.
fn shown<'a>(study: &'a Study<'_>) -> Result<Vec<(&'a Run, String)>> {
    let mut runs = Vec::new();
    for optimizer in PROJECTED {
        runs.extend(study.shown(optimizer)?.map(|run| (run, study.models.unit_label(run))));
        let control = study.noise_free(Grid::NoiseControl, optimizer)?.into_iter().next();
        runs.extend(control.map(|run| (run, "noise-driven control".to_owned())));
    }
    Ok(runs)
}

/// The first five projections with cosines of free frequency, and explained variance.
pub(in super::super) fn projections(study: &Study<'_>) -> Result<Content> {
    let shown = shown(study)?;
    let row = |(run, note): &(&Run, String)| -> Result<ProjectionRow> {
        let row = ProjectionRow::of(&run.label, note, &run.trajectory()?);
        row.with_context(|| format!("no projections of {} on {note}", run.label))
    };
    let rows = shown.iter().map(row).collect::<Result<_>>()?;
    let title = "Principal components of the mean code's trajectory".to_owned();
    Ok(Content {
        svg: Some(Projections { title, rows }.to_svg()?),
        summary:
            "Every optimizer shows one run on a unit and one noise-driven control. Where the mean code wanders, its \
                  projections are cosines with and without selection. The fits are those of the figure before."
                .to_owned(),
        caption: describe(shown.iter().map(|(run, _)| *run)),
        ..Content::default()
    })
}

/// Pairs of the first projections, measured and ideal.
pub(in super::super) fn lissajous(study: &Study<'_>) -> Result<Content> {
    let shown = shown(study)?;
    let (mut rows, mut fits) = (Vec::new(), Vec::new());
    for (run, note) in &shown {
        let trajectory = run.trajectory()?;
        let pca = Pca::fit(&trajectory, PAIRED.min(trajectory.nrows() - 1))?;
        let found = pairs(&pca, pca.components())?;
        let heading = format!("{}, {note}", optimizer_label(&run.label));
        let mut cells = vec![Cell::text(&heading)];
        cells.extend(found.iter().map(|pair| Cell::number(pair.r_squared, 3)));
        fits.push(cells);
        rows.push((heading, found.iter().map(panel).collect()));
    }
    let components = 1..=PAIRED;
    let names =
        components.flat_map(|vertical| (1..vertical).map(move |horizontal| format!("{horizontal}, {vertical}")));
    let table = Table {
        caption: "Share of the squared distances from the origin that the ideal curve explains, by pair of components"
            .to_owned(),
        headings: headings(["run"]).into_iter().chain(names).collect(),
        rows: fits,
    };
    let title = "Pairs of principal projections".to_owned();
    Ok(Content {
        svg: Some(Lissajous { title, rows }.to_svg()?),
        summary:
            "Two cosines of k/2 periods against each other are Lissajous curves (dashed). Points run from dark (first \
                  generation) to light (last). The table tells how much of the squared distances from the origin the ideal \
                  curve explains; it is negative where the curve is worse than the origin."
                .to_owned(),
        caption: describe(shown.iter().map(|(run, _)| *run)),
        tables: vec![NamedTable { stem: "lissajous", table }],
        ..Content::default()
    })
}

fn panel(pair: &LissajousPair) -> LissajousPanel {
    let points = |points: &[[f64; 2]]| points.iter().map(|&[x, y]| (x, y)).collect();
    LissajousPanel {
        horizontal: pair.horizontal,
        vertical: pair.vertical,
        measured: points(&pair.points),
        ideal: points(&pair.theory),
    }
}
