//! Cholesky CMA-ES with rank-one updates, as ActMax-Optimizer-Dev has it.
//!
//! # References
//! * Wang and Ponce, "High-performance Evolutionary Algorithms for Online Neuron Control", GECCO 2022.
//! * Loshchilov, "LM-CMA: an alternative to L-BFGS for large scale black-box optimization", 2015.
//! * Hansen and Ostermeier, "Completely derandomized self-adaptation in evolution strategies", 2001.

use nalgebra::DMatrix;
use rand::Rng;

use super::low_rank_factor::Factor;
use crate::checks::{require, require_size};
use crate::contract::{Ledger, through_ledger};
use crate::linalg::real;
use crate::linalg::{axpy, dot, norm, scale, weighted_sum};
use crate::methods::population_size::PopulationSize;
use crate::methods::recombination::{log_rank_weights, mean_of_best};
use crate::methods::sources::ACTMAX;
use crate::methods::spectrum::CovarianceSpectrum;
use crate::options::{Options, options};
use crate::rng::{fill_normal, fork};
use crate::{ConfigError, MethodInfo, Optimizer, Population, Ranking, TellError};

options! {
    /// Options of [`CholeskyCmaes`], under the names of the reference.
    CholeskyCmaesConfig {
        /// Codes a generation (lambda), 1 or more.
        population_size: PopulationSize = PopulationSize::Codes(40),
            "codes a generation; reference: floor(4 + 3 log2 N), as the reference takes if it is given none";
        /// Initial step size sigma, in units of the code.
        init_sigma: f64 = 3.0, "initial step size";
        /// The factor is updated once more than this many generations have passed since the last time
        /// (strictly more: 10 means every 11th). `None`: `lambda / (10 c1 N)` evaluations.
        aupdate_freq as "Aupdate_freq": Option<f64> = Some(10.0),
            "generations that must have passed before the factor is updated (10: every 11th); none: from c1";
        /// Learning rate of the evolution path, in (0, 1]; `None`: `4 / (N + 4)`.
        cc: Option<f64> = None, "learning rate of the evolution path; none: 4 / (N + 4)";
        /// Learning rate of the step-size path, in (0, 1]; `None`: `sqrt(mueff) / (sqrt(mueff) + sqrt(N))`.
        cs: Option<f64> = None, "learning rate of the step-size path; none: from mueff and N";
        /// Learning rate of the covariance, in [0, 1); `None`: `2 / (N + sqrt 2)^2`.
        c1: Option<f64> = None, "learning rate of the covariance; none: 2 / (N + sqrt 2)^2";
    }
}

/// The population that the reference takes if it is given none: 28 at N = 256, 33 at 1000, 40 at 4096, 43 at 9216.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 4 and 196")]
fn reference_size(dim: usize) -> usize {
    (4.0 + 3.0 * real(dim.max(1)).log2()) as usize
}

impl CholeskyCmaesConfig {
    fn validate(&self) -> Result<(), ConfigError> {
        if let PopulationSize::Codes(codes) = self.population_size {
            require_size("population_size", codes)?;
        }
        let sigma = self.init_sigma;
        require(sigma > 0.0 && sigma <= LARGEST_SIGMA, "init_sigma", sigma, "above 0 and at most 1e100")?;
        if let Some(freq) = self.aupdate_freq {
            require(freq >= 0.0 && freq.is_finite(), "Aupdate_freq", freq, "0 or more")?;
        }
        for (name, rate) in [("cc", self.cc), ("cs", self.cs)] {
            if let Some(rate) = rate {
                require(rate > 0.0 && rate <= 1.0, name, rate, "above 0 and at most 1")?;
            }
        }
        self.c1.map_or(Ok(()), |c1| require((0.0..1.0).contains(&c1), "c1", c1, "0 or more and below 1"))
    }
}

impl Options for CholeskyCmaesConfig {
    type Method = CholeskyCmaes;

    fn info(&self) -> &'static MethodInfo {
        &INFO
    }

    fn population_size(&self, dim: usize) -> usize {
        self.population_size.or_reference(reference_size(dim))
    }

    fn build(self, dim: usize) -> Result<CholeskyCmaes, ConfigError> {
        CholeskyCmaes::new(dim, self)
    }

    fn numbers_held(&self, dim: f64, generations: f64) -> f64 {
        let lambda = match self.population_size {
            PopulationSize::Codes(codes) => real(codes),
            PopulationSize::Reference => 4.0 + 3.0 * dim.log2(),
        };
        let c1 = self.c1.unwrap_or(2.0 / (dim + 2f64.sqrt()).powi(2));
        let updates = generations / (self.aupdate_freq.unwrap_or(1.0 / (10.0 * c1 * dim)).floor() + 1.0);
        dim * (lambda + 8.0) + Factor::numbers_held(dim, updates, c1)
    }

    fn start_norm(&self, dim: usize) -> f64 {
        self.init_sigma * real(dim).sqrt()
    }

    fn set_start_norm(&mut self, norm: f64, dim: usize) -> bool {
        self.init_sigma = norm / real(dim).sqrt();
        true
    }
}

pub(crate) static INFO: MethodInfo = MethodInfo {
    name: "cholesky-cmaes",
    aliases: &["CholeskyCMAES"],
    about: "CMA-ES with a Cholesky factor, step-size adaptation and rank-one updates",
    source: ACTMAX,
    options: CholeskyCmaesConfig::OPTIONS,
    size_option: "population_size",
    smallest_size: 1,
    rank_based: true,
    carries_all_nan: false,
};

/// A step size beyond this could make codes overflow; the reference has no such bound.
const LARGEST_SIGMA: f64 = 1e100;
const SMALLEST_SIGMA: f64 = 1e-100;

/// Strategy constants that follow from the options, N and lambda.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Constants {
    /// Recombination weights of the `mu` best, summing to 1.
    pub weights: Vec<f64>,
    /// Variance-effective number of parents, `1 / sum w^2`.
    pub mueff: f64,
    /// Learning rate of the evolution path.
    pub cc: f64,
    /// Learning rate of the step-size path.
    pub cs: f64,
    /// Learning rate of the covariance.
    pub c1: f64,
    /// Damping of the step size.
    pub damps: f64,
    /// Expected norm of a standard normal vector, `sqrt(N) (1 - 1/(4N) + 1/(21 N^2))`.
    #[cfg_attr(feature = "serde", serde(rename = "chiN"))]
    pub chi_n: f64,
    /// Evaluations that must be exceeded between two updates of the factor.
    pub update_crit: f64,
}

impl Constants {
    fn new(config: &CholeskyCmaesConfig, dim: usize, lambda: usize) -> Self {
        let (n, lambda) = (real(dim), real(lambda));
        let weights = log_rank_weights(lambda / 2.0);
        let mueff = 1.0 / dot(&weights, &weights);
        let cs = config.cs.unwrap_or(mueff.sqrt() / (mueff.sqrt() + n.sqrt()));
        let c1 = config.c1.unwrap_or(2.0 / (n + 2f64.sqrt()).powi(2));
        Self {
            cc: config.cc.unwrap_or(4.0 / (n + 4.0)),
            damps: 1.0 + cs + 2.0 * (((mueff - 1.0) / (n + 1.0)).sqrt() - 1.0).max(0.0),
            chi_n: n.sqrt() * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n)),
            update_crit: config.aupdate_freq.map_or(lambda / (10.0 * c1 * n), |freq| freq * lambda),
            weights,
            mueff,
            cs,
            c1,
        }
    }
}

/// CMA-ES with cumulative step-size adaptation and a Cholesky-like factor A of the covariance.
///
/// ```text
/// ask    generation 0: the initial code alone (zeros), its score is ignored
///        else          z_i ~ N(0, I);  code_i = xmean + sigma z_i A            (rows)
/// tell   xmean = sum_i w_i code_(i:lambda);  zw = sum_i w_i z_(i:lambda)
///        ps = (1 - cs) ps + sqrt(cs (2 - cs) mueff) zw
///        pc = (1 - cc) pc + sqrt(cc (2 - cc) mueff) zw A
///        sigma *= exp((cs / damps) (|ps| / chiN - 1))
///        more than Aupdate_freq generations since the last update:
///            rank-one update of A with pc and c1                               (see [`Factor`])
/// ```
///
/// At N = 4096 the factor stays within 1e-4 of the identity over 75 generations: in effect an
/// isotropic evolution strategy with step-size adaptation (Wang and Ponce 2022, section 4).
///
/// Quirks of the reference that are kept: 'every 10th generation' is every 11th (a strict inequality,
/// six updates in 75 generations); generation 0 is a single code; the mean is not evaluated.
/// The default population is the published 40; `population_size` `reference` gives the number that the
/// reference takes if it is given none.
///
/// Deviations: sigma stays within 1e-100..1e100, and a zero path only scales the factor.
///
/// [`start_from`](Optimizer::start_from) one code: it takes the place of the zero code. Several: they
/// are the first generation, and the first mean is the weighted mean of their best mu.
/// [`recommend`](Optimizer::recommend) gives xmean.
///
/// # Source
/// `CholeskyCMAES` of ActMax-Optimizer-Dev (Wang and Ponce 2022).
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CholeskyCmaes {
    config: CholeskyCmaesConfig,
    constants: Constants,
    ledger: Ledger,
    first: Population,
    xmean: Vec<f64>,
    sigma: f64,
    pc: Vec<f64>,
    ps: Vec<f64>,
    factor: Factor,
    spectrum: CovarianceSpectrum,
    eigeneval: u64,
    /// Normals behind the codes of the generation asked last, `N x lambda`.
    randz: DMatrix<f64>,
}

impl CholeskyCmaes {
    /// A run in `dim` dimensions that starts at the zero code.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: CholeskyCmaesConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        let lambda = config.population_size(dim);
        let config = CholeskyCmaesConfig { population_size: lambda.into(), ..config };
        let ledger = Ledger::new(dim)?;
        let factor = Factor::identity(dim);
        Ok(Self {
            constants: Constants::new(&config, dim, lambda),
            ledger,
            first: Population::zeros(dim, 1),
            xmean: vec![0.0; dim],
            sigma: config.init_sigma,
            pc: vec![0.0; dim],
            ps: vec![0.0; dim],
            spectrum: factor.covariance_spectrum(),
            factor,
            eigeneval: 0,
            randz: DMatrix::zeros(dim, lambda),
            config,
        })
    }

    /// [`ask`](Optimizer::ask) with given normals, `N x lambda`, one column a code; generation 0 uses none.
    ///
    /// # Panics
    /// If the shape of `randz` is not `N x lambda`.
    pub fn ask_with(&mut self, randz: &DMatrix<f64>, out: &mut Population) {
        assert_eq!(randz.shape(), self.randz.shape(), "normals must be N x lambda");
        self.propose(out, |i, z| z.copy_from_slice(randz.column(i).as_slice()));
    }

    /// Strategy constants.
    #[must_use]
    pub fn constants(&self) -> &Constants {
        &self.constants
    }

    /// Mean of the distribution, length N.
    #[must_use]
    pub fn xmean(&self) -> &[f64] {
        &self.xmean
    }

    /// Step size.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        self.sigma
    }

    /// Evolution path of the covariance, length N.
    #[must_use]
    pub fn pc(&self) -> &[f64] {
        &self.pc
    }

    /// Evolution path of the step size, length N.
    #[must_use]
    pub fn ps(&self) -> &[f64] {
        &self.ps
    }

    /// Factor of the covariance.
    #[must_use]
    pub fn factor(&self) -> &Factor {
        &self.factor
    }

    /// Extreme eigenvalues of C as of the last update of the factor.
    #[must_use]
    pub fn covariance_spectrum(&self) -> CovarianceSpectrum {
        self.spectrum
    }

    /// The reference's count of evaluations: lambda a generation told, the first one included.
    #[must_use]
    pub fn counteval(&self) -> u64 {
        self.ledger.generation() * self.randz.ncols() as u64
    }

    /// Value of [`counteval`](Self::counteval) at the last update of the factor.
    #[must_use]
    pub fn eigeneval(&self) -> u64 {
        self.eigeneval
    }

    /// Writes the generation; `draw` fills the normals of code i, which become the code while they
    /// are still in the cache.
    fn propose(&mut self, out: &mut Population, mut draw: impl FnMut(usize, &mut [f64])) {
        if self.ledger.generation() == 0 {
            out.clone_from(&self.first);
        } else {
            let dim = self.ledger.dim();
            out.reshape(dim, self.randz.ncols());
            for (i, z) in self.randz.as_mut_slice().chunks_exact_mut(dim).enumerate() {
                draw(i, z);
                let code = out.code_mut(i);
                self.factor.apply(z, code);
                for (x, mean) in code.iter_mut().zip(&self.xmean) {
                    *x = mean + self.sigma * *x;
                }
            }
        }
        self.ledger.note_ask(out.len());
    }

    fn update_first(&mut self, codes: &Population, ranking: &Ranking) {
        mean_of_best(&self.constants.weights, codes, ranking, &mut self.xmean);
    }

    fn update(&mut self, codes: &Population, ranking: &Ranking) {
        let Constants { weights, mueff, cc, cs, c1, damps, chi_n, update_crit } = &self.constants;
        weighted_sum(weights, codes, ranking.order(), &mut self.xmean);
        let (mut zw, mut zwa) = (vec![0.0; self.ledger.dim()], vec![0.0; self.ledger.dim()]);
        for (&weight, &i) in weights.iter().zip(ranking.order()) {
            axpy(weight, self.randz.column(i).as_slice(), &mut zw);
        }
        self.factor.apply(&zw, &mut zwa);

        scale(1.0 - cs, &mut self.ps);
        axpy((cs * (2.0 - cs) * mueff).sqrt(), &zw, &mut self.ps);
        scale(1.0 - cc, &mut self.pc);
        axpy((cc * (2.0 - cc) * mueff).sqrt(), &zwa, &mut self.pc);
        self.sigma *= ((cs / damps) * (norm(&self.ps) / chi_n - 1.0)).exp();
        self.sigma = self.sigma.clamp(SMALLEST_SIGMA, LARGEST_SIGMA);

        let counteval = self.counteval();
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
        let since_update = (counteval - self.eigeneval) as f64;
        if since_update > *update_crit {
            self.eigeneval = counteval;
            self.factor.rank_one_update(&self.pc, *c1);
            self.spectrum = self.factor.covariance_spectrum();
        }
    }
}

impl Optimizer for CholeskyCmaes {
    through_ledger!();

    fn start_from(&mut self, codes: &Population) -> Result<(), ConfigError> {
        self.ledger.check_initial(codes)?;
        self.first = codes.clone();
        Ok(())
    }

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        let mut rng = fork(rng);
        self.propose(out, |_, z| fill_normal(&mut rng, z));
    }

    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.ledger.check_tell(codes, scores)?;
        let ranking = Ranking::best_first(scores);
        if self.ledger.generation() == 0 {
            self.update_first(codes, &ranking);
        } else {
            self.update(codes, &ranking);
        }
        self.ledger.note_tell(codes, scores, ranking.order()[0]);
        Ok(())
    }

    fn recommend(&self) -> &[f64] {
        &self.xmean
    }

    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        vec![
            ("sigma", self.sigma),
            ("norm_ps", norm(&self.ps)),
            ("norm_pc", norm(&self.pc)),
            ("condition_number", self.spectrum.condition_number()),
            ("deviation_from_identity", self.spectrum.deviation_from_identity),
            ("largest_eigenvalue", self.spectrum.largest),
            ("smallest_eigenvalue", self.spectrum.smallest),
        ]
    }
}
