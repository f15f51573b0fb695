//! The metric of a generator at a code, by finite differences.

use nalgebra::DMatrix;
use optim_core::{Generator, to_f32};

use super::directions::Directions;
use super::error::{ProbeError, check_batch, check_length, check_step};
use super::gram::gram;

/// Which points a derivative is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// `(G(z + h d) - G(z)) / h`: one image a direction and one more; the error falls with h.
    Forward,
    /// `(G(z + h d) - G(z - h d)) / 2h`: two images a direction; the error falls with the square of h.
    Central,
}

/// How a metric is measured.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricPlan {
    /// Along what.
    pub directions: Directions,
    /// Step h, in the units of the codes. Images are of single precision, so that a step that changes them by less than
    /// about 1e-4 of their range measures rounding.
    pub step: f64,
    /// Which points.
    pub difference: Difference,
    /// Codes a call of the generator.
    pub batch: usize,
}

/// `J'J` of the features of a generator's images along k directions: shape `[k, k]`, in squared feature units a squared
/// unit of code.
///
/// `features` appends the features of a batch of images, C-order `[n, P]`: its pixels for pixel distance, a network's
/// activations for a feature distance. `progress` is called with the images made and to be made. With all 4096 axes and
/// 64 x 64 pixels in colour the differences take 201 MB of single precision and the result 134 MB; directions that the
/// images do not depend on give rows of zero.
///
/// # Errors
/// If plan and code do not fit the generator, a feature is not finite, or the generator or `features` fails.
pub fn metric<G, E>(
    generator: &mut G,
    code: &[f64],
    plan: &MetricPlan,
    features: impl FnMut(&G::Images, &mut Vec<f32>) -> Result<(), E>,
    progress: impl FnMut(usize, usize),
) -> Result<DMatrix<f64>, ProbeError>
where
    G: Generator,
    E: std::error::Error + Send + Sync + 'static,
{
    let dim = generator.latent_dim();
    check_length("the code", dim, code.len())?;
    check_step(plan.step)?;
    check_batch(plan.batch)?;
    plan.directions.check(dim)?;
    let count = plan.directions.count(dim);
    let mut probe = Probe { generator, code, plan, features, progress, made: 0 };
    let differences = probe.differences(count)?;
    let scale = match plan.difference {
        Difference::Forward => 1.0,
        Difference::Central => 0.25,
    };
    Ok(gram(&differences, count, scale / (plan.step * plan.step)))
}

struct Probe<'a, G, F, P> {
    generator: &'a mut G,
    code: &'a [f64],
    plan: &'a MetricPlan,
    features: F,
    progress: P,
    made: usize,
}

impl<G, E, F, P> Probe<'_, G, F, P>
where
    G: Generator,
    E: std::error::Error + Send + Sync + 'static,
    F: FnMut(&G::Images, &mut Vec<f32>) -> Result<(), E>,
    P: FnMut(usize, usize),
{
    /// Differences of features, direction after direction: `[P, k]` column by column, not yet divided by the step.
    fn differences(&mut self, count: usize) -> Result<Vec<f32>, ProbeError> {
        let mut centre = Vec::new();
        self.append_features(&[(0, 0.0)], count, &mut centre)?;
        let width = centre.len();
        let mut ahead = Vec::with_capacity(width * count);
        let mut behind = Vec::new();
        for first in (0..count).step_by(self.plan.batch) {
            let steps = |sign: f64| -> Vec<(usize, f64)> {
                (first..count.min(first + self.plan.batch)).map(|index| (index, sign * self.plan.step)).collect()
            };
            let (start, onward, backward) = (ahead.len(), steps(1.0), steps(-1.0));
            self.append_features(&onward, count, &mut ahead)?;
            let added = &mut ahead[start..];
            if added.len() != onward.len() * width {
                return Err(ProbeError::Features { codes: onward.len(), values: added.len() });
            }
            match self.plan.difference {
                Difference::Forward => {
                    added.chunks_exact_mut(width).for_each(|image| subtract(image, &centre));
                }
                Difference::Central => {
                    behind.clear();
                    self.append_features(&backward, count, &mut behind)?;
                    if behind.len() != backward.len() * width {
                        return Err(ProbeError::Features { codes: backward.len(), values: behind.len() });
                    }
                    subtract(&mut ahead[start..], &behind);
                }
            }
        }
        match ahead.iter().position(|value| !value.is_finite()) {
            Some(index) => Err(ProbeError::NotFinite { point: index / width + 1 }),
            None => Ok(ahead),
        }
    }

    /// Renders the code moved by each of `steps` (direction, length) and appends the features.
    fn append_features(&mut self, steps: &[(usize, f64)], count: usize, out: &mut Vec<f32>) -> Result<(), ProbeError> {
        let mut codes = Vec::with_capacity(steps.len() * self.code.len());
        for &(direction, step) in steps {
            let mut moved = self.code.to_vec();
            self.plan.directions.add_to(&mut moved, direction, step);
            codes.extend(to_f32(&moved));
        }
        let images = self.generator.generate(&codes).map_err(ProbeError::evaluation)?;
        (self.features)(&images, out).map_err(ProbeError::evaluation)?;
        self.made += steps.len();
        let sides = if self.plan.difference == Difference::Central { 2 } else { 1 };
        (self.progress)(self.made, sides * count + 1);
        Ok(())
    }
}

fn subtract(values: &mut [f32], other: &[f32]) {
    values.iter_mut().zip(other).for_each(|(value, other)| *value -= other);
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use optim_core::{Stream, stream_rng};

    use super::*;

    /// Images of five pixels: a matrix times the code, and a curved part.
    struct Warped {
        matrix: DMatrix<f64>,
        curvature: f64,
    }

    impl Warped {
        fn new(curvature: f64) -> Self {
            Self { matrix: DMatrix::from_fn(5, 4, |i, j| ((i * 3 + j * 5) % 7) as f64 - 3.0), curvature }
        }
    }

    impl Generator for Warped {
        type Images = Vec<f32>;
        type Error = Infallible;
        fn latent_dim(&self) -> usize {
            4
        }
        fn generate(&mut self, codes: &[f32]) -> Result<Vec<f32>, Infallible> {
            let image = |code: &[f32]| {
                let code = nalgebra::DVector::from_iterator(4, code.iter().map(|value| f64::from(*value)));
                let curved = self.curvature * code.norm_squared();
                (&self.matrix * code).iter().map(|value| (value + curved) as f32).collect::<Vec<_>>()
            };
            Ok(codes.chunks_exact(4).flat_map(image).collect())
        }
    }

    #[expect(clippy::ptr_arg, reason = "the generator's batch of images is a vector")]
    fn pixels(images: &Vec<f32>, out: &mut Vec<f32>) -> Result<(), Infallible> {
        out.extend_from_slice(images);
        Ok(())
    }

    fn measure(generator: &mut Warped, code: &[f64], plan: &MetricPlan) -> DMatrix<f64> {
        metric(generator, code, plan, pixels, |_, _| ()).unwrap()
    }

    fn plan(directions: Directions, difference: Difference) -> MetricPlan {
        MetricPlan { directions, step: 0.5, difference, batch: 3 }
    }

    #[test]
    fn a_linear_generator_has_its_gram_matrix_everywhere() {
        let mut generator = Warped::new(0.0);
        let expected = generator.matrix.transpose() * &generator.matrix;
        for difference in [Difference::Forward, Difference::Central] {
            let found = measure(&mut generator, &[1.0, -2.0, 0.5, 0.25], &plan(Directions::Axes, difference));
            assert!((&found - &expected).amax() < 1e-5, "{found}");
        }
        let random = Directions::random(4, 2, &mut stream_rng(3, Stream::Resampling, 0)).unwrap();
        let Directions::Columns(columns) = &random else { panic!("random directions are columns") };
        let within = columns.transpose() * &expected * columns;
        let found = measure(&mut generator, &[0.0; 4], &plan(random.clone(), Difference::Forward));
        assert!((&found - &within).amax() < 1e-4, "{found}");
    }

    #[test]
    fn central_differences_pass_over_curvature() {
        let mut generator = Warped::new(1.0);
        let code = [0.5, 0.0, -1.0, 0.25];
        let jacobian = DMatrix::from_fn(5, 4, |i, j| generator.matrix[(i, j)] + 2.0 * code[j]);
        let expected = jacobian.transpose() * jacobian;
        let central = measure(&mut generator, &code, &plan(Directions::Axes, Difference::Central));
        assert!((&central - &expected).amax() < 1e-4, "{central}");
        let forward = measure(&mut generator, &code, &plan(Directions::Axes, Difference::Forward));
        assert!((&forward - &expected).amax() > 0.1);
    }

    #[test]
    fn progress_counts_images() {
        let mut last = (0, 0);
        let plan = plan(Directions::Axes, Difference::Central);
        metric(&mut Warped::new(0.0), &[0.0; 4], &plan, pixels, |made, all| last = (made, all)).unwrap();
        assert_eq!(last, (9, 9));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut generator = Warped::new(0.0);
        let good = plan(Directions::Axes, Difference::Forward);
        let mut refuse =
            |code: &[f64], plan: &MetricPlan| metric(&mut generator, code, plan, pixels, |_, _| ()).unwrap_err();
        assert!(matches!(refuse(&[0.0; 3], &good), ProbeError::Length { expected: 4, found: 3, .. }));
        assert!(matches!(refuse(&[0.0; 4], &MetricPlan { step: 0.0, ..good.clone() }), ProbeError::Step { .. }));
        assert!(matches!(refuse(&[0.0; 4], &MetricPlan { batch: 0, ..good.clone() }), ProbeError::ZeroBatch));
        assert!(matches!(refuse(&[f64::NAN, 0.0, 0.0, 0.0], &good), ProbeError::NotFinite { point: 1 }));
        let ragged = |images: &Vec<f32>, out: &mut Vec<f32>| {
            out.extend_from_slice(&images[1..]);
            Ok::<(), Infallible>(())
        };
        let error = metric(&mut generator, &[0.0; 4], &good, ragged, |_, _| ()).unwrap_err();
        assert!(matches!(error, ProbeError::Features { codes: 3, values: 14 }), "{error}");
    }
}
