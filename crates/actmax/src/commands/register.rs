//! `actmax models add` and `actmax models remove`.

use std::error::Error;
use std::io::Write;
use std::path::Path;

use gen_models::{Imported, ModelFolder, ModelSpec, Note, Runtime};

use crate::console::say;
use crate::models_cli::AddArgs;
use crate::{CommandError, Library, LibraryError};

/// Registers an ONNX file and tells what was found out and assumed.
pub(super) fn add(library: &Library, args: &AddArgs, out: &mut dyn Write) -> Result<(), CommandError> {
    let folder = library.folder()?;
    let import = args.import();
    check_free(library, &import.name_for(&args.file)?, args.replace)?;
    let runtime = Runtime::get(&say)?;
    let imported = import.run(&args.file, runtime, &read_values)?;
    let Imported { spec, encoded, classes, .. } = &imported;
    folder.add_with_classes(spec, encoded, classes.as_deref()).map_err(LibraryError::from)?;
    report(&imported, folder, out)
}

/// Removes a registered model.
pub(super) fn remove(library: &Library, name: &str, out: &mut dyn Write) -> Result<(), CommandError> {
    let known = library.manifest().models.iter().find(|model| model.name() == name);
    if known.is_some_and(|model| library.is_embedded(model)) {
        return Err(CommandError::CompiledIn { name: name.to_owned() });
    }
    let folder = library.folder()?;
    let file = folder.remove(name).map_err(LibraryError::from)?;
    match file {
        Some(file) => writeln!(out, "removed {name} and {}", file.display())?,
        None => writeln!(out, "removed {name}; its file was gone already or is used by another model")?,
    }
    Ok(())
}

/// Names that differ in case alone would be one file on some systems.
fn check_free(library: &Library, name: &str, replace: bool) -> Result<(), CommandError> {
    match library.manifest().models.iter().find(|model| model.name().eq_ignore_ascii_case(name)) {
        Some(model) if library.is_embedded(model) => Err(CommandError::CompiledIn { name: model.name().to_owned() }),
        Some(model) if !replace || model.name() != name => {
            Err(CommandError::NameTaken { name: model.name().to_owned() })
        }
        _ => Ok(()),
    }
}

/// Values that an input is held at.
fn read_values(path: &Path, len: usize) -> Result<Vec<f32>, Box<dyn Error + Send + Sync>> {
    let codes = experiments::read_codes(path, len)?;
    Ok(optim_core::to_f32(codes.iter().next().unwrap_or_default()))
}

fn report(imported: &Imported, folder: &ModelFolder, out: &mut dyn Write) -> Result<(), CommandError> {
    let Imported { spec, notes, verbatim, .. } = imported;
    let name = spec.name();
    let next = match spec {
        ModelSpec::Generator(spec) => {
            let [height, width] = spec.image_size;
            writeln!(out, "{name} is a generator: code of {} numbers -> image {height} x {width}", spec.latent_dim)?;
            format!("actmax evolve --generator {name} --unit conv5:12")
        }
        ModelSpec::Cnn(spec) => {
            let [height, width] = spec.input_size;
            let layers = spec.layers.as_ref().map_or(0, Vec::len);
            writeln!(out, "{name} is a CNN: image {height} x {width} -> {layers} layers")?;
            format!("actmax layers {name}")
        }
        _ => String::new(),
    };
    for Note { text, option } in notes {
        match option {
            Some(option) => writeln!(out, "  assumed: {text} (--{option})")?,
            None => writeln!(out, "  {text}")?,
        }
    }
    let how = if *verbatim { "as it is" } else { "brought to the form that this program reads" };
    writeln!(out, "registered, {how}, as {}", folder.path().join(spec.file()).display())?;
    Ok(writeln!(out, "next: {next}")?)
}
