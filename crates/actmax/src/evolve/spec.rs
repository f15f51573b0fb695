//! The settings of a run: what the arguments say, laid over the defaults or over what a journal records.

use experiments::{Budget, Goal, Noise, RunSpec};
use optim_core::Method;

use crate::{CommandError, EvolveArgs};

pub(crate) const DEFAULT_GENERATOR: &str = "tiny-deepsim";
pub(crate) const DEFAULT_CNN: &str = "tiny-alexnet";
const DEFAULT_GENERATIONS: u32 = 75;

/// The method: the one named, else the recorded one, with the options given laid over its own.
pub(super) fn method(args: &EvolveArgs, recorded: Option<&RunSpec>) -> Result<Method, CommandError> {
    let base = match (&args.optimizer, recorded) {
        (None, None) => Method::default(),
        (None, Some(recorded)) => recorded.method.clone(),
        (Some(name), recorded) => {
            let named = Method::from_name(name)?;
            recorded.map(|spec| &spec.method).filter(|method| method.name() == named.name()).unwrap_or(&named).clone()
        }
    };
    Ok(base.changed(&args.options)?)
}

/// The number of generations.
pub(super) fn generations(
    args: &EvolveArgs,
    (method, dim): (&Method, usize),
    presentations: u32,
    recorded: Option<&RunSpec>,
) -> Result<u32, CommandError> {
    let budget = match (args.generations, args.evaluations) {
        (Some(generations), _) => Budget::Generations(generations),
        (None, Some(evaluations)) => Budget::Evaluations(evaluations),
        (None, None) => return Ok(recorded.map_or(DEFAULT_GENERATIONS, |spec| spec.generations)),
    };
    Ok(budget.generations(method.population_size(dim), presentations)?)
}

/// The response noise, and the presentations of each code that it does not count itself; a level of 0 is none.
///
/// Poisson noise averages the presentations: runs of older versions have them there.
pub(super) fn noise(args: &EvolveArgs, recorded: Option<&RunSpec>) -> Result<(Noise, u32), CommandError> {
    let mut noise = match (args.noise, args.poisson) {
        (Some(0.0), _) => Noise::None,
        (Some(level), _) => Noise::Multiplicative { level },
        (None, Some(scale)) => Noise::Poisson { scale, repeats: 1 },
        (None, None) => recorded.map(|spec| spec.noise).unwrap_or_default(),
    };
    let mut reps = args.reps.or(recorded.map(|spec| spec.reps)).unwrap_or(1);
    if let (Noise::Poisson { repeats, .. }, Some(given)) = (&mut noise, args.reps) {
        (*repeats, reps) = (given, 1);
    }
    noise.validate()?;
    match args.reps {
        Some(reps @ 2..) if noise == Noise::None => Err(CommandError::RepeatsWithoutNoise { reps }),
        _ => Ok((noise, reps)),
    }
}

/// High or low activations.
pub(super) fn goal(args: &EvolveArgs, recorded: Option<&RunSpec>) -> Goal {
    if args.minimize { Goal::Minimize } else { recorded.map(|spec| spec.goal).unwrap_or_default() }
}

/// The seed.
pub(super) fn seed(args: &EvolveArgs, recorded: Option<&RunSpec>) -> u64 {
    args.seed.or(recorded.map(|spec| spec.seed)).unwrap_or_default()
}
