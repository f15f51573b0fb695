//! Claims of the publication beside what was found here, with effect sizes.

use maud::{Markup, html};

use super::section::{Link, typeset};
use super::table::Cell;
use super::verdict::Verdict;
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
    /// The value with its interval in brackets.
    #[must_use]
    pub fn value(&self) -> String {
        let Estimate { mean, low, high } = self.estimate;
        let number = |value: f64| Cell::number(value, self.decimals).text;
        match low.is_finite() && high.is_finite() {
            true => format!("{}\u{a0}[{},\u{a0}{}]", number(mean), number(low), number(high)),
            false => number(mean),
        }
    }
}

/// One claim of the publication.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// The claim in words.
    pub claim: String,
    /// Under what condition it is tested, for example "noise 0.2"; may be empty. Claims of the same words that follow
    /// each other are shown together.
    pub condition: String,
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

impl Claim {
    /// The claim with its condition.
    #[must_use]
    pub fn words(&self) -> String {
        if self.condition.is_empty() { self.claim.clone() } else { format!("{}, {}", self.claim, self.condition) }
    }

    /// Our value, and the effect size where it is another number.
    fn found(&self) -> String {
        match &self.effect {
            None => typeset(dashed(&self.ours)),
            Some(effect) if self.is_effect(effect) => effect.value(),
            Some(effect) => format!("{}; {} {}", typeset(&self.ours), effect.measure, effect.value()),
        }
    }

    /// What our value measures, for example "ratio of means"; empty where the claim says so.
    fn measure(&self) -> &str {
        self.effect.as_ref().filter(|effect| self.is_effect(effect)).map_or("", |effect| &effect.measure)
    }

    fn is_effect(&self, effect: &Effect) -> bool {
        self.ours.is_empty() || effect.value().starts_with(&self.ours)
    }

    fn chip(&self, number: usize, text: &str) -> Markup {
        let class = format!("chip {}", self.verdict.tone().class());
        let title = format!("{}: {}", self.verdict.label(), self.found());
        html! { a class=(class) href={ "#claim-" (number) } title=(title) { (text) } }
    }
}

fn dashed(text: &str) -> &str {
    if text.is_empty() { "–" } else { text }
}

/// Text that stays on one line.
fn unbroken(text: &str) -> String {
    text.replace(' ', "\u{a0}").replace('-', "\u{2011}")
}

/// Claims of the same words, with the number of the first.
fn groups(claims: &[Claim], first: usize) -> impl Iterator<Item = (usize, &[Claim])> {
    let together = |a: &Claim, b: &Claim| a.claim == b.claim && !a.condition.is_empty() && !b.condition.is_empty();
    claims.chunk_by(together).scan(first, |number, group| {
        let first = *number;
        *number += group.len();
        Some((first, group))
    })
}

/// All verdicts at a glance: a card a claim, with a chip for every condition.
pub(super) fn verdict_grid(claims: &[Claim]) -> Markup {
    html! {
        ul class="grid" {
            @for (first, group) in groups(claims, 1) {
                li {
                    span { (typeset(&group[0].claim)) }
                    span class="chips" {
                        @for (index, claim) in group.iter().enumerate() {
                            @let text = format!("{} {}", claim.verdict.sign(), claim.condition);
                            (claim.chip(first + index, text.trim_end()))
                        }
                    }
                }
            }
        }
    }
}

/// The claims of one section, for a place beside its figure. `first` is the number of the first of them.
pub(super) fn beside_figure(claims: &[Claim], first: usize) -> Markup {
    html! {
        div class="wide" {
            table class="claims" {
                thead { tr { th class="claim" { "claim" } th { "published" } th { "here" } th { "verdict" } } }
                tbody {
                    @for (number, group) in groups(claims, first) {
                        @for (index, claim) in group.iter().enumerate() {
                            tr {
                                @if index == 0 {
                                    td class="claim" rowspan=[(group.len() > 1).then_some(group.len())] {
                                        (typeset(&claim.claim))
                                        @if !claim.measure().is_empty() { " " span class="measure" { (claim.measure()) } }
                                    }
                                }
                                td { (typeset(dashed(&claim.claimed))) }
                                td {
                                    @if !claim.condition.is_empty() { (unbroken(&claim.condition)) ":\u{a0}" }
                                    (claim.found())
                                }
                                td { (claim.chip(number + index, claim.verdict.label())) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// All claims with their rules and data.
pub(super) fn rules(claims: &[Claim]) -> Markup {
    let headings = ["", "claim", "source", "published", "here", "verdict"];
    html! {
        div class="wide" {
            table class="rules cards" {
                thead { tr {
                    @for heading in headings { th scope="col" { (heading) } }
                    th scope="col" class="rule" { "rule or reason" }
                    th scope="col" { "data" }
                } }
                tbody {
                    @for (index, claim) in claims.iter().enumerate() {
                        tr id={ "claim-" (index + 1) } {
                            td data-label="number" { (index + 1) }
                            td data-label="claim" { (typeset(&claim.words())) }
                            td data-label="source" { (dashed(&claim.source)) }
                            td data-label="published" { (typeset(dashed(&claim.claimed))) }
                            td data-label="here" { (claim.found()) " " (claim.measure()) }
                            td data-label="verdict" class=(claim.verdict.tone().class()) { (claim.verdict.label()) }
                            td data-label="rule or reason" class="rule" { (typeset(dashed(&claim.reason))) }
                            td data-label="data" class="data" {
                                @for link in &claim.data { (link.render()) " " }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// How many claims have which verdict, for example "Of 20 claims, 12 hold, 8 do not hold".
#[must_use]
pub fn verdict_counts(claims: &[Claim]) -> String {
    let count = |verdict| claims.iter().filter(|claim| claim.verdict == verdict).count();
    let words = |verdict: Verdict| match (verdict, count(verdict)) {
        (_, 0) => None,
        (Verdict::Holds, 1) => Some("1 holds".to_owned()),
        (Verdict::Holds, many) => Some(format!("{many} hold")),
        (Verdict::DoesNotHold, 1) => Some("1 does not hold".to_owned()),
        (Verdict::DoesNotHold, many) => Some(format!("{many} do not hold")),
        (Verdict::Undecided | Verdict::NotComparable | Verdict::NotTested, 1) => {
            Some(format!("1 is {}", verdict.label()))
        }
        (_, many) => Some(format!("{many} are {}", verdict.label())),
    };
    let parts: Vec<String> = Verdict::ALL.into_iter().filter_map(words).collect();
    match claims.len() {
        0 => "No claims".to_owned(),
        1 => format!("Of 1 claim, {}", parts.join(", ")),
        many => format!("Of {many} claims, {}", parts.join(", ")),
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
        assert_eq!(effect(1.64, 1.5, 1.8).value(), "1.64\u{a0}[1.50,\u{a0}1.80]");
        assert_eq!(effect(-1.0, f64::NAN, 1.0).value(), "−1.00");
        assert_eq!(effect(f64::NAN, f64::NAN, f64::NAN).value(), "–");
    }

    #[test]
    fn counts_leave_out_what_is_not_there() {
        assert_eq!(verdict_counts(&[]), "No claims");
    }
}
