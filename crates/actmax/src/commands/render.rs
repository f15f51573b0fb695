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
use crate::{CommandError, Library};
use sessions::ImageKind;

/// Makes the images of a file of codes, or serves a rig until the process is ended.
pub(super) fn run(library: &Library, args: &RenderArgs, out: &mut dyn Write) -> Result<(), CommandError> {
    let generator = library.generator(&args.generator)?.session(Runtime::get(&say)?, session_options())?;
    let Some(folder) = &args.watch else {
        let images = args.out.clone().unwrap_or_else(|| PathBuf::from("images"));
        return args.codes.as_ref().map_or(Ok(()), |codes| render(codes, generator, &images, out));
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
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let codes = read_codes(codes, generator.latent_dim())?;
    let mut single = Vec::new();
    codes.write_f32(&mut single);
    let files = encode_all(&generator.generate(&single)?, &vec![ImageKind::Png; codes.len()])?;
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| CommandError::Write { path, source }
    };
    fs::create_dir_all(folder).map_err(failed(folder))?;
    for (row, file) in files.iter().enumerate() {
        let path = folder.join(format!("{row:04}.png"));
        place_whole(&path, file).map_err(failed(&path))?;
    }
    Ok(writeln!(out, "{} in {}", counted(files.len(), "image"), folder.display())?)
}
