//! Tables as HTML.

use std::fmt::Write;

use super::html::Link;
use crate::figure::escape;

/// Tables with so many columns become a list of cards where the page is narrow.
const CARDS: usize = 5;

/// How a cell is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// No colour.
    #[default]
    Plain,
    /// Green.
    Good,
    /// Red.
    Bad,
    /// Grey.
    Open,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Open => "open",
        }
    }
}

/// One cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// Its text; escaped on output.
    pub text: String,
    /// Its colour.
    pub tone: Tone,
    /// True for a number: right-aligned, with digits of one width.
    pub number: bool,
    /// Links after the text, for example to the data behind it.
    pub links: Vec<Link>,
}

impl Cell {
    /// A cell of text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A number with a fixed count of decimals; a dash where it is not finite.
    #[must_use]
    pub fn number(value: f64, decimals: usize) -> Self {
        let text = if value.is_finite() { format!("{value:.decimals$}").replace('-', "−") } else { "–".to_owned() };
        Self { text, number: true, ..Self::default() }
    }

    /// A cell of links alone.
    #[must_use]
    pub fn links(links: &[Link]) -> Self {
        Self { links: links.to_vec(), ..Self::default() }
    }

    /// The same cell in another colour.
    #[must_use]
    pub fn toned(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }
}

/// A table with a caption and one line of headings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// What the table shows; may be empty.
    pub caption: String,
    /// Headings of the columns.
    pub headings: Vec<String>,
    /// Rows of cells; a row may be shorter than the headings.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// The table as an HTML fragment. Where the page is narrow, it scrolls sideways, or, with five columns and more,
    /// turns every row into a card.
    #[must_use]
    pub fn to_html(&self) -> String {
        let cards = self.headings.len() >= CARDS;
        let class = if cards { " class=\"cards\"" } else { "" };
        let mut html = format!("<div class=\"wide\"><table{class}>");
        if !self.caption.is_empty() {
            push(&mut html, format_args!("<caption>{}</caption>", escape(&self.caption)));
        }
        html.push_str("<thead><tr>");
        for (index, heading) in self.headings.iter().enumerate() {
            let class = if self.is_numeric(index) { " class=\"number\"" } else { "" };
            push(&mut html, format_args!("<th scope=\"col\"{class}>{}</th>", escape(heading)));
        }
        html.push_str("</tr></thead><tbody>");
        for row in &self.rows {
            html.push_str("<tr>");
            for (index, cell) in row.iter().enumerate() {
                push_cell(&mut html, cell, self.headings.get(index).filter(|_| cards));
            }
            html.push_str("</tr>");
        }
        html.push_str("</tbody></table></div>");
        html
    }

    /// True where the column has cells and all of them are numbers.
    fn is_numeric(&self, column: usize) -> bool {
        let mut cells = self.rows.iter().filter_map(|row| row.get(column)).peekable();
        cells.peek().is_some() && cells.all(|cell| cell.number)
    }
}

/// `heading` is shown beside the cell on a card.
fn push_cell(html: &mut String, cell: &Cell, heading: Option<&String>) {
    let number = if cell.number { "number" } else { "" };
    let class = [number, cell.tone.class()].join(" ");
    let class = class.trim();
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    let heading = heading.map(|heading| format!(" data-label=\"{}\"", escape(heading))).unwrap_or_default();
    push(html, format_args!("<td{class}{heading}>{}", escape(&cell.text)));
    for (index, link) in cell.links.iter().enumerate() {
        let gap = if index == 0 && cell.text.is_empty() { "" } else { " " };
        push(html, format_args!("{gap}<a href=\"{}\">{}</a>", escape(&link.href), escape(&link.label)));
    }
    html.push_str("</td>");
}

fn push(html: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = html.write_fmt(text);
}

/// Whether a published claim holds here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Our value lies within the tolerance.
    Holds,
    /// It does not.
    DoesNotHold,
    /// Our value is too uncertain to tell.
    Undecided,
    /// It was not measured, or not under the published settings.
    NotComparable,
    /// Nothing was run that could tell.
    NotTested,
}

impl Verdict {
    /// The words of the verdict.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::DoesNotHold => "does not hold",
            Self::Undecided => "undecided",
            Self::NotComparable => "not comparable",
            Self::NotTested => "not tested",
        }
    }

    pub(crate) fn tone(self) -> Tone {
        match self {
            Self::Holds => Tone::Good,
            Self::DoesNotHold => Tone::Bad,
            Self::Undecided | Self::NotComparable | Self::NotTested => Tone::Open,
        }
    }
}
