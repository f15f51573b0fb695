//! `actmax models`.

use std::io::Write;

use gen_models::{LayerInfo, ModelSpec};

use crate::{CommandError, Library};

/// Lists the generators and CNNs.
pub(super) fn list(library: &Library, out: &mut dyn Write) -> Result<(), CommandError> {
    for (index, model) in library.manifest().models.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        write_model(library, model, out)?;
    }
    let mut not_fetched = library.not_fetched().peekable();
    if not_fetched.peek().is_some() {
        writeln!(out, "\nPublished models that are not on this machine, and the commands that fetch them:")?;
    }
    for model in not_fetched {
        let size = model.bytes.map_or_else(String::new, |bytes| format!(", {:.1} MB", bytes as f64 / 1e6));
        writeln!(out, "  {:46}  {}{size}", model.command(), model.about)?;
    }
    Ok(())
}

/// The names of a few layers; more are for another command to list.
fn layer_names(model: &str, layers: &[LayerInfo]) -> String {
    const SHOWN: usize = 10;
    let names: Vec<&str> = layers.iter().map(|layer| layer.name.as_str()).collect();
    match names[..] {
        [.., last] if names.len() > SHOWN => format!("{last} in {} layers, see `actmax layers {model}`", names.len()),
        _ => names.join(", "),
    }
}

fn write_model(library: &Library, model: &ModelSpec, out: &mut dyn Write) -> Result<(), CommandError> {
    let (kind, shape, origin, licence, bytes) = match model {
        ModelSpec::Generator(spec) => {
            let [height, width] = spec.image_size;
            let shape = format!("code of {} numbers -> image {width} x {height}", spec.latent_dim);
            ("generator", shape, &spec.origin, &spec.licence, spec.bytes)
        }
        ModelSpec::Cnn(spec) => {
            let [height, width] = spec.input_size;
            let layers = spec.layers.as_ref().map(|layers| format!(" -> {}", layer_names(&spec.name, layers)));
            let layers = layers.unwrap_or_default();
            ("CNN", format!("image {width} x {height}{layers}"), &spec.origin, &spec.licence, spec.bytes)
        }
        _ => return Ok(()),
    };
    writeln!(out, "{}  ({kind})", model.name())?;
    writeln!(out, "  shape    {shape}")?;
    let size = bytes.map_or_else(String::new, |bytes| format!(", {:.1} MB", bytes as f64 / 1e6));
    let present = match library.file(model) {
        None => "compiled in".to_owned(),
        Some(file) if file.is_file() => file.display().to_string(),
        Some(file) => format!("no longer: {} is gone", file.display()),
    };
    writeln!(out, "  present  {present}{size}")?;
    writeln!(out, "  origin   {origin}")?;
    Ok(writeln!(out, "  licence  {licence}")?)
}
