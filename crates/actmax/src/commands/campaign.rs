//! `actmax campaign`.

use std::fs;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use experiments::campaign::{Report, Runner, Status, Store, Unit, collect};
use experiments::{Provenance, place_whole};
use gen_models::{ExecutionDevice, Runtime, SessionOptions};
use indicatif::HumanDuration;
use networks::{
    CampaignTarget, Config, Extent, GeneratorScale, NetworkSource, PRESETS, Preset, RATES, Size, campaign_starts,
    campaign_targets, norm_ratios, resolve,
};
use progress::{CampaignProgress, megabytes};
use reproduction::published;

use super::Ending;
use crate::campaign::{
    CampaignChoice, CampaignCollectArgs, CampaignCommand, CampaignRunArgs, CampaignSlurmArgs, CampaignStatusArgs,
    Parallel, SlurmJobs, show,
};
use crate::console::{say, warn};
use crate::evolve::stop_flag;
use crate::{CommandError, Library};

/// Does what a subcommand asks for.
pub(super) fn run(
    library: &Library,
    models: Option<&Path>,
    command: &CampaignCommand,
    out: &mut dyn Write,
) -> Result<Ending, CommandError> {
    match command {
        CampaignCommand::Preset { name } => preset(name.as_deref(), out)?,
        CampaignCommand::Run(args) => return make_runs(library, args, out),
        CampaignCommand::Status(args) => status(args, out)?,
        CampaignCommand::Collect(args) => tables(library, args, out)?,
        CampaignCommand::Slurm(args) => slurm(library, models, args, out)?,
    }
    Ok(Ending::Done)
}

fn preset(name: Option<&str>, out: &mut dyn Write) -> Result<(), CommandError> {
    match name {
        Some(name) => write_preset(Preset::find(name)?, out)?,
        None => {
            for preset in PRESETS {
                writeln!(out, "{:14}  {}", preset.name, preset.about())?;
            }
        }
    }
    Ok(())
}

/// The configuration, and as comments after it what each size runs.
fn write_preset(preset: &Preset, out: &mut dyn Write) -> Result<(), CommandError> {
    write!(out, "{}", preset.text)?;
    writeln!(
        out,
        "\n# What --size makes, and about how long it takes on one core; N cores take an N-th of it. Estimated at"
    )?;
    writeln!(out, "# {RATES}.")?;
    for size in Size::ALL {
        let Extent { runs, codes, seconds } = preset.config(size)?.extent()?;
        let time = HumanDuration(Duration::try_from_secs_f64(seconds).unwrap_or_default());
        writeln!(out, "#   {:8}  {runs:6} runs  {codes:9} codes  {time}", size.name())?;
    }
    Ok(())
}

/// Folder of a configuration's results, where none is named.
fn default_folder(config: &Config) -> PathBuf {
    Path::new("campaigns").join(config.title())
}

/// Opens the results that an argument means: a folder, or the folder of a configuration.
fn open(argument: &Path, size: Option<&str>) -> Result<Store, CommandError> {
    if argument.is_dir() {
        return Ok(Store::open(argument)?);
    }
    Ok(Store::open(&default_folder(&Config::open(argument, size)?))?)
}

fn make_runs(library: &Library, args: &CampaignRunArgs, out: &mut dyn Write) -> Result<Ending, CommandError> {
    let CampaignChoice { config, size } = &args.choice;
    let config = Config::open(config, size.as_deref())?;
    let campaign = resolve(&config, library)?;
    say_start_norms(&norm_ratios(&config, &campaign, library)?, args.quiet);
    let runtime = Runtime::get(&say)?;
    let folder = args.out.clone().unwrap_or_else(|| default_folder(&config));
    let store = Store::create(&folder, &campaign)?;
    let device = args.device.resolve(runtime)?;
    let Parallel { jobs, together, batch_size } = args.parallel.resolve(device, &campaign);
    let options = SessionOptions { device, batch_size, ..SessionOptions::default() };
    let targets = campaign_targets(&config, library)?;
    keep_targets(&targets, &folder)?;
    let source = NetworkSource::new(library, runtime, options, jobs.get())
        .with_targets(targets)
        .with_starts(campaign_starts(&config, &campaign, library)?);
    let progress = CampaignProgress::new(&campaign.name, args.quiet);
    let stop = stop_flag("stopping; runs that are not finished leave nothing")?;
    let runner = Runner {
        jobs,
        together,
        shard: args.shard.unwrap_or_default(),
        stop: stop.shared(),
        provenance: provenance(&source, device, together),
        force: args.force,
        watcher: &progress,
    };
    let report = runner.run(&store, &source);
    progress.finish();
    let report = report?;
    warn_of_dead_units(&store.status(false).dead_units);
    if !args.quiet {
        write_report(&report, &store, out)?;
    }
    match report {
        Report { left: 1.., .. } => Ok(Ending::Interrupted),
        Report { ref failed, .. } if !failed.is_empty() => {
            Err(CommandError::RunsFailed { count: failed.len(), folder: store.path().to_owned() })
        }
        _ => Ok(Ending::Done),
    }
}

/// Keeps the files that targets are read from beside the runs, by their hash.
fn keep_targets(targets: &[CampaignTarget], folder: &Path) -> Result<(), CommandError> {
    for CampaignTarget { file, .. } in targets {
        let path = folder.join("targets").join(format!("{}.{}", file.spec.sha256, file.extension));
        write_new(&path, &file.bytes)?;
    }
    Ok(())
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    let failed = |source| CommandError::Write { path: path.to_owned(), source };
    if path.exists() {
        return Ok(());
    }
    path.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
    place_whole(path, bytes).map_err(failed)
}

/// Says how the start norms of the methods compare with the natural norm of each generator.
fn say_start_norms(scales: &[GeneratorScale], quiet: bool) {
    for GeneratorScale { generator, methods } in scales {
        let all: Vec<String> = methods.iter().map(|(label, ratio)| format!("{label} {:.1}", ratio.ratio())).collect();
        if !quiet {
            say(&format!(
                "norm of the first codes, as a multiple of the natural norm of {generator}: {}",
                all.join(", ")
            ));
        }
        for (label, ratio) in methods.iter().filter(|(_, ratio)| ratio.is_far()) {
            warn(&format!("{generator}: {label} starts with {ratio}: images may saturate; norm = \"natural\" sets it"));
        }
    }
}

/// What makes the runs. On a GPU the last digits of a score depend on what is in a batch with it, on the processor not.
fn provenance(source: &NetworkSource, device: ExecutionDevice, together: NonZeroUsize) -> Provenance {
    match device {
        ExecutionDevice::Cpu => source.provenance(),
        _ => source.provenance().with_version("together", &together.to_string()),
    }
}

fn write_report(report: &Report, store: &Store, out: &mut dyn Write) -> Result<(), CommandError> {
    let Report { done, done_before, left, failed, .. } = report;
    writeln!(out, "done     {} runs, {done} of them now", done + done_before)?;
    if !failed.is_empty() {
        writeln!(out, "failed   {} runs: `actmax campaign status {}` says why", failed.len(), store.path().display())?;
    }
    if *left > 0 {
        writeln!(out, "left     {left} runs: the same command goes on")?;
    }
    Ok(writeln!(out, "results  {}", store.path().display())?)
}

fn status(args: &CampaignStatusArgs, out: &mut dyn Write) -> Result<(), CommandError> {
    let store = open(&args.campaign, args.size.as_deref())?;
    let status = store.status(args.verify);
    warn_of_provenance(&status.provenance_differences());
    warn_of_dead_units(&status.dead_units);
    write_status(&status, &store, out)?;
    match status.damaged().count() {
        count @ 1.. if args.verify => Err(CommandError::RunsDamaged { count, folder: store.path().to_owned() }),
        _ => Ok(()),
    }
}

fn warn_of_provenance(differences: &[String]) {
    if !differences.is_empty() {
        warn(&format!(
            "different programs or machines made these runs, so their last digits may differ, and after some generations \
             their rankings too: {}",
            differences.join("; ")
        ));
    }
}

fn warn_of_dead_units(units: &[Unit]) {
    if !units.is_empty() {
        let names: Vec<String> = units.iter().map(Unit::to_string).collect();
        warn(&format!(
            "dead units: all codes of all finished runs had the same score, so these runs compare nothing; leave the units \
             out of a new campaign: {}",
            names.join(", ")
        ));
    }
}

fn write_status(status: &Status, store: &Store, out: &mut dyn Write) -> Result<(), CommandError> {
    let (total, done) = (status.runs.len(), status.done());
    writeln!(out, "{}: {done} of {total} runs done", store.campaign().name)?;
    for shard in &status.active {
        let age = shard.updated_unix.saturating_sub(shard.started_unix);
        let (share, host, pid) = (&shard.shard, &shard.host, shard.pid);
        let at_once = shard.jobs * shard.together;
        writeln!(out, "running  shard {share} on {host} (process {pid}), {at_once} at once, for {age} s")?;
        shard.running.iter().try_for_each(|run| writeln!(out, "         {run}"))?;
    }
    for failure in status.failed() {
        writeln!(out, "failed   {}: {}", failure.run, failure.reason)?;
    }
    for damage in status.damaged() {
        writeln!(out, "damaged  {} ({}): {}", damage.path.display(), damage.reason, damage.run)?;
    }
    if done < total {
        let pace = if status.active.is_empty() { "with one job" } else { "at the present pace" };
        let time = status.seconds_left.map_or_else(String::new, |seconds| {
            let left = HumanDuration(Duration::try_from_secs_f64(seconds).unwrap_or_default());
            format!(", about {left} {pace}")
        });
        writeln!(out, "left     {} runs{time}, {} to write", total - done, megabytes(status.bytes_left))?;
    }
    Ok(())
}

fn tables(library: &Library, args: &CampaignCollectArgs, out: &mut dyn Write) -> Result<(), CommandError> {
    let store = open(&args.campaign, args.size.as_deref())?;
    let folder = args.out.clone().unwrap_or_else(|| store.path().join("tables"));
    let collected = collect(&store, &folder)?;
    let published = published::export(&store, library, &folder.join("published"))?;
    warn_of_provenance(&collected.provenance_differences);
    if collected.missing > 0 {
        warn(&format!("{} runs are missing from the tables, because they are not done", collected.missing));
    }
    let shown = show(&store, library, &folder, args, out)?;
    let mut files = std::iter::once(&collected.file).chain(&published).chain(&shown);
    Ok(files.try_for_each(|file| writeln!(out, "{}", file.display()))?)
}

fn slurm(
    library: &Library,
    models: Option<&Path>,
    args: &CampaignSlurmArgs,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let CampaignChoice { config: path, size } = &args.choice;
    let config = Config::open(path, size.as_deref())?;
    let campaign = resolve(&config, library)?;
    let folder = args.out.clone().unwrap_or_else(|| default_folder(&config));
    Store::create(&folder, &campaign)?;
    let scripts = folder.join("slurm");
    fs::create_dir_all(&scripts).map_err(|source| CommandError::Write { path: scripts.clone(), source })?;
    let carried = config.carried(&campaign_targets(&config, library)?)?;
    write_script(&scripts, "config.toml", carried.text.as_bytes())?;
    for (name, bytes) in &carried.files {
        write_script(&scripts, name, bytes)?;
    }
    let jobs = slurm_jobs(&campaign.name, models, args, &folder)?;
    for (name, text) in jobs.scripts() {
        write_script(&scripts, name, text.as_bytes())?;
    }
    let runs = campaign.runs().len();
    writeln!(out, "{runs} runs in {} shards; the scripts are in {}", args.array, scripts.display())?;
    Ok(writeln!(out, "submit   sh {}", scripts.join("submit.sh").display())?)
}

fn write_script(scripts: &Path, name: impl AsRef<Path>, bytes: &[u8]) -> Result<(), CommandError> {
    let path = scripts.join(name);
    let failed = |source| CommandError::Write { path: path.clone(), source };
    path.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
    fs::write(&path, bytes).map_err(failed)
}

/// What the scripts say; the configuration lies beside them.
fn slurm_jobs(
    name: &str,
    models: Option<&Path>,
    args: &CampaignSlurmArgs,
    folder: &Path,
) -> Result<SlurmJobs, CommandError> {
    let absolute =
        |path: &Path| path.canonicalize().map_err(|source| CommandError::Read { path: path.to_owned(), source });
    Ok(SlurmJobs {
        name: name.to_owned(),
        program: crate::program::path()?,
        models: models.map(absolute).transpose()?,
        config: absolute(&folder.join("slurm/config.toml"))?,
        size: args.choice.size.clone(),
        results: absolute(folder)?,
        array: args.array,
        cpus: args.cpus.get(),
        device: args.device,
        time: args.time.clone(),
        memory: args.memory.clone(),
        directives: args.directives.clone(),
    })
}
