//! The networks: which units are run, and the images of codes.

use std::collections::HashMap;
use std::sync::Arc;

use actmax::Library;
use analysis::picture::Picture;
use anyhow::{Context, Result, bail};
use gen_models::{
    FusedModel, FusedObjective, FusedSession, LayerInfo, Runtime, SessionOptions, UnitAddress, UnitMixture,
};
use optim_core::{Generator, Method, Optimizer, Population, Stream, stream_rng};

use super::grid::Unit;
use super::preset::{Settings, UnitRule};

/// Random codes over which a unit must vary to be called live.
pub(super) const PROBES: usize = 400;
/// Norm of these codes.
pub(super) const PROBE_NORM: f64 = 300.0;
/// Seed of these codes: units do not depend on the seed of the runs.
const PROBE_SEED: u64 = 0;

/// Generator and CNN of a reproduction.
pub(super) struct Network {
    library: Library,
    runtime: &'static Runtime,
    generator: &'static str,
    cnn: &'static str,
}

impl Network {
    /// Finds both models; fails where they are not in the manifest.
    pub(super) fn open(settings: &Settings) -> Result<Self> {
        let library = Library::open(settings.models.as_deref())?;
        library.manifest().generator(settings.generator)?;
        library.manifest().cnn(settings.cnn)?;
        let runtime = Runtime::get(&|message| eprintln!("{message}"))?;
        Ok(Self { library, runtime, generator: settings.generator, cnn: settings.cnn })
    }

    /// Length N of a code.
    pub(super) fn latent_dim(&self) -> Result<usize> {
        Ok(self.library.manifest().generator(self.generator)?.latent_dim)
    }

    /// The graphs of all layers of the grid, each cut at its layer.
    pub(super) fn models(&self, layers: &[&'static str]) -> Result<Models> {
        let fused =
            |layer: &&'static str| Ok((*layer, self.library.fused(self.generator, self.cnn, &[layer], self.runtime)?));
        Ok(Models { fused: layers.iter().map(fused).collect::<Result<_>>()?, runtime: self.runtime })
    }

    /// The units of the grid, layer by layer, channels ascending.
    pub(super) fn units(&self, settings: &Settings) -> Result<Vec<Unit>> {
        let channels = match settings.units {
            UnitRule::First(count) => settings.layers.iter().map(|_| (0..count).collect()).collect(),
            UnitRule::Live(count) => self.live_channels(settings.layers, count)?,
        };
        let cnn = self.library.cnn(self.cnn)?;
        let layers = cnn.layers(self.runtime)?;
        let mut units = Vec::new();
        for (name, channels) in settings.layers.iter().zip(channels) {
            for (rank, channel) in channels.into_iter().enumerate() {
                let (address, _) = gen_models::parse_unit(&format!("{name}:{channel}"), layers)?;
                let is_class = layers.last().is_some_and(|last| last.name == *name);
                let label = self.label(name, channel, is_class);
                units.push(Unit { address, label, rank });
            }
        }
        Ok(units)
    }

    fn label(&self, layer: &str, channel: usize, is_class: bool) -> String {
        let classes = if is_class && self.cnn == "tiny-alexnet" { Library::classes() } else { Vec::new() };
        match classes.get(channel) {
            Some(class) => format!("{layer}:{channel} {}", class.replace('_', " ")),
            None => format!("{layer}:{channel}"),
        }
    }

    /// For each layer the first `count` channels that vary over random codes, at the centre of the map.
    fn live_channels(&self, layers: &[&'static str], count: usize) -> Result<Vec<Vec<usize>>> {
        let images = self.images(&self.probes()?)?;
        let options = SessionOptions::default();
        let mut session = self.library.cnn(self.cnn)?.session(self.runtime, layers, options)?;
        let activations = session.activations(&images)?;
        let mut live = Vec::new();
        for activation in &activations {
            let layer = &activation.layer;
            let mut channels = Vec::new();
            for channel in 0..layer.shape.first().copied().unwrap_or(0) {
                let offset = centre(layer, channel)?;
                let first = activation.image(0)[offset];
                if (1..images.len()).any(|i| activation.image(i)[offset] != first) {
                    channels.push(channel);
                }
                if channels.len() == count {
                    break;
                }
            }
            if channels.len() < count {
                bail!("layer {} has {} live units, {count} are needed", layer.name, channels.len());
            }
            live.push(channels);
        }
        Ok(live)
    }

    /// Random codes of [`PROBE_NORM`], `[PROBES, N]`: generations of random search.
    fn probes(&self) -> Result<Vec<f32>> {
        let options = [("norm".to_owned(), PROBE_NORM.to_string()), ("population_size".to_owned(), PROBES.to_string())];
        let mut random = Method::with_options("random-search", &options)?.build(self.latent_dim()?)?;
        let (mut codes, mut single) = (Population::new(random.dim()), Vec::new());
        random.ask(&mut stream_rng(PROBE_SEED, Stream::Method, 0), &mut codes);
        codes.write_f32(&mut single);
        Ok(single)
    }

    fn images(&self, codes: &[f32]) -> Result<gen_models::Images> {
        let generator = self.library.generator(self.generator)?;
        Ok(generator.session(self.runtime, SessionOptions::default())?.generate(codes)?)
    }

    /// The images of codes, `[n, N]`.
    pub(super) fn pictures(&self, codes: &[f32]) -> Result<Vec<Picture>> {
        let images = self.images(codes)?;
        let picture = |i: usize| {
            let rgb = images.to_rgb8(i);
            Ok(Picture::new(rgb.width(), rgb.height(), rgb.into_raw())?)
        };
        (0..images.len()).map(picture).collect()
    }
}

/// Index of a channel, at the centre of its map, in the activation of one image.
fn centre(layer: &LayerInfo, channel: usize) -> Result<usize> {
    Ok(UnitAddress { layer: layer.name.clone(), channel, position: None }.offset_in(layer)?)
}

/// Prepared graphs by layer.
pub(super) struct Models {
    fused: HashMap<&'static str, FusedModel>,
    runtime: &'static Runtime,
}

/// One worker's sessions, loaded when first used, one thread each.
#[derive(Default)]
pub(super) struct Sessions {
    loaded: HashMap<String, Arc<FusedSession>>,
}

impl Sessions {
    /// What a unit answers to codes.
    pub(super) fn objective(&mut self, models: &Models, unit: &UnitAddress) -> Result<FusedObjective> {
        let session = match self.loaded.get(&unit.layer) {
            Some(session) => Arc::clone(session),
            None => {
                let model = models.fused.get(unit.layer.as_str()).context("a layer outside the grid")?;
                let session = Arc::new(model.session(models.runtime, SessionOptions::default())?);
                self.loaded.insert(unit.layer.clone(), Arc::clone(&session));
                session
            }
        };
        Ok(FusedObjective::new(session, &UnitMixture::from(unit.clone()))?)
    }
}
