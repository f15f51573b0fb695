//! A session as NWB: trials, the images that were shown, codes.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

use experiments::Keep;
use indicatif::ProgressBar;
use rig_files::nwb::{self, NwbData, NwbError, NwbImage, NwbInfo, NwbMetadata, NwbScratch, NwbSession, NwbTrial};
use sessions::{
    Experiment, Geometry, Presentation, Presented, Recorded, Reference, Renderer, Replay, Role, SessionConfig,
    SessionError, read_references, shown_at,
};

use super::mat::{image_ids, padded};
use super::table;
use crate::console::counted;
use crate::online::{OnlineError, Source, setup};
use crate::{CommandError, Library};

/// Name of an image in the file, and in the table of trials: its id; of a reference that belongs to a thread, with that.
pub(super) fn template(image: &Presented) -> String {
    match (image.role, image.thread) {
        (Role::Reference, Some(thread)) => format!("{}_thread{thread:03}_nat", image.id),
        _ => image.id.clone(),
    }
}

/// Ids of the evolved images that were shown, by thread, generation and column.
pub(super) fn evolved_ids(recorded: &Recorded) -> HashMap<(usize, u32, usize), String> {
    let blocks = recorded.blocks();
    let images = blocks.values().flat_map(|(block, _)| &block.images);
    let place = |image: &Presented| Some(((image.thread?, image.generation?, image.column?), image.id.clone()));
    images.filter_map(|image| place(&image.image)).collect()
}

/// Writes the file.
pub(super) fn write(library: &Library, source: &Source, path: &Path, out: &mut dyn Write) -> Result<(), CommandError> {
    let config = described(source)?;
    let info = complete(source, &config)?;
    let (trials, left_out) = trials(&source.recorded, info.start_unix_s(), config.nwb.as_ref())?;
    let bins = source.recorded.layout().bins();
    let channels = source.recorded.channel_names();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64());
    let session = NwbSession { info, created: nwb::utc(now), channels, bins, trials, scratch: scratch(source)? };
    let failed = |source| OnlineError::Io { action: "write", path: path.to_owned(), source };
    std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).map_err(failed)?;
    let images = Images::of(library, source)?;
    let bar = images.bar.clone();
    let report = nwb::write(path, &session, images).map_err(OnlineError::from)?;
    bar.finish_and_clear();
    let (trials, images) = (counted(report.trials, "trial"), counted(report.images, "image"));
    writeln!(out, "{}: {trials}, {images}, {:.1} MB", path.display(), report.bytes as f64 / 1e6)?;
    if left_out > 0 {
        writeln!(out, "left out: {} whose names mean no image of their block", counted(left_out, "response"))?;
    }
    Ok(())
}

/// The configuration with what is said of animal and experiment: that may still be written into the session's
/// `session.toml` when the session is over, since nothing else follows from it.
fn described(source: &Source) -> Result<SessionConfig, CommandError> {
    let path = source.folder.join(setup::CONFIG_FILE);
    let failed = |source| OnlineError::Io { action: "read", path: path.clone(), source };
    if !path.exists() {
        return Ok(source.recorded.config.clone());
    }
    let text = std::fs::read_to_string(&path).map_err(failed)?;
    Ok(SessionConfig::parse(&text).map_err(SessionError::from)?)
}

fn complete(source: &Source, config: &SessionConfig) -> Result<NwbInfo, CommandError> {
    let given = config.nwb_metadata();
    let begun = source.recorded.records.first().map_or(0.0, |record| record.unix_s);
    let name = source.folder.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let threads = |thread: &sessions::ThreadConfig| format!("{} by {}", thread.name, thread.optimizer);
    let threads: Vec<String> = config.threads.iter().map(threads).collect();
    let description = || format!("Images were evolved online from the responses to them: {}.", threads.join(", "));
    let metadata = NwbMetadata {
        identifier: given.identifier.or_else(|| Some(format!("{name}-{}", nwb::utc(begun)))),
        session_description: given.session_description.or_else(|| Some(description())),
        ..given
    };
    let path = source.folder.join(setup::CONFIG_FILE);
    metadata.complete().map_err(|error| match error {
        NwbError::Missing { fields } => OnlineError::NwbIncomplete { fields, path, begun: nwb::utc(begun) }.into(),
        error => OnlineError::NwbField { path, source: Box::new(error) }.into(),
    })
}

/// A trial a response, and the number of responses that belong to no image.
fn trials(
    recorded: &Recorded,
    start: f64,
    experiment: Option<&Experiment>,
) -> Result<(Vec<NwbTrial>, usize), OnlineError> {
    let presentations = recorded.presentations();
    let image_s = experiment.and_then(|nwb| nwb.image_s);
    let values = recorded.value_names().len();
    let trial = |(shown, [begin, end]): (&Presentation<'_>, [f64; 2])| {
        let image = shown.image.as_ref()?;
        Some(NwbTrial {
            start_time: begin - start,
            stop_time: end - start,
            stimulus_name: template(image),
            block: shown.block,
            thread: image.thread.and_then(|thread| u32::try_from(thread).ok()),
            generation: image.generation,
            role: table::role(image.role).to_owned(),
            score: recorded.score(shown.row, image.thread.unwrap_or(0)),
            late: shown.late,
            rig_time: shown.row.t.unwrap_or(f64::NAN),
            channels: padded(shown, values),
        })
    };
    let trials: Vec<_> = presentations.iter().zip(shown_at(&presentations, image_s)).filter_map(trial).collect();
    let first = trials.iter().map(|trial| trial.start_time).fold(f64::INFINITY, f64::min);
    if first < 0.0 {
        return Err(OnlineError::StartsLate { seconds: -first });
    }
    let left_out = presentations.len() - trials.len();
    Ok((trials, left_out))
}

/// Configuration, and of each thread that was told scores: codes, scores, generations and names of its images.
fn scratch(source: &Source) -> Result<Vec<NwbScratch>, CommandError> {
    let mut scratch = Vec::new();
    let mut add = |name: String, notes: &str, data| scratch.push(NwbScratch { name, notes: notes.to_owned(), data });
    let config = source.recorded.records.iter().find_map(|record| match &record.event {
        sessions::Event::Begun { config, .. } => Some(config.clone()),
        _ => None,
    });
    add("config".to_owned(), "The session's configuration, TOML.", NwbData::Text(config.unwrap_or_default()));
    if let Some(edges) = source.recorded.layout().bins_ms {
        let edges = NwbData::Matrix { columns: edges.len(), values: edges.to_vec() };
        add("bins_ms".to_owned(), "Edges of the time bins, in milliseconds from the image's onset.", edges);
    }
    for thread in 0..source.recorded.specs.len() {
        let name = source.name(thread).to_owned();
        let evolution = source.replay(thread, Keep::All)?.finish()?;
        if evolution.generations_scored() == 0 {
            continue;
        }
        let column = |values| NwbData::Matrix { columns: 1, values };
        let ids = NwbData::Texts(image_ids(source, thread, &evolution));
        let generations = evolution.generations.iter().copied().map(f64::from).collect();
        add(format!("image_ids_{name}"), "Names of the images, row by row of the codes.", ids);
        add(format!("generations_{name}"), "Generation of each row of the codes, from 0.", column(generations));
        add(
            format!("scores_{name}"),
            "What the optimizer was told of each row of the codes.",
            column(evolution.scores_all),
        );
        let codes = NwbData::Singles { columns: evolution.dim, values: evolution.codes_all };
        add(format!("codes_{name}"), "Codes of the thread's generator, an image a row.", codes);
    }
    Ok(scratch)
}

/// The images that were shown, made again: a generation at a time.
struct Images<'a> {
    threads: VecDeque<Again<'a>>,
    references: VecDeque<(String, usize, Geometry)>,
    files: Vec<Reference>,
    ready: VecDeque<NwbImage>,
    bar: ProgressBar,
}

/// A thread whose generations are made again.
struct Again<'a> {
    name: String,
    replay: Replay<'a>,
    renderer: Box<dyn Renderer>,
    geometry: Geometry,
    /// Ids of its images by generation and column.
    ids: HashMap<(u32, usize), String>,
    generation: u32,
}

impl<'a> Images<'a> {
    fn of(library: &Library, source: &'a Source) -> Result<Self, CommandError> {
        let config = &source.recorded.config;
        let parts = setup::generators(library, config)?;
        let native: Vec<u32> = parts.iter().map(|part| part.renderer.side()).collect();
        let geometries = config.geometries(&native);
        let mut threads = VecDeque::new();
        let ids = evolved_ids(&source.recorded);
        for (thread, part) in parts.into_iter().enumerate() {
            let own = ids.iter().filter(|((of, ..), _)| *of == thread);
            threads.push_back(Again {
                name: source.name(thread).to_owned(),
                replay: source.replay(thread, Keep::None)?,
                renderer: part.renderer,
                geometry: geometries[thread],
                ids: own.map(|(&(_, generation, column), id)| ((generation, column), id.clone())).collect(),
                generation: 0,
            });
        }
        let files = read_references(&source.folder)?;
        let references = references(&source.recorded, &files, &geometries);
        let bar = ProgressBar::new((ids.len() + references.len()) as u64);
        Ok(Self { threads, references, files, ready: VecDeque::new(), bar })
    }
}

/// The references that were shown: name, place among the files, geometry.
fn references(
    recorded: &Recorded,
    files: &[Reference],
    geometries: &[Geometry],
) -> VecDeque<(String, usize, Geometry)> {
    let blocks = recorded.blocks();
    let images = blocks.values().flat_map(|(block, _)| &block.images).map(|image| &image.image);
    let shown = images.filter(|image| image.role == Role::Reference);
    let named: BTreeSet<_> = shown.map(|image| (template(image), image.id.clone(), image.thread)).collect();
    let place = |(name, id, thread): (String, String, Option<usize>)| {
        let file = files.iter().position(|file| file.id == id)?;
        Some((name, file, geometries[thread.unwrap_or(0)]))
    };
    named.into_iter().filter_map(place).collect()
}

impl Iterator for Images<'_> {
    type Item = io::Result<NwbImage>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(image) = self.ready.pop_front() {
                self.bar.inc(1);
                return Some(Ok(image));
            }
            if let Some(thread) = self.threads.front_mut() {
                match thread.generation(&mut self.ready) {
                    Ok(true) => {}
                    Ok(false) => drop(self.threads.pop_front()),
                    Err(error) => {
                        self.threads.clear();
                        return Some(Err(io::Error::other(error)));
                    }
                }
                continue;
            }
            let (name, file, geometry) = self.references.pop_front()?;
            let image = self.files[file].placed(geometry);
            self.ready.push_back(nwb_image(name, image, "A reference image.".to_owned()));
        }
    }
}

impl Again<'_> {
    /// Makes the images of the next generation. False if no more was shown.
    fn generation(&mut self, ready: &mut VecDeque<NwbImage>) -> Result<bool, CommandError> {
        let Some(codes) = self.replay.ask()? else { return Ok(false) };
        let ids: Vec<_> = (0..codes.len()).map(|column| self.ids.get(&(self.generation, column))).collect();
        if ids.iter().any(Option::is_some) {
            let thread = || self.name.clone();
            let images = self.renderer.render(codes);
            let images = images.map_err(|source| SessionError::Render { thread: thread(), source })?;
            for (image, id) in images.into_iter().zip(ids) {
                let Some(id) = id else { continue };
                let description = format!("Generation {} of thread {}.", self.generation, self.name);
                ready.push_back(nwb_image(id.clone(), self.geometry.place(image), description));
            }
        }
        self.generation += 1;
        Ok(self.replay.tell()?.is_some())
    }
}

fn nwb_image(name: String, image: image::RgbImage, description: String) -> NwbImage {
    let (width, height) = image.dimensions();
    NwbImage { name, width, height, rgb: image.into_raw(), description }
}
