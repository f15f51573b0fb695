//! `actmax models fetch`: published weights, downloaded, verified, converted and registered.

mod download;
mod error;
#[cfg(test)]
mod server;
#[cfg(test)]
mod tests;

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use gen_models::{ModelFolder, ModelSpec, Published, PublishedModel, file_sha256};

use crate::console::say;
use crate::models_cli::FetchArgs;
pub use error::{DownloadError, FetchError};

use download::Source;

/// Does what the arguments ask for: models of the table `published` come to be in `folder`.
pub(crate) fn fetch(
    args: &FetchArgs,
    published: &Published,
    folder: &ModelFolder,
    out: &mut dyn Write,
) -> Result<(), FetchError> {
    if args.list {
        return list(published, folder, out);
    }
    let models = chosen(args, published)?;
    if let Some(file) = &args.from {
        let [model] = models[..] else { return Err(FetchError::NotOneName { given: models.len() }) };
        let sha256 = file_sha256(file).map_err(FetchError::io("read", file))?;
        return Fetch { args, folder, model }.convert(file, &sha256, out);
    }
    let mut failed = Vec::new();
    for model in models {
        if let Err(error) = (Fetch { args, folder, model }).run(out) {
            say(&format!("error: {}: {}", model.name, with_causes(&error)));
            failed.push(model.name.clone());
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(FetchError::Some { names: failed }) }
}

/// An error and all that caused it, on one line.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

/// The models that the arguments name.
fn chosen<'a>(args: &FetchArgs, published: &'a Published) -> Result<Vec<&'a PublishedModel>, FetchError> {
    if args.all {
        return Ok(published.models.iter().collect());
    }
    let known = || published.models.iter().map(|model| model.name.clone()).collect();
    let unknown = |name: &String| FetchError::Unknown { name: name.clone(), known: known() };
    args.names.iter().map(|name| published.find(name).ok_or_else(|| unknown(name))).collect()
}

fn list(published: &Published, folder: &ModelFolder, out: &mut dyn Write) -> Result<(), FetchError> {
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
        write_line(out, &format!("{:18}{}{}", model.name, model.about, if here { "  [here]" } else { "" }))?;
        write_line(out, &format!("{:18}{}{size}", "", model.url))?;
        write_line(out, &format!("{:18}{checksum}", ""))?;
    }
    write_line(out, &format!("\nfolder: {}", folder.path().display()))
}

fn write_line(out: &mut dyn Write, text: &str) -> Result<(), FetchError> {
    writeln!(out, "{text}").map_err(FetchError::Output)
}

/// One model on its way.
struct Fetch<'a> {
    args: &'a FetchArgs,
    folder: &'a ModelFolder,
    model: &'a PublishedModel,
}

impl Fetch<'_> {
    fn run(&self, out: &mut dyn Write) -> Result<(), FetchError> {
        let downloads = self.folder.path().join("downloads");
        fs::create_dir_all(&downloads).map_err(FetchError::io("make", &downloads))?;
        let _lock = self.lock(&downloads)?;
        if self.is_here()? {
            return write_line(out, &format!("{}: is here already", self.model.name));
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
                hashed: self.expected(&downloads)?.is_some(),
            };
            source.download(&file)?;
        }
        let sha256 = file_sha256(&file).map_err(FetchError::io("read", &file))?;
        self.verify(&downloads, &file, &sha256, out)?;
        self.convert(&file, &sha256, out)?;
        fs::remove_file(&file).map_err(FetchError::io("remove", &file))
    }

    /// Keeps other processes from the same download; waits for one that is at it.
    fn lock(&self, downloads: &Path) -> Result<File, FetchError> {
        let path = downloads.join(format!("{}.lock", self.model.name));
        let lock = File::create(&path).map_err(FetchError::io("lock", &path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                say(&format!("{}: another process is fetching it, waiting", self.model.name));
                lock.lock().map_err(FetchError::io("lock", &path))?;
            }
            Err(TryLockError::Error(error)) => return Err(FetchError::io("lock", &path)(error)),
        }
        Ok(lock)
    }

    /// Whether the model is registered as it is wanted, and its file is intact.
    fn is_here(&self) -> Result<bool, FetchError> {
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
    fn expected(&self, downloads: &Path) -> Result<Option<String>, FetchError> {
        if let Some(sha256) = &self.model.sha256 {
            return Ok(Some(sha256.to_ascii_lowercase()));
        }
        let path = self.record(downloads);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(text.split_whitespace().next().map(str::to_owned)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FetchError::io("read", &path)(error)),
        }
    }

    /// File that keeps the SHA-256 of the first download, in the form of `sha256sum`.
    fn record(&self, downloads: &Path) -> PathBuf {
        downloads.join(format!("{}.sha256", self.model.file_name()))
    }

    /// Compares with the checksum; removes the file if it is another one.
    fn verify(&self, downloads: &Path, file: &Path, sha256: &str, out: &mut dyn Write) -> Result<(), FetchError> {
        let (name, record) = (&self.model.name, self.record(downloads));
        let Some(expected) = self.expected(downloads)? else {
            fs::write(&record, format!("{sha256}  {}\n", self.model.file_name()))
                .map_err(FetchError::io("write", &record))?;
            let recorded = format!("{name}: no checksum is published; {} records this file's:", record.display());
            write_line(out, &recorded)?;
            return write_line(out, &format!("{name}: later downloads must have {sha256}"));
        };
        if sha256.starts_with(&expected) {
            return write_line(out, &format!("{name}: the checksum is the expected one"));
        }
        fs::remove_file(file).map_err(FetchError::io("remove", file))?;
        let record = self.model.sha256.is_none().then_some(record);
        Err(FetchError::Checksum { found: sha256.to_owned(), expected, record })
    }

    /// Converts a checkpoint and registers the result.
    fn convert(&self, file: &Path, sha256: &str, out: &mut dyn Write) -> Result<(), FetchError> {
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
            let said = format!("{name}: {} has SHA-256 {sha256}; {known}, converted all the same", file.display());
            write_line(out, &said)?;
        }
        self.folder.add(&converted.spec, &converted.encoded)?;
        let path = self.folder.path().join(converted.spec.file());
        let megabytes = converted.encoded.len() as f64 / 1e6;
        write_line(out, &format!("{name}: registered, {} ({megabytes:.1} MB)", path.display()))
    }
}
