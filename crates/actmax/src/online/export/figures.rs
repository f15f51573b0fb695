//! Figures of a session's threads.

use std::path::{Path, PathBuf};

use analysis::png;
use experiments::Evolution;
use gen_models::Runtime;
use sessions::{Geometry, Role};

use super::whole;
use crate::console::say;
use crate::evolve::{RunFigures, STIMULUS, image_of, stimulus};
use crate::online::Source;
use crate::pictures::session_options;
use crate::{CommandError, Library};

/// Images in the montage.
const BEST: usize = 20;
/// Pixels a unit of the SVG in a PNG.
const SCALE: f32 = 1.5;

/// Scores by generation, the best images, and the best image of every generation; returns the thread's folder.
pub(super) fn thread(
    library: &Library,
    source: &Source,
    thread: usize,
    evolution: &Evolution,
    folder: &Path,
) -> Result<PathBuf, CommandError> {
    let (name, spec) = (source.name(thread), source.spec(thread));
    let generator = library.generator(&source.config(thread).generator)?;
    let mut generator = generator.session(Runtime::get(&say)?, session_options())?;
    let geometry = presented(library, source, thread)?;
    let figures = RunFigures {
        evolution,
        title: name,
        optimizer: spec.method.name(),
        recorded: true,
        references: references(source, thread, evolution.generations_scored() as usize),
        geometry,
    };
    let folder = folder.join(name);
    let trace = figures.trace();
    whole(&folder.join("trace.png"), &png::render(&trace, SCALE)?)?;
    whole(&folder.join("trace.svg"), trace.as_bytes())?;
    let generations = evolution.generations_scored() as usize;
    whole(&folder.join("progress.png"), &figures.progress(&mut generator, generations)?)?;
    if let Some(best) = &evolution.best_clean {
        whole(&folder.join("montage.png"), &figures.montage(&mut generator, BEST)?)?;
        whole(&folder.join("best.png"), &image_of(&mut generator, &best.code)?)?;
        if let Some(geometry) = geometry {
            whole(&folder.join(STIMULUS), &stimulus(&mut generator, &best.code, &geometry)?)?;
        }
    }
    Ok(folder)
}

/// Where the thread's images lie on the canvas; none if they fill it as the generator makes them.
fn presented(library: &Library, source: &Source, thread: usize) -> Result<Option<Geometry>, CommandError> {
    let side = |name: &str| -> Result<u32, CommandError> {
        Ok(u32::try_from(library.generator(name)?.spec().image_size[1]).unwrap_or(u32::MAX))
    };
    let geometry = source.recorded.config.geometry_of(thread, side)?;
    let native = side(&source.config(thread).generator)?;
    Ok(Some(geometry).filter(|geometry| !(geometry.covers_canvas() && geometry.size == native)))
}

/// What the thread's target makes of the references that were shown beside each of its generations.
fn references(source: &Source, thread: usize, generations: usize) -> Vec<Vec<f64>> {
    let mut scores = vec![Vec::new(); generations];
    for shown in source.recorded.presentations() {
        let Some(image) = shown.image.filter(|image| image.role == Role::Reference && !shown.late) else { continue };
        let own = image.thread.is_none_or(|own| own == thread);
        // In every step each thread makes its next generation.
        if let Some(scores) = shown.step.and_then(|step| scores.get_mut(step as usize)).filter(|_| own) {
            scores.push(source.recorded.score(shown.row, thread));
        }
    }
    scores
}
