//! The networks of the runs: images of codes, their features, and what units answer.

use analysis::distances::perceptual_distances;
use analysis::perceptual::FeatureMap;
use analysis::picture::Picture;
use anyhow::{Context, Result};
use experiments::NetworkUnits;
use experiments::campaign::ObjectiveSource;
use gen_models::{Activation, CnnSession, GeneratorSession, Images, Runtime, SessionOptions};
use nalgebra::DMatrix;
use networks::{Library, NetworkSource};
use optim_core::{Generator, Objective};

use super::runs::Run;

/// Opens models by name.
pub(super) struct Models<'a> {
    pub(super) library: &'a Library,
    pub(super) runtime: &'static Runtime,
}

impl Models<'_> {
    /// What networks are, in words: sizes, and where their weights come from.
    pub(super) fn about(&self, networks: &NetworkUnits) -> String {
        let NetworkUnits { generator, cnn, .. } = networks;
        let manifest = self.library.manifest();
        let (Ok(from), Ok(to)) = (manifest.generator(generator), manifest.cnn(cnn)) else {
            return format!("generator {generator} and network {cnn}");
        };
        let [height, width] = from.image_size;
        let origin = if from.origin == to.origin { String::new() } else { format!(" ({})", from.origin) };
        format!(
            "generator {generator}, which turns {} numbers into {height} × {width} pixels{origin}, and network {cnn} ({})",
            from.latent_dim, to.origin
        )
    }

    /// The generator of some networks.
    pub(super) fn generator(&self, networks: &NetworkUnits) -> Result<GeneratorSession> {
        let model = self.library.generator(&networks.generator)?;
        Ok(model.session(self.runtime, SessionOptions::default())?)
    }

    /// The pictures of codes, `[n, N]`.
    pub(super) fn pictures(&self, networks: &NetworkUnits, codes: &[f32]) -> Result<Vec<Picture>> {
        let images = self.generator(networks)?.generate(codes)?;
        (0..images.len()).map(|index| picture(&images, index)).collect()
    }

    /// The CNN of some networks, cut at all layers that are maps.
    pub(super) fn perception(&self, networks: &NetworkUnits) -> Result<Perception> {
        let cnn = self.library.cnn(&networks.cnn)?;
        let layers = self.library.layers(&cnn)?;
        let names: Vec<&str> =
            layers.iter().filter(|layer| layer.shape.len() == 3).map(|layer| layer.name.as_str()).collect();
        let session = cnn.session(self.runtime, &names, SessionOptions::default())?;
        let generator = self.generator(networks)?;
        let names = names.into_iter().map(str::to_owned).collect();
        Ok(Perception { generator, session, layers: names })
    }

    /// What the unit of a run answers to codes.
    pub(super) fn objective(&self, run: &Run) -> Result<impl Objective + use<>> {
        let source = NetworkSource::new(self.library, self.runtime, SessionOptions::default(), 1);
        Ok(source.open(&run.stored().run, None)?)
    }

    /// What figures call a unit: with the name of its class, where that is known.
    pub(super) fn unit_label(&self, run: &Run) -> String {
        let unit = run.unit();
        let name = format!("{}:{}", unit.layer, unit.channel);
        let spec = self.library.manifest().cnn(&unit.network).ok();
        let last = spec.and_then(|spec| spec.layers.as_ref()).and_then(|layers| layers.last());
        if unit.network != "tiny-alexnet" || last.is_none_or(|last| last.name != unit.layer) {
            return name;
        }
        let class = Library::classes().get(unit.channel).map_or_else(String::new, |class| class.replace('_', " "));
        format!("{name} {class}").trim_end().to_owned()
    }
}

fn picture(images: &Images, index: usize) -> Result<Picture> {
    let rgb = images.to_rgb8(index);
    Ok(Picture::new(rgb.width(), rgb.height(), rgb.into_raw())?)
}

/// A generator, and a CNN whose features images are compared in.
pub(super) struct Perception {
    generator: GeneratorSession,
    session: CnnSession,
    /// Layers of the features.
    pub(super) layers: Vec<String>,
}

/// Images and the activations of the layers to them.
pub(super) struct Perceived {
    pub(super) images: Images,
    activations: Vec<Activation>,
}

impl Perception {
    /// The images of codes, `[n, N]`.
    pub(super) fn perceive(&mut self, codes: &[f32]) -> Result<Perceived> {
        let images = self.generator.generate(codes)?;
        let activations = self.session.activations(&images)?;
        Ok(Perceived { images, activations })
    }
}

impl Perceived {
    /// Perceptual distances between all pairs of images, `[n, n]`.
    pub(super) fn distances(&self) -> Result<DMatrix<f64>> {
        let features: Vec<Vec<(usize, Vec<f64>)>> = (0..self.images.len())
            .map(|image| {
                let layer = |activation: &Activation| {
                    let values = activation.image(image).iter().map(|&x| f64::from(x)).collect();
                    (activation.layer.shape.first().copied().unwrap_or(1), values)
                };
                self.activations.iter().map(layer).collect()
            })
            .collect();
        let maps: Vec<Vec<FeatureMap<'_>>> = features
            .iter()
            .map(|image| image.iter().map(|(channels, values)| FeatureMap { channels: *channels, values }).collect())
            .collect();
        perceptual_distances(&maps).context("images cannot be compared")
    }

    /// An image as eight-bit RGB.
    pub(super) fn picture(&self, image: usize) -> Result<Picture> {
        picture(&self.images, image)
    }

    /// Pixels of an image, all channels.
    pub(super) fn pixels(&self, image: usize) -> Vec<f64> {
        self.images.image(image).iter().map(|&x| f64::from(x)).collect()
    }
}
