//! How much of a campaign is computed at once.

use std::num::NonZeroUsize;

use clap::Args;
use experiments::campaign::Campaign;
use gen_models::{ExecutionDevice, SessionOptions};

use crate::cli::positive;

/// Codes that are worth reading a generator's weights for, on a GPU.
const FILLING: usize = 160;

/// Runs that go in lock step on a GPU by default, at most: each holds its codes.
const MOST_TOGETHER: usize = 16;

/// Images that are computed at once on a GPU by default, at most: at full size they take some 6 GB.
const MOST_AT_ONCE: usize = 512;

/// Workers of a campaign on a GPU by default: while one run's method is told, another one is evaluated.
const GPU_JOBS: usize = 2;

/// Arguments that change what is computed at once, and no result.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct ParallelArgs {
    /// Workers, each with a network of its own [default: number of cores; on a GPU 2].
    #[arg(long, value_name = "N", value_parser = positive)]
    pub jobs: Option<NonZeroUsize>,
    /// Runs of a worker that share a batch [default: 1; on a GPU as many as fill 160 codes].
    ///
    /// Runs can share a batch if they score by one layer of one network; optimizers, units, noise and repeats may
    /// differ. A GPU reads the generator's weights once per batch, and 40 codes do not pay for that. A CPU takes as
    /// long for a code whatever the batch, from 8 codes on.
    #[arg(long, value_name = "K", value_parser = positive)]
    pub together: Option<NonZeroUsize>,
    /// Images that are computed at once, which bounds the memory [default: 40; on a GPU all codes of the runs that share
    /// a batch, 512 at most].
    #[arg(long, value_name = "N", value_parser = positive)]
    pub batch: Option<NonZeroUsize>,
}

/// How much of a campaign is computed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parallel {
    /// Workers.
    pub(crate) jobs: NonZeroUsize,
    /// Runs that each has in lock step, at most.
    pub(crate) together: NonZeroUsize,
    /// Images that a session computes at once.
    pub(crate) batch_size: usize,
}

impl ParallelArgs {
    /// What is not given becomes what suits the device and the populations of the campaign.
    pub(crate) fn resolve(self, device: ExecutionDevice, campaign: &Campaign) -> Parallel {
        let dims = || campaign.units.iter().map(|unit| unit.dim);
        let sizes = campaign.arms.iter().flat_map(|arm| dims().map(|dim| arm.method.population_size(dim)));
        let lambda = sizes.max().unwrap_or_default().max(1);
        let positive = |n: usize| NonZeroUsize::new(n).unwrap_or(NonZeroUsize::MIN);
        let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let (jobs, together) = match device {
            ExecutionDevice::Cpu => (cores, NonZeroUsize::MIN),
            _ => (cores.min(positive(GPU_JOBS)), positive(FILLING.div_ceil(lambda).min(MOST_TOGETHER))),
        };
        let together = self.together.unwrap_or(together);
        let batch_size = match device {
            ExecutionDevice::Cpu => SessionOptions::default().batch_size,
            // SphereCMA adds one to every generation but the first.
            _ => (together.get() * (lambda + 1)).min(MOST_AT_ONCE),
        };
        let batch_size = self.batch.map_or(batch_size, NonZeroUsize::get);
        Parallel { jobs: self.jobs.unwrap_or(jobs), together, batch_size }
    }
}

#[cfg(test)]
mod tests {
    use experiments::campaign::{Arm, Unit};
    use gen_models::CudaOptions;
    use optim_core::Method;

    use super::*;

    const GPU: ExecutionDevice = ExecutionDevice::Cuda(CudaOptions {
        device: 0,
        full_precision: false,
        search: gen_models::ConvolutionSearch::Heuristic,
        channels_last: false,
    });

    /// A campaign of genetic algorithms with these populations, on one unit.
    fn campaign(populations: &[usize]) -> Campaign {
        let arm = |lambda: &usize| {
            let options = serde_json::json!({ "population_size": lambda });
            let options = options.as_object().cloned().unwrap_or_default();
            Arm::new(Method::from_json_options("genetic", &options).unwrap(), 3)
        };
        let units = vec![Unit::named("test", 100, serde_json::json!("test"))];
        Campaign { arms: populations.iter().map(arm).collect(), units, ..Campaign::new("test") }
    }

    fn chosen(args: ParallelArgs, device: ExecutionDevice, populations: &[usize]) -> (usize, usize) {
        let Parallel { together, batch_size, .. } = args.resolve(device, &campaign(populations));
        (together.get(), batch_size)
    }

    #[test]
    fn a_gpu_is_filled_and_a_processor_left_alone() {
        let default = ParallelArgs::default();
        assert_eq!(chosen(default, ExecutionDevice::Cpu, &[40]), (1, 40));
        assert_eq!(chosen(default, GPU, &[40]), (4, 164));
        assert_eq!(chosen(default, GPU, &[8, 30]), (6, 186));
        assert_eq!(chosen(default, GPU, &[1]), (16, 32));
        assert_eq!(chosen(default, GPU, &[1000]), (1, 512));
    }

    #[test]
    fn what_is_asked_for_is_done() {
        let asked = |together, batch| ParallelArgs {
            together: NonZeroUsize::new(together),
            batch: NonZeroUsize::new(batch),
            ..ParallelArgs::default()
        };
        assert_eq!(chosen(asked(3, 0), ExecutionDevice::Cpu, &[40]), (3, 40));
        assert_eq!(chosen(asked(8, 0), GPU, &[40]), (8, 328));
        assert_eq!(chosen(asked(0, 64), GPU, &[40]), (4, 64));
    }
}
