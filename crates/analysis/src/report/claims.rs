//! Claims of the publication beside what was found here, with effect sizes.

use super::html::{Link, Section};
use super::table::{Cell, Table, Verdict};
use crate::figure::Estimate;

/// The size of an effect with its interval, such as a ratio of means.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// What it is, for example "ratio of means".
    pub measure: String,
    /// Its value and interval; what is not finite becomes a dash.
    pub estimate: Estimate,
    /// Digits after the point.
    pub decimals: usize,
}

impl Effect {
    /// The value with its interval in brackets, and what it is.
    #[must_use]
    pub fn label(&self) -> String {
        let Estimate { mean, low, high } = self.estimate;
        let number = |value: f64| Cell::number(value, self.decimals).text;
        let interval = match low.is_finite() && high.is_finite() {
            true => format!(" [{},\u{a0}{}]", number(low), number(high)),
            false => String::new(),
        };
        format!("{}{interval} {}", number(mean), self.measure).trim_end().to_owned()
    }
}

/// One claim of the publication.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// The claim in words.
    pub claim: String,
    /// Where it is made, for example "section 4.2, figure 5"; may be empty.
    pub source: String,
    /// The published value; may be empty.
    pub claimed: String,
    /// Our value; may be empty.
    pub ours: String,
    /// Effect size, where there is one.
    pub effect: Option<Effect>,
    /// Whether it holds.
    pub verdict: Verdict,
    /// By what rule, or why it was not tested; may be empty.
    pub reason: String,
    /// Files with the data behind it.
    pub data: Vec<Link>,
}

/// The claims as a table: claim, source, claimed, ours, effect size, verdict, reason, data.
#[must_use]
pub fn claims_table(caption: &str, claims: &[Claim]) -> Table {
    let dashed = |text: &str| if text.is_empty() { "–".to_owned() } else { text.to_owned() };
    let value = |text: &str| Cell { number: true, ..Cell::text(dashed(text)) };
    let row = |claim: &Claim| {
        vec![
            Cell::text(&claim.claim),
            Cell::text(dashed(&claim.source)),
            value(&claim.claimed),
            value(&claim.ours),
            value(&claim.effect.as_ref().map(Effect::label).unwrap_or_default()),
            Cell::text(claim.verdict.label()).toned(claim.verdict.tone()),
            Cell::text(dashed(&claim.reason)),
            if claim.data.is_empty() { Cell::text("–") } else { Cell::links(&claim.data) },
        ]
    };
    let headings = ["claim", "source", "claimed", "ours", "effect size", "verdict", "rule or reason", "data"];
    Table {
        caption: caption.to_owned(),
        headings: headings.map(str::to_owned).to_vec(),
        rows: claims.iter().map(row).collect(),
    }
}

/// How many claims have which verdict, for example "Of 20 claims, holds: 12, does not hold: 8".
#[must_use]
pub fn verdict_counts(claims: &[Claim]) -> String {
    let verdicts =
        [Verdict::Holds, Verdict::DoesNotHold, Verdict::Undecided, Verdict::NotComparable, Verdict::NotTested];
    let count = |verdict| claims.iter().filter(|claim| claim.verdict == verdict).count();
    let parts: Vec<String> = verdicts
        .into_iter()
        .filter(|verdict| count(*verdict) > 0)
        .map(|verdict| format!("{}: {}", verdict.label(), count(verdict)))
        .collect();
    match parts.is_empty() {
        true => "No claims".to_owned(),
        false => format!("Of {} claims, {}", claims.len(), parts.join(", ")),
    }
}

/// The section of the claims: a sentence with the counts before `summary`, and the table.
#[must_use]
pub fn claims_section(summary: &str, caption: &str, claims: &[Claim]) -> Section {
    Section {
        id: "claims".to_owned(),
        heading: "Claims of the publication".to_owned(),
        summary: format!("{}.\n\n{summary}", verdict_counts(claims)),
        tables: vec![claims_table(caption, claims)],
        ..Section::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effects_name_their_interval() {
        let effect = |mean, low, high| Effect {
            measure: "ratio".to_owned(),
            estimate: Estimate { mean, low, high },
            decimals: 2,
        };
        assert_eq!(effect(1.64, 1.5, 1.8).label(), "1.64 [1.50,\u{a0}1.80] ratio");
        assert_eq!(effect(-1.0, f64::NAN, 1.0).label(), "−1.00 ratio");
        assert_eq!(effect(f64::NAN, f64::NAN, f64::NAN).label(), "– ratio");
    }

    #[test]
    fn counts_leave_out_what_is_not_there() {
        assert_eq!(verdict_counts(&[]), "No claims");
    }
}
