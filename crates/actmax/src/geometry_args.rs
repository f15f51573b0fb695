//! `--canvas`, `--size`, `--at`, `--gray`, `--resize`: the image as a patch on gray.

use clap::Args;
use gen_models::GeneratorModel;
use networks::GeometryKeys;
use paradigm::{Geometry, Resampling};

use crate::CommandError;

/// Where the image lies on a gray canvas.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Image on a canvas")]
pub struct GeometryArgs {
    /// Side of a square gray canvas that the image lies on [default, where there is a CNN and one of these is given: side of
    /// its input].
    #[arg(long, value_name = "PX")]
    pub canvas: Option<u32>,
    /// Side of the image on the canvas [default: as it is].
    #[arg(long, value_name = "PX")]
    pub size: Option<u32>,
    /// Centre of the image on the canvas, from its upper left corner [default: the middle].
    #[arg(long, value_name = "X,Y", value_parser = point, allow_hyphen_values = true)]
    pub at: Option<[i32; 2]>,
    /// Gray around the image, 0 to 255 [default: 128].
    #[arg(long, value_name = "V")]
    pub gray: Option<u8>,
    /// How the image gets its size: bilinear, nearest or area [default: bilinear].
    #[arg(long, value_name = "RULE")]
    pub resize: Option<Resampling>,
}

impl GeometryArgs {
    /// The geometry for images of `native` pixels before a CNN with an input of `input`; none if none was asked for.
    pub(crate) fn resolve(
        &self,
        native: [usize; 2],
        input: Option<[usize; 2]>,
    ) -> Result<Option<Geometry>, CommandError> {
        let Self { canvas, size, at, gray, resize } = *self;
        Ok(GeometryKeys { canvas, size, at, gray, resize }.resolve(native, input)?)
    }
}

/// The generator, or the one whose images lie on the canvas.
pub(crate) fn shown(generator: &GeneratorModel, geometry: Option<Geometry>) -> Result<GeneratorModel, CommandError> {
    Ok(match geometry {
        Some(geometry) => generator.on_canvas(&geometry)?,
        None => generator.clone(),
    })
}

fn point(text: &str) -> Result<[i32; 2], &'static str> {
    let both = text.split_once(',').map(|(x, y)| (x.trim().parse(), y.trim().parse()));
    match both {
        Some((Ok(x), Ok(y))) => Ok([x, y]),
        _ => Err("write X,Y in pixels, for example 113,80"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_two_numbers() {
        assert_eq!((point("113,80"), point("-5, 7")), (Ok([113, 80]), Ok([-5, 7])));
        for text in ["113", "1,2,3", "a,b", ""] {
            assert!(point(text).is_err(), "{text}");
        }
    }
}
