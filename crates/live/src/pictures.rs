//! Images of codes, made on a thread of their own: neither a session nor a page waits for another page's images.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::error::Error;
use std::sync::{Arc, Mutex, mpsc};

use analysis::geometry::{angle_degrees, norm};
use optim_core::Population;
use serde::Serialize;
use sessions::{Geometry, ImageKind, Renderer};
use tokio::sync::oneshot;

use crate::codes::Codes;
use crate::error::LiveError;
use crate::source::{Generation, Source};

/// Images that wait at most; further requests are refused, and pages ask again.
const WAITING: usize = 512;

/// Bytes of images that are kept, so that several pages cost one rendering.
const KEPT: usize = 64 << 20;

/// Opens a generator by its name.
pub type OpenGenerator = Box<dyn FnMut(&str) -> Result<Box<dyn Renderer>, Box<dyn Error + Send + Sync>> + Send>;

/// Which code of a generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Which {
    Column(usize),
    /// The mean of the generation's codes.
    Mean,
}

/// A thread of a source, and a generation of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) source: usize,
    pub(crate) thread: usize,
    pub(crate) generation: u32,
}

/// Geometry of a generation's codes.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Norms {
    /// Norm of each code.
    pub(crate) norms: Vec<f64>,
    /// Norm of the mean code.
    pub(crate) mean_norm: f64,
    /// Degrees between this mean code and that of the generation before.
    pub(crate) step_degrees: Option<f64>,
}

enum Job {
    Image { place: Place, which: Which, reply: oneshot::Sender<Result<Vec<u8>, LiveError>> },
    Norms { place: Place, reply: oneshot::Sender<Result<Norms, LiveError>> },
}

/// Where images are asked for.
#[derive(Clone)]
pub(crate) struct Pictures(mpsc::SyncSender<Job>);

impl Pictures {
    pub(crate) fn start(sources: Arc<Mutex<Vec<Source>>>, open: OpenGenerator) -> std::io::Result<Self> {
        let (send, jobs) = mpsc::sync_channel(WAITING);
        // Generators and methods stay on the thread that made them.
        let work = move || {
            let (generators, codes, kept) = (HashMap::new(), HashMap::new(), Kept::default());
            Studio { sources, open, generators, codes, kept }.work(&jobs);
        };
        std::thread::Builder::new().name("pictures".to_owned()).spawn(work)?;
        Ok(Self(send))
    }

    pub(crate) async fn image(&self, place: Place, which: Which) -> Result<Vec<u8>, LiveError> {
        self.ask(|reply| Job::Image { place, which, reply }).await
    }

    pub(crate) async fn norms(&self, place: Place) -> Result<Norms, LiveError> {
        self.ask(|reply| Job::Norms { place, reply }).await
    }

    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<Result<T, LiveError>>) -> Job) -> Result<T, LiveError> {
        let (reply, answer) = oneshot::channel();
        let busy = || LiveError::Image("too many images are asked for at once".to_owned());
        self.0.try_send(job(reply)).map_err(|_| busy())?;
        answer.await.map_err(|_| busy())?
    }
}

/// Opens generators and codes when they are first asked for.
struct Studio {
    sources: Arc<Mutex<Vec<Source>>>,
    open: OpenGenerator,
    generators: HashMap<String, Box<dyn Renderer>>,
    codes: HashMap<(usize, usize), Codes>,
    kept: Kept,
}

/// The images that were made last.
#[derive(Default)]
struct Kept {
    images: HashMap<(Place, Which), Vec<u8>>,
    order: VecDeque<(Place, Which)>,
    bytes: usize,
}

impl Kept {
    fn insert(&mut self, key: (Place, Which), image: Vec<u8>) {
        self.bytes += image.len();
        self.order.push_back(key);
        self.images.insert(key, image);
        while self.bytes > KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.bytes -= self.images.remove(&oldest).map_or(0, |image| image.len());
        }
    }
}

impl Studio {
    fn work(mut self, jobs: &mpsc::Receiver<Job>) {
        while let Ok(job) = jobs.recv() {
            // Who asked may be gone.
            match job {
                Job::Image { reply, .. } if reply.is_closed() => {}
                Job::Image { place, which, reply } => drop(reply.send(self.image(place, which))),
                Job::Norms { place, reply } => drop(reply.send(self.norms(place))),
            }
        }
    }

    fn image(&mut self, place: Place, which: Which) -> Result<Vec<u8>, LiveError> {
        if let Some(image) = self.kept.images.get(&(place, which)) {
            return Ok(image.clone());
        }
        let image = self.make(place, which)?;
        self.kept.insert((place, which), image.clone());
        Ok(image)
    }

    fn make(&mut self, place: Place, which: Which) -> Result<Vec<u8>, LiveError> {
        let (codes, generator) = self.codes(place)?;
        let dim = codes.dim();
        let code = match which {
            Which::Mean => codes.mean().ok_or_else(|| missing(place, "it has no codes"))?,
            Which::Column(column) if column < codes.len() => codes.as_slice()[column * dim..][..dim].to_vec(),
            Which::Column(column) => return Err(missing(place, &format!("it has no code {column}"))),
        };
        let name = generator.ok_or_else(|| missing(place, "its generator is not known"))?;
        let images = self.renderer(&name)?.render(&Population::from_rows(dim, &code));
        let images = images.map_err(|error| LiveError::Image(error.to_string()))?;
        let image = images.into_iter().next().ok_or_else(|| missing(place, "the generator made no image"))?;
        let shown = match self.geometry(place)? {
            Some(geometry) => geometry.place(image),
            None => image,
        };
        ImageKind::Png.encode(&shown).map_err(|error| LiveError::Image(error.to_string()))
    }

    fn renderer(&mut self, name: &str) -> Result<&mut Box<dyn Renderer>, LiveError> {
        match self.generators.entry(name.to_owned()) {
            Entry::Occupied(open) => Ok(open.into_mut()),
            Entry::Vacant(place) => {
                let opened = (self.open)(name).map_err(|error| LiveError::Image(error.to_string()))?;
                Ok(place.insert(opened))
            }
        }
    }

    /// Where the images of a thread lie on their canvas; none of a run that shows them as they are.
    fn geometry(&mut self, place: Place) -> Result<Option<Geometry>, LiveError> {
        let sources = self.sources.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(source) = sources.get(place.source) else { return Ok(None) };
        let Some(config) = source.history.session.clone() else {
            let thread = source.history.threads.get(place.thread);
            return Ok(thread.and_then(|thread| thread.spec.objective.units()?.geometry));
        };
        drop(sources);
        config.geometry_of(place.thread, |name| Ok(self.renderer(name)?.side())).map(Some)
    }

    fn norms(&mut self, place: Place) -> Result<Norms, LiveError> {
        let before = place.generation.checked_sub(1);
        let before = before.and_then(|generation| self.codes(Place { generation, ..place }).ok());
        let (codes, _) = self.codes(place)?;
        let mean = codes.mean().ok_or_else(|| missing(place, "it has no codes"))?;
        let step_degrees = before.and_then(|(before, _)| angle_degrees(&before.mean()?, &mean).ok());
        let norms = codes.as_slice().chunks_exact(codes.dim()).map(norm).collect();
        Ok(Norms { norms, mean_norm: norm(&mean), step_degrees })
    }

    /// The codes of a generation, and the name of their generator.
    fn codes(&mut self, place: Place) -> Result<(Population, Option<String>), LiveError> {
        let sources = self.sources.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let source = sources.get(place.source).ok_or_else(|| missing(place, "there is no such source"))?;
        let thread =
            source.history.threads.get(place.thread).ok_or_else(|| missing(place, "there is no such thread"))?;
        let (folder, spec, name) = (source.folder.clone(), thread.spec.clone(), thread.name.clone());
        let (is_session, generator) = (source.history.kind == "session", thread.generator.clone());
        // Only a method that is asked again needs the scores.
        let scored: Vec<Generation> = if is_session { Vec::new() } else { thread.scored.clone() };
        drop(sources);
        let open = || match is_session {
            true => Codes::Stored { session: folder, thread: name, dim: spec.dim },
            false => Codes::of_run(folder, spec),
        };
        let codes = self.codes.entry((place.source, place.thread)).or_insert_with(open);
        Ok((codes.generation(place.generation, &scored)?, generator))
    }
}

fn missing(place: Place, reason: &str) -> LiveError {
    LiveError::Codes { generation: place.generation, reason: reason.to_owned() }
}
