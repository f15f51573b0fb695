//! `actmax render`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use experiments::{codes_to_npy, place_whole};
use gen_models::{GeneratorSession, Runtime};
use optim_core::Generator;
use progress::ItemProgress;

use crate::console::{counted, say};
use crate::geometry_args::shown;
use crate::pictures::{BATCH, encode_all, session_options};
use crate::render::{Planned, RenderArgs, Watch, planned};
use crate::sheet::ContactSheet;
use crate::{CommandError, Library};
use sessions::ImageKind;

/// File of all images together.
const SHEET: &str = "sheet.png";
/// File of the codes of a sweep.
const CODES: &str = "codes.npy";

/// Makes the images of a file of codes, or serves a rig until the process is ended.
pub(super) fn run(library: &Library, args: &RenderArgs, out: &mut dyn Write) -> Result<(), CommandError> {
    let generator = library.generator(&args.generator)?;
    let geometry = args.geometry.resolve(generator.spec().image_size, None)?;
    let generator = shown(&generator, geometry)?.session(Runtime::get(&say)?, session_options())?;
    if let Some(folder) = &args.watch {
        say(&format!("{} answers code files in {}; Ctrl-C ends it", args.generator, folder.display()));
        let mut watch = Watch::new(folder, generator);
        loop {
            watch.look()?;
            std::thread::sleep(crate::render::POLL);
        }
    }
    args.codes.as_ref().map_or(Ok(()), |codes| render(args, codes, generator, out))
}

fn render(
    args: &RenderArgs,
    file: &Path,
    mut generator: GeneratorSession,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let planned = planned(args, file, generator.latent_dim())?;
    let is_sweep = planned.columns.is_some();
    let folder = args.out.clone().unwrap_or_else(|| PathBuf::from("images"));
    fs::create_dir_all(&folder).map_err(|source| CommandError::Write { path: folder.clone(), source })?;
    let sheet = ContactSheet::new(title(args, file), planned.names.len()).with_columns(planned.columns);
    let mut sheet = (args.sheet || is_sweep).then_some(sheet);
    write_images(&planned, &mut generator, &folder, sheet.as_mut())?;
    let mut beside = Vec::new();
    if let Some(sheet) = sheet {
        place(&folder.join(SHEET), &sheet.draw()?)?;
        beside.push(SHEET);
    }
    if is_sweep {
        let path = folder.join(CODES);
        let codes =
            codes_to_npy(&planned.codes).map_err(|source| CommandError::Write { path: path.clone(), source })?;
        place(&path, &codes)?;
        beside.push(CODES);
    }
    let beside = match beside[..] {
        [] => String::new(),
        [file] => format!(", and {file}"),
        _ => format!(", {}", beside.join(" and ")),
    };
    Ok(writeln!(out, "{}{beside} in {}", counted(planned.names.len(), "image"), folder.display())?)
}

/// Writes one file a code, and hands the images to the sheet. A batch of images is in memory at a time.
fn write_images(
    planned: &Planned,
    generator: &mut GeneratorSession,
    folder: &Path,
    mut sheet: Option<&mut ContactSheet>,
) -> Result<(), CommandError> {
    let mut single = Vec::new();
    planned.codes.write_f32(&mut single);
    let mut progress = ItemProgress::new("rendering", planned.names.len(), false);
    for (names, codes) in planned.names.chunks(BATCH).zip(single.chunks(BATCH * planned.codes.dim())) {
        let images = generator.generate(codes)?;
        let files = encode_all(&images, &vec![ImageKind::Png; names.len()])?;
        for (index, ((name, words), file)) in names.iter().zip(&files).enumerate() {
            place(&folder.join(format!("{name}.png")), file)?;
            if let Some(sheet) = sheet.as_deref_mut() {
                sheet.add(images.to_rgb8(index), words.clone())?;
            }
        }
        progress.advance(names.len());
    }
    Ok(())
}

/// What stands above the sheet: the codes, and where a sweep leads.
fn title(args: &RenderArgs, file: &Path) -> String {
    let (from, second) = (file.display(), args.to.as_ref().map(|to| ("to", to)));
    match second.or(args.towards.as_ref().map(|towards| ("towards", towards))) {
        Some((word, to)) => format!("{from} {word} {}", to.display()),
        None => from.to_string(),
    }
}

fn place(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    place_whole(path, bytes).map_err(|source| CommandError::Write { path: path.to_owned(), source })
}
