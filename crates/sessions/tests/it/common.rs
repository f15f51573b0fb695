use std::error::Error;
use std::fs;
use std::path::Path;

use experiments::journal::Score;
use experiments::{Provenance, RunSpec};
use image::{Rgb, RgbImage};
use optim_core::Population;
use sessions::journal::{self, JOURNAL_FILE};
use sessions::{
    Block, Event, Reference, Renderer, Responses, Role, Row, Session, SessionConfig, SessionError, ThreadParts,
    run_specs,
};

/// Images whose pixels are the numbers of the code, over and over.
struct Pixels {
    dim: usize,
    side: u32,
}

impl Renderer for Pixels {
    fn latent_dim(&self) -> usize {
        self.dim
    }
    fn side(&self) -> u32 {
        self.side
    }
    fn render(&mut self, codes: &Population) -> Result<Vec<RgbImage>, Box<dyn Error + Send + Sync>> {
        let &mut Self { dim, side } = self;
        let pixel = |code: &[f64], x, y| Rgb([code[(x + side * y) as usize % dim].abs() as u8; 3]);
        Ok(codes.iter().map(|code| RgbImage::from_fn(side, side, |x, y| pixel(code, x, y))).collect())
    }
}

/// The generator `pixels`, or the smaller `few-pixels`.
fn parts(config: &SessionConfig) -> Vec<ThreadParts> {
    let generator = |name: &str| match name {
        "few-pixels" => Pixels { dim: 9, side: 6 },
        _ => Pixels { dim: 16, side: 8 },
    };
    let part = |name: &str| ThreadParts { renderer: Box::new(generator(name)), initial: None };
    config.threads.iter().map(|thread| part(&thread.generator)).collect()
}

pub(crate) fn begin(folder: &Path, text: &str, references: Vec<Reference>) -> Result<Session, SessionError> {
    let config = SessionConfig::parse(text)?;
    let parts = parts(&config);
    let dims: Vec<usize> = parts.iter().map(|part| part.renderer.latent_dim()).collect();
    let specs = run_specs(&config, &dims, &vec![None; parts.len()])?;
    Session::create(folder, text, specs, parts, references, &Provenance::here())
}

pub(crate) fn create(folder: &Path, text: &str, references: Vec<Reference>) -> Session {
    begin(folder, text, references).unwrap()
}

pub(crate) fn resume(folder: &Path) -> Result<Session, SessionError> {
    let open = |config: &SessionConfig, _: &[RunSpec]| Ok((parts(config), sessions::read_references(folder)?));
    Session::resume(folder, &Provenance::here(), open)
}

/// What a neuron answers to the file of an image: the sum of its bytes, scrambled a little.
pub(crate) fn neuron(file: &[u8]) -> f64 {
    let pixels = image::load_from_memory(file).unwrap().to_rgb8();
    pixels.pixels().map(|pixel| f64::from(pixel.0[0])).sum::<f64>() / 10.0
}

/// A row for every presentation of a block.
pub(crate) fn answers(block: &Block) -> Responses {
    let row = |(trial, &i): (usize, &usize)| Row {
        name: block.images[i].name().to_owned(),
        id: None,
        trial: Some(trial as u64),
        t: None,
        values: vec![Score(neuron(&block.images[i].file) + trial as f64), Score(1.0)],
    };
    Responses { source: "test".into(), rows: block.order.iter().enumerate().map(row).collect(), ..Responses::default() }
}

/// Answers blocks until the session is over, or `blocks` are answered. Returns ids and files of evolved images.
pub(crate) fn serve(session: &mut Session, blocks: usize) -> Vec<(String, u64)> {
    let mut shown = Vec::new();
    for _ in 0..blocks {
        let Some(block) = session.block().cloned() else { break };
        let evolved = block.images.iter().filter(|image| image.image.role == Role::Evolved);
        shown.extend(evolved.map(|image| (image.image.id.clone(), xxhash_rust::xxh3::xxh3_64(&image.file))));
        session.take(block.number, answers(&block)).unwrap();
    }
    shown
}

/// A rig at the folders: answers the newest block, as soon as it has so many images. Every image must be whole.
pub(crate) fn attend(folder: &Path, images: usize) {
    let (stimuli, scores) = (folder.join("stimuli"), folder.join("scores"));
    let Ok(entries) = fs::read_dir(&stimuli) else { return };
    let names = entries.flatten().map(|entry| entry.file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.starts_with("block")).collect();
    names.sort();
    let Some(block) = names.last().map(|name| name[..8].to_owned()) else { return };
    names.retain(|name| name.starts_with(&block));
    let answer = scores.join(format!("{block}.csv"));
    if names.len() < images || answer.exists() {
        return;
    }
    let mut table = "name,rate\n".to_owned();
    for name in names {
        // The session may take the block away meanwhile.
        let Ok(file) = fs::read(stimuli.join(&name)) else { return };
        table.push_str(&format!("{name},{}\n", neuron(&file)));
    }
    fs::write(scores.join("part"), table).unwrap();
    fs::rename(scores.join("part"), answer).unwrap();
}

/// The events of a journal; what resumed processes write of themselves is left out.
pub(crate) fn events(folder: &Path) -> Vec<String> {
    let records = journal::read(&folder.join(JOURNAL_FILE)).unwrap();
    let events = records.into_iter().map(|record| record.event);
    events
        .filter(|event| !matches!(event, Event::Resumed { .. }))
        .map(|event| serde_json::to_string(&event).unwrap())
        .collect()
}
