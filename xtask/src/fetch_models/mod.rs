//! `cargo xtask fetch-models`: published weights, downloaded, verified, converted and registered.

mod download;
mod hash;
#[cfg(test)]
mod server;
#[cfg(test)]
mod tests;

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use actmax::Library;
use anyhow::{Context, Result, bail};
use clap::Args;
use clap::builder::TypedValueParser;
use gen_models::{ModelFolder, ModelSpec, PUBLISHED_INPUT_SIZE, Published, PublishedModel};

use download::Source;
use hash::sha256_of;

/// Download published networks, verify them, convert them to ONNX and register them.
///
/// PyTorch is not needed: tensors are read out of the checkpoint as data, and nothing in it is run. What was
/// downloaded in part is gone on with. `actmax models` lists what is registered.
#[derive(Debug, Args)]
pub(crate) struct FetchArgs {
    /// Names of published models, see --list.
    #[arg(required_unless_present_any = ["all", "list"], conflicts_with = "all")]
    names: Vec<String>,
    /// Fetch all of them.
    #[arg(long)]
    all: bool,
    /// List them, with what is here already, and fetch nothing.
    #[arg(long)]
    list: bool,
    /// Folder to register them in [default: that of the variable ACTMAX_MODELS, or in the user's cache].
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Convert this checkpoint instead of downloading; takes one NAME.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["all", "list"])]
    from: Option<PathBuf>,
    /// Download from a mirror: this address, a slash, and the name of the published file.
    #[arg(long, value_name = "URL", conflicts_with = "from")]
    base_url: Option<String>,
    /// Height and width of the images that a CNN takes, pixels.
    #[arg(long, value_name = "PIXELS", default_value_t = PUBLISHED_INPUT_SIZE,
          value_parser = clap::value_parser!(u16).range(32..=2048).map(usize::from))]
    size: usize,
}

/// Does what the arguments ask for.
pub(crate) fn run(args: &FetchArgs) -> Result<()> {
    fetch(args, &Library::published()?, &mut std::io::stdout())
}

/// The same with another table of models and another place for the results.
fn fetch(args: &FetchArgs, published: &Published, out: &mut dyn Write) -> Result<()> {
    let folder = match &args.dir {
        Some(dir) => ModelFolder::new(dir),
        None => ModelFolder::of_user()?,
    };
    if args.list {
        return list(published, &folder, out);
    }
    let models = chosen(args, published)?;
    if let Some(file) = &args.from {
        let [model] = models[..] else { bail!("--from takes the NAME of one model, {} were given", models.len()) };
        return Fetch { args, folder: &folder, model }.convert(file, &sha256_of(file)?, out);
    }
    let mut failed = Vec::new();
    for model in models {
        if let Err(error) = (Fetch { args, folder: &folder, model }).run(out) {
            eprintln!("error: {}: {error:#}", model.name);
            failed.push(model.name.as_str());
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    bail!("not fetched: {}; what another program downloaded can be converted with --from FILE", failed.join(", "))
}

/// The models that the arguments name.
fn chosen<'a>(args: &FetchArgs, published: &'a Published) -> Result<Vec<&'a PublishedModel>> {
    if args.all {
        return Ok(published.models.iter().collect());
    }
    let known = || published.models.iter().map(|model| model.name.as_str()).collect::<Vec<_>>().join(", ");
    let find = |name: &String| {
        published.find(name).with_context(|| format!("there is no published model '{name}'; there are {}", known()))
    };
    args.names.iter().map(find).collect()
}

fn list(published: &Published, folder: &ModelFolder, out: &mut dyn Write) -> Result<()> {
    let manifest = folder.manifest()?;
    for model in &published.models {
        let registered = manifest.models.iter().find(|known| known.name() == model.name);
        let here = registered.is_some_and(|known| folder.path().join(known.file()).is_file());
        let size = model.bytes.map_or_else(String::new, |bytes| format!(", {:.1} MB", bytes as f64 / 1e6));
        let checksum = match &model.sha256 {
            Some(sha256) if sha256.len() == 64 => format!("SHA-256 {sha256}"),
            Some(sha256) => format!("SHA-256 begins with {sha256}"),
            None => "no SHA-256 published: that of the first download is recorded".to_owned(),
        };
        writeln!(out, "{:18}{}{}", model.name, model.about, if here { "  [here]" } else { "" })?;
        writeln!(out, "{:18}{}{size}", "", model.url)?;
        writeln!(out, "{:18}{checksum}", "")?;
    }
    Ok(writeln!(out, "\nfolder: {}", folder.path().display())?)
}

/// One model on its way.
struct Fetch<'a> {
    args: &'a FetchArgs,
    folder: &'a ModelFolder,
    model: &'a PublishedModel,
}

impl Fetch<'_> {
    fn run(&self, out: &mut dyn Write) -> Result<()> {
        let downloads = self.folder.path().join("downloads");
        fs::create_dir_all(&downloads).with_context(|| format!("cannot make {}", downloads.display()))?;
        let _lock = self.lock(&downloads)?;
        if self.is_here()? {
            return Ok(writeln!(out, "{}: is here already", self.model.name)?);
        }
        let file = downloads.join(self.model.file_name());
        if !file.is_file() {
            let url = match &self.args.base_url {
                Some(base) => format!("{}/{}", base.trim_end_matches('/'), self.model.file_name()),
                None => self.model.url.clone(),
            };
            let source = Source {
                url,
                name: &self.model.name,
                bytes: self.model.bytes,
                hashed: self.recorded(&downloads)?.is_some(),
            };
            source.download(&file)?;
        }
        let sha256 = sha256_of(&file)?;
        self.verify(&downloads, &file, &sha256, out)?;
        self.convert(&file, &sha256, out)?;
        fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))
    }

    /// Keeps other processes from the same download; waits for one that is at it.
    fn lock(&self, downloads: &Path) -> Result<File> {
        let path = downloads.join(format!("{}.lock", self.model.name));
        let failed = || format!("cannot lock {}", path.display());
        let lock = File::create(&path).with_context(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                eprintln!("{}: another process is fetching it, waiting", self.model.name);
                lock.lock().with_context(failed)?;
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(failed),
        }
        Ok(lock)
    }

    /// Whether the model is registered as it is wanted, and its file is intact.
    fn is_here(&self) -> Result<bool> {
        let manifest = self.folder.manifest()?;
        let Some(known) = manifest.models.iter().find(|known| known.name() == self.model.name) else {
            return Ok(false);
        };
        let as_wanted = match known {
            ModelSpec::Cnn(spec) => spec.input_size == [self.args.size; 2],
            _ => true,
        };
        Ok(as_wanted && self.folder.is_intact(known))
    }

    /// SHA-256 to expect: the published one, or else that of an earlier download.
    fn recorded(&self, downloads: &Path) -> Result<Option<String>> {
        if let Some(sha256) = &self.model.sha256 {
            return Ok(Some(sha256.to_ascii_lowercase()));
        }
        let path = self.record(downloads);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(text.split_whitespace().next().map(str::to_owned)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// File that keeps the SHA-256 of the first download, in the form of `sha256sum`.
    fn record(&self, downloads: &Path) -> PathBuf {
        downloads.join(format!("{}.sha256", self.model.file_name()))
    }

    /// Compares with the checksum; removes the file if it is another one.
    fn verify(&self, downloads: &Path, file: &Path, sha256: &str, out: &mut dyn Write) -> Result<()> {
        let name = &self.model.name;
        let Some(expected) = self.recorded(downloads)? else {
            let record = self.record(downloads);
            fs::write(&record, format!("{sha256}  {}\n", self.model.file_name()))
                .with_context(|| format!("cannot write {}", record.display()))?;
            writeln!(out, "{name}: no checksum is published; this file's is recorded in {} and", record.display())?;
            return Ok(writeln!(out, "{name}: expected of later downloads: {sha256}")?);
        };
        if sha256.starts_with(&expected) {
            return Ok(writeln!(out, "{name}: the checksum is the expected one")?);
        }
        fs::remove_file(file).with_context(|| format!("cannot remove {}", file.display()))?;
        let again = match &self.model.sha256 {
            Some(_) => String::new(),
            None => format!(
                " (recorded in {}: remove that file if the publisher changed the weights)",
                self.record(downloads).display()
            ),
        };
        bail!("the download has SHA-256 {sha256}, expected is {expected}{again}; it was removed")
    }

    /// Converts a checkpoint and registers the result.
    fn convert(&self, file: &Path, sha256: &str, out: &mut dyn Write) -> Result<()> {
        let name = &self.model.name;
        let foreign = self.args.from.is_some() && self.model.is_published_sha256(sha256) != Some(true);
        let mut conversion = self.model.conversion(self.args.size);
        if foreign {
            conversion.origin = format!("a file with SHA-256 {sha256}, given as {}", self.model.url);
        }
        let converted = conversion.run(file)?;
        if foreign {
            let known =
                if self.model.sha256.is_some() { "it is not the published file" } else { "no checksum is published" };
            writeln!(out, "{name}: {} has SHA-256 {sha256}; {known}, converted all the same", file.display())?;
        }
        self.folder.add(&converted.spec, &converted.encoded)?;
        let path = self.folder.path().join(converted.spec.file());
        let megabytes = converted.encoded.len() as f64 / 1e6;
        Ok(writeln!(out, "{name}: registered, {} ({megabytes:.1} MB)", path.display())?)
    }
}
