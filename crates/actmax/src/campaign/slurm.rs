//! A campaign as jobs of Slurm: an array of shards, and a job that collects when they have ended.

use std::fmt::Write;
use std::path::PathBuf;

use gen_models::DeviceChoice;

use crate::DeviceArgs;
use crate::console::quoted;

/// What the scripts need to know. Paths are absolute.
#[derive(Clone, Debug)]
pub(crate) struct SlurmJobs {
    /// Name of the jobs.
    pub(crate) name: String,
    /// The program.
    pub(crate) program: PathBuf,
    /// Folder of registered models, if it is not the user's own.
    pub(crate) models: Option<PathBuf>,
    /// The configuration.
    pub(crate) config: PathBuf,
    /// Its size.
    pub(crate) size: Option<String>,
    /// Folder of the results.
    pub(crate) results: PathBuf,
    /// Jobs of the array, one shard each.
    pub(crate) array: u32,
    /// Cores of a job.
    pub(crate) cpus: usize,
    /// Where networks run.
    pub(crate) device: DeviceArgs,
    /// Time limit of a job, as Slurm takes it.
    pub(crate) time: String,
    /// Memory of a job, as Slurm takes it.
    pub(crate) memory: Option<String>,
    /// Further lines behind `#SBATCH`.
    pub(crate) directives: Vec<String>,
}

/// Seconds before the time limit at which a job is told to end.
const WARNING_SECONDS: u32 = 30;

impl SlurmJobs {
    /// Names and contents of the scripts.
    pub(crate) fn scripts(&self) -> [(&'static str, String); 3] {
        [("array.sbatch", self.array()), ("collect.sbatch", self.collect()), ("submit.sh", self.submit())]
    }

    fn array(&self) -> String {
        let mut script = self.header("", "%A_%a.log");
        let mut directive = |line: &str| {
            let _ = writeln!(script, "#SBATCH {line}");
        };
        directive(&format!("--array=1-{}", self.array));
        directive(&format!("--cpus-per-task={}", self.cpus));
        directive(&format!("--time={}", self.time));
        directive(&format!("--signal=INT@{WARNING_SECONDS}"));
        directive("--requeue");
        if let Some(memory) = &self.memory {
            directive(&format!("--mem={memory}"));
        }
        self.directives.iter().for_each(|line| directive(line));
        let (config, results) = (quoted(&self.config), quoted(&self.results));
        let size = self.size.as_ref().map_or_else(String::new, |size| format!(" --size {size}"));
        let _ = writeln!(
            script,
            "\n# Whatever ends a job, submitting again goes on: finished runs are kept.\n\
             exec srun {} campaign run {config}{size} --out {results} \\\n    \
             --shard \"$SLURM_ARRAY_TASK_ID/{}\" {}",
            self.command(),
            self.array,
            self.at_once()
        );
        script
    }

    /// A run a core, or what a GPU takes by default.
    fn at_once(&self) -> String {
        let DeviceArgs { device, fp32 } = self.device;
        match device {
            DeviceChoice::Cpu => format!("--jobs {}", self.cpus),
            _ => format!("--device {device}{}", if fp32 { " --fp32" } else { "" }),
        }
    }

    fn collect(&self) -> String {
        let mut script = self.header("-collect", "%j-collect.log");
        let results = quoted(&self.results);
        script.push_str("#SBATCH --cpus-per-task=1\n#SBATCH --time=01:00:00\n");
        self.directives.iter().for_each(|line| {
            let _ = writeln!(script, "#SBATCH {line}");
        });
        let command = self.command();
        let _ =
            writeln!(script, "\nset -eu\n{command} campaign status {results}\n{command} campaign collect {results}");
        script
    }

    /// The collecting job runs however the array ended: it says what is missing.
    fn submit(&self) -> String {
        "#!/bin/sh\n\
         # Submits the array, and the job that collects when it has ended.\n\
         set -eu\n\
         cd \"$(dirname \"$0\")\"\n\
         array=$(sbatch --parsable array.sbatch)\n\
         sbatch --dependency=afterany:\"${array%%;*}\" collect.sbatch\n"
            .to_owned()
    }

    fn header(&self, suffix: &str, log: &str) -> String {
        let log = self.results.join("slurm").join(log);
        format!("#!/bin/bash\n#SBATCH --job-name={}{suffix}\n#SBATCH --output=\"{}\"\n", self.name, log.display())
    }

    fn command(&self) -> String {
        let models = self.models.as_ref().map_or_else(String::new, |models| format!(" --models {}", quoted(models)));
        format!("{}{models}", quoted(&self.program))
    }
}
