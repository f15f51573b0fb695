//! `actmax rig simulate`: a pretend rig, whose neuron is a unit of a CNN.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use clap::{Args, Subcommand};
use experiments::{Noise, write_whole};
use gen_models::{Images, Runtime, UnitScorer, WeightedUnits};
use optim_core::Scorer;
use sessions::SessionConfig;
use sessions::journal::{self, JOURNAL_FILE};

use crate::commands::Ending;
use crate::console::{say, significant};
use crate::evolve::{DEFAULT_CNN, stop_flag};
use crate::online::OnlineError;
use crate::pictures::session_options;
use crate::{CommandError, Library};

/// Time between two looks: a rig that takes a block when its files are at rest over two of them.
const LOOK: Duration = Duration::from_millis(100);

/// What a pretend rig does.
#[derive(Debug, Subcommand)]
pub enum RigCommand {
    /// Show the images of a session to a unit of a CNN, and write its scores.
    Simulate(SimulateArgs),
}

/// Arguments of `actmax rig simulate`.
#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// Folder of the session that `actmax session run` serves.
    pub session: PathBuf,
    /// Name of the CNN.
    #[arg(long, default_value = DEFAULT_CNN)]
    pub cnn: String,
    /// The neuron: a unit of the CNN, as for `actmax evolve`.
    #[arg(long = "unit", value_name = "UNIT[=WEIGHT]", required = true)]
    pub units: Vec<String>,
    /// Count spikes: so many expected ones per unit of activation. Without it the neuron answers without noise.
    #[arg(long, value_name = "SCALE")]
    pub poisson: Option<f64>,
    /// Seed of the spikes.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Stop after so many blocks [default: when the session is over].
    #[arg(long, value_name = "N")]
    pub blocks: Option<usize>,
}

/// Does what was asked.
pub(crate) fn run(library: &Library, command: &RigCommand, out: &mut dyn Write) -> Result<Ending, CommandError> {
    let RigCommand::Simulate(args) = command;
    let mut rig = Rig::new(library, args)?;
    let stop = stop_flag("stopping")?.shared();
    let mut blocks = 0;
    let mut before = BTreeSet::new();
    while args.blocks.is_none_or(|limit| blocks < limit) {
        if stop.load(std::sync::atomic::Ordering::Relaxed) {
            return Ok(Ending::Interrupted);
        }
        let names = rig.names()?;
        if names.is_empty() || names != before || rig.block_of(&names).is_none_or(|block| rig.answered.contains(&block))
        {
            if rig.is_over()? {
                break;
            }
            before = names;
            thread::sleep(LOOK);
            continue;
        }
        blocks += usize::from(rig.answer(&names)?);
    }
    writeln!(out, "{blocks} blocks shown")?;
    Ok(Ending::Done)
}

/// The pretend rig.
struct Rig<'a> {
    args: &'a SimulateArgs,
    images: PathBuf,
    scores: PathBuf,
    scorer: UnitScorer,
    noise: Noise,
    answered: BTreeSet<u32>,
}

impl<'a> Rig<'a> {
    fn new(library: &Library, args: &'a SimulateArgs) -> Result<Self, CommandError> {
        let path = args.session.join(JOURNAL_FILE);
        let no_session = || OnlineError::NoSession { folder: args.session.clone() };
        let records = journal::read(&path).map_err(|_| no_session())?;
        let Some(sessions::Event::Begun { config, .. }) = records.into_iter().next().map(|record| record.event) else {
            return Err(no_session().into());
        };
        let settings = SessionConfig::parse(&config).map_err(sessions::SessionError::from)?.session;
        let cnn = library.cnn(&args.cnn)?;
        let units = WeightedUnits::parse(&args.units, &library.layers(&cnn)?)?;
        let scorer = UnitScorer::new(&cnn, &units, Runtime::get(&say)?, session_options())?;
        let noise = args.poisson.map_or(Noise::None, |scale| Noise::Poisson { scale, repeats: 1 });
        noise.validate().map_err(experiments::EvolveError::from)?;
        let (images, scores) = (args.session.join(settings.images), args.session.join(settings.scores));
        let answered = answered(&scores);
        Ok(Self { args, images, scores, scorer, noise, answered })
    }

    /// Whether the session has told its last scores: the journal ends with a closed block.
    fn is_over(&self) -> Result<bool, CommandError> {
        let path = self.args.session.join(JOURNAL_FILE);
        let records = journal::read(&path).map_err(sessions::SessionError::from)?;
        let last = records
            .iter()
            .rev()
            .find(|record| matches!(record.event, sessions::Event::Offered { .. } | sessions::Event::Closed { .. }));
        Ok(last.is_some_and(|record| matches!(record.event, sessions::Event::Closed { .. })))
    }

    /// Names of the images that lie in the folder.
    fn names(&self) -> Result<BTreeSet<String>, CommandError> {
        let Ok(entries) = fs::read_dir(&self.images) else { return Ok(BTreeSet::new()) };
        let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        Ok(names.filter(|name| !name.starts_with('.') && sessions::stem(name) != name).collect())
    }

    /// The block that most names belong to: the highest number.
    fn block_of(&self, names: &BTreeSet<String>) -> Option<u32> {
        let number = |name: &String| name.strip_prefix("block")?.split('_').next()?.parse().ok();
        names.iter().filter_map(number).max()
    }

    /// Shows the images and writes what the neuron answered. False if the session took the block away meanwhile.
    fn answer(&mut self, names: &BTreeSet<String>) -> Result<bool, CommandError> {
        let Some(block) = self.block_of(names) else { return Ok(false) };
        let own = format!("block{block:03}_");
        let mut table = String::from("name,rate\n");
        let (mut sum, mut count, mut scores) = (0.0, 0, Vec::new());
        for name in names.iter().filter(|name| name.starts_with(&own) || !name.starts_with("block")) {
            let path = self.images.join(name);
            let image = match read(&path) {
                Err(_) if !path.exists() => return Ok(false),
                image => image?,
            };
            self.scorer.score(&Images::from_rgb8(&image), &mut scores)?;
            let stream = xxhash_rust::xxh3::xxh3_64(format!("{own}{name}").as_bytes());
            let rate = self.noise.apply(&scores, self.args.seed, stream).map_err(experiments::EvolveError::from)?[0];
            table.push_str(&format!("\"{}\",{rate}\n", name.replace('"', "\"\"")));
            (sum, count) = (sum + rate, count + 1);
        }
        fs::create_dir_all(&self.scores).map_err(|source| failed("create", &self.scores, source))?;
        let path = self.scores.join(format!("block{block:03}.csv"));
        write_whole(&path, |file| file.write_all(table.as_bytes())).map_err(|source| failed("write", &path, source))?;
        say(&format!("block {block}: {count} images, mean response {}", significant(sum / f64::from(count))));
        self.answered.insert(block);
        Ok(true)
    }
}

/// Blocks whose scores lie in a folder: an earlier rig answered them.
fn answered(scores: &Path) -> BTreeSet<u32> {
    let names = fs::read_dir(scores).into_iter().flatten().flatten().map(|entry| entry.file_name());
    names.filter_map(|name| name.to_str()?.strip_prefix("block")?.split('.').next()?.parse().ok()).collect()
}

fn read(path: &Path) -> Result<image::RgbImage, CommandError> {
    let image =
        image::open(path).map_err(|source| OnlineError::Image { path: path.to_owned(), source: Box::new(source) });
    Ok(image?.to_rgb8())
}

fn failed(action: &'static str, path: &Path, source: std::io::Error) -> OnlineError {
    OnlineError::Io { action, path: path.to_owned(), source }
}
