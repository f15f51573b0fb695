//! Writing: a tree of groups and datasets, described as data, then large datasets one after the other.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use hdf5_pure::{AttrValue, DatasetBuilder, FileAccessProperties, FileBuilder, GroupBuilder, SyncPolicy};

/// Compression of larger datasets: beyond this level images hardly shrink.
const DEFLATE: u32 = 4;

/// Datasets below this number of bytes are not compressed.
const SMALL: usize = 4096;

/// Bytes of datasets that are held before they go into the file.
const BATCH: usize = 32 << 20;

/// An attribute.
#[derive(Clone, Debug)]
pub(crate) enum Attr {
    Text(String),
    Texts(Vec<String>),
}

/// The content of a dataset.
#[derive(Clone, Debug)]
pub(crate) enum Data {
    /// One string, a scalar.
    Text(String),
    Texts(Vec<String>),
    Integers(Vec<i64>),
    /// Doubles in C order of the shape.
    Doubles {
        shape: Vec<u64>,
        values: Vec<f64>,
    },
    /// Singles in C order of the shape.
    Singles {
        shape: Vec<u64>,
        values: Vec<f32>,
    },
    /// Bytes in C order of the shape.
    Bytes {
        shape: Vec<u64>,
        values: Vec<u8>,
    },
}

/// A group or a dataset with its name and attributes.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    name: String,
    attrs: Vec<(&'static str, Attr)>,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Group(Vec<Node>),
    Dataset(Data),
}

impl Node {
    pub(crate) fn group(name: impl Into<String>, members: Vec<Self>) -> Self {
        Self { name: name.into(), attrs: Vec::new(), content: Content::Group(members) }
    }

    pub(crate) fn dataset(name: impl Into<String>, data: Data) -> Self {
        Self { name: name.into(), attrs: Vec::new(), content: Content::Dataset(data) }
    }

    pub(crate) fn text(name: &str, text: &str) -> Self {
        Self::dataset(name, Data::Text(text.to_owned()))
    }

    pub(crate) fn attr(mut self, name: &'static str, value: Attr) -> Self {
        self.attrs.push((name, value));
        self
    }

    fn build(self, parent: &mut impl Parent) {
        match self.content {
            Content::Dataset(data) => {
                let dataset = parent.dataset(&self.name);
                fill(dataset, data);
                for (name, value) in self.attrs {
                    dataset.set_attr(name, attr(value));
                }
            }
            Content::Group(members) => {
                let mut group = parent.group(&self.name);
                for (name, value) in self.attrs {
                    group.set_attr(name, attr(value));
                }
                for member in members {
                    member.build(&mut group);
                }
                parent.add(group);
            }
        }
    }
}

/// What groups and datasets are added to.
trait Parent {
    fn dataset(&mut self, name: &str) -> &mut DatasetBuilder;
    fn group(&mut self, name: &str) -> GroupBuilder;
    fn add(&mut self, group: GroupBuilder);
}

impl Parent for FileBuilder {
    fn dataset(&mut self, name: &str) -> &mut DatasetBuilder {
        self.create_dataset(name)
    }
    fn group(&mut self, name: &str) -> GroupBuilder {
        self.create_group(name)
    }
    fn add(&mut self, group: GroupBuilder) {
        self.add_group(group.finish());
    }
}

impl Parent for GroupBuilder {
    fn dataset(&mut self, name: &str) -> &mut DatasetBuilder {
        self.create_dataset(name)
    }
    fn group(&mut self, name: &str) -> GroupBuilder {
        self.create_group(name)
    }
    fn add(&mut self, group: GroupBuilder) {
        self.add_group(group.finish());
    }
}

fn attr(value: Attr) -> AttrValue {
    match value {
        Attr::Text(text) => AttrValue::VarLenString(text),
        Attr::Texts(texts) => AttrValue::VarLenStringArray(texts),
    }
}

fn fill(dataset: &mut DatasetBuilder, data: Data) {
    match data {
        Data::Text(text) => {
            dataset.with_vlen_strings(&[&text]).with_shape(&[]);
        }
        Data::Texts(texts) => {
            dataset.with_vlen_strings(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        }
        Data::Integers(values) => {
            dataset.with_i64_data(&values);
        }
        Data::Doubles { shape, values } => {
            dataset.with_f64_data(&values).with_shape(&shape);
            compress(dataset, &shape, 8 * values.len());
        }
        Data::Singles { shape, values } => {
            dataset.with_f32_data(&values).with_shape(&shape);
            compress(dataset, &shape, 4 * values.len());
        }
        Data::Bytes { shape, values } => {
            dataset.with_u8_data(&values).with_shape(&shape);
            compress(dataset, &shape, values.len());
        }
    }
}

/// Compresses in chunks of about a megabyte, along the first side.
fn compress(dataset: &mut DatasetBuilder, shape: &[u64], bytes: usize) {
    if bytes < SMALL {
        return;
    }
    let mut chunk = shape.to_vec();
    let row = (bytes as u64 / shape[0]).max(1);
    chunk[0] = ((1 << 20) / row).clamp(1, shape[0]);
    dataset.with_chunks(&chunk).with_shuffle().with_deflate(DEFLATE);
}

/// Writes a file of these members and attributes of the root.
pub(crate) fn create(file: &File, attrs: Vec<(&'static str, Attr)>, members: Vec<Node>) -> std::io::Result<()> {
    guarded(|| {
        let mut builder = FileBuilder::new();
        for (name, value) in attrs {
            builder.set_attr(name, attr(value));
        }
        for member in members {
            member.build(&mut builder);
        }
        builder.finish_to(file)
    })
}

/// Datasets that are added to a group of a file on the disk, so that memory holds a few of them only.
pub(crate) struct Appender {
    file: hdf5_pure::File,
    group: String,
    held: usize,
}

impl Appender {
    pub(crate) fn open(path: &Path, group: &str) -> std::io::Result<Self> {
        let access = FileAccessProperties::new().with_sync_policy(SyncPolicy::OnClose);
        let file = guarded(|| hdf5_pure::File::open_rw_with_options(path, access))?;
        Ok(Self { file, group: group.to_owned(), held: 0 })
    }

    /// Adds a dataset.
    pub(crate) fn add(&mut self, node: Node) -> std::io::Result<()> {
        let Content::Dataset(data) = node.content else { unreachable!("groups are created with the file") };
        if let Data::Bytes { values, .. } = &data {
            self.held += values.len();
        }
        guarded(|| {
            self.file.group(&self.group)?.create_dataset(&node.name, |dataset| {
                fill(dataset, data);
                for (name, value) in node.attrs {
                    dataset.set_attr(name, attr(value));
                }
            })?;
            if self.held >= BATCH {
                self.held = 0;
                self.file.commit()?;
            }
            Ok(())
        })
    }

    pub(crate) fn finish(self) -> std::io::Result<()> {
        guarded(|| {
            self.file.commit()?;
            self.file.close()
        })
    }
}

/// The error of the crate, or its panic, as an error of the file.
fn guarded<T>(work: impl FnOnce() -> Result<T, hdf5_pure::Error>) -> std::io::Result<T> {
    let done = catch_unwind(AssertUnwindSafe(work));
    let done = done.map_err(|_| std::io::Error::other("the HDF5 file cannot be written"))?;
    done.map_err(|error| match error {
        hdf5_pure::Error::Io(error) => error,
        error => std::io::Error::other(error),
    })
}
