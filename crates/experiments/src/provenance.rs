//! Which program computed a run, and on what.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Versions and CPU model. Bit-identity of a run holds for one binary on one CPU model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// Version by component: this crate, and whatever the caller adds (command, inference runtime,
    /// hashes of models).
    pub versions: BTreeMap<String, String>,
    /// CPU model, see [`cpu_model`].
    pub cpu: String,
}

impl Provenance {
    /// This crate's version and this machine's CPU.
    #[must_use]
    pub fn here() -> Self {
        let versions = BTreeMap::from([("experiments".to_owned(), env!("CARGO_PKG_VERSION").to_owned())]);
        Self { versions, cpu: cpu_model() }
    }

    /// Adds the version of another component.
    #[must_use]
    pub fn with_version(mut self, component: &str, version: &str) -> Self {
        self.versions.insert(component.to_owned(), version.to_owned());
        self
    }

    /// What differs between a recorded provenance and this one, one phrase an item.
    #[must_use]
    pub fn differences(&self, recorded: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        let mut compare = |what: &str, then: Option<&str>, now: Option<&str>| {
            if then != now {
                differences.push(format!("{what} was {}, is {}", then.unwrap_or("absent"), now.unwrap_or("absent")));
            }
        };
        let components: BTreeSet<&String> = recorded.versions.keys().chain(self.versions.keys()).collect();
        for component in components {
            let [then, now] = [recorded, self].map(|of| of.versions.get(component).map(String::as_str));
            compare(component, then, now);
        }
        compare("the CPU", Some(&recorded.cpu), Some(&self.cpu));
        differences
    }
}

/// The model name of the CPU if the system tells it (Linux: `/proc/cpuinfo`), else the architecture.
#[must_use]
pub fn cpu_model() -> String {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    model_name(&cpuinfo).unwrap_or(std::env::consts::ARCH).to_owned()
}

fn model_name(cpuinfo: &str) -> Option<&str> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    line.split_once(':').map(|(_, name)| name.trim()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{Provenance, cpu_model, model_name};

    #[test]
    fn cpuinfo_names_the_model() {
        let cpuinfo = "processor\t: 0\nmodel\t\t: 143\nmodel name\t: Some CPU @ 2.00GHz\nmodel name\t: Other\n";
        assert_eq!(model_name(cpuinfo), Some("Some CPU @ 2.00GHz"));
        assert_eq!(model_name("processor : 0\n"), None);
        assert!(!cpu_model().is_empty());
    }

    #[test]
    fn differences_name_what_was_and_what_is() {
        let here = Provenance::here().with_version("onnxruntime", "1.31.1");
        assert!(here.differences(&here).is_empty());
        let mut other = Provenance::here().with_version("actmax", "0.0.9");
        other.cpu = "Z80".to_owned();
        assert_eq!(
            here.differences(&other),
            [
                "actmax was 0.0.9, is absent".to_owned(),
                "onnxruntime was absent, is 1.31.1".to_owned(),
                format!("the CPU was Z80, is {}", here.cpu),
            ]
        );
    }
}
