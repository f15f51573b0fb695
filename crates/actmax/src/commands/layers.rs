//! `actmax layers`.

use std::io::Write;

use gen_models::LayerInfo;

use crate::{CommandError, Library};

/// Lists the layers of a CNN.
pub(super) fn list(library: &Library, cnn: &str, out: &mut dyn Write) -> Result<(), CommandError> {
    let model = library.cnn(cnn)?;
    let layers = library.layers(&model)?;
    let width = layers.iter().map(|layer| layer.printable_name().chars().count()).max().unwrap_or(0).max("layer".len());
    let aliased = layers.iter().any(|layer| !layer.aliases.is_empty());
    let also = if aliased { "   also called" } else { "" };
    writeln!(out, "{:width$}  {:15}  {:13}  {:22}  centre{also}", "layer", "shape", "channels", "rows, columns")?;
    for layer in &layers {
        let Targets { channels, positions, centre } = Targets::of(layer);
        let shape = layer.shape.iter().map(usize::to_string).collect::<Vec<_>>().join(" x ");
        let line = format!("{:width$}  {shape:15}  {channels:13}  {positions:22}  {centre:6}", layer.printable_name());
        writeln!(out, "{}", format!("{line}   {}", layer.aliases.join(", ")).trim_end())?;
    }
    for layer in layers.iter().filter(|layer| !layer.channel_names.is_empty()) {
        write_classes(layer, out)?;
    }
    if let Some(layer) = layers.iter().find(|layer| layer.targetable) {
        writeln!(
            out,
            "\nA unit is LAYER:CHANNEL, at the centre, or LAYER:CHANNEL:ROW:COL: --unit {}:0",
            layer.printable_name()
        )?;
    }
    Ok(())
}

/// Lists the names of a layer's channels, as many a line as fit into 80 columns.
fn write_classes(layer: &LayerInfo, out: &mut dyn Write) -> Result<(), CommandError> {
    const COLUMNS: usize = 80;
    let name = layer.printable_name();
    writeln!(
        out,
        "\nThe channels of {name} are classes, and go by number or name: --unit {name}:{}",
        layer.channel_names[0]
    )?;
    let entries: Vec<String> = layer.channel_names.iter().enumerate().map(|(i, name)| format!("{i} {name}")).collect();
    let width = entries.iter().map(|entry| entry.chars().count()).max().unwrap_or(0);
    for line in entries.chunks((COLUMNS / (width + 2)).max(1)) {
        let line: String = line.iter().map(|entry| format!("  {entry:width$}")).collect();
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// What of a layer can be targeted, in words.
struct Targets {
    channels: String,
    positions: String,
    centre: String,
}

impl Targets {
    fn of(layer: &LayerInfo) -> Self {
        let none = || "-".to_owned();
        let range = |size: usize| format!("0 to {}", size.saturating_sub(1));
        match (layer.targetable, &layer.shape[..]) {
            (true, &[channels]) => Self { channels: range(channels), positions: none(), centre: none() },
            (true, &[channels, height, width]) => {
                let centre = layer.centre().map_or_else(none, |(row, column)| format!("{row}:{column}"));
                Self { channels: range(channels), positions: format!("{}, {}", range(height), range(width)), centre }
            }
            _ => Self { channels: "not targetable".to_owned(), positions: none(), centre: none() },
        }
    }
}
