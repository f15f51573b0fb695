//! One tangent vector at several norms of a code: images and what separates them.

use analysis::contrast::rms_contrast;
use analysis::figure::step_geometry::NormCurve;
use analysis::figure::tangent_images::{MovedImages, TangentImages};
use analysis::geometry::norm;
use analysis::picture::Picture;
use analysis::report::{Cell, Table};
use analysis::style::optimizer_label;
use analysis::tangent::{Step, codes_at};
use anyhow::{Context, Result};
use optim_core::{Stream, stream_rng};
use rand_distr::{Distribution, StandardNormal};

use super::super::models::Perception;
use super::super::runs::{Run, double};
use super::super::study::{Content, NamedTable, Study, describe};
use super::{WALKERS, headings, single};

/// Multiples of the code at which the vector is added.
const SCALES: [f64; 7] = [0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0];
/// Length of the vector as a share of the code's norm.
pub(super) const STEP: f64 = 0.2;
const SEED: u64 = 1;
/// Side of an image, CSS pixels.
const TILE: f64 = 96.0;

/// Images of a code at several norms with one tangent vector added and subtracted, and their distances.
pub(in super::super) fn tangent(study: &Study<'_>) -> Result<Content> {
    let shown = WALKERS.iter().map(|optimizer| study.shown(optimizer)).collect::<Result<Vec<_>>>()?;
    let shown: Vec<&Run> = shown.into_iter().flatten().collect();
    let best = best_run(&shown)?;
    let mut perception = study.models.perception(best.networks().context("images need a network")?)?;
    let walk = TangentWalk::of(&best_code(&shown)?, &mut perception)?;
    let title = "One tangent vector at several norms of a code".to_owned();
    let (norms, code, moved) = (walk.norms(), walk.code.clone(), walk.moved.clone());
    Ok(Content {
        svg: Some(TangentImages { title, norms, code, moved, tile: TILE }.to_svg()?),
        summary: format!(
            "A random vector stands at right angles to an evolved code z and is {:.0} % as long. Rows of the same length add the \
             vector as it is to z at every norm. At a small norm it makes another image, at a large one hardly a difference. \
             Rows of the same angle lengthen the vector with the norm and put the sum back onto the sphere. The change of \
             the image then hardly depends on the norm. The section on steps defines the distance and draws its curve.",
            100.0 * STEP
        ),
        caption: format!(
            "z is the code with the best clean score of {} on {}, at norm {:.0}. {}",
            optimizer_label(&best.label),
            study.models.unit_label(best),
            walk.norm,
            describe([best])
        ),
        tables: vec![NamedTable { stem: "tangent", table: walk.table() }],
        ..Content::default()
    })
}

/// The run with the best clean score.
fn best_run<'a>(runs: &[&'a Run]) -> Result<&'a Run> {
    runs.iter().max_by(|a, b| a.best_clean.total_cmp(&b.best_clean)).copied().context("no runs to take a code of")
}

/// The code with the best clean score among some runs.
pub(super) fn best_code(runs: &[&Run]) -> Result<Vec<f64>> {
    Ok(double(&best_run(runs)?.arrays()?.best_code.context("a run without a best code")?))
}

/// A code at several norms, alone and moved along one tangent vector.
pub(super) struct TangentWalk {
    norm: f64,
    /// Contrast of the code's image at every norm.
    contrasts: Vec<f64>,
    code: Vec<Picture>,
    /// Backward and forward, at the same length and at the same angle.
    moved: Vec<MovedImages>,
}

impl TangentWalk {
    /// Draws the vector and takes the images.
    pub(super) fn of(code: &[f64], perception: &mut Perception) -> Result<Self> {
        let mut rng = stream_rng(SEED, Stream::Resampling, 0);
        let random: Vec<f64> = code.iter().map(|_| StandardNormal.sample(&mut rng)).collect();
        let size = STEP * norm(code) / norm(&random);
        let vector: Vec<f64> = random.iter().map(|x| size * x).collect();
        let mut walk = Self { norm: norm(code), contrasts: Vec::new(), code: Vec::new(), moved: Vec::new() };
        for step in [Step::Euclidean, Step::Angular] {
            let empty = |forward| MovedImages { step, forward, images: Vec::new(), distances: Vec::new() };
            let mut ways = [empty(false), empty(true)];
            let codes = codes_at(code, &vector, &SCALES, step)?;
            for index in 0..SCALES.len() {
                let seen = perception.perceive(&single(&codes.rows(3 * index, 3).into_owned()))?;
                let distances = seen.distances()?;
                for (way, image) in ways.iter_mut().zip([0, 2]) {
                    way.images.push(seen.picture(image)?);
                    way.distances.push(distances[(1, image)]);
                }
                if step == Step::Euclidean {
                    walk.code.push(seen.picture(1)?);
                    walk.contrasts.push(rms_contrast(&seen.pixels(1))?);
                }
            }
            walk.moved.extend(ways);
        }
        Ok(walk)
    }

    fn norms(&self) -> Vec<f64> {
        SCALES.iter().map(|scale| scale * self.norm).collect()
    }

    /// Contrast of the code against its norm.
    pub(super) fn contrast(&self) -> NormCurve {
        let points = self.norms().into_iter().zip(self.contrasts.iter().copied()).collect();
        NormCurve { label: "best code, scaled".to_owned(), run: false, points }
    }

    /// Mean perceptual distance of both ways against the norm, a curve a kind of step.
    pub(super) fn curves(&self) -> Vec<NormCurve> {
        let curve = |(step, label): (Step, &str)| {
            let points = self.norms().into_iter().zip(self.distances(step)).collect();
            NormCurve { label: label.to_owned(), run: false, points }
        };
        [(Step::Euclidean, "vector of the same length"), (Step::Angular, "vector of the same angle")]
            .map(curve)
            .to_vec()
    }

    /// Mean distance of both ways at every norm.
    fn distances(&self, step: Step) -> Vec<f64> {
        let ways: Vec<&MovedImages> = self.moved.iter().filter(|way| way.step == step).collect();
        let mean = |index: usize| ways.iter().map(|way| way.distances[index]).sum::<f64>() / ways.len() as f64;
        (0..SCALES.len()).map(mean).collect()
    }

    fn table(&self) -> Table {
        let columns = [self.distances(Step::Euclidean), self.distances(Step::Angular)];
        let row = |(index, norm): (usize, &f64)| {
            let mut cells = vec![Cell::number(*norm, 1), Cell::number(self.contrasts[index], 4)];
            cells.extend(columns.iter().map(|distances| Cell::number(distances[index], 4)));
            cells
        };
        Table {
            caption: "Perceptual distance that the vector makes, mean of adding and subtracting it".to_owned(),
            headings: headings(["norm of the code", "contrast of its image", "same length", "same angle"]),
            rows: self.norms().iter().enumerate().map(row).collect(),
        }
    }
}
