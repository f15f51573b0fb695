//! What follows from the configuration alone: specifications of threads, names of a block's files.

use std::sync::Arc;

use experiments::{RunSpec, codes_sha256};

use crate::block::{Block, BlockImage, Presented};
use crate::config::SessionConfig;
use crate::error::SessionError;
use crate::names::Dialect;

/// A block as its event tells of it, without the files of its images.
pub(crate) fn offered_block(dialect: Dialect, number: u32, step: u32, images: &[Presented], order: &[usize]) -> Block {
    let named = |(i, image): (usize, &Presented)| {
        let positions = order.iter().enumerate().filter(|(_, shown)| **shown == i).map(|(position, _)| position);
        let mut names: Vec<String> = positions.map(|position| dialect.file_name(number, position, image)).collect();
        let shows = u32::try_from(names.len()).unwrap_or(u32::MAX);
        names.dedup();
        BlockImage { image: image.clone(), names, shows, file: Arc::from([]) }
    };
    Block { number, step, images: images.iter().enumerate().map(named).collect(), order: order.to_vec() }
}

/// What determines the codes of each thread: the method, its seed and its length.
///
/// `dims` are the lengths of the codes of their generators, `initial` their initial codes, and `objective` what is written
/// down of generator and target.
///
/// # Errors
/// If a method does not fit, or a target cannot be used.
pub fn run_specs(
    config: &SessionConfig,
    dims: &[usize],
    initial: &[Option<optim_core::Population>],
) -> Result<Vec<RunSpec>, SessionError> {
    let spec = |((number, thread), (&dim, initial)): ((usize, &crate::ThreadConfig), (&usize, &Option<_>))| {
        let method = thread
            .method()
            .map_err(|source| crate::ConfigError::Method { thread: thread.name.clone(), source: Box::new(source) })?;
        let objective =
            serde_json::json!({ "session": thread.name, "generator": thread.generator, "target": thread.target });
        Ok(RunSpec {
            method,
            dim,
            seed: thread.seed.unwrap_or(config.session.seed.wrapping_add(number as u64)),
            generations: thread.generations,
            noise: experiments::Noise::None,
            goal: thread.goal,
            objective: objective.into(),
            initial_codes_sha256: initial.as_ref().map(codes_sha256),
            reps: 1,
            stop: experiments::StopRules::default(),
            initial_norm: None,
        })
    };
    config.check_targets()?;
    config.threads.iter().enumerate().zip(dims.iter().zip(initial)).map(spec).collect()
}
