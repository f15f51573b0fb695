//! Scores as CSV (RFC 4180): a header `name`, optional `trial` and `t` (seconds), then one column a channel.

use csv::{ReaderBuilder, StringRecord};

use crate::limits::Budget;
use crate::{FormatError, ImageRef, Limits, ScoreRow, ScoreTable};

/// Reads a table of scores. The headings of the channels are their names; an empty field and `NaN` are missing scores.
///
/// # Errors
/// If the text is no CSV with that header, a field is no number, or there is more than the limits allow.
pub fn parse(bytes: &[u8], limits: &Limits) -> Result<ScoreTable, FormatError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = ReaderBuilder::new().from_reader(bytes);
    let columns = Columns::of(reader.headers().map_err(FormatError::malformed)?)?;
    let mut budget = Budget::new(limits);
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(FormatError::malformed)?;
        budget.take_rows(1)?;
        budget.take_values(columns.channels.len())?;
        rows.push(columns.row(&record)?);
    }
    let channels = columns.channels.into_iter().map(|(_, name)| name).collect();
    ScoreTable { channels: Some(channels), bins_ms: None, rows }.checked(limits)
}

/// Where in a record things stand.
struct Columns {
    name: usize,
    trial: Option<usize>,
    time: Option<usize>,
    channels: Vec<(usize, String)>,
}

impl Columns {
    fn of(header: &StringRecord) -> Result<Self, FormatError> {
        let place = |heading: &str| header.iter().position(|field| field.trim() == heading);
        let name = place("name").ok_or_else(|| FormatError::Missing("column 'name' in the header".to_owned()))?;
        let (trial, time) = (place("trial"), place("t"));
        let taken = [Some(name), trial, time];
        let channels = header.iter().enumerate().filter(|(column, _)| !taken.contains(&Some(*column)));
        let channels: Vec<_> = channels.map(|(column, field)| (column, field.trim().to_owned())).collect();
        if channels.is_empty() {
            return Err(FormatError::Missing("column of a channel in the header".to_owned()));
        }
        Ok(Self { name, trial, time, channels })
    }

    fn row(&self, record: &StringRecord) -> Result<ScoreRow, FormatError> {
        let line = record.position().map_or(0, csv::Position::line);
        let field = |column: usize| record.get(column).unwrap_or_default().trim();
        let wrong = |column| FormatError::Malformed(format!("line {line}: '{}' is no number", field(column)));
        let number = |column| match field(column) {
            "" => Ok(f64::NAN),
            text => text.parse::<f64>().map_err(|_| wrong(column)),
        };
        let trial = match self.trial.filter(|column| !field(*column).is_empty()) {
            Some(column) => Some(field(column).parse().map_err(|_| wrong(column))?),
            None => None,
        };
        Ok(ScoreRow {
            image: ImageRef::from_path(field(self.name))?,
            trial,
            time: self.time.map(number).transpose()?.filter(|time| !time.is_nan()),
            values: self.channels.iter().map(|(column, _)| number(*column)).collect::<Result<_, _>>()?,
        })
    }
}
