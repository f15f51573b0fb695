//! The published CSV files.

use std::path::Path;

use anyhow::{Context, Result, bail};
use csv::StringRecord;

/// Where the files come from, for messages.
pub(super) const SOURCE: &str = "the folder summary/ of ActMax-Optimizer-Dev, with claims.csv beside it";

/// A CSV file in memory.
pub(super) struct CsvFile {
    /// File name, for messages.
    pub(super) name: String,
    headers: Vec<String>,
    records: Vec<StringRecord>,
}

impl CsvFile {
    /// Reads a file that must have a header and at least one row.
    pub(super) fn read(folder: &Path, name: &str) -> Result<Self> {
        let path = folder.join(name);
        if !path.is_file() {
            bail!("no file {}; --published expects {SOURCE}", path.display());
        }
        let context = || format!("cannot read {}", path.display());
        let mut reader = csv::Reader::from_path(&path).with_context(context)?;
        let headers = reader.headers().with_context(context)?.iter().map(str::to_owned).collect();
        let records: Vec<StringRecord> = reader.records().collect::<Result<_, _>>().with_context(context)?;
        if records.is_empty() {
            bail!("{} has no rows; fetch it again", path.display());
        }
        Ok(Self { name: name.to_owned(), headers, records })
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// Position of a column.
    fn index(&self, column: &str) -> Result<usize> {
        self.headers.iter().position(|header| header == column).with_context(|| {
            let present = self.headers.join(", ");
            format!("{} has no column {column:?}; it has: {present}. --published expects {SOURCE}", self.name)
        })
    }

    /// All fields of a column.
    pub(super) fn text(&self, column: &str) -> Result<Vec<&str>> {
        let index = self.index(column)?;
        Ok(self.records.iter().map(|record| record.get(index).unwrap_or_default()).collect())
    }

    /// All numbers of a column, which must be finite.
    pub(super) fn numbers(&self, column: &str) -> Result<Vec<f64>> {
        let parse = |(row, text): (usize, &str)| match text.trim().parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            _ => bail!("{}, line {}, column {column:?}: {text:?} is not a finite number", self.name, row + 2),
        };
        self.text(column)?.into_iter().enumerate().map(parse).collect()
    }
}

/// One run: a unit, a noise level, a repeat.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Run {
    pub(super) net: String,
    pub(super) layer: String,
    pub(super) channel: String,
    pub(super) noise: f64,
    /// Random id of the repeat.
    pub(super) repeat: String,
}

/// A table with a row a run and a column an optimizer.
pub(super) struct RunTable {
    pub(super) file: String,
    pub(super) runs: Vec<Run>,
    /// `[optimizers][runs]`
    pub(super) columns: Vec<Vec<f64>>,
}

impl RunTable {
    /// Reads the columns of `optimizers`.
    pub(super) fn read(folder: &Path, name: &str, optimizers: &[&str]) -> Result<Self> {
        let file = CsvFile::read(folder, name)?;
        let (nets, layers) = (file.text("netname")?, file.text("layername")?);
        let (channels, repeats) = (file.text("channum")?, file.text("RND")?);
        let noise = file.numbers("noise_level")?;
        let run = |row: usize| Run {
            net: nets[row].to_owned(),
            layer: layers[row].to_owned(),
            channel: channels[row].to_owned(),
            noise: noise[row],
            repeat: repeats[row].to_owned(),
        };
        let runs = (0..file.len()).map(run).collect();
        let columns = optimizers.iter().map(|optimizer| file.numbers(optimizer)).collect::<Result<_>>()?;
        Ok(Self { file: file.name, runs, columns })
    }

    /// Fails where the rows are not those of `first`, in its order.
    pub(super) fn require_rows_of(&self, first: &Self) -> Result<()> {
        let (ours, theirs) = (self.runs.len(), first.runs.len());
        if ours != theirs {
            bail!("{} has {ours} rows and {} has {theirs}; fetch both again", self.file, first.file);
        }
        match self.runs.iter().zip(&first.runs).position(|(a, b)| a != b) {
            None => Ok(()),
            Some(row) => bail!(
                "line {} of {} is not the run of that line in {} (netname, layername, channum, noise_level, RND); \
                 fetch both again",
                row + 2,
                self.file,
                first.file
            ),
        }
    }
}
