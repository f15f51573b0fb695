//! Responses as a long table.

use sessions::{Presentation, Recorded, Role};

use crate::CommandError;

/// Columns before those of the channels.
const COLUMNS: [&str; 12] =
    ["unix_s", "block", "step", "thread", "generation", "column", "role", "id", "name", "trial", "t", "late"];

/// A row a presentation, as CSV, with the number of rows.
pub(super) fn responses(recorded: &Recorded) -> Result<(Vec<u8>, usize), CommandError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let channels = recorded.value_names();
    let failed = |error: csv::Error| CommandError::from(std::io::Error::from(error));
    writer.write_record(COLUMNS.into_iter().chain(channels.iter().map(String::as_str))).map_err(failed)?;
    let presentations = recorded.presentations();
    for presentation in &presentations {
        writer.write_record(row(recorded, presentation, channels.len())).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| CommandError::from(error.into_error()))?;
    Ok((bytes, presentations.len()))
}

fn row(recorded: &Recorded, presentation: &Presentation<'_>, channels: usize) -> Vec<String> {
    fn text(value: Option<impl ToString>) -> String {
        value.map_or_else(String::new, |value| value.to_string())
    }
    let Presentation { row, image, .. } = presentation;
    let image = image.as_ref();
    let fixed = [
        format!("{:.3}", presentation.arrived_s),
        presentation.block.to_string(),
        text(presentation.step),
        text(image.and_then(|image| image.thread).map(|thread| &recorded.config.threads[thread].name)),
        text(image.and_then(|image| image.generation)),
        text(image.and_then(|image| image.column)),
        text(image.map(|image| role(image.role))),
        text(image.map(|image| &image.id)),
        row.name.clone(),
        text(row.trial),
        text(row.t),
        u8::from(presentation.late).to_string(),
    ];
    let values = row.values.iter().map(|value| value.0.to_string()).chain(std::iter::repeat(String::new()));
    fixed.into_iter().chain(values.take(channels)).collect()
}

/// What an image is shown for, in a word.
pub(super) fn role(role: Role) -> &'static str {
    match role {
        Role::Evolved => "evolved",
        Role::Reference => "reference",
    }
}
