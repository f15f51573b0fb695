//! Writing NumPy's archives.

use std::io::{self, BufWriter, Seek, Write};

use bytemuck::NoUninit;
use npyz::{AutoSerialize, DType, NpyWriter, TypeStr, WriteOptions, WriterBuilder};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Writes a `.npz` file, one array after the other; none is held in memory.
///
/// Nothing is compressed, and every entry has the date 1980-01-01, so that equal content makes equal bytes.
pub struct NpzWriter<W: Write + Seek> {
    zip: ZipWriter<Sink<W>>,
}

impl<W: Write + Seek> NpzWriter<W> {
    /// An archive without arrays.
    pub fn new(sink: W) -> Self {
        Self { zip: ZipWriter::new(Sink::new(sink)) }
    }

    /// Adds an array, C-order.
    ///
    /// # Errors
    /// If the sink fails, or there are more or fewer values than `shape` says.
    pub fn array<T: AutoSerialize>(
        &mut self,
        name: &str,
        shape: &[u64],
        values: impl Iterator<Item = T>,
    ) -> io::Result<()> {
        let mut values = Some(values);
        self.filled(name, shape, |put| values.take().into_iter().flatten().try_for_each(put))
    }

    /// Adds an array, C-order, whose values lie side by side in memory. They are written as they lie, not one by one.
    ///
    /// # Errors
    /// If the sink fails, or there are more or fewer values than `shape` says.
    pub fn slice<T: AutoSerialize + NoUninit>(&mut self, name: &str, shape: &[u64], values: &[T]) -> io::Result<()> {
        if shape.iter().product::<u64>() != values.len() as u64 {
            let told = format!("{} values for an array of shape {shape:?}", values.len());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, told));
        }
        let mut buffer = self.begin(name, size_of_val(values) as u64)?;
        // The default type is that of this machine's memory. A header needs no value.
        let header: NpyWriter<T, _> =
            WriteOptions::new().default_dtype().shape(shape).writer(&mut buffer).begin_nd()?;
        drop(header);
        buffer.write_all(bytemuck::cast_slice(values))?;
        buffer.flush()
    }

    /// Adds an array, C-order, whose values `fill` hands over one by one.
    ///
    /// # Errors
    /// If `fill` fails, the sink does, or there are more or fewer values than `shape` says.
    pub fn filled<T: AutoSerialize, E: From<io::Error>>(
        &mut self,
        name: &str,
        shape: &[u64],
        fill: impl FnOnce(&mut dyn FnMut(T) -> io::Result<()>) -> Result<(), E>,
    ) -> Result<(), E> {
        let bytes = shape.iter().product::<u64>() * size_of::<T>() as u64;
        let mut buffer = self.begin(name, bytes)?;
        let mut npy = WriteOptions::new().default_dtype().shape(shape).writer(&mut buffer).begin_nd()?;
        fill(&mut |value| npy.push(&value))?;
        npy.finish()?;
        Ok(buffer.flush()?)
    }

    /// Adds an array of texts, `[n]`.
    ///
    /// # Errors
    /// If the sink fails.
    pub fn texts(&mut self, name: &str, texts: &[String]) -> io::Result<()> {
        let longest = texts.iter().map(|text| text.chars().count()).max().unwrap_or(0).max(1) as u64;
        let mut buffer = self.begin(name, 4 * longest * texts.len() as u64)?;
        let kind: TypeStr = format!("<U{longest}").parse().map_err(io::Error::other)?;
        let mut npy = WriteOptions::new()
            .dtype(DType::new_scalar(kind))
            .shape(&[texts.len() as u64])
            .writer(&mut buffer)
            .begin_nd()?;
        npy.extend(texts.iter().map(String::as_str))?;
        npy.finish()?;
        buffer.flush()
    }

    /// Ends the archive and returns what it was written to.
    ///
    /// # Errors
    /// If the sink fails.
    pub fn finish(self) -> io::Result<W> {
        Ok(self.zip.finish()?.inner)
    }

    fn begin(&mut self, name: &str, bytes: u64) -> io::Result<BufWriter<&mut ZipWriter<Sink<W>>>> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::default())
            .large_file(bytes >= u64::from(u32::MAX) - 4096);
        self.zip.start_file(npyz::npz::file_name_from_array_name(name), options)?;
        Ok(BufWriter::with_capacity(1 << 16, &mut self.zip))
    }
}

/// Passes everything on to `inner` until that fails. From then on it only counts bytes.
///
/// A [`ZipWriter`] that is dropped after an error completes its archive, and prints to standard error if that fails too.
/// The first error is returned, and the file is incomplete in either case.
struct Sink<W> {
    inner: W,
    failed: bool,
    position: u64,
    end: u64,
}

impl<W> Sink<W> {
    fn new(inner: W) -> Self {
        Self { inner, failed: false, position: 0, end: 0 }
    }

    fn attempt<T>(&mut self, counted: T, act: impl FnOnce(&mut W) -> io::Result<T>) -> io::Result<T> {
        if self.failed {
            return Ok(counted);
        }
        let result = act(&mut self.inner);
        self.failed = result.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
        result
    }
}

impl<W: Write> Write for Sink<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.attempt(bytes.len(), |inner| inner.write(bytes))?;
        self.position += written as u64;
        self.end = self.end.max(self.position);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.attempt((), W::flush)
    }
}

impl<W: Seek> Seek for Sink<W> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        let counted = match to {
            io::SeekFrom::Start(position) => position,
            io::SeekFrom::End(offset) => self.end.saturating_add_signed(offset),
            io::SeekFrom::Current(offset) => self.position.saturating_add_signed(offset),
        };
        self.position = self.attempt(counted, |inner| inner.seek(to))?;
        Ok(self.position)
    }
}
