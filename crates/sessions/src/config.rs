//! `session.toml`: what a session is to do.

use std::path::{Component, Path, PathBuf};

use experiments::Goal;
use optim_core::Method;
use paradigm::{Geometry, LARGEST_SIDE, Resampling};
use serde::{Deserialize, Serialize};

use crate::error::ConfigError;
use crate::metadata::{Experiment, Subject};
use crate::names::{Dialect, Matching};
use crate::target::Target;

/// Most images that a block may show.
const LARGEST_BLOCK: usize = 10_000;

/// A session as its user describes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionConfig {
    /// Settings of the whole session.
    #[serde(default)]
    pub session: Settings,
    /// The threads: searches that share every block. One or more.
    #[serde(rename = "thread")]
    pub threads: Vec<ThreadConfig>,
    /// Images that are shown beside those of the threads.
    #[serde(default)]
    pub references: References,
    /// The animal, for the export as NWB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// The experiment, for the export as NWB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nwb: Option<Experiment>,
    /// A list of a target that is there without a value, if any.
    #[serde(skip)]
    empty_list: Option<String>,
}

/// Settings of the whole session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Seed of the order of presentation, and of the choice of references.
    pub seed: u64,
    /// How often every image is shown before the optimizer hears of it.
    pub repeats: u32,
    /// Most presentations of evolved images in a block; without it, every image once.
    pub block_size: Option<usize>,
    /// How often images without a response are shown again before they count as missing.
    pub show_again: u32,
    /// Seconds after which a block without all scores is closed; 0: never.
    pub time_out_s: f64,
    /// Side of the canvas in pixels; without it, that of the largest image.
    pub canvas: Option<u32>,
    /// Gray of the canvas around the image, 0 to 255.
    pub surround: u8,
    /// How images get their size on the canvas.
    #[serde(skip_serializing_if = "Resampling::is_default")]
    pub resize: Resampling,
    /// Names of files, and how the rig answers.
    pub dialect: Dialect,
    /// How names in score files are matched with images.
    pub matching: Matching,
    /// Folder of the images, inside the session's.
    pub images: PathBuf,
    /// Folder of the score files, inside the session's.
    pub scores: PathBuf,
    /// What becomes of a block's images when its scores are in.
    pub after_scores: AfterScores,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 0,
            repeats: 1,
            block_size: None,
            show_again: 1,
            time_out_s: 0.0,
            canvas: None,
            surround: 128,
            resize: Resampling::Bilinear,
            dialect: Dialect::Xdream,
            matching: Matching::Loose,
            images: "stimuli".into(),
            scores: "scores".into(),
            after_scores: AfterScores::Remove,
        }
    }
}

/// What becomes of a block's images when its scores are in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterScores {
    /// They are removed.
    #[default]
    Remove,
    /// They are moved to `shown/` in the session's folder.
    Move,
    /// They stay.
    Keep,
}

/// One search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThreadConfig {
    /// Its name; without it, `thread000` and so on.
    #[serde(default)]
    pub name: String,
    /// The generator, by name.
    pub generator: String,
    /// The method, by name.
    #[serde(default = "default_optimizer")]
    pub optimizer: String,
    /// Options of the method.
    #[serde(default)]
    pub options: serde_json::Map<String, serde_json::Value>,
    /// Seed of the method; without it, the session's seed plus the thread's number.
    #[serde(default)]
    pub seed: Option<u64>,
    /// Whether high or low scores are sought.
    #[serde(default)]
    pub goal: Goal,
    /// Generations to score.
    #[serde(default = "default_generations")]
    pub generations: u32,
    /// A file or folder of initial codes, beside the configuration; without it, the method begins by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init: Option<PathBuf>,
    /// What the responses are worth.
    #[serde(default)]
    pub target: Target,
    /// Side of the image on the canvas in pixels; without it, as the generator makes it.
    #[serde(default)]
    pub size: Option<u32>,
    /// Centre of the image on the canvas, x and y in pixels from the upper left; without it, the middle.
    #[serde(default)]
    pub at: Option<[i32; 2]>,
}

fn default_optimizer() -> String {
    Method::default().name().to_owned()
}

fn default_generations() -> u32 {
    75
}

impl ThreadConfig {
    /// The method with its options.
    ///
    /// # Errors
    /// If there is no such method, or no such option.
    pub fn method(&self) -> Result<Method, optim_core::ConfigError> {
        Method::from_json_options(&self.optimizer, &self.options)
    }

    /// Where its images of `native` pixels lie on a canvas.
    fn geometry(&self, canvas: u32, native: u32, &Settings { surround, resize, .. }: &Settings) -> Geometry {
        let middle = i32::try_from(canvas / 2).unwrap_or(i32::MAX);
        let (size, at) = (self.size.unwrap_or(native), self.at.unwrap_or([middle; 2]));
        Geometry { canvas, size, at, surround, resize }
    }
}

/// Reference images.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct References {
    /// Folders of images, beside the configuration. `session new` copies them into the session.
    pub folders: Vec<PathBuf>,
    /// How many are shown in every block; without it, all.
    pub per_block: Option<usize>,
    /// Which ones.
    pub choice: Choice,
}

/// Which reference images a block shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// The first ones by name, in every block the same.
    #[default]
    Fixed,
    /// The next ones by name, from the beginning again after the last.
    Rotating,
    /// Random ones, without repetition within a block.
    Seeded,
}

impl SessionConfig {
    /// Reads a configuration and checks what can be checked without its files.
    ///
    /// # Errors
    /// If it is no TOML, has unknown keys or values out of range.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let mut config: Self = toml::from_str(text).map_err(|error| ConfigError::Toml(Box::new(error)))?;
        for (number, thread) in config.threads.iter_mut().enumerate() {
            if thread.name.is_empty() {
                thread.name = format!("thread{number:03}");
            }
        }
        config.empty_list = empty_list(text, &config.threads);
        config.check()?;
        Ok(config)
    }

    /// Checks that the targets of a new session can be used. Journals of older versions may have other ones.
    pub(crate) fn check_targets(&self) -> Result<(), ConfigError> {
        if let Some(key) = self.empty_list.clone() {
            return Err(ConfigError::Value { key, expected: "a list of at least one value, or left out" });
        }
        for thread in self.threads.iter().filter(|thread| !thread.target.pattern.is_empty()) {
            let failed = |source| ConfigError::Pattern { thread: thread.name.clone(), source };
            thread.target.as_pattern().check().map_err(failed)?;
        }
        Ok(())
    }

    /// Checks that something of the images of each thread lies on the canvas. `native` are the sides of the generators'
    /// images in pixels.
    ///
    /// # Errors
    /// If an image lies outside, or has no side that can be shown.
    pub fn check_geometries(&self, native: &[u32]) -> Result<(), ConfigError> {
        for (thread, geometry) in self.threads.iter().zip(self.geometries(native)) {
            geometry.check().map_err(|source| ConfigError::Geometry { thread: thread.name.clone(), source })?;
        }
        Ok(())
    }

    /// Where the images of each thread lie on the canvas, whose side is as configured, or that of the largest image.
    /// `native` are the sides of the generators' images in pixels.
    #[must_use]
    pub fn geometries(&self, native: &[u32]) -> Vec<Geometry> {
        let threads = self.threads.iter().zip(native);
        let sides = threads.clone().map(|(thread, &native)| thread.size.unwrap_or(native));
        let canvas = self.session.canvas.unwrap_or_else(|| sides.max().unwrap_or(1));
        threads.map(|(thread, &native)| thread.geometry(canvas, native, &self.session)).collect()
    }

    /// Where the images of one thread lie on the canvas. `side` says how many pixels a side the images of a generator have;
    /// it is asked only for generators on which the answer depends.
    ///
    /// # Errors
    /// The first error of `side`.
    ///
    /// # Panics
    /// If there is no such thread.
    pub fn geometry_of<E>(&self, thread: usize, mut side: impl FnMut(&str) -> Result<u32, E>) -> Result<Geometry, E> {
        let mut native = vec![1; self.threads.len()];
        for (number, (config, native)) in self.threads.iter().zip(&mut native).enumerate() {
            if config.size.is_none() && (number == thread || self.session.canvas.is_none()) {
                *native = side(&config.generator)?;
            }
        }
        Ok(self.geometries(&native)[thread])
    }

    fn check(&self) -> Result<(), ConfigError> {
        let wrong = |key: &str, expected: &'static str| Err(ConfigError::Value { key: key.to_owned(), expected });
        let Settings { repeats, block_size, time_out_s, canvas, images, scores, .. } = &self.session;
        if self.threads.is_empty() || self.threads.len() > 100 {
            return wrong("thread", "one to 100 tables [[thread]]");
        }
        if !(1..=1000).contains(repeats) || self.session.show_again > 1000 {
            return wrong("session.repeats and session.show_again", "from 1 (0 for show_again) to 1000");
        }
        if block_size.is_some_and(|size| !(1..=LARGEST_BLOCK).contains(&size)) {
            return wrong("session.block_size", "from 1 to 10000");
        }
        if !(time_out_s.is_finite() && (0.0..=1e6).contains(time_out_s)) {
            return wrong("session.time_out_s", "seconds from 0 to 1000000");
        }
        if canvas.is_some_and(|side| !(1..=LARGEST_SIDE).contains(&side)) {
            return wrong("session.canvas", "from 1 to 4096 pixels");
        }
        for (key, folder) in [("session.images", images), ("session.scores", scores)] {
            if !is_inside(folder) {
                return wrong(key, "a folder inside the session's, without '..'");
            }
        }
        for thread in &self.threads {
            check_thread(thread)?;
        }
        let mut names: Vec<&str> = self.threads.iter().map(|thread| thread.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        if names.len() == self.threads.len() { Ok(()) } else { wrong("thread.name", "different for every thread") }
    }
}

/// The first list of a target that is there without a value.
fn empty_list(text: &str, threads: &[ThreadConfig]) -> Option<String> {
    let table: toml::Table = text.parse().ok()?;
    threads.iter().zip(table.get("thread")?.as_array()?).find_map(|(thread, value)| {
        let mut lists = value.get("target")?.as_table()?.iter();
        let (key, _) = lists.find(|(_, value)| value.as_array().is_some_and(Vec::is_empty))?;
        Some(format!("target.{key} of thread '{}'", thread.name))
    })
}

fn check_thread(thread: &ThreadConfig) -> Result<(), ConfigError> {
    let wrong =
        |key: &str, expected| Err(ConfigError::Value { key: format!("{key} of thread '{}'", thread.name), expected });
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if thread.name.len() > 60 || !thread.name.chars().all(plain) {
        return wrong("name", "of at most 60 letters, digits, '-' and '_'");
    }
    if !(1..=10_000_000).contains(&thread.generations) {
        return wrong("generations", "from 1 to 10000000");
    }
    if thread.size.is_some_and(|side| !(1..=LARGEST_SIDE).contains(&side)) {
        return wrong("size", "from 1 to 4096 pixels");
    }
    if thread.at.is_some_and(|at| at.iter().any(|x| x.unsigned_abs() > 2 * LARGEST_SIDE)) {
        return wrong("at", "x and y, at most 8192 pixels from the corner");
    }
    thread.method().map_err(|source| ConfigError::Method { thread: thread.name.clone(), source: Box::new(source) })?;
    thread
        .target
        .check()
        .map_err(|expected| ConfigError::Value { key: format!("target of thread '{}'", thread.name), expected })
}

/// Whether a path is relative and never leaves the folder that it starts from.
#[must_use]
pub fn is_inside(path: &Path) -> bool {
    !path.as_os_str().is_empty() && path.components().all(|part| matches!(part, Component::Normal(_)))
}
