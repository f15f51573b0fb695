//! Figures of the generator's metric and of units' landscapes.

use analysis::figure::alignment::{Alignment, Correlations};
use analysis::figure::hessian_spectra::{HessianPanel, HessianSpectra, HessianSpectrum, ProbedCode, Subspace};
use analysis::figure::metric_spectrum::{Eigenvalues, MetricSpectrum};

use super::UNITS;
use super::noise::Noise;

const DIM: usize = 4096;

/// Falls over eleven orders of magnitude, faster towards the end.
fn eigenvalue(rank: usize) -> f64 {
    let share = rank as f64 / DIM as f64;
    3e4 * 10f64.powf(-2.5 * (rank as f64 + 1.0).log10() * 0.6 - 6.0 * share.powi(3))
}

pub(crate) fn alignment() -> Alignment {
    let mut noise = Noise(71);
    let coefficient = |bend: f64, noise: &mut Noise| -> Vec<f64> {
        let level = |rank: usize| 2.4 * (1.0 + bend * (1.0 - rank as f64 / DIM as f64).powi(6));
        (0..DIM).map(|rank| level(rank) * (1.0 + 0.12 * noise.normal())).collect()
    };
    let singular = |bend: f64, rank: f64| 330.0 * (-rank / 90.0).exp() + bend * (-rank / 8.0).exp();
    Alignment {
        title: "Evolved codes in the eigenframe of the metric".to_owned(),
        correlations: Some(Correlations { evolved: 0.41, shuffled: -0.01, noise_driven: 0.03 }),
        eigenvalues: (0..DIM).map(eigenvalue).collect(),
        evolved: coefficient(1.6, &mut noise),
        shuffled: coefficient(0.0, &mut noise),
        noise_driven: coefficient(0.06, &mut noise),
        singular_values: (0..120).map(|rank| singular(420.0, f64::from(rank))).collect(),
        shuffled_singular_values: (0..20)
            .map(|_| (0..120).map(|rank| singular(0.0, f64::from(rank)) * (1.0 + 0.01 * noise.normal())).collect())
            .collect(),
    }
}

pub(crate) fn metric_spectrum() -> MetricSpectrum {
    let mut noise = Noise(72);
    let whole = |values: Vec<f64>| Eigenvalues { trace: values.iter().sum(), values };
    let code = |noise: &mut Noise| -> Eigenvalues {
        let (level, tilt) = (0.5 * noise.normal(), 0.05 * noise.normal());
        whole((0..DIM).map(|rank| eigenvalue(rank) * level.exp() * (rank as f64 + 1.0).powf(tilt)).collect())
    };
    let codes = (0..12).map(|_| code(&mut noise)).collect();
    let average = whole((0..DIM).map(eigenvalue).collect());
    let title = "Spectrum of the generator's metric".to_owned();
    MetricSpectrum { title, note: format!("N = {DIM}"), codes, average }
}

pub(crate) fn hessian_spectra() -> HessianSpectra {
    let mut noise = Noise(73);
    let spectrum = |code, subspace, low: f64, high: f64, noise: &mut Noise| HessianSpectrum {
        code,
        subspace,
        eigenvalues: (0..80)
            .map(|rank| {
                let share = f64::from(rank) / 79.0;
                high * (-6.0 * share).exp() + low * (-6.0 * (1.0 - share)).exp() + 1e-5 * noise.normal()
            })
            .collect(),
    };
    let panel = |unit: &&str| HessianPanel {
        unit: (*unit).to_owned(),
        spectra: vec![
            spectrum(ProbedCode::Peak, Subspace::TopMetric, -0.02, 0.0004, &mut noise),
            spectrum(ProbedCode::Peak, Subspace::Random, -0.0004, 0.00002, &mut noise),
            spectrum(ProbedCode::Random, Subspace::TopMetric, -0.004, 0.006, &mut noise),
            spectrum(ProbedCode::Random, Subspace::Random, -0.00006, 0.00008, &mut noise),
        ],
    };
    let panels = UNITS[..3].iter().map(panel).collect();
    HessianSpectra { title: "Curvature at peaks and at random codes".to_owned(), panels, columns: 3 }
}
