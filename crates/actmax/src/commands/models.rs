//! `actmax models`.

use std::io::Write;

use gen_models::ModelSpec;

use crate::{CommandError, Library};

/// Lists the generators and CNNs.
pub(super) fn list(library: &Library, out: &mut dyn Write) -> Result<(), CommandError> {
    for (index, model) in library.manifest().models.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        write_model(library, model, out)?;
    }
    Ok(())
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
            let layers = spec.layers.as_ref().map_or_else(String::new, |layers| {
                let names: Vec<&str> = layers.iter().map(|layer| layer.name.as_str()).collect();
                format!(" -> {}", names.join(", "))
            });
            ("CNN", format!("image {width} x {height}{layers}"), &spec.origin, &spec.licence, spec.bytes)
        }
        _ => return Ok(()),
    };
    writeln!(out, "{}  ({kind})", model.name())?;
    writeln!(out, "  shape    {shape}")?;
    let size = bytes.map_or_else(String::new, |bytes| format!(", {:.1} MB", bytes as f64 / 1e6));
    let present = if library.is_embedded(model) { "compiled in" } else { "not present" };
    writeln!(out, "  present  {present}{size}")?;
    writeln!(out, "  origin   {origin}")?;
    Ok(writeln!(out, "  licence  {licence}")?)
}
