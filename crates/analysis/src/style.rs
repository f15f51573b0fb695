//! Colours, names and type of every figure.
//!
//! An optimizer has one colour in all figures. The methods of this workspace take the palette of Okabe & Ito (2008),
//! nevergrad's twelve the "safe" qualitative palette of CARTO (after P. Tol), both chosen for readers with any common
//! form of colour vision; `random-search` and `ng-random-search` are grey.

use std::fmt;

/// Family of the embedded font, then fallbacks of nearly the same widths for viewers without it.
pub const FONT_FAMILY: &str = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif";

/// Text and axes.
pub const INK: Color = Color(0x22, 0x22, 0x22);
/// Secondary text.
pub const MUTED: Color = Color(0x60, 0x60, 0x60);
/// Grid lines.
pub const GRID: Color = Color(0xE4, 0xE4, 0xE4);
/// Background.
pub const PAPER: Color = Color(0xFF, 0xFF, 0xFF);

/// An sRGB colour: red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Color(pub u8, pub u8, pub u8);

impl fmt::Display for Color {
    /// Writes `#rrggbb`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

impl Color {
    /// The colour mixed with paper: `share` 1 is the colour itself, 0 is paper.
    #[must_use]
    pub fn faded(self, share: f64) -> Self {
        between(PAPER, self, share)
    }

    /// Ink or paper, whichever is easier to read on this colour (luma of ITU-R BT.601).
    #[must_use]
    pub fn readable(self) -> Self {
        let luma = 0.299 * f64::from(self.0) + 0.587 * f64::from(self.1) + 0.114 * f64::from(self.2);
        if luma > 140.0 { INK } else { PAPER }
    }
}

/// Colours of series that are no optimizers (layers, kinds of direction, components): Okabe & Ito (2008) without yellow,
/// which is too light for lines.
pub const CATEGORIES: [Color; 7] = [
    Color(0x00, 0x72, 0xB2),
    Color(0xD5, 0x5E, 0x00),
    Color(0x00, 0x9E, 0x73),
    Color(0xCC, 0x79, 0xA7),
    Color(0x56, 0xB4, 0xE9),
    Color(0xE6, 0x9F, 0x00),
    Color(0x4D, 0x4D, 0x4D),
];

/// Stops of viridis (van der Walt & Smith, 2015) at 0, 1/8 .. 7/8: the yellow end is left out, being too light on paper.
const SEQUENTIAL: [Color; 8] = [
    Color(0x44, 0x01, 0x54),
    Color(0x47, 0x2D, 0x7B),
    Color(0x3B, 0x52, 0x8B),
    Color(0x2C, 0x72, 0x8E),
    Color(0x21, 0x91, 0x8C),
    Color(0x28, 0xAE, 0x80),
    Color(0x5E, 0xC9, 0x62),
    Color(0xAD, 0xDC, 0x30),
];

/// Stops from low over neutral to high: blue, paper, orange, which no common form of colour vision confuses.
const DIVERGING: [Color; 5] = [
    Color(0x1F, 0x5F, 0xA8),
    Color(0x92, 0xBE, 0xE0),
    Color(0xF7, 0xF7, 0xF5),
    Color(0xF2, 0xB2, 0x7A),
    Color(0xB8, 0x4E, 0x08),
];

/// Colour of an ordered quantity from 0 (dark) to 1 (light); beyond, the nearer end; grey where it is NaN.
#[must_use]
pub fn sequential(fraction: f64) -> Color {
    along(&SEQUENTIAL, fraction)
}

/// Colour of a signed quantity: 0 blue, 0.5 neutral, 1 orange; beyond, the nearer end; grey where it is NaN.
#[must_use]
pub fn diverging(fraction: f64) -> Color {
    along(&DIVERGING, fraction)
}

/// Linear interpolation between evenly spaced stops.
fn along(stops: &[Color], fraction: f64) -> Color {
    if fraction.is_nan() {
        return GRID;
    }
    let position = fraction.clamp(0.0, 1.0) * (stops.len() - 1) as f64;
    let index = (position.floor() as usize).min(stops.len() - 2);
    between(stops[index], stops[index + 1], position - index as f64)
}

fn between(from: Color, to: Color, share: f64) -> Color {
    let mix = |from: u8, to: u8| (f64::from(from) * (1.0 - share) + f64::from(to) * share).round() as u8;
    Color(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

/// Name on the command line, label in figures, colour.
const OPTIMIZERS: [(&str, &str, Color); 30] = [
    ("cholesky-cmaes", "CholeskyCMAES", Color(0x00, 0x72, 0xB2)),
    ("sphere-cma", "SphereCMA exp", Color(0xD5, 0x5E, 0x00)),
    ("sphere-cma-inv", "SphereCMA inv", Color(0xE6, 0x9F, 0x00)),
    ("sphere-cma-lin", "SphereCMA lin", Color(0xA8, 0x96, 0x00)),
    ("polar-es", "Polar ES", Color(0xC0, 0x10, 0x3A)),
    ("polar-es-savage", "Polar ES Savage", Color(0x7B, 0x1F, 0xA2)),
    ("cr-fm-nes", "CR-FM-NES", Color(0x1B, 0x7A, 0x8C)),
    ("open-es", "OpenAI ES", Color(0x6E, 0x4B, 0x1F)),
    ("lm-ma-es", "LM-MA-ES", Color(0x4D, 0x6B, 0x12)),
    ("lra-cma", "LRA-CMA-ES", Color(0x2E, 0x3B, 0x4E)),
    ("genetic", "Genetic", Color(0x00, 0x9E, 0x73)),
    ("cma", "CMA", Color(0x56, 0xB4, 0xE9)),
    ("diagonal-cma", "Diagonal CMA", Color(0xCC, 0x79, 0xA7)),
    ("uh-cma", "UH-CMA", Color(0x30, 0x48, 0xC8)),
    ("random-search", "Random search", Color(0x7A, 0x7A, 0x7A)),
    ("ng-ngopt", "ng NGOpt", Color(0x66, 0x11, 0x00)),
    ("ng-de", "ng DE", Color(0x11, 0x77, 0x33)),
    ("ng-two-points-de", "ng TwoPointsDE", Color(0x44, 0xAA, 0x99)),
    ("ng-es", "ng ES", Color(0x99, 0x99, 0x33)),
    ("ng-cma", "ng CMA", Color(0x33, 0x22, 0x88)),
    ("ng-rescaled-cma", "ng RescaledCMA", Color(0x66, 0x99, 0xCC)),
    ("ng-diagonal-cma", "ng DiagonalCMA", Color(0xAA, 0x44, 0x99)),
    ("ng-sqpcma", "ng SQPCMA", Color(0x88, 0xCC, 0xEE)),
    ("ng-pso", "ng PSO", Color(0xDD, 0xCC, 0x77)),
    ("ng-one-plus-one", "ng OnePlusOne", Color(0xCC, 0x66, 0x77)),
    ("ng-tbpsa", "ng TBPSA", Color(0x88, 0x22, 0x55)),
    ("ng-random-search", "ng RandomSearch", Color(0xA6, 0xA6, 0xA6)),
    ("xdream-genetic", "XDream Genetic", Color(0x0B, 0x5D, 0x45)),
    ("xdream-fdgd", "XDream FDGD", Color(0x7A, 0x3A, 0x0A)),
    ("xdream-nes", "XDream NES", Color(0x5A, 0x3F, 0x9E)),
];

/// Colours for names outside the list, picked by a hash of the name.
const FALLBACK: [Color; 6] = [
    Color(0x4D, 0x4D, 0x4D),
    Color(0x3B, 0x4C, 0xC0),
    Color(0xB4, 0x04, 0x26),
    Color(0x6B, 0x8E, 0x23),
    Color(0x8B, 0x45, 0x8B),
    Color(0x2F, 0x6F, 0x6F),
];

/// Names of all optimizers with a colour of their own.
pub fn optimizer_names() -> impl Iterator<Item = &'static str> {
    OPTIMIZERS.iter().map(|(name, _, _)| *name)
}

/// Colour of an optimizer, by its name on the command line. An unknown name always gets the same one of six colours.
#[must_use]
pub fn optimizer_color(name: &str) -> Color {
    match OPTIMIZERS.iter().find(|(known, _, _)| *known == name) {
        Some((_, _, color)) => *color,
        None => FALLBACK[(fnv1a(name) % FALLBACK.len() as u64) as usize],
    }
}

/// Label of an optimizer in figures; an unknown name is its own label.
#[must_use]
pub fn optimizer_label(name: &str) -> &str {
    OPTIMIZERS.iter().find(|(known, _, _)| *known == name).map_or(name, |(_, label, _)| label)
}

/// 64-bit FNV-1a (Fowler, Noll & Vo): stable over platforms and releases.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CIE L*a*b* under D65 (CIE 15:2004).
    fn lab(color: Color) -> [f64; 3] {
        let linear = |byte: u8| {
            let value = f64::from(byte) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let (r, g, b) = (linear(color.0), linear(color.1), linear(color.2));
        let x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047;
        let y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        let z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883;
        let f = |t: f64| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
        [116.0 * f(y) - 16.0, 500.0 * (f(x) - f(y)), 200.0 * (f(y) - f(z))]
    }

    #[test]
    fn colours_can_be_told_apart() {
        for (index, (name, _, color)) in OPTIMIZERS.iter().enumerate() {
            for (other_name, _, other) in &OPTIMIZERS[index + 1..] {
                let (a, b) = (lab(*color), lab(*other));
                let distance = (0..3).map(|axis| (a[axis] - b[axis]).powi(2)).sum::<f64>().sqrt();
                assert!(distance > 11.0, "{name} and {other_name} are {distance:.1} apart");
            }
        }
    }

    #[test]
    fn maps_run_from_end_to_end() {
        assert_eq!((sequential(-1.0), sequential(1.0)), (SEQUENTIAL[0], SEQUENTIAL[7]));
        assert_eq!((diverging(0.0), diverging(0.5), diverging(9.0)), (DIVERGING[0], DIVERGING[2], DIVERGING[4]));
        assert_eq!(sequential(f64::NAN), GRID);
        assert_eq!((INK.faded(0.0), INK.faded(1.0)), (PAPER, INK));
        assert_eq!((PAPER.readable(), INK.readable()), (INK, PAPER));
        // Lightness rises along the sequential map, so that it can be read without colour.
        let lightness: Vec<f64> = (0..=20).map(|step| lab(sequential(f64::from(step) / 20.0))[0]).collect();
        assert!(lightness.windows(2).all(|pair| pair[1] > pair[0]), "{lightness:?}");
    }

    #[test]
    fn categories_can_be_told_apart() {
        for (index, color) in CATEGORIES.iter().enumerate() {
            for other in &CATEGORIES[index + 1..] {
                let (a, b) = (lab(*color), lab(*other));
                assert!((0..3).map(|axis| (a[axis] - b[axis]).powi(2)).sum::<f64>().sqrt() > 20.0, "{color} {other}");
            }
        }
    }

    #[test]
    fn unknown_names_keep_their_colour_and_name() {
        assert_eq!(optimizer_label("my-method"), "my-method");
        assert_eq!(optimizer_color("my-method"), optimizer_color("my-method"));
        assert_eq!(fnv1a("a"), 0xaf63_dc4c_8601_ec8c);
    }
}
