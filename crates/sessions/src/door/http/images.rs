//! The block that is out, and its images.

use std::io::{Cursor, Write};

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::answer::{Refusal, json_of};
use crate::block::{Block, BlockImage, Role};

/// A block as clients see it.
#[derive(Serialize)]
struct BlockJson<'a> {
    block: u32,
    order: &'a [usize],
    images: Vec<ImageJson<'a>>,
}

#[derive(Serialize)]
struct ImageJson<'a> {
    name: &'a str,
    id: &'a str,
    thread: Option<usize>,
    role: Role,
    shows: u32,
    sha256: String,
}

/// The block as JSON: names in an order of presentation.
pub(super) fn block_json(block: &Block) -> Response {
    let images = block
        .images
        .iter()
        .map(|image| ImageJson {
            name: image.name(),
            id: &image.image.id,
            thread: image.image.thread,
            role: image.image.role,
            shows: image.shows,
            sha256: image.sha256(),
        })
        .collect();
    json_of(&BlockJson { block: block.number, order: &block.order, images })
}

/// All images of the block as a ZIP archive, each under its name. They are compressed already.
pub(super) fn archive(block: &Block) -> Response {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut add = |image: &BlockImage| -> zip::result::ZipResult<()> {
        zip.start_file(image.name(), options)?;
        Ok(zip.write_all(&image.file)?)
    };
    let added = block.images.iter().try_for_each(|image| add(image).map_err(|error| error.to_string()));
    match added.and_then(|()| zip.finish().map_err(|error| error.to_string())) {
        Ok(bytes) => file("application/zip", bytes.into_inner()),
        Err(error) => Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error).into_response(),
    }
}

/// An image of the block by one of its names. No name touches the disk.
pub(super) fn image(block: &Block, name: &str) -> Response {
    let Some(image) = block.images.iter().find(|image| image.names.iter().any(|own| own == name)) else {
        let why = format!("block {} has no image '{name}'", block.number);
        return Refusal::new(StatusCode::NOT_FOUND, why).with_block(Some(block.number)).into_response();
    };
    let kind = if name.ends_with(".bmp") { "image/bmp" } else { "image/png" };
    file(kind, image.file.to_vec())
}

fn file(kind: &'static str, bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], bytes).into_response()
}
