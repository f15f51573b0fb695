//! The published benchmarks as configurations, compiled in.

use std::fmt;
use std::path::Path;

use optim_core::nearest_names;

use crate::config::Config;
use crate::config_error::ConfigFileError;

/// A configuration that is compiled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// The file, as `actmax campaign preset NAME` prints it.
    pub text: &'static str,
}

/// The presets.
pub const PRESETS: &[Preset] = &[
    Preset { name: "round1", text: include_str!("../presets/round1.toml") },
    Preset { name: "round2", text: include_str!("../presets/round2.toml") },
    Preset { name: "covariance", text: include_str!("../presets/covariance.toml") },
    Preset { name: "noise-control", text: include_str!("../presets/noise-control.toml") },
    Preset { name: "noise-robust", text: include_str!("../presets/noise-robust.toml") },
    Preset { name: "xdream", text: include_str!("../presets/xdream.toml") },
    Preset { name: "xdream-design", text: include_str!("../presets/xdream-design.toml") },
    Preset { name: "xdream-starts", text: include_str!("../presets/xdream-starts.toml") },
    Preset { name: "xdream-generators", text: include_str!("../presets/xdream-generators.toml") },
    Preset { name: "xdream-check", text: include_str!("../presets/xdream-check.toml") },
    Preset { name: "xdream-noise", text: include_str!("../presets/xdream-noise.toml") },
];

/// Sizes that every preset has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// Does everything work? The embedded pair.
    Smoke,
    /// Minutes, on the embedded pair.
    Quick,
    /// Enough for orderings of methods, on the embedded pair.
    Standard,
    /// As published, on the published networks.
    Full,
}

impl Size {
    /// All of them, smallest first.
    pub const ALL: [Self; 4] = [Self::Smoke, Self::Quick, Self::Standard, Self::Full];

    /// Its name in configurations.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Smoke => "smoke",
            Self::Quick => "quick",
            Self::Standard => "standard",
            Self::Full => "full",
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Preset {
    /// The preset of that name.
    ///
    /// # Errors
    /// If there is none, with the nearest names.
    pub fn find(name: &str) -> Result<&'static Self, ConfigFileError> {
        PRESETS.iter().find(|preset| preset.name == name).ok_or_else(|| {
            let presets: Vec<String> = PRESETS.iter().map(|preset| preset.name.to_owned()).collect();
            ConfigFileError::NoSuchConfig { path: name.into(), nearest: nearest_names(name, &presets), presets }
        })
    }

    /// The preset at a size.
    ///
    /// # Errors
    /// If it has no such size.
    pub fn config(&self, size: Size) -> Result<Config, ConfigFileError> {
        self.config_at(Some(size.name()))
    }

    fn config_at(&self, size: Option<&str>) -> Result<Config, ConfigFileError> {
        Config::parse(&format!("preset {}", self.name), self.name, self.text, size)
    }

    /// What it is, by its own words.
    #[must_use]
    pub fn about(&self) -> String {
        let config = self.config(Size::Quick).ok();
        config.and_then(|config| config.keys.about).unwrap_or_default()
    }
}

impl Config {
    /// Reads a file, or takes the preset of that name where there is no such file.
    ///
    /// # Errors
    /// If there is neither, or as [`read`](Self::read).
    pub fn open(path_or_preset: &Path, size: Option<&str>) -> Result<Self, ConfigFileError> {
        if path_or_preset.is_file() {
            return Self::read(path_or_preset, size);
        }
        Preset::find(&path_or_preset.to_string_lossy())?.config_at(size)
    }
}
