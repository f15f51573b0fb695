//! A run that is checked but not begun, and the journal of one that was interrupted.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use experiments::journal::Header;
use experiments::{Goal, JOURNAL_FILE, JournalError, Keep, Needs, NetworkUnits, ObjectiveSpec, RunPlan, RunSpec};
use gen_models::{CnnModel, GeneratorModel, Target};
use networks::{NormRatio, network_units};
use optim_core::AnyOptimizer;
use paradigm::Geometry;

use super::initial::InitialCodes;
use super::spec::{DEFAULT_CNN, DEFAULT_GENERATOR, generations, goal, method, noise, seed};
use super::start::Start;
use super::target::{RunTarget, named, target};
use crate::{CommandError, EvolveArgs, Library};

/// A run that was begun before: its folder and what its journal says was to be run.
#[derive(Debug)]
pub(crate) struct Resumed {
    pub(super) folder: PathBuf,
    spec: RunSpec,
    keep: Keep,
    pub(super) units: NetworkUnits,
}

impl Resumed {
    /// Reads the header of the journal in `folder`.
    pub(crate) fn read(folder: &Path) -> Result<Self, CommandError> {
        let Header { spec, keep, .. } = read_header(&folder.join(JOURNAL_FILE))?;
        let other = || CommandError::OtherObjective { folder: folder.to_owned() };
        let units = spec.objective.units().cloned().ok_or_else(other)?;
        Ok(Self { folder: folder.to_owned(), spec, keep, units })
    }
}

/// The first line of a journal.
pub(crate) fn read_header(path: &Path) -> Result<Header, JournalError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => JournalError::NotFound { path: path.to_owned() },
        _ => JournalError::Io { action: "read", path: path.to_owned(), source },
    };
    let mut line = String::new();
    BufReader::new(File::open(path).map_err(failed)?).read_line(&mut line).map_err(failed)?;
    serde_json::from_str(&line).map_err(|error| {
        let reason = if line.is_empty() { "the file is empty".to_owned() } else { error.to_string() };
        JournalError::Damaged { path: path.to_owned(), line: 1, reason }
    })
}

/// Everything that a run needs, checked against each other.
pub(crate) struct Setup {
    pub(crate) spec: RunSpec,
    /// The loop's part of the specification, with the codes that are to be kept.
    pub(crate) plan: RunPlan,
    /// Room that the run takes.
    pub(crate) needs: Needs,
    pub(crate) optimizer: AnyOptimizer,
    pub(crate) generator: GeneratorModel,
    pub(crate) cnn: CnnModel,
    pub(crate) target: Target,
    /// The target in words.
    words: String,
    /// The file that the target is read from: its name in the run's folder, and its content.
    pub(crate) copy: Option<(String, Vec<u8>)>,
    pub(crate) initial: Option<InitialCodes>,
}

impl Setup {
    /// Lays the arguments over the defaults, or over what is resumed, and checks all of it. Nothing is
    /// written.
    pub(crate) fn new(args: &EvolveArgs, library: &Library, resumed: Option<&Resumed>) -> Result<Self, CommandError> {
        let recorded = resumed.map(|resumed| &resumed.spec);
        let objective = resumed.map(|resumed| &resumed.units);
        let method = method(args, recorded)?;
        let (noise, reps) = noise(args, recorded)?;
        let generator = args.generator.as_deref().or(objective.map(|objective| objective.generator.as_str()));
        let generator = library.generator(generator.unwrap_or(DEFAULT_GENERATOR))?;
        let cnn = args.cnn.as_deref().or(objective.map(|objective| objective.cnn.as_str()));
        let cnn = library.cnn(cnn.unwrap_or(DEFAULT_CNN))?;
        let RunTarget { target, spec: file, words, copy } = target(args, library, &cnn, resumed)?;
        let dim = generator.spec().latent_dim;
        let method = match args.norm {
            Some(norm) => method.with_norm(norm.value(generator.spec()), dim)?,
            None => method,
        };
        let presentations = noise.repeats().saturating_mul(reps);
        let generations = generations(args, (&method, dim), presentations, recorded)?;
        let mut initial = match (&args.init, resumed) {
            (Some(argument), _) => {
                let population = method.population_size(dim);
                let (generator, seed, fill) = (&generator, seed(args, recorded), args.init_fill);
                Some(InitialCodes::read(argument, &Start { library, generator, population, seed, fill })?)
            }
            (None, Some(Resumed { folder, spec, .. })) if spec.initial_codes_sha256.is_some() => {
                Some(InitialCodes::read_copy(folder, dim)?)
            }
            (None, _) => None,
        };
        let (native, input) = (generator.spec().image_size, cnn.spec().input_size);
        let geometry = args.geometry.resolve(native, Some(input))?;
        let geometry = geometry.or(objective.and_then(|objective| objective.geometry));
        let mut spec = RunSpec {
            method,
            dim,
            seed: seed(args, recorded),
            generations,
            noise,
            goal: goal(args, recorded),
            objective: ObjectiveSpec::Units(NetworkUnits {
                quantise: args.quantise || objective.is_some_and(|objective| objective.quantise),
                geometry,
                target: file,
                ..network_units(&generator, &cnn, &target)
            }),
            initial_codes_sha256: None,
            reps,
            stop: args.stop.over(recorded.map(|spec| spec.stop).unwrap_or_default()),
            initial_norm: None,
        };
        spec.plan().validate()?;
        let keep = args.keep_codes.or(resumed.map(|resumed| resumed.keep)).unwrap_or_default();
        let plan = RunPlan { keep, ..spec.plan() };
        let needs = Needs::of_run(&spec.method, dim, &plan).with_journal(&spec.method, dim, &plan);
        needs.check_memory("the run")?;
        let optimizer = match &mut initial {
            Some(initial) => initial.start(&mut spec)?,
            None => spec.optimizer(None)?,
        };
        Ok(Self { spec, plan, needs, optimizer, generator, cnn, target, words, copy, initial })
    }

    /// Whether the units see images of 8 bits.
    pub(crate) fn quantise(&self) -> bool {
        self.spec.objective.units().is_some_and(|units| units.quantise)
    }

    /// Where the images lie on a canvas.
    pub(crate) fn geometry(&self) -> Option<Geometry> {
        self.spec.objective.units().and_then(|units| units.geometry)
    }

    /// What the user is warned of before the run.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let population = self.spec.method.population_size(self.spec.dim);
        let mut warnings = self.initial.as_ref().map_or_else(Vec::new, |initial| initial.warnings(population));
        if let Some(ratio) = self.norm_ratio().filter(|ratio| ratio.is_far()) {
            warnings
                .push(format!("codes start with {ratio}: images may saturate, --norm natural starts with that norm"));
        }
        warnings
    }

    /// The scale of the search beside that of the generator; none where codes were given to start from.
    pub(crate) fn norm_ratio(&self) -> Option<NormRatio> {
        self.initial.is_none().then(|| NormRatio::of(&self.spec.method, self.generator.spec()))
    }

    /// CNN, units and goal in a few words.
    pub(crate) fn title(&self) -> String {
        let goal = if self.spec.goal == Goal::Minimize { " (minimized)" } else { "" };
        let patch = self.geometry().map_or_else(String::new, |geometry| format!(", {geometry}"));
        format!("{} {}{goal}{patch}", self.cnn.spec().name, self.words)
    }
}

/// The run's folder: the one named, else one named after unit, optimizer and seed.
pub(crate) fn folder(args: &EvolveArgs) -> Result<PathBuf, CommandError> {
    if let Some(folder) = &args.out {
        return Ok(folder.clone());
    }
    let names = match named(args) {
        Some((_, file)) => vec![file_name(args, file)],
        None if args.units.is_empty() => return Err(CommandError::ResumeWhat),
        None => args.units.clone(),
    };
    let method = method(args, None)?;
    let goal = if args.minimize { "-min" } else { "" };
    let name = format!("{}{goal}-{}-{}", short_name(&names), method.name(), seed(args, None));
    Ok(Path::new("runs").join(name))
}

/// Layer and name of the file that a run reads its target from.
fn file_name(args: &EvolveArgs, file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    args.target.layer.as_ref().map_or_else(|| stem.to_string(), |layer| format!("{layer}-{stem}"))
}

/// The units as a part of a file name.
fn short_name(units: &[String]) -> String {
    let plain = |unit: &String| -> String {
        unit.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).take(40).collect()
    };
    match units {
        [first, _, _, ..] => format!("{}-and-{}-more", plain(first), units.len() - 1),
        units => units.iter().map(plain).collect::<Vec<_>>().join("+"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::folder;
    use crate::EvolveArgs;

    #[test]
    fn the_folder_is_named_after_the_run() {
        let args = |units: &[&str], minimize| EvolveArgs {
            units: units.iter().map(|&unit| unit.to_owned()).collect(),
            minimize,
            seed: Some(7),
            ..EvolveArgs::default()
        };
        let named = |units, minimize| folder(&args(units, minimize)).unwrap();
        assert_eq!(named(&["conv5:12"], false), Path::new("runs/conv5-12-polar-es-savage-7"));
        assert_eq!(named(&["fc8:1=0.7", "fc8:3"], true), Path::new("runs/fc8-1-0.7+fc8-3-min-polar-es-savage-7"));
        assert_eq!(
            named(&["../../a:1", "b:2", "c:3"], false),
            Path::new("runs/..-..-a-1-and-2-more-polar-es-savage-7")
        );
    }
}
