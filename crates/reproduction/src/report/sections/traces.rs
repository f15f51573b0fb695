//! Scores over a run.

use analysis::figure::score_curves::{Curve, CurveRow, ScoreCurves};
use anyhow::Result;

use super::super::campaigns::Grid;
use super::super::study::{Content, Study, describe};

/// Best clean score so far by generation and by evaluation, a row a noise level.
pub(in super::super) fn traces(study: &Study<'_>, round: Grid) -> Result<Content> {
    let (runs, scores) = (study.runs(round)?, study.scores(round)?);
    let mut rows = Vec::new();
    for noise in scores.levels() {
        let mut curves = Vec::new();
        for optimizer in &scores.optimizers {
            let mut curve = Curve { optimizer: optimizer.clone(), scores: Vec::new(), evaluations: Vec::new() };
            for run in runs.iter().filter(|run| run.label == *optimizer && run.noise == noise) {
                let name = run.unit().to_string();
                if let Some(unit) = scores.units.iter().find(|unit| unit.name == name) {
                    curve.scores.push(run.best_so_far.iter().map(|score| score / unit.largest).collect());
                    curve.evaluations.clone_from(&run.evaluations);
                }
            }
            curves.push(curve);
        }
        let heading = if noise == 0.0 { "No noise".to_owned() } else { format!("Noise {noise}") };
        rows.push(CurveRow { heading, curves });
    }
    let title = round.titled("best clean score so far");
    let figure = ScoreCurves { title, y_label: "normalised clean score".to_owned(), rows };
    Ok(Content {
        svg: Some(figure.to_svg()?),
        summary: "The curves show the largest clean score so far over the largest of its unit, as means over runs. Bands are \
                  one standard error, drawn where the curves are few enough to tell them apart. Under noise the optimizers \
                  saw noisy scores; the curves show the clean scores of the same images. Runs of a unit are not \
                  independent, so no band serves as a test."
            .to_owned(),
        caption: describe(runs),
        ..Content::default()
    })
}
