//! What a file is that is no ONNX model: formats that are mistaken for one, told by how they begin.

use std::io::Cursor;

use zip::ZipArchive;

/// A format, and the way from there to an ONNX model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Format {
    /// What the file is, with its article.
    pub(super) what: &'static str,
    /// What to do.
    pub(super) remedy: &'static str,
}

const CHECKPOINT: &str = "`actmax models fetch NAME --from FILE` converts the checkpoints of published networks \
                          (`actmax models fetch --list`), torch.onnx.export writes any other network as ONNX";
const KERAS: &str = "tf2onnx (`python -m tf2onnx.convert`) writes it as ONNX";
const EXPORT: &str = "give the ONNX file that it was made from, or export it again";
const PICTURE: Format = Format { what: "a picture", remedy: "give the ONNX file of a network" };
const TEXT: Format =
    Format { what: "text", remedy: "give the ONNX file of a network; what was downloaded may be an error message" };

/// Formats by their first bytes.
const BEGINNINGS: &[(&[u8], Format)] = &[
    (b"\x89PNG", PICTURE),
    (b"\xff\xd8\xff", PICTURE),
    (b"GIF8", PICTURE),
    (b"\x80\x02", Format { what: "a pickle, as PyTorch's older checkpoints are", remedy: CHECKPOINT }),
    (b"\x80\x03", Format { what: "a Python pickle", remedy: CHECKPOINT }),
    (b"\x80\x04", Format { what: "a Python pickle", remedy: CHECKPOINT }),
    (b"\x80\x05", Format { what: "a Python pickle", remedy: CHECKPOINT }),
    (b"\x89HDF", Format { what: "an HDF5 file, as Keras writes them", remedy: KERAS }),
    (b"\x93NUMPY", Format { what: "a NumPy array", remedy: "give the ONNX file of a network" }),
    (b"GGUF", Format { what: "a GGUF file of weights", remedy: EXPORT }),
    (b"\x1f\x8b", Format { what: "compressed by gzip", remedy: "unpack it first, with gunzip or tar" }),
    (b"7z\xbc\xaf", Format { what: "a 7z archive", remedy: "unpack it first" }),
    (
        b"version https://git-lfs",
        Format { what: "a pointer of Git LFS", remedy: "`git lfs pull` fetches the file itself" },
    ),
    (b"ir_version:", Format { what: "one written as text", remedy: "onnx.load and onnx.save make it binary" }),
    (b"<!DOCTYPE", Format { what: "a web page", remedy: "download the file that the page is about" }),
    (b"<html", Format { what: "a web page", remedy: "download the file that the page is about" }),
];

/// Formats by what bytes 4 to 8 are.
const IDENTIFIERS: &[(&[u8], Format)] = &[
    (
        b"TFL3",
        Format { what: "a TensorFlow Lite model", remedy: "`python -m tf2onnx.convert --tflite` writes it as ONNX" },
    ),
    (b"ORTM", Format { what: "a model in ONNX Runtime's own format", remedy: EXPORT }),
];

/// The format of a file that could not be read as an ONNX model, if it is known.
pub(super) fn format_of(bytes: &[u8]) -> Option<Format> {
    if bytes.is_empty() {
        return Some(Format { what: "empty", remedy: "copy or export it again" });
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Some(archive(bytes));
    }
    let begins = BEGINNINGS.iter().find(|(start, _)| bytes.starts_with(start));
    let identified = || IDENTIFIERS.iter().find(|(identifier, _)| bytes.get(4..8) == Some(identifier));
    let known = begins.or_else(identified).map(|&(_, format)| format);
    known.or_else(|| safetensors(bytes)).or_else(|| is_text(bytes).then_some(TEXT))
}

/// What kind of zip archive.
fn archive(bytes: &[u8]) -> Format {
    let names: Vec<String> = ZipArchive::new(Cursor::new(bytes))
        .map(|archive| archive.file_names().map(str::to_owned).collect())
        .unwrap_or_default();
    let holds = |end: &str| names.iter().any(|name| name.ends_with(end));
    match () {
        () if holds("constants.pkl") => Format {
            what: "a TorchScript program",
            remedy: "torch.onnx.export writes the network that it was made from as ONNX",
        },
        () if holds("data.pkl") => Format { what: "a PyTorch checkpoint", remedy: CHECKPOINT },
        () if holds("model.weights.h5") => Format { what: "a Keras model", remedy: KERAS },
        () if holds(".npy") => Format { what: "a NumPy archive", remedy: "give the ONNX file of a network" },
        () => Format { what: "a zip archive", remedy: "unpack it first" },
    }
}

/// Eight bytes for the length of a header in JSON, and that header.
fn safetensors(bytes: &[u8]) -> Option<Format> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    let fits = u64::from_le_bytes(*length) <= rest.len() as u64;
    (fits && rest.starts_with(b"{\"")).then_some(Format {
        what: "a safetensors file, which holds weights without a network",
        remedy: "load them into the network and write that with torch.onnx.export",
    })
}

/// Whether it begins with a line of letters.
fn is_text(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(256)];
    let whole = match std::str::from_utf8(start) {
        Ok(text) => text,
        // The last letter may be cut in two.
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&start[..error.valid_up_to()]).unwrap_or(""),
        Err(_) => return false,
    };
    !whole.is_empty() && !whole.contains(|c: char| c.is_control() && !c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn zip(names: &[&str]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for name in names {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(b"content").unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn what(bytes: &[u8]) -> &'static str {
        format_of(bytes).map_or("unknown", |format| format.what)
    }

    #[test]
    fn formats_are_told_by_how_files_begin() {
        let mut safetensors = 20_u64.to_le_bytes().to_vec();
        safetensors.extend(b"{\"weight\":{\"a\":1234}}");
        for (bytes, expected) in [
            (&b""[..], "empty"),
            (b"\x89PNG\r\n\x1a\n", "a picture"),
            (b"\x80\x02\x8a\x0al\xfc", "a pickle, as PyTorch's older checkpoints are"),
            (b"\x1c\0\0\0TFL3\x14", "a TensorFlow Lite model"),
            (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS"),
            (b"404: Not Found", "text"),
            ("Größe\n".as_bytes(), "text"),
            (&safetensors, "a safetensors file, which holds weights without a network"),
            (&zip(&["archive/data.pkl", "archive/data/0"]), "a PyTorch checkpoint"),
            (&zip(&["net/code/x.py", "net/constants.pkl", "net/data.pkl"]), "a TorchScript program"),
            (&zip(&["config.json", "model.weights.h5"]), "a Keras model"),
            (&zip(&["net.onnx"]), "a zip archive"),
            (b"PK\x03\x04 cut off", "a zip archive"),
            (b"\x08\x08\x12\x07pytorch:\x01\x02", "unknown"),
            (&[0; 64], "unknown"),
        ] {
            assert_eq!(what(bytes), expected, "{bytes:?}");
        }
    }
}
