//! Names of image files, by the dialect of the rig.

use serde::{Deserialize, Serialize};

use paradigm::ImageKind;

use crate::block::{Presented, Role};

/// Whose folder protocol the session speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// XDream (Xiao and Kreiman): `block%03d_%03d_<id>.png`, blocks from 000.
    #[default]
    Xdream,
    /// The Ponce lab's rigs: `block%03d_thread%03d_gen_gen%03d_%06d.bmp`, blocks from 001.
    Poncelab,
}

/// How a name in a score file is matched with an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matching {
    /// It must be the name of a file of the block.
    Strict,
    /// Else extension and `block###_###_` are cut off, and the rest is taken as the image's id.
    #[default]
    Loose,
}

impl Dialect {
    /// Number of the first block.
    #[must_use]
    pub fn first_block(self) -> u32 {
        match self {
            Self::Xdream => 0,
            Self::Poncelab => 1,
        }
    }

    /// Kind of its image files.
    #[must_use]
    pub fn kind(self) -> ImageKind {
        match self {
            Self::Xdream => ImageKind::Png,
            Self::Poncelab => ImageKind::Bmp,
        }
    }

    /// Id of an image: unique in the session.
    #[must_use]
    pub fn id(self, thread: usize, generation: u32, column: usize, number: u64) -> String {
        match self {
            Self::Xdream => format!("t{thread:02}-gen{generation:03}-{column:03}"),
            Self::Poncelab => format!("gen{generation:03}_{number:06}"),
        }
    }

    /// Name of the file of a presentation. `position` is that in the block, from 0.
    #[must_use]
    pub fn file_name(self, block: u32, position: usize, image: &Presented) -> String {
        let (id, extension) = (&image.id, self.kind().extension());
        match (self, image.role) {
            (Self::Xdream, _) => format!("block{block:03}_{position:03}_{id}.{extension}"),
            (Self::Poncelab, Role::Evolved) => {
                format!("block{block:03}_thread{:03}_gen_{id}.{extension}", image.thread.unwrap_or(0))
            }
            (Self::Poncelab, Role::Reference) => {
                format!("{id}_thread{:03}_nat.{extension}", image.thread.unwrap_or(0))
            }
        }
    }
}

/// What follows the last slash or backslash of a path of any system.
#[must_use]
pub fn last_part(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// A name without the extension of an image.
#[must_use]
pub fn stem(name: &str) -> &str {
    const KNOWN: [&str; 6] = ["png", "bmp", "jpg", "jpeg", "tif", "tiff"];
    match name.rsplit_once('.') {
        Some((stem, extension)) if KNOWN.iter().any(|known| extension.eq_ignore_ascii_case(known)) => stem,
        _ => name,
    }
}

/// The id of an image by the name of its file: without folder, extension and `block###_###_`.
#[must_use]
pub fn image_id(name: &str) -> &str {
    without_block(stem(last_part(name)))
}

/// A stem without `block###_###_`: the id by which loose matching goes.
pub(crate) fn without_block(stem: &str) -> &str {
    let digits = |text: &str| text.len() >= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    let cut = || {
        let (block, rest) = stem.strip_prefix("block")?.split_once('_')?;
        let (position, id) = rest.split_once('_')?;
        (digits(block) && digits(position)).then_some(id)
    };
    cut().unwrap_or(stem)
}

/// A text as part of a file name: other characters than letters, digits, `-`, `_`, `.`, blanks and brackets become `_`.
#[must_use]
pub fn plain(text: &str) -> String {
    let fits = |c: char| c.is_alphanumeric() || "-_. ()[]".contains(c);
    let name: String = text.chars().map(|c| if fits(c) { c } else { '_' }).take(120).collect();
    if name.starts_with('.') { format!("_{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_both_dialects_are_those_of_the_rigs() {
        let image =
            |role, id: &str| Presented { id: id.into(), thread: Some(1), role, generation: Some(2), column: Some(3) };
        let evolved = image(Role::Evolved, "gen002_000143");
        assert_eq!(Dialect::Poncelab.file_name(3, 9, &evolved), "block003_thread001_gen_gen002_000143.bmp");
        assert_eq!(Dialect::Xdream.file_name(3, 9, &evolved), "block003_009_gen002_000143.png");
        let reference = image(Role::Reference, "01_face");
        assert_eq!(Dialect::Poncelab.file_name(3, 9, &reference), "01_face_thread001_nat.bmp");
    }

    #[test]
    fn names_are_cut_down_to_ids() {
        assert_eq!(last_part(r"N:\stimuli\block003_009_x.png"), "block003_009_x.png");
        assert_eq!(stem("a.b.PNG"), "a.b");
        assert_eq!(stem("09_tex.jpg_field"), "09_tex.jpg_field");
        assert_eq!(without_block("block003_009_x_1"), "x_1");
        assert_eq!(without_block("block119_gen_face"), "block119_gen_face");
        assert_eq!(image_id(r"N:\stimuli\block003_009_x.png"), "x");
        assert_eq!(plain("../a/b"), "_.._a_b");
    }
}
