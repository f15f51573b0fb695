//! Tables as HTML.

use maud::{Markup, html};

use super::section::{Link, typeset};

/// Tables with so many columns become a list of cards where the page is narrow.
const CARDS: usize = 5;
/// Tables with more rows are folded until the reader opens them.
const FOLDED: usize = 16;

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
    pub(super) fn class(self) -> &'static str {
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
    /// True for a number: right-aligned, with digits of one width, on one line.
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

    /// A cell of text that is set as a number, such as a mean with its error.
    #[must_use]
    pub fn numeric(text: impl Into<String>) -> Self {
        Self { number: true, ..Self::text(text.into().replace('-', "−")) }
    }

    /// A number with a fixed count of decimals; a dash where it is not finite.
    #[must_use]
    pub fn number(value: f64, decimals: usize) -> Self {
        Self::numeric(if value.is_finite() { format!("{value:.decimals$}") } else { "–".to_owned() })
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

    /// `heading` is shown beside the cell on a card.
    fn render(&self, heading: Option<&String>) -> Markup {
        let class = [if self.number { "number" } else { "" }, self.tone.class()].join(" ");
        let class = Some(class.trim()).filter(|class| !class.is_empty());
        html! {
            td class=[class] data-label=[heading] {
                (typeset(&self.text))
                @for (index, link) in self.links.iter().enumerate() {
                    @if index > 0 || !self.text.is_empty() { " " }
                    (link.render())
                }
            }
        }
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
    /// The table as an HTML fragment. On a narrow page it scrolls sideways. With five columns and more, every row turns
    /// into a card there.
    #[must_use]
    pub fn to_html(&self) -> String {
        self.plain(&self.caption).into_string()
    }

    /// The table with its number in the page. A long one is folded.
    pub(super) fn numbered(&self, number: usize) -> Markup {
        if self.rows.len() <= FOLDED {
            return self.plain(&format!("Table {number}. {}", self.caption));
        }
        html! {
            details class="long" {
                summary { "Table " (number) ". " (typeset(&self.caption)) " (" (self.rows.len()) " rows)" }
                (self.plain(""))
            }
        }
    }

    fn plain(&self, caption: &str) -> Markup {
        let cards = self.headings.len() >= CARDS;
        html! {
            div class="wide" {
                table class=[cards.then_some("cards")] {
                    @if !caption.is_empty() { caption { (typeset(caption)) } }
                    thead { tr {
                        @for (column, heading) in self.headings.iter().enumerate() {
                            th scope="col" class=[self.is_numeric(column).then_some("number")] { (heading) }
                        }
                    } }
                    tbody {
                        @for row in &self.rows { tr {
                            @for (column, cell) in row.iter().enumerate() {
                                (cell.render(self.headings.get(column).filter(|_| cards)))
                            }
                        } }
                    }
                }
            }
        }
    }

    /// True where the column has cells and all of them are numbers.
    fn is_numeric(&self, column: usize) -> bool {
        let mut cells = self.rows.iter().filter_map(|row| row.get(column)).peekable();
        cells.peek().is_some() && cells.all(|cell| cell.number)
    }
}
