//! One HTML page with everything inside.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::claims::{Claim, rules, verdict_counts, verdict_grid};
use super::methods::Methods;
use super::section::{Numbers, Section, anchor, paragraphs};

const STYLE: &str = include_str!("report.css");
/// Closed, so that the page is well-formed XML too.
const META: PreEscaped<&str> =
    PreEscaped(r#"<meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/>"#);

/// A part of the argument: sections below a heading of their own.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Part {
    /// Its heading.
    pub heading: String,
    /// What it is about: plain text.
    pub summary: String,
    /// Its sections in order.
    pub sections: Vec<Section>,
}

/// A publication that the page cites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Authors, year, title, where it appeared.
    pub text: String,
    /// Its address, for example `https://doi.org/10.1145/3512290.3528725`.
    pub href: String,
}

/// A self-contained page: no script, no external file, no date, so that equal results give equal bytes.
///
/// The reader meets the question, the opening figures, a grid of verdicts, then the argument in parts. Rules, methods
/// and references are the appendix.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    /// Title of the page.
    pub title: String,
    /// The question and what was done: plain text, a paragraph after every blank line.
    pub lead: String,
    /// What the reader sees first. The first of them stands beside the question, without its heading.
    pub opening: Vec<Section>,
    /// What a verdict means: plain text above the grid of verdicts.
    pub verdicts: String,
    /// The argument.
    pub parts: Vec<Part>,
    /// How claims are judged: plain text above the table of rules.
    pub rules: String,
    /// How results were made.
    pub methods: Methods,
    /// What the page cites.
    pub references: Vec<Reference>,
}

impl Report {
    /// The page as HTML.
    #[must_use]
    pub fn to_html(&self) -> String {
        let mut next = Numbers { figure: 1, table: 1, claim: 1 };
        let claims: Vec<Claim> = self.sections().flat_map(|section| section.claims.clone()).collect();
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    (META)
                    title { (self.title) }
                    style { (PreEscaped(STYLE)) }
                }
                body { main {
                    h1 { (self.title) }
                    (self.front(&mut next))
                    @for section in self.opening.iter().skip(1) { (section.render(&mut next)) }
                    @if !claims.is_empty() { (self.grid(&claims)) }
                    @for part in &self.parts { (part.render(&mut next)) }
                    @if !claims.is_empty() {
                        section id="rules" {
                            h2 { "Appendix: claims and rules" }
                            div class="text" { (paragraphs(&self.rules)) }
                            (rules(&claims))
                        }
                    }
                    (self.methods.to_section().render(&mut next))
                    @if !self.references.is_empty() { (self.reference_list()) }
                } }
            }
        };
        page.into_string()
    }

    /// The question and the contents beside the first figure.
    fn front(&self, next: &mut Numbers) -> Markup {
        let lead = html! { div class="lead" { (paragraphs(&self.lead)) } };
        match self.opening.first() {
            None => html! { (lead) (self.contents()) },
            Some(section) => html! {
                section id=(section.anchor()) class="front" { (section.body([&lead, &self.contents()], next)) }
            },
        }
    }

    fn sections(&self) -> impl Iterator<Item = &Section> {
        self.opening.iter().chain(self.parts.iter().flat_map(|part| &part.sections))
    }

    /// One line a part, with links to its sections.
    fn contents(&self) -> Markup {
        html! {
            nav aria-label="Contents" {
                @for part in &self.parts {
                    p {
                        a href={ "#" (anchor(&part.heading)) } { b { (part.heading) } }
                        @for section in &part.sections { " " a href={ "#" (section.anchor()) } { (section.heading) } }
                    }
                }
                p {
                    b { "Appendix" }
                    " " a href="#rules" { "Claims and rules" }
                    " " a href="#methods" { "Methods" }
                    @if !self.references.is_empty() { " " a href="#references" { "References" } }
                }
            }
        }
    }

    fn grid(&self, claims: &[Claim]) -> Markup {
        html! {
            section id="verdicts" {
                h2 { (verdict_counts(claims)) }
                div class="text" { (paragraphs(&self.verdicts)) }
                (verdict_grid(claims))
            }
        }
    }

    fn reference_list(&self) -> Markup {
        html! {
            section id="references" {
                h2 { "Appendix: references" }
                ul class="references" {
                    @for reference in &self.references {
                        li { (reference.text) " " a href=(reference.href) { (reference.href) } }
                    }
                }
            }
        }
    }
}

impl Part {
    fn render(&self, next: &mut Numbers) -> Markup {
        html! {
            div class="part" id=(anchor(&self.heading)) {
                h1 { (self.heading) }
                (paragraphs(&self.summary))
            }
            div class="sections" { @for section in &self.sections { (section.render(next)) } }
        }
    }
}
