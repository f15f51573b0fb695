//! `actmax render`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use experiments::{place_whole, read_codes};
use gen_models::{GeneratorSession, Runtime};
use optim_core::Generator;

use crate::console::{counted, say};
use crate::pictures::{encode_all, session_options};
use crate::render::{RenderArgs, Watch};
use crate::sheet::contact_sheet;
use crate::{CommandError, Library};
use sessions::ImageKind;

/// File of all images together.
const SHEET: &str = "sheet.png";

/// Makes the images of a file of codes, or serves a rig until the process is ended.
pub(super) fn run(library: &Library, args: &RenderArgs, out: &mut dyn Write) -> Result<(), CommandError> {
    let generator = library.generator(&args.generator)?.session(Runtime::get(&say)?, session_options())?;
    let Some(folder) = &args.watch else {
        let images = args.out.clone().unwrap_or_else(|| PathBuf::from("images"));
        return args.codes.as_ref().map_or(Ok(()), |codes| render(codes, generator, &images, args.sheet, out));
    };
    say(&format!("{} answers code files in {}; Ctrl-C ends it", args.generator, folder.display()));
    let mut watch = Watch::new(folder, generator);
    loop {
        watch.look()?;
        std::thread::sleep(crate::render::POLL);
    }
}

fn render(
    codes: &Path,
    mut generator: GeneratorSession,
    folder: &Path,
    sheet: bool,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let title = codes.display().to_string();
    let codes = read_codes(codes, generator.latent_dim())?;
    let mut single = Vec::new();
    codes.write_f32(&mut single);
    let images = generator.generate(&single)?;
    let files = encode_all(&images, &vec![ImageKind::Png; codes.len()])?;
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| CommandError::Write { path, source }
    };
    fs::create_dir_all(folder).map_err(failed(folder))?;
    for (row, file) in files.iter().enumerate() {
        let path = folder.join(format!("{row:04}.png"));
        place_whole(&path, file).map_err(failed(&path))?;
    }
    if sheet {
        let image = |row: usize| Ok((images.to_rgb8(row), vec![format!("{row:04}")]));
        let path = folder.join(SHEET);
        let sheet = contact_sheet(title, files.len(), (0..files.len()).map(image))?;
        place_whole(&path, &sheet).map_err(failed(&path))?;
    }
    let beside = if sheet { ", and sheet.png" } else { "" };
    Ok(writeln!(out, "{}{beside} in {}", counted(files.len(), "image"), folder.display())?)
}
