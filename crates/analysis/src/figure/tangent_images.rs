//! One tangent vector added to a code at several norms: the images beside those of the code alone.
//!
//! The published demonstration (Wang & Ponce, 2022, figure 5) in pictures: at a small norm the vector makes another
//! image, at a large one hardly a difference, unless it grows with the norm. The codes are those of [`crate::tangent`].

use super::error::{FigureError, check_any, check_length};
use super::tiles::{Framed, TileRow, Tiles};
use crate::picture::Picture;
use crate::style::{CATEGORIES, Color, INK};
use crate::tangent::Step;

const FIGURE: &str = "tangent_images";
const KEY: &str = "Below an image: its perceptual distance from the image of the code alone at that norm";

/// Images of the code moved one way, a column a norm.
#[derive(Debug, Clone, PartialEq)]
pub struct MovedImages {
    /// How the vector is applied.
    pub step: Step,
    /// Whether it is added, else subtracted.
    pub forward: bool,
    /// One image a norm.
    pub images: Vec<Picture>,
    /// Distance of each from the image of the code alone, in the features of a network.
    pub distances: Vec<f64>,
}

/// Images along one tangent vector at several norms.
#[derive(Debug, Clone, PartialEq)]
pub struct TangentImages {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// Norms of the code, one a column.
    pub norms: Vec<f64>,
    /// Image of the code alone at every norm.
    pub code: Vec<Picture>,
    /// Images of the moved code.
    pub moved: Vec<MovedImages>,
    /// Side of a tile in CSS pixels, at least 16.
    pub tile: f64,
}

impl TangentImages {
    /// Draws the figure: the code alone in the first row, then a row a way of moving it, with distances below the images.
    ///
    /// # Errors
    /// [`FigureError::Empty`] without a norm, [`FigureError::Length`] where a row has not one image and distance a norm,
    /// [`FigureError::Picture`] where a picture cannot be encoded as PNG.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        check_any(FIGURE, "norm", self.norms.iter().copied())?;
        let columns = self.norms.len();
        check_length(FIGURE, "images of the code", columns, self.code.len())?;
        for moved in &self.moved {
            check_length(FIGURE, "images of a row", columns, moved.images.len())?;
            check_length(FIGURE, "distances of a row", columns, moved.distances.len())?;
        }
        let headings: Vec<String> = self.norms.iter().map(|norm| format!("norm {norm:.0}")).collect();
        let labels: Vec<String> = self.moved.iter().map(label).collect();
        let alone = self.code.iter().map(|image| Some(Framed { image, color: INK, below: String::new() })).collect();
        let mut rows = vec![TileRow { label: "code z alone", tiles: alone }];
        rows.extend(self.moved.iter().zip(&labels).map(|(moved, label)| TileRow { label, tiles: tiles(moved) }));
        let headings = headings.iter().map(String::as_str).collect();
        Ok(Tiles { title: &self.title, headings, rows, key: KEY, smooth: true, tile: self.tile }.to_svg()?)
    }
}

fn label(moved: &MovedImages) -> String {
    let sign = if moved.forward { '+' } else { '−' };
    match moved.step {
        Step::Euclidean => format!("z {sign} v, same length"),
        Step::Angular => format!("z {sign} v, same angle"),
    }
}

fn tiles(moved: &MovedImages) -> Vec<Option<Framed<'_>>> {
    let tile = |(image, distance): (_, &f64)| Framed { image, color: color(moved.step), below: below(*distance) };
    moved.images.iter().zip(&moved.distances).map(tile).map(Some).collect()
}

fn below(distance: f64) -> String {
    if distance.is_finite() { format!("{distance:.2}") } else { "–".to_owned() }
}

fn color(step: Step) -> Color {
    match step {
        Step::Euclidean => CATEGORIES[1],
        Step::Angular => CATEGORIES[0],
    }
}
