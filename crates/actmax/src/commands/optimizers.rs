//! `actmax optimizers`.

use std::io::Write;

use optim_core::{Method, MethodInfo, registry};

use crate::CommandError;

/// Lists the optimizers.
pub(super) fn list(out: &mut dyn Write) -> Result<(), CommandError> {
    for (index, info) in registry().iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        write_method(info, out)?;
    }
    Ok(())
}

fn write_method(info: &MethodInfo, out: &mut dyn Write) -> Result<(), CommandError> {
    let aliases = if info.aliases.is_empty() { String::new() } else { format!("  ({})", info.aliases.join(", ")) };
    writeln!(out, "{}{aliases}", info.name)?;
    writeln!(out, "  {}", info.about)?;
    writeln!(out, "  source: {}", info.source)?;
    let defaults = Method::from_name(info.name)?.options();
    let default = |name: &str| defaults.get(name).map_or_else(String::new, written);
    let names = info.options.iter().map(|option| option.name.len()).max().unwrap_or(0);
    let values = info.options.iter().map(|option| default(option.name).len()).max().unwrap_or(0);
    for option in info.options {
        writeln!(out, "    {:names$}  {:values$}  {}", option.name, default(option.name), option.about)?;
    }
    Ok(())
}

/// A default as it would be typed after `--option NAME=`.
fn written(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => "none".to_owned(),
        serde_json::Value::String(word) => word.clone(),
        serde_json::Value::Array(items) => items.iter().map(written).collect::<Vec<_>>().join(","),
        value => value.to_string(),
    }
}
