//! One HTML file with everything inside.

use super::table::Table;
use crate::figure::escape;

const STYLE: &str = include_str!("report.css");

/// A link below a figure, for example to its SVG and PNG files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What is shown.
    pub label: String,
    /// Address, relative to the report.
    pub href: String,
}

/// One section: a figure, tables, or both.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
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
    /// Tables below the figure.
    pub tables: Vec<Table>,
}

/// A self-contained page: no script, no external file, no date, so that equal results give equal bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Title of the page.
    pub title: String,
    /// First paragraph: plain text.
    pub lead: String,
    /// Sections in order.
    pub sections: Vec<Section>,
}

impl Report {
    /// The page as HTML.
    #[must_use]
    pub fn to_html(&self) -> String {
        let title = escape(&self.title);
        let mut html = format!(
            concat!(
                "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>",
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>",
                "<title>{title}</title><style>\n{style}</style></head>\n<body><main>\n<h1>{title}</h1>\n{lead}",
            ),
            title = title,
            style = STYLE,
            lead = paragraph("lead", &self.lead),
        );
        html.push_str(&self.contents());
        let mut figures = 0;
        for section in &self.sections {
            figures += usize::from(section.svg.is_some());
            html.push_str(&section.to_html(figures));
        }
        html.push_str("</main></body></html>\n");
        html
    }

    fn contents(&self) -> String {
        if self.sections.len() < 2 {
            return String::new();
        }
        let item =
            |section: &Section| format!("<li><a href=\"#{}\">{}</a></li>", section.anchor(), escape(&section.heading));
        format!("<nav aria-label=\"Contents\"><ol>{}</ol></nav>\n", self.sections.iter().map(item).collect::<String>())
    }
}

impl Section {
    /// `number` is that of its figure, if it has one.
    fn to_html(&self, number: usize) -> String {
        let mut html = format!("<section id=\"{}\">\n<h2>{}</h2>\n", self.anchor(), escape(&self.heading));
        for text in self.summary.split("\n\n") {
            html.push_str(&paragraph("", text));
        }
        match &self.svg {
            Some(svg) => html.push_str(&self.figure(svg, number)),
            None if self.links.is_empty() => {}
            None => html.push_str(&format!("<p class=\"links\">{}</p>\n", self.link_list())),
        }
        for table in &self.tables {
            html.push_str(&table.to_html());
            html.push('\n');
        }
        html.push_str("</section>\n");
        html
    }

    fn figure(&self, svg: &str, number: usize) -> String {
        let caption = escape(&self.caption);
        format!(
            "<figure>\n<div class=\"wide\" tabindex=\"0\">{svg}</div>\n<figcaption><b>Figure {number}.</b> \
             {caption}{}</figcaption>\n</figure>\n",
            self.link_list()
        )
    }

    fn link_list(&self) -> String {
        let link = |link: &Link| format!(" <a href=\"{}\">{}</a>", escape(&link.href), escape(&link.label));
        self.links.iter().map(link).collect()
    }

    fn anchor(&self) -> String {
        let keep =
            |character: char| if character.is_ascii_alphanumeric() || character == '_' { character } else { '-' };
        self.id.chars().map(keep).collect()
    }
}

fn paragraph(class: &str, text: &str) -> String {
    match (text.is_empty(), class.is_empty()) {
        (true, _) => String::new(),
        (false, true) => format!("<p>{}</p>\n", escape(text)),
        (false, false) => format!("<p class=\"{class}\">{}</p>\n", escape(text)),
    }
}
