//! What the tables hold under which names, and where the published names mislead.

/// The tables.
pub(super) const TABLES: &[&str] = &["round1", "round2", "spectra"];

/// Optimizers of the first round, in the order of the files' columns.
pub(super) const ROUND1: &[&str] = &[
    "NGOpt",
    "DE",
    "TwoPointsDE",
    "ES",
    "CMA",
    "RescaledCMA",
    "DiagonalCMA",
    "SQPCMA",
    "PSO",
    "OnePlusOne",
    "TBPSA",
    "RandomSearch",
];

/// Optimizers of the second round.
pub(super) const ROUND2: &[&str] =
    &["Genetic", "CholeskyCMAES", "pycma", "pycmaDiagonal", "ZOHA_Sphere_exp", "ZOHA_Sphere_inv"];

/// The three variants of round 2 that the publication calls previous CMA.
pub(super) const PREVIOUS_CMA: &[&str] = &["CholeskyCMAES", "pycma", "pycmaDiagonal"];

/// Optimizers of the covariance tables.
pub(super) const SPECTRA: &[&str] = &["CholeskyCMAES", "CholeskyCMAES_Aupdate1", "pycma", "pycmaDiagonal"];

/// A layer by its module path, the name that it should have and the one that the published tables give it.
pub(super) struct Layer {
    pub(super) module: &'static str,
    pub(super) name: &'static str,
    pub(super) published: &'static str,
    /// Position in AlexNet, counted as in the published analysis of variance (conv2 is 2); `None` in ResNet50.
    pub(super) depth: Option<u8>,
    /// The position that the published analysis gave it.
    pub(super) published_depth: Option<u8>,
}

const fn alexnet(module: &'static str, name: &'static str, depth: u8) -> Layer {
    Layer { module, name, published: name, depth: Some(depth), published_depth: Some(depth) }
}

const fn resnet(module: &'static str, name: &'static str) -> Layer {
    Layer { module, name, published: name, depth: None, published_depth: None }
}

/// All layers. In torchvision's AlexNet `.classifier.ReLU2` follows the first fully connected layer (fc6) and
/// `.classifier.ReLU5` the second (fc7); the published short names have them the other way round.
pub(super) const LAYERS: &[Layer] = &[
    alexnet(".features.ReLU4", "conv2", 2),
    alexnet(".features.ReLU7", "conv3", 3),
    alexnet(".features.ReLU9", "conv4", 4),
    alexnet(".features.ReLU11", "conv5", 5),
    Layer { published: "fc7", published_depth: Some(7), ..alexnet(".classifier.ReLU2", "fc6", 6) },
    Layer { published: "fc6", published_depth: Some(6), ..alexnet(".classifier.ReLU5", "fc7", 7) },
    alexnet(".classifier.Linear6", "fc8", 8),
    resnet(".layer1.Bottleneck2", "RN50-Layer1-Btn2"),
    resnet(".layer2.Bottleneck3", "RN50-Layer2-Btn3"),
    resnet(".layer3.Bottleneck5", "RN50-Layer3-Btn5"),
    resnet(".layer4.Bottleneck2", "RN50-Layer4-Btn2"),
    resnet(".Linearfc", "RN50-fc"),
];

/// Networks of the tables. `resnet50_linf8` is a ResNet50 of uncertain weights: it is named after adversarially trained
/// ones, but the published code loads the ordinary ImageNet weights under this name.
pub(super) const NETWORKS: &[&str] = &["alexnet", "resnet50_linf8"];

/// The layer of a module path.
pub(super) fn layer(module: &str) -> Option<&'static Layer> {
    LAYERS.iter().find(|layer| layer.module == module)
}

/// A table that shipped with the run tables and is a statistic of one of them.
pub(super) struct Export {
    pub(super) file: &'static str,
    pub(super) table: &'static str,
    pub(super) quantity: &'static str,
    /// `mean` or `sem` of every cell.
    pub(super) statistic: &'static str,
}

const fn export(file: &'static str, table: &'static str, quantity: &'static str, statistic: &'static str) -> Export {
    Export { file, table, quantity, statistic }
}

/// All tables by layer and noise level.
pub(super) const EXPORTS: &[Export] = &[
    export("ng_benchmark_export_maxobj_summary.csv", "round1", "noisy", "mean"),
    export("ng_benchmark_export_normobj_summary.csv", "round1", "norm", "mean"),
    export("CMA_benchmark_export_summary.csv", "round2", "clean", "mean"),
    export("CMA_benchmark_export_summary_sem.csv", "round2", "clean", "sem"),
    export("CMA_benchmark_export_maxobj_summary.csv", "round2", "noisy", "mean"),
    export("CMA_benchmark_export_maxobj_summary_sem.csv", "round2", "noisy", "sem"),
    export("CMA_benchmark_export_summary_norm.csv", "round2", "norm", "mean"),
    export("CMA_benchmark_export_summary_norm_sem.csv", "round2", "norm", "sem"),
];

/// The table of run times: a row of means, a row of standard errors.
pub(super) const RUNTIME_EXPORT: &str = "CMA_benchmark_export_runtime.csv";

/// The normalised scores of round 2, a row a run.
pub(super) const NORMALISED: &str = "CMA_benchmark_normcleanobj_summary.csv";
