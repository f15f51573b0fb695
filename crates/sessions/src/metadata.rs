//! `[subject]` and `[nwb]`: what archives want to know of a session.

use rig_files::nwb::NwbMetadata;
use serde::{Deserialize, Deserializer, Serialize};

use crate::config::SessionConfig;

/// The animal, for the export as NWB.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Subject {
    /// Its name in the lab.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<String>,
    /// `M`, `F`, `U` (unknown) or `O` (other).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex: Option<String>,
    /// The Latin binomial, as `Macaca mulatta`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub species: Option<String>,
    /// ISO 8601 duration, as `P7Y3M`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age: Option<String>,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// The experiment, for the export as NWB.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Experiment {
    /// When the session began: a time with zone, as `2026-03-01T10:15:00+01:00`.
    #[serde(deserialize_with = "time", skip_serializing_if = "Option::is_none")]
    pub session_start_time: Option<String>,
    /// A name of the session that no other session anywhere has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// What was done, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_description: Option<String>,
    /// More about the experiment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experiment_description: Option<String>,
    /// Where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub institution: Option<String>,
    /// The lab within the institution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lab: Option<String>,
    /// Who did it, as `Family, First`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub experimenter: Vec<String>,
    /// Words to find the file by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Seconds that an image is on the screen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_s: Option<f64>,
}

/// A time of TOML, or one in quotes.
fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match toml::Value::deserialize(deserializer)? {
        toml::Value::String(text) => Ok(Some(text)),
        toml::Value::Datetime(time) => Ok(Some(time.to_string())),
        other => Err(serde::de::Error::custom(format!("session_start_time is a time, not a {}", other.type_str()))),
    }
}

impl SessionConfig {
    /// What the tables say, for [`NwbMetadata::complete`].
    #[must_use]
    pub fn nwb_metadata(&self) -> NwbMetadata {
        let (subject, nwb) = (self.subject.clone().unwrap_or_default(), self.nwb.clone().unwrap_or_default());
        NwbMetadata {
            identifier: nwb.identifier,
            session_description: nwb.session_description,
            session_start_time: nwb.session_start_time,
            subject_id: subject.subject_id,
            sex: subject.sex,
            species: subject.species,
            age: subject.age,
            subject_description: subject.description,
            institution: nwb.institution,
            lab: nwb.lab,
            experimenter: nwb.experimenter,
            keywords: nwb.keywords,
            experiment_description: nwb.experiment_description,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_may_stand_with_and_without_quotes() {
        let config = |time: &str| {
            let thread = "[[thread]]\ngenerator = 'g'\noptimizer = 'sphere-cma'\n";
            SessionConfig::parse(&format!("{thread}[nwb]\nsession_start_time = {time}\n"))
        };
        for time in ["2026-03-01T10:15:00+01:00", "'2026-03-01T10:15:00+01:00'"] {
            let found = config(time).unwrap().nwb_metadata().session_start_time;
            assert_eq!(found.as_deref(), Some("2026-03-01T10:15:00+01:00"));
        }
        assert!(config("5").unwrap_err().to_string().contains("session_start_time is a time"));
    }
}
