//! Sections of the page: a figure with what it says, its claims and its tables.

use maud::{Markup, PreEscaped, html};

use super::claims::{Claim, beside_figure};
use super::table::Table;

/// A link, for example to the SVG and PNG files of a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What is shown.
    pub label: String,
    /// Address, relative to the report.
    pub href: String,
}

impl Link {
    pub(super) fn render(&self) -> Markup {
        html! { a href=(self.href) { (self.label) } }
    }
}

/// One section: a figure, claims, tables, or all of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Section {
    /// Anchor of the section; characters outside letters, digits, `-` and `_` become `-`.
    pub id: String,
    /// Its heading.
    pub heading: String,
    /// What to see in it: plain text, a paragraph after every blank line.
    pub summary: String,
    /// The figure as an SVG document of this crate, inlined as it is.
    pub svg: Option<String>,
    /// Models and settings behind the figure: plain text.
    pub caption: String,
    /// Links to the files of the figure.
    pub links: Vec<Link>,
    /// What the figure or its tables decide.
    pub claims: Vec<Claim>,
    /// Tables beside the figure or below it.
    pub tables: Vec<Table>,
}

/// Numbers of the next figure, table and claim of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numbers {
    pub(super) figure: usize,
    pub(super) table: usize,
    pub(super) claim: usize,
}

/// Figures up to this width, in CSS pixels, leave room beside them.
const SMALL: f64 = 760.0;
/// Tables with at most so many columns stand beside a figure or words; others below.
const NARROW: usize = 7;
/// So many rows of claims and narrow tables stand beside a small figure, or more if it is tall, and beside a wide one; of more,
/// the tables stand below it.
const LONG: usize = 13;
const LONG_BESIDE_WIDE: usize = 8;
/// Height of such a row, in CSS pixels.
const ROW: f64 = 25.0;

impl Section {
    /// The section as HTML; takes its numbers from `next`.
    pub(super) fn render(&self, next: &mut Numbers) -> Markup {
        html! {
            section id=(self.anchor()) class=[self.is_small().then_some("small")] {
                h2 { (self.heading) }
                (self.body([&html! {}; 2], next))
            }
        }
    }

    /// Everything below the heading, with something before the words and something after them.
    pub(super) fn body(&self, [before, after]: [&Markup; 2], next: &mut Numbers) -> Markup {
        let (figure, first, claim) = (next.figure, next.table, next.claim);
        next.figure += usize::from(self.svg.is_some());
        next.table += self.tables.len();
        next.claim += self.claims.len();
        let tables = |narrow: bool| {
            let those = self.tables.iter().enumerate().filter(move |(_, table)| is_narrow(table) == narrow);
            html! { @for (index, table) in those { (table.numbered(first + index)) } }
        };
        let claims = html! { @if !self.claims.is_empty() { (beside_figure(&self.claims, claim)) } };
        // Beside a wide figure is room for words only.
        let small = self.has_small_figure();
        let most = if small { LONG.max((self.dimension("height") / ROW) as usize) } else { LONG_BESIDE_WIDE };
        let tables_below = self.svg.is_some() && self.rows() > most;
        let claims_below = tables_below && !small;
        html! {
            div class=(if tables_below && small { "body beside" } else { "body" }) {
                @if let Some(svg) = &self.svg { (self.figure(svg, figure)) }
                div class="text" {
                    div class="words" {
                        (before)
                        (paragraphs(&self.summary))
                        @if self.svg.is_none() && !self.links.is_empty() { p class="links" { (self.link_list()) } }
                        (after)
                    }
                    @if !claims_below { (claims) }
                    @if !tables_below { (tables(true)) }
                }
                @if tables_below { div class="below" { @if claims_below { (claims) } (tables(true)) } }
            }
            (tables(false))
        }
    }

    /// Whether all of it fits into half of a wide page.
    fn is_small(&self) -> bool {
        self.has_small_figure() && self.tables.iter().all(is_narrow) && self.rows() <= LONG
    }

    fn has_small_figure(&self) -> bool {
        (1.0..=SMALL).contains(&self.dimension("width"))
    }

    /// Rows of claims and narrow tables.
    fn rows(&self) -> usize {
        let tables = self.tables.iter().filter(|table| is_narrow(table)).map(|table| table.rows.len());
        self.claims.len() + tables.sum::<usize>()
    }

    /// Width or height of the figure in CSS pixels; 0 where there is none.
    fn dimension(&self, name: &str) -> f64 {
        self.svg.as_deref().and_then(|svg| dimension_of(svg, name)).unwrap_or(0.0)
    }

    fn figure(&self, svg: &str, number: usize) -> Markup {
        html! {
            figure style=[dimension_of(svg, "width").map(|width| format!("--width:{width}px;width:{width}px"))] {
                div class="wide" tabindex="0" { (PreEscaped(svg)) }
                figcaption { b { "Figure " (number) "." } " " (typeset(&self.caption)) (self.link_list()) }
            }
        }
    }

    fn link_list(&self) -> Markup {
        html! { @for link in &self.links { " " (link.render()) } }
    }

    pub(super) fn anchor(&self) -> String {
        anchor(&self.id)
    }
}

fn is_narrow(table: &Table) -> bool {
    table.headings.len() <= NARROW
}

/// An address within the page.
pub(super) fn anchor(id: &str) -> String {
    let keep = |character: char| if character.is_ascii_alphanumeric() || character == '_' { character } else { '-' };
    id.chars().map(keep).collect()
}

/// Plain text as paragraphs, one after every blank line.
pub(super) fn paragraphs(text: &str) -> Markup {
    html! { @for text in text.split("\n\n").filter(|text| !text.is_empty()) { p { (typeset(text)) } } }
}

/// Text with a minus sign in the exponents of its numbers: `8e-12` becomes `8e−12`.
pub(super) fn typeset(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let digit = |at: Option<usize>| at.and_then(|at| characters.get(at)).is_some_and(char::is_ascii_digit);
    let exponent =
        |at: usize| characters[at..].starts_with(&['e', '-']) && digit(at.checked_sub(1)) && digit(Some(at + 2));
    let sign = |at: usize| if at > 0 && exponent(at - 1) { '−' } else { characters[at] };
    (0..characters.len()).map(sign).collect()
}

/// Width or height in CSS pixels that an SVG document of this crate gives itself.
fn dimension_of(svg: &str, name: &str) -> Option<f64> {
    let (_, rest) = svg.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    value.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_have_the_minus_sign_of_numbers() {
        assert_eq!(typeset("−1, 8.05e-12 and 1e-3"), "−1, 8.05e−12 and 1e−3");
        for text in ["", "e-", "e-12", "noise-free", "5e-", "e-1 e-x", "1e3"] {
            assert_eq!(typeset(text), text);
        }
    }
}
