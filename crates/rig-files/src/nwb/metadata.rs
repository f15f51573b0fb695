//! What is said about session and subject, and the forms that archives (DANDI) ask for.

use super::{NwbError, invalid, time};

/// What a configuration says about session and subject; [`NwbMetadata::complete`] checks it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NwbMetadata {
    /// A name of the session that no other session anywhere has. Required.
    pub identifier: Option<String>,
    /// What was done, in a sentence. Required.
    pub session_description: Option<String>,
    /// When the session began: RFC 3339 with zone, as `2026-03-01T10:15:00+01:00`. Required.
    pub session_start_time: Option<String>,
    /// The subject's name in the lab. Required.
    pub subject_id: Option<String>,
    /// `M`, `F`, `U` (unknown) or `O` (other). Required.
    pub sex: Option<String>,
    /// The Latin binomial, as `Macaca mulatta`. Required.
    pub species: Option<String>,
    /// ISO 8601 duration, as `P7Y3M`. Required.
    pub age: Option<String>,
    /// More about the subject.
    pub subject_description: Option<String>,
    /// Where the session was.
    pub institution: Option<String>,
    /// The lab within the institution.
    pub lab: Option<String>,
    /// Who did it, as `Family, First`.
    pub experimenter: Vec<String>,
    /// Words to find the file by.
    pub keywords: Vec<String>,
    /// More about the experiment.
    pub experiment_description: Option<String>,
}

/// Metadata that are complete and in the forms that archives ask for.
#[derive(Clone, Debug, PartialEq)]
pub struct NwbInfo {
    pub(super) given: NwbMetadata,
    pub(super) identifier: String,
    pub(super) session_description: String,
    pub(super) session_start_time: String,
    start_unix_s: f64,
    pub(super) subject: [(&'static str, String); 4],
}

impl NwbInfo {
    /// When the session began, in seconds since 1970.
    #[must_use]
    pub fn start_unix_s(&self) -> f64 {
        self.start_unix_s
    }
}

impl NwbMetadata {
    /// What has to be there, and what there is; empty is nothing.
    fn required(&self) -> [(&'static str, Option<&str>); 7] {
        [
            ("nwb.identifier", &self.identifier),
            ("nwb.session_description", &self.session_description),
            ("nwb.session_start_time", &self.session_start_time),
            ("subject.subject_id", &self.subject_id),
            ("subject.sex", &self.sex),
            ("subject.species", &self.species),
            ("subject.age", &self.age),
        ]
        .map(|(field, value)| (field, value.as_deref().map(str::trim).filter(|value| !value.is_empty())))
    }

    /// The required fields that are missing or empty.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        self.required().into_iter().filter(|(_, value)| value.is_none()).map(|(field, _)| field).collect()
    }

    /// Checks the form of what is there.
    ///
    /// # Errors
    /// [`NwbError::Invalid`] with the first field that is not in its form.
    pub fn check(&self) -> Result<(), NwbError> {
        for (field, value) in self.required() {
            let Some(value) = value else { continue };
            let wrong = match field {
                "nwb.session_start_time" => {
                    time::parse(field, value)?;
                    None
                }
                "subject.subject_id" => value.contains('/').then_some("a name without '/'"),
                "subject.sex" => (!["M", "F", "U", "O"].contains(&value)).then_some("M, F, U (unknown) or O (other)"),
                "subject.species" => (!is_binomial(value)).then_some("a Latin binomial, as 'Macaca mulatta'"),
                "subject.age" => (!is_duration(value)).then_some("an ISO 8601 duration, as 'P7Y3M' or 'P90D'"),
                _ => None,
            };
            if let Some(form) = wrong {
                return Err(invalid(field, value, form));
            }
        }
        Ok(())
    }

    /// The checked form.
    ///
    /// # Errors
    /// [`NwbError::Missing`] with all that is missing (empty counts as missing), else [`NwbError::Invalid`] with the first
    /// field that is not in its form.
    pub fn complete(self) -> Result<NwbInfo, NwbError> {
        let found = self.required();
        let [
            (_, Some(identifier)),
            (_, Some(session_description)),
            (start, Some(session_start_time)),
            (_, Some(subject_id)),
            (_, Some(sex)),
            (_, Some(species)),
            (_, Some(age)),
        ] = found
        else {
            return Err(NwbError::Missing { fields: self.missing() });
        };
        self.check()?;
        let start_unix_s = time::parse(start, session_start_time)?;
        let subject = [("subject_id", subject_id), ("sex", sex), ("species", species), ("age", age)];
        let subject = subject.map(|(field, value)| (field, value.to_owned()));
        let (identifier, session_description) = (identifier.to_owned(), session_description.to_owned());
        let session_start_time = session_start_time.to_owned();
        Ok(NwbInfo { given: self, identifier, session_description, session_start_time, start_unix_s, subject })
    }
}

/// Two words, the first with a capital.
fn is_binomial(species: &str) -> bool {
    let Some((genus, kind)) = species.split_once(' ') else { return false };
    let is_low = |word: &str| !word.is_empty() && word.bytes().all(|letter| letter.is_ascii_lowercase());
    genus.starts_with(|first: char| first.is_ascii_uppercase()) && is_low(&genus[1..]) && is_low(kind)
}

/// Years, months, weeks and days, whole, in that order; then perhaps hours, minutes and seconds.
fn is_duration(age: &str) -> bool {
    let Some(rest) = age.strip_prefix('P') else { return false };
    let (days, hours) = rest.split_once('T').map_or((rest, None), |(days, hours)| (days, Some(hours)));
    let parts = |text: &str, units: &str| {
        let (mut number, mut units) = (0, units.chars());
        for letter in text.chars() {
            if letter.is_ascii_digit() {
                number += 1;
            } else if number == 0 || !units.any(|unit| unit == letter) {
                return false;
            } else {
                number = 0;
            }
        }
        number == 0
    };
    !rest.is_empty() && parts(days, "YMWD") && hours.is_none_or(|hours| !hours.is_empty() && parts(hours, "HMS"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_zone() {
        for time in ["2026-03-01T10:15:00+01:00", "2024-02-29T23:59:59.123456Z", "1970-01-01T00:00:00-11:30"] {
            assert!(time::parse("t", time).is_ok(), "{time}");
        }
        let wrong = [
            "",
            "2026-03-01",
            "2026-03-01T10:15:00",
            "2026-03-01 10:15:00Z",
            "2026-02-29T10:15:00Z",
            "1969-12-31T23:59:59Z",
            "2026-13-01T10:15:00Z",
            "2026-03-01T24:15:00Z",
            "2026-03-01T10:15:00.Z",
            "2026-03-01T10:15:00+0100",
            "2026-03-01T10:15:00é+1:00",
            "+026-03-01T10:15:00Z",
            "2026-03-01T10:15:00+25:00",
        ];
        for time in wrong {
            assert!(time::parse("t", time).is_err(), "{time}");
        }
    }

    #[test]
    fn species_and_ages_have_their_forms() {
        assert!(is_binomial("Macaca mulatta") && is_binomial("Homo sapiens"));
        assert!(
            !["macaque", "Macaca", "macaca mulatta", "Macaca Mulatta", "Macaca  mulatta", "É a"]
                .map(is_binomial)
                .contains(&true)
        );
        assert!(["P7Y", "P7Y3M", "P90D", "P2W", "P1DT12H"].map(is_duration).iter().all(|is| *is));
        assert!(!["", "P", "7Y", "P7", "PY", "P3M7Y", "P1DT", "P7Y3", "5 years"].map(is_duration).contains(&true));
    }

    #[test]
    fn all_that_is_missing_is_listed() {
        let metadata = NwbMetadata { sex: Some("M".to_owned()), age: Some(" ".to_owned()), ..NwbMetadata::default() };
        let Err(NwbError::Missing { fields }) = metadata.complete() else { panic!("complete") };
        let expected = [
            "nwb.identifier",
            "nwb.session_description",
            "nwb.session_start_time",
            "subject.subject_id",
            "subject.species",
            "subject.age",
        ];
        assert_eq!(fields, expected);
    }
}
