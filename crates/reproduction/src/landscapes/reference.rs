//! The table of what the published implementations reach.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use optim_core::{Method, registry};
use serde::{Deserialize, Serialize};

use super::objective::Kind;

/// The table that comes with the sources, see `fixtures/README.md`.
const OWN_COPY: &str = include_str!("../../fixtures/landscapes/results.csv");

/// One column of the reference's table that is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Largest noise-free score of any evaluated code.
    BestClean,
    /// Mean norm of the codes of the last generation.
    FinalNorm,
}

impl Quantity {
    /// Both.
    pub const ALL: [Self; 2] = [Self::BestClean, Self::FinalNorm];

    /// What tables call it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::BestClean => "best clean score",
            Self::FinalNorm => "final norm",
        }
    }
}

/// What one run of a method ended with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finish {
    /// Codes scored.
    pub evaluations: usize,
    /// Largest noise-free score of any evaluated code.
    pub best_clean: f64,
    /// Mean norm of the codes of the last generation.
    pub final_norm: f64,
}

impl Finish {
    /// One of its numbers.
    #[must_use]
    pub fn get(&self, quantity: Quantity) -> f64 {
        match quantity {
            Quantity::BestClean => self.best_clean,
            Quantity::FinalNorm => self.final_norm,
        }
    }
}

/// A method on a landscape: what is compared as one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// Place of the method in the registry.
    pub place: usize,
    /// Length N of a code.
    pub dim: usize,
    /// The landscape.
    pub landscape: Kind,
    /// Bits of the noise level, which is 0 or more: they order as the levels do.
    noise_bits: u64,
}

impl Cell {
    /// A method, by its place in the registry, on a landscape in `dim` dimensions.
    #[must_use]
    pub fn new(place: usize, dim: usize, landscape: Kind, noise: f64) -> Self {
        Self { place, dim, landscape, noise_bits: noise.to_bits() }
    }

    /// Level of the multiplicative noise.
    #[must_use]
    pub fn noise(&self) -> f64 {
        f64::from_bits(self.noise_bits)
    }

    /// The method's name in the registry.
    #[must_use]
    pub fn method(&self) -> &'static str {
        registry()[self.place].name
    }
}

/// The reference's runs by cell.
#[derive(Debug)]
pub struct Reference {
    /// The runs of every cell.
    pub cells: BTreeMap<Cell, Vec<Finish>>,
    /// Names in the table that no method here bears.
    pub unknown: Vec<String>,
}

impl Reference {
    /// Reads `results.csv` in `folder`, or the copy that comes with the sources.
    ///
    /// # Errors
    /// If the table cannot be read or understood.
    pub fn read(folder: Option<&Path>) -> Result<Self> {
        let Some(folder) = folder else { return Self::parse(OWN_COPY).context("the copy in the sources") };
        let path = folder.join("results.csv");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    fn parse(text: &str) -> Result<Self> {
        let mut lines = text.lines();
        let columns: Vec<&str> = lines.next().context("the table is empty")?.split(',').collect();
        let mut reference = Self { cells: BTreeMap::new(), unknown: Vec::new() };
        for (number, line) in lines.enumerate() {
            let row = Row { columns: &columns, values: line.split(',').collect() };
            reference.add(&row).with_context(|| format!("line {}", number + 2))?;
        }
        Ok(reference)
    }

    fn add(&mut self, row: &Row) -> Result<()> {
        let name = row.text("optimizer")?;
        let Ok(method) = Method::from_name(name) else {
            if !self.unknown.iter().any(|known| known == name) {
                self.unknown.push(name.to_owned());
            }
            return Ok(());
        };
        let place = registry().iter().position(|info| info.name == method.name()).context("not in the registry")?;
        let landscape = row.text("landscape")?;
        let Some(kind) = Kind::from_name(landscape) else { bail!("unknown landscape '{landscape}'") };
        let generations: u32 = row.number("generations")?;
        if generations != super::GENERATIONS {
            bail!("a run of {generations} generations, not {}", super::GENERATIONS);
        }
        let cell = Cell::new(place, row.number("N")?, kind, row.number("noise")?);
        self.cells.entry(cell).or_default().push(Finish {
            evaluations: row.number("evaluations")?,
            best_clean: row.number("best_clean")?,
            final_norm: row.number("final_gen_mean_norm")?,
        });
        Ok(())
    }
}

/// A line of the table under its header.
struct Row<'a> {
    columns: &'a [&'a str],
    values: Vec<&'a str>,
}

impl<'a> Row<'a> {
    fn text(&self, column: &str) -> Result<&'a str> {
        let index = self.columns.iter().position(|c| *c == column);
        index.and_then(|i| self.values.get(i).copied()).with_context(|| format!("no column '{column}'"))
    }

    fn number<T: std::str::FromStr>(&self, column: &str) -> Result<T> {
        let text = self.text(column)?;
        text.parse().ok().with_context(|| format!("column '{column}' holds '{text}'"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_in_the_sources_is_read_whole() {
        let reference = Reference::read(None).unwrap();
        let genetic = registry().iter().position(|info| info.name == "genetic").unwrap();
        let runs = &reference.cells[&Cell::new(genetic, 512, Kind::CosTuning, 0.0)];
        assert_eq!(runs.len(), 5);
        assert_eq!(runs[0], Finish { evaluations: 3000, best_clean: 12.229_171, final_norm: 76.661_362_4 });
        assert_eq!(reference.cells.keys().filter(|cell| cell.place == genetic).count(), 18);
        assert!(reference.unknown.iter().all(|name| Method::from_name(name).is_err()));
    }

    #[test]
    fn tables_that_do_not_fit_are_refused() {
        let message = |text: &str| format!("{:#}", Reference::parse(text).unwrap_err());
        let header = "optimizer,landscape,N,noise,generations,evaluations,best_clean,final_gen_mean_norm\n";
        assert!(message("").contains("empty"));
        assert!(message("optimizer,landscape\nGenetic,ellipsoid\n").contains("line 2: no column 'generations'"));
        assert!(message(&format!("{header}Genetic,hill,512,0,75,1,1,1\n")).contains("unknown landscape 'hill'"));
        assert!(message(&format!("{header}Genetic,ellipsoid,512,0,74,1,1,1\n")).contains("74 generations"));
        assert!(message(&format!("{header}Genetic,ellipsoid,big,0,75,1,1,1\n")).contains("column 'N' holds 'big'"));
        assert_eq!(
            Reference::parse(&format!("{header}Sorcery,ellipsoid,1,0,75,1,1,1\n")).unwrap().unknown,
            ["Sorcery"]
        );
    }
}
