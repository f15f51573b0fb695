//! A thread: one method, its generator, and the images of its present generation.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use experiments::{Evolver, Keep, RunPlan, RunSpec, codes_to_npy, codes_xxh3};
use image::RgbImage;
use optim_core::Population;
use paradigm::{Geometry, ImageKind};
use rayon::prelude::*;

use crate::config::ThreadConfig;
use crate::disk;
use crate::error::SessionError;

/// Codes in, 8-bit images out: what a session needs of a generator.
pub trait Renderer {
    /// Length N of a code.
    fn latent_dim(&self) -> usize;

    /// Side of its images in pixels.
    fn side(&self) -> u32;

    /// One image a code, in their order.
    ///
    /// # Errors
    /// If the generator fails.
    fn render(&mut self, codes: &Population) -> Result<Vec<RgbImage>, Box<dyn Error + Send + Sync>>;
}

/// What a thread is made of.
pub struct ThreadParts {
    /// Its generator.
    pub renderer: Box<dyn Renderer>,
    /// Its initial codes, if it has any.
    pub initial: Option<Population>,
}

/// A thread of a running session.
pub(crate) struct Thread {
    pub(crate) config: ThreadConfig,
    pub(crate) geometry: Geometry,
    pub(crate) stopped: bool,
    evolver: Evolver<'static>,
    renderer: Box<dyn Renderer>,
}

impl Thread {
    pub(crate) fn new(
        config: &ThreadConfig,
        spec: &RunSpec,
        geometry: Geometry,
        parts: ThreadParts,
    ) -> Result<Self, SessionError> {
        let failed = |source| SessionError::Thread { thread: config.name.clone(), source: Box::new(source) };
        let plan = RunPlan { keep: Keep::None, ..spec.plan() };
        let optimizer = spec.optimizer(parts.initial.as_ref()).map_err(failed)?;
        let evolver = Evolver::new(optimizer, plan).map_err(failed)?;
        Ok(Self { config: config.clone(), geometry, stopped: false, evolver, renderer: parts.renderer })
    }

    /// The generation that is to be scored now, from 0.
    pub(crate) fn generation(&self) -> u32 {
        self.evolver.generation()
    }

    pub(crate) fn is_over(&self) -> bool {
        self.stopped || self.evolver.is_over()
    }

    /// Asks the method for its next codes; returns how many there are, 0 if it is over.
    pub(crate) fn ask(&mut self) -> Result<usize, SessionError> {
        if self.is_over() {
            return Ok(0);
        }
        let codes = self
            .evolver
            .ask()
            .map_err(|source| SessionError::Thread { thread: self.config.name.clone(), source: Box::new(source) })?;
        Ok(codes.map_or(0, Population::len))
    }

    /// The codes asked for last.
    pub(crate) fn codes(&self) -> &Population {
        self.evolver.codes()
    }

    /// Tells the method the scores of the codes asked for last; returns their hash.
    pub(crate) fn tell(&mut self, scores: &[f64]) -> Result<String, SessionError> {
        let hash = codes_xxh3(self.evolver.codes());
        self.evolver
            .tell_after(0.0, scores)
            .map_err(|source| SessionError::Thread { thread: self.config.name.clone(), source: Box::new(source) })?;
        Ok(hash)
    }

    /// Writes the codes of the present generation beside the journal, and renders them.
    pub(crate) fn render(&mut self, folder: &Path, kind: ImageKind) -> Result<Vec<Arc<[u8]>>, SessionError> {
        let codes = self.evolver.codes();
        store_codes(folder, &self.config.name, self.evolver.generation(), codes)?;
        let thread = || self.config.name.clone();
        let images = self.renderer.render(codes).map_err(|source| SessionError::Render { thread: thread(), source })?;
        if images.len() != codes.len() {
            let (codes, images) = (codes.len(), images.len());
            return Err(SessionError::ImageCount { thread: thread(), codes, images });
        }
        let geometry = self.geometry;
        let encode = |(i, image)| {
            let bytes = kind.encode(&geometry.place(image));
            bytes.map(Arc::from).map_err(|source| SessionError::Image { id: format!("{i}"), source })
        };
        images.into_par_iter().enumerate().map(encode).collect()
    }
}

/// Where a session keeps the codes of a generation, `[lambda, N]`.
#[must_use]
pub fn codes_file(session: &Path, thread: &str, generation: u32) -> PathBuf {
    session.join("codes").join(thread).join(format!("gen{generation:03}.npy"))
}

fn store_codes(folder: &Path, thread: &str, generation: u32, codes: &Population) -> Result<(), SessionError> {
    let path = codes_file(folder, thread, generation);
    let failed = |source| SessionError::File { action: "write", path: path.clone(), source };
    std::fs::create_dir_all(path.parent().unwrap_or(folder)).map_err(failed)?;
    if path.exists() {
        return Ok(());
    }
    let bytes = codes_to_npy(codes).map_err(failed)?;
    disk::place(&path, &bytes).map_err(failed)
}
