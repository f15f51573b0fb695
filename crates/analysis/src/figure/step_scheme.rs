//! Drawing of one step of SphereCMA: from the mean along a tangent vector, back onto the sphere, and the next mean.

use std::f64::consts::TAU;

use super::panel::HEAD;
use super::svg::{Anchor, Canvas, Rect, Stroke, Symbol, TextStyle};
use crate::style::{CATEGORIES, Color, GRID, INK, MUTED, PAPER};

/// Width of the drawing.
pub(crate) const WIDTH: f64 = 366.0;
const TITLE_SIZE: f64 = 12.0;
const LABEL_SIZE: f64 = 11.5;
const RADIUS: f64 = 122.0;
const SAMPLE: Color = CATEGORIES[0];
const TANGENT: Color = CATEGORIES[1];
const NEXT: Color = CATEGORIES[2];
/// Polar angle of the mean and angle of the step, degrees counter-clockwise from the right.
const MEAN: f64 = 62.0;
const STEP: f64 = 38.0;

/// A point at an angle (degrees) and distance from a centre, y downwards.
fn at(centre: (f64, f64), degrees: f64, radius: f64) -> (f64, f64) {
    let radians = degrees.to_radians();
    (centre.0 + radius * radians.cos(), centre.1 - radius * radians.sin())
}

/// Draws the scheme into `place`.
pub(crate) fn draw(canvas: &mut Canvas, place: Rect) {
    let title = TextStyle::new(TITLE_SIZE, Anchor::Start).bold();
    canvas.text((place.x, place.y + HEAD - 7.0), &title, "A step on the sphere of radius R");
    let centre = (place.x + RADIUS + 14.0, place.y + place.height / 2.0 + 26.0);
    draw_sphere(canvas, centre);
    draw_tangent(canvas, centre);
    draw_sample(canvas, centre);
    draw_next_mean(canvas, centre);
}

fn draw_sphere(canvas: &mut Canvas, centre: (f64, f64)) {
    canvas.circle(centre, RADIUS, GRID.faded(0.4), Some(Stroke::solid(MUTED, 1.2)));
    let equator = |from: f64, to: f64| -> Vec<(f64, f64)> {
        let point = |step: i32| {
            let angle = (from + (to - from) * f64::from(step) / 60.0) * TAU;
            (centre.0 + RADIUS * angle.cos(), centre.1 + 0.27 * RADIUS * angle.sin())
        };
        (0..=60).map(point).collect()
    };
    canvas.polyline(&equator(0.0, 0.5), &Stroke::solid(MUTED, 0.9));
    canvas.polyline(&equator(0.5, 1.0), &Stroke { color: MUTED, width: 0.9, dash: Some("3 3") });
    canvas.circle(centre, 2.4, INK, None);
    canvas.text((centre.0 - 7.0, centre.1 + 14.0), &TextStyle::new(LABEL_SIZE, Anchor::End), "0");
}

/// The mean, and the tangent vector at it.
fn draw_tangent(canvas: &mut Canvas, centre: (f64, f64)) {
    let mean = at(centre, MEAN, RADIUS);
    arrow(canvas, centre, mean, INK, 1.8);
    let length = RADIUS * STEP.to_radians().tan();
    let tip = at(mean, MEAN - 90.0, length);
    let reach = |by: f64| at(mean, MEAN - 90.0, by);
    canvas.line(mean, reach(length + 12.0), &Stroke { color: TANGENT, width: 0.9, dash: Some("3 3") });
    arrow(canvas, mean, tip, TANGENT, 2.2);
    canvas.symbol(mean, Symbol::Circle, 4.4, INK, false);
    label(canvas, (mean.0 - 4.0, mean.1 - 13.0), Anchor::Start, INK, "mean m");
    label(canvas, (tip.0 - 16.0, tip.1 - 33.0), Anchor::Start, TANGENT, "tangent step v");
    label(canvas, (tip.0 - 16.0, tip.1 - 18.0), Anchor::Start, TANGENT, "(v · m = 0)");
}

/// The sample: the tangent step put back to length R, and the angle that it makes with the mean.
fn draw_sample(canvas: &mut Canvas, centre: (f64, f64)) {
    let sample = at(centre, MEAN - STEP, RADIUS);
    let tip = at(at(centre, MEAN, RADIUS), MEAN - 90.0, RADIUS * STEP.to_radians().tan());
    canvas.line(tip, sample, &Stroke { color: SAMPLE, width: 1.2, dash: Some("2 2.5") });
    arrow(canvas, centre, sample, SAMPLE, 1.8);
    arc(canvas, centre, 0.30, (MEAN - STEP, MEAN), Stroke::solid(INK, 1.3));
    arc(canvas, centre, 1.0, (MEAN - STEP, MEAN), Stroke::solid(SAMPLE, 3.0));
    canvas.symbol(sample, Symbol::Circle, 4.4, SAMPLE, false);
    let theta = at(centre, MEAN - STEP / 2.0, 0.21 * RADIUS);
    label(canvas, (theta.0, theta.1 + 4.0), Anchor::Middle, INK, "θ");
    label(canvas, (sample.0 + 17.0, sample.1 + 11.0), Anchor::Start, SAMPLE, "sample");
    label(canvas, (sample.0 + 17.0, sample.1 + 26.0), Anchor::Start, SAMPLE, "cos θ m +");
    label(canvas, (sample.0 + 17.0, sample.1 + 41.0), Anchor::Start, SAMPLE, "R sin θ v/|v|");
}

/// Other samples, and the next mean among the best of them.
fn draw_next_mean(canvas: &mut Canvas, centre: (f64, f64)) {
    for degrees in [MEAN + 24.0, MEAN + 37.0, MEAN + 50.0] {
        canvas.symbol(at(centre, degrees, RADIUS), Symbol::Circle, 3.4, SAMPLE, true);
    }
    let next = at(centre, MEAN + 64.0, RADIUS);
    arc(canvas, centre, 0.86, (MEAN, MEAN + 64.0), Stroke { color: NEXT, width: 1.6, dash: Some("5 3") });
    canvas.symbol(next, Symbol::Diamond, 5.0, NEXT, false);
    let words = at(centre, MEAN + 64.0, 0.62 * RADIUS);
    label(canvas, (words.0 + 6.0, words.1 - 2.0), Anchor::Middle, NEXT, "next mean:");
    label(canvas, (words.0 + 6.0, words.1 + 13.0), Anchor::Middle, NEXT, "towards the best");
}

fn arc(canvas: &mut Canvas, centre: (f64, f64), share: f64, (from, to): (f64, f64), stroke: Stroke) {
    let point = |step: i32| at(centre, from + (to - from) * f64::from(step) / 30.0, share * RADIUS);
    canvas.polyline(&(0..=30).map(point).collect::<Vec<_>>(), &stroke);
}

fn arrow(canvas: &mut Canvas, from: (f64, f64), to: (f64, f64), color: Color, width: f64) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx.hypot(dy).max(1e-9);
    let (ux, uy) = (dx / length, dy / length);
    let back = (to.0 - 10.0 * ux, to.1 - 10.0 * uy);
    canvas.line(from, back, &Stroke::solid(color, width));
    let corners = [to, (back.0 - 4.0 * uy, back.1 + 4.0 * ux), (back.0 + 4.0 * uy, back.1 - 4.0 * ux)];
    canvas.polygon(&corners, color, Some(Stroke::solid(PAPER, 0.4)));
}

fn label(canvas: &mut Canvas, at: (f64, f64), anchor: Anchor, color: Color, words: &str) {
    canvas.text(at, &TextStyle::new(LABEL_SIZE, anchor).color(color), words);
}
