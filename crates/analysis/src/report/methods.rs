//! How results were made: methods in words, settings, versions and seeds.

use super::section::{Link, Section};
use super::table::{Cell, Table};

/// What somebody needs to make the same results again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Methods {
    /// What was done, a paragraph an entry: plain text.
    pub paragraphs: Vec<String>,
    /// Settings (budgets, noise levels, units): name and value.
    pub settings: Vec<(String, String)>,
    /// Versions of the program, libraries, models (with their checksums) and the machine: name and value.
    pub versions: Vec<(String, String)>,
    /// Seeds: what for, and value.
    pub seeds: Vec<(String, String)>,
    /// Files with data, and what they hold.
    pub data: Vec<(Link, String)>,
}

impl Methods {
    /// The section of the methods, with a table for every list that is not empty.
    #[must_use]
    pub fn to_section(&self) -> Section {
        let lists = [("Settings", &self.settings), ("Versions", &self.versions), ("Seeds", &self.seeds)];
        let mut tables: Vec<Table> = lists
            .into_iter()
            .filter(|(_, entries)| !entries.is_empty())
            .map(|(caption, entries)| Table {
                caption: caption.to_owned(),
                headings: ["what", "value"].map(str::to_owned).to_vec(),
                rows: entries.iter().map(|(name, value)| vec![Cell::text(name), Cell::text(value)]).collect(),
            })
            .collect();
        if !self.data.is_empty() {
            let row = |(link, holds): &(Link, String)| vec![Cell::links(std::slice::from_ref(link)), Cell::text(holds)];
            tables.push(Table {
                caption: "Data".to_owned(),
                headings: ["file", "holds"].map(str::to_owned).to_vec(),
                rows: self.data.iter().map(row).collect(),
            });
        }
        Section {
            id: "methods".to_owned(),
            heading: "Appendix: methods".to_owned(),
            summary: self.paragraphs.join("\n\n"),
            tables,
            ..Section::default()
        }
    }
}
