//! SVG to PDF: one page of vector graphics, for print and for programs that edit figures.
//!
//! It knows what the figures of this crate consist of: filled and stroked paths in plain colours, bitmaps, and clipping.
//! Text becomes paths in the embedded font, as in [`png`](crate::png), so that a page looks the same everywhere.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{LineCapStyle, LineJoinStyle};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref};
use resvg::tiny_skia::{Path, PathSegment, Pixmap, Point, Transform};
use resvg::usvg::{self, FillRule, Group, ImageKind, LineCap, LineJoin, Node, Options, Paint, PaintOrder, Tree};

use crate::error::RenderError;
use crate::figure::outlined;

/// Points of a page in a CSS pixel.
const POINTS: f32 = 0.75;

/// Draws `svg` on a page of its own size, at 96 of its units an inch. Equal documents give equal bytes.
///
/// # Errors
/// Text that is not SVG, or something that no figure of this crate has: gradients, masks, filters, transparent groups, and
/// bitmaps other than opaque PNG.
pub fn render(svg: &str) -> Result<Vec<u8>, RenderError> {
    let tree = Tree::from_str(&outlined(svg), &Options::default())?;
    let (width, height) = (tree.size().width() * POINTS, tree.size().height() * POINTS);
    let mut page = Page { content: Content::new(), opacities: Vec::new(), bitmaps: Vec::new() };
    page.content.transform([POINTS, 0.0, 0.0, -POINTS, 0.0, height]);
    page.group(tree.root())?;
    Ok(page.finish(width, height))
}

/// A page under construction.
struct Page {
    content: Content,
    /// Opacities of filling and stroking that are used.
    opacities: Vec<[f32; 2]>,
    bitmaps: Vec<Bitmap>,
}

/// RGB of 8 bits, compressed.
struct Bitmap {
    size: [u32; 2],
    smooth: bool,
    pixels: Vec<u8>,
}

impl Page {
    fn group(&mut self, group: &Group) -> Result<(), RenderError> {
        let plain = group.opacity().get() >= 1.0 && group.mask().is_none() && group.filters().is_empty();
        if !plain {
            return Err(unsupported("a group with opacity, mask or filter"));
        }
        self.content.save_state();
        self.transform(group.transform());
        if let Some(clip) = group.clip_path() {
            self.clip(clip)?;
        }
        for node in group.children() {
            match node {
                Node::Group(group) => self.group(group)?,
                Node::Path(path) if path.is_visible() => self.path(path)?,
                Node::Image(image) if image.is_visible() => self.image(image)?,
                Node::Path(_) | Node::Image(_) => {}
                Node::Text(_) => return Err(unsupported("text that is not outlined")),
            }
        }
        self.content.restore_state();
        Ok(())
    }

    fn transform(&mut self, transform: Transform) {
        if !transform.is_identity() {
            let Transform { sx, ky, kx, sy, tx, ty } = transform;
            self.content.transform([sx, ky, kx, sy, tx, ty]);
        }
    }

    /// Cuts off what lies outside all paths of a clip together.
    fn clip(&mut self, clip: &usvg::ClipPath) -> Result<(), RenderError> {
        if let Some(other) = clip.clip_path() {
            self.clip(other)?;
        }
        let mut any = false;
        self.clip_group(clip.root(), clip.transform(), &mut any)?;
        if !any {
            // A clip without a path leaves nothing.
            self.content.rect(0.0, 0.0, 0.0, 0.0);
        }
        self.content.clip_nonzero().end_path();
        Ok(())
    }

    fn clip_group(&mut self, group: &Group, transform: Transform, any: &mut bool) -> Result<(), RenderError> {
        let transform = transform.pre_concat(group.transform());
        for node in group.children() {
            match node {
                Node::Group(group) => self.clip_group(group, transform, any)?,
                Node::Path(path) => {
                    if let Some(path) = path.data().clone().transform(transform) {
                        self.outline(&path);
                        *any = true;
                    }
                }
                Node::Image(_) | Node::Text(_) => return Err(unsupported("a clip that is no path")),
            }
        }
        Ok(())
    }

    fn path(&mut self, path: &usvg::Path) -> Result<(), RenderError> {
        let (fill, stroke) = (path.fill(), path.stroke());
        if fill.is_some() && stroke.is_some() && path.paint_order() != PaintOrder::FillAndStroke {
            return Err(unsupported("a stroke below its filling"));
        }
        self.content.save_state();
        let opacity = |opacity: Option<usvg::Opacity>| opacity.map_or(1.0, usvg::Opacity::get);
        self.opacity([opacity(fill.map(usvg::Fill::opacity)), opacity(stroke.map(usvg::Stroke::opacity))]);
        if let Some(fill) = fill {
            let [red, green, blue] = rgb(fill.paint())?;
            self.content.set_fill_rgb(red, green, blue);
        }
        if let Some(stroke) = stroke {
            self.pen(stroke)?;
        }
        self.outline(path.data());
        match (fill.map(usvg::Fill::rule), stroke) {
            (Some(FillRule::NonZero), None) => self.content.fill_nonzero(),
            (Some(FillRule::EvenOdd), None) => self.content.fill_even_odd(),
            (Some(FillRule::NonZero), Some(_)) => self.content.fill_nonzero_and_stroke(),
            (Some(FillRule::EvenOdd), Some(_)) => self.content.fill_even_odd_and_stroke(),
            (None, Some(_)) => self.content.stroke(),
            (None, None) => self.content.end_path(),
        };
        self.content.restore_state();
        Ok(())
    }

    fn pen(&mut self, stroke: &usvg::Stroke) -> Result<(), RenderError> {
        let [red, green, blue] = rgb(stroke.paint())?;
        self.content.set_stroke_rgb(red, green, blue).set_line_width(stroke.width().get());
        self.content.set_line_cap(match stroke.linecap() {
            LineCap::Butt => LineCapStyle::ButtCap,
            LineCap::Round => LineCapStyle::RoundCap,
            LineCap::Square => LineCapStyle::ProjectingSquareCap,
        });
        self.content.set_line_join(match stroke.linejoin() {
            LineJoin::Miter | LineJoin::MiterClip => LineJoinStyle::MiterJoin,
            LineJoin::Round => LineJoinStyle::RoundJoin,
            LineJoin::Bevel => LineJoinStyle::BevelJoin,
        });
        self.content.set_miter_limit(stroke.miterlimit().get());
        if let Some(dashes) = stroke.dasharray() {
            self.content.set_dash_pattern(dashes.iter().copied(), stroke.dashoffset());
        }
        Ok(())
    }

    fn opacity(&mut self, wanted: [f32; 2]) {
        if wanted == [1.0; 2] {
            return;
        }
        let known = self.opacities.iter().position(|known| *known == wanted);
        let index = known.unwrap_or_else(|| {
            self.opacities.push(wanted);
            self.opacities.len() - 1
        });
        self.content.set_parameters(Name(opacity_name(index).as_bytes()));
    }

    fn outline(&mut self, path: &Path) {
        let mut last = Point::zero();
        for segment in path.segments() {
            match segment {
                PathSegment::MoveTo(to) => {
                    self.content.move_to(to.x, to.y);
                    last = to;
                }
                PathSegment::LineTo(to) => {
                    self.content.line_to(to.x, to.y);
                    last = to;
                }
                PathSegment::QuadTo(control, to) => {
                    // A quadratic curve is the cubic one whose controls lie at two thirds of the way to its own.
                    let towards = |from: Point| {
                        let at = |from: f32, control: f32| from + 2.0 / 3.0 * (control - from);
                        (at(from.x, control.x), at(from.y, control.y))
                    };
                    let ((x1, y1), (x2, y2)) = (towards(last), towards(to));
                    self.content.cubic_to(x1, y1, x2, y2, to.x, to.y);
                    last = to;
                }
                PathSegment::CubicTo(first, second, to) => {
                    self.content.cubic_to(first.x, first.y, second.x, second.y, to.x, to.y);
                    last = to;
                }
                PathSegment::Close => {
                    self.content.close_path();
                }
            }
        }
    }

    fn image(&mut self, image: &usvg::Image) -> Result<(), RenderError> {
        let ImageKind::PNG(bytes) = image.kind() else { return Err(unsupported("a bitmap that is no PNG")) };
        let pixmap = Pixmap::decode_png(bytes).map_err(|error| RenderError::Encode(Box::new(error)))?;
        if pixmap.pixels().iter().any(|pixel| pixel.alpha() < u8::MAX) {
            return Err(unsupported("a transparent bitmap"));
        }
        let rgb: Vec<u8> =
            pixmap.pixels().iter().flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]).collect();
        let (width, height) = (image.size().width(), image.size().height());
        self.content.save_state();
        // An image of a page fills the unit square, its last row at the bottom.
        self.content.transform([width, 0.0, 0.0, -height, 0.0, height]);
        self.content.x_object(Name(bitmap_name(self.bitmaps.len()).as_bytes()));
        self.content.restore_state();
        let smooth = !matches!(
            image.rendering_mode(),
            usvg::ImageRendering::OptimizeSpeed | usvg::ImageRendering::Pixelated | usvg::ImageRendering::CrispEdges
        );
        let size = [pixmap.width(), pixmap.height()];
        self.bitmaps.push(Bitmap { size, smooth, pixels: compressed(&rgb) });
        Ok(())
    }

    fn finish(self, width: f32, height: f32) -> Vec<u8> {
        let mut pdf = Pdf::new();
        let mut next = 0;
        let mut id = || {
            next += 1;
            Ref::new(next)
        };
        let (catalog, pages, page, content) = (id(), id(), id(), id());
        let opacities: Vec<_> = self.opacities.iter().map(|opacity| (id(), opacity)).collect();
        let bitmaps: Vec<_> = self.bitmaps.iter().map(|bitmap| (id(), bitmap)).collect();
        pdf.catalog(catalog).pages(pages);
        pdf.pages(pages).kids([page]).count(1);
        let mut writer = pdf.page(page);
        writer.parent(pages).media_box(Rect::new(0.0, 0.0, width, height)).contents(content);
        let mut resources = writer.resources();
        let mut names = resources.ext_g_states();
        for (index, (id, _)) in opacities.iter().enumerate() {
            names.pair(Name(opacity_name(index).as_bytes()), *id);
        }
        names.finish();
        let mut names = resources.x_objects();
        for (index, (id, _)) in bitmaps.iter().enumerate() {
            names.pair(Name(bitmap_name(index).as_bytes()), *id);
        }
        names.finish();
        resources.finish();
        writer.finish();
        for (id, [fill, stroke]) in opacities {
            pdf.ext_graphics(id).non_stroking_alpha(*fill).stroking_alpha(*stroke);
        }
        for (id, Bitmap { size: [width, height], smooth, pixels }) in bitmaps {
            let mut image = pdf.image_xobject(id, pixels);
            image.filter(Filter::FlateDecode);
            image.width(width.cast_signed()).height(height.cast_signed()).bits_per_component(8).interpolate(*smooth);
            image.color_space().device_rgb();
        }
        pdf.stream(content, &compressed(&self.content.finish())).filter(Filter::FlateDecode);
        pdf.finish()
    }
}

fn opacity_name(index: usize) -> String {
    format!("G{index}")
}

fn bitmap_name(index: usize) -> String {
    format!("I{index}")
}

fn rgb(paint: &Paint) -> Result<[f32; 3], RenderError> {
    match paint {
        Paint::Color(color) => Ok([color.red, color.green, color.blue].map(|part| f32::from(part) / 255.0)),
        _ => Err(unsupported("a gradient or pattern")),
    }
}

fn unsupported(what: &'static str) -> RenderError {
    RenderError::Unsupported { what }
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::ZlibDecoder;

    use super::*;
    use crate::picture::Picture;

    fn svg(body: &str) -> String {
        format!(r#"<svg xmlns="http://www.w3.org/2000/svg" width="100" height="20">{body}</svg>"#)
    }

    /// The document as text, and its decompressed streams; the last is the page's content.
    fn parts(pdf: &[u8]) -> (String, Vec<Vec<u8>>) {
        let find = |from: usize, words: &[u8]| {
            pdf[from..].windows(words.len()).position(|window| window == words).map(|at| from + at)
        };
        let (mut streams, mut at) = (Vec::new(), 0);
        while let Some(start) = find(at, b"\nstream\n") {
            at = find(start, b"\nendstream").unwrap();
            let mut plain = Vec::new();
            ZlibDecoder::new(&pdf[start + 8..at]).read_to_end(&mut plain).unwrap();
            streams.push(plain);
        }
        (String::from_utf8_lossy(pdf).into_owned(), streams)
    }

    #[test]
    fn paths_keep_their_colours_pens_and_clips() {
        let body = r##"<rect width="10" height="5" fill="#ff0000" fill-opacity="0.25"/>
            <path d="M0 0L5 5" stroke="#0000ff" stroke-width="2" stroke-dasharray="4 1" fill="none"/>
            <svg x="50" width="20" height="20" overflow="hidden"><circle cx="20" cy="10" r="9"/></svg>"##;
        let pdf = render(&svg(body)).unwrap();
        assert!(render(&svg(body)).unwrap() == pdf, "equal documents give equal bytes");
        let (text, streams) = parts(&pdf);
        assert!(text.starts_with("%PDF-1.") && text.contains("/MediaBox [0 0 75 15]"), "{text}");
        assert!(text.contains("/ca 0.25"), "{text}");
        let content = String::from_utf8(streams.last().unwrap().clone()).unwrap();
        for operator in ["1 0 0 rg", "/G0 gs", "0 0 1 RG", "2 w", "[4 1] 0 d", "0.75 0 0 -0.75 0 15 cm", "W\nn", " c\n"]
        {
            assert!(content.contains(operator), "{operator} is not in\n{content}");
        }
        let count = |operator: &str| content.lines().filter(|line| *line == operator).count();
        assert!(count("q") > 0 && count("q") == count("Q"), "{content}");
    }

    #[test]
    fn bitmaps_and_text_are_on_the_page() {
        let picture = Picture::new(2, 1, vec![255, 0, 0, 0, 0, 7]).unwrap().to_data_uri().unwrap();
        let image = format!(r#"<image width="10" height="5" preserveAspectRatio="none" href="{picture}"/>"#);
        let (text, streams) = parts(&render(&svg(&image)).unwrap());
        assert!(text.contains("/Width 2") && text.contains("/Interpolate true"), "{text}");
        assert_eq!(streams[0], [255, 0, 0, 0, 0, 7]);
        let content = |body: &str| parts(&render(&svg(body)).unwrap()).1.pop().unwrap().len();
        assert!(content(r#"<text y="15" font-size="9">R²</text>"#) > content("") + 200);
    }

    #[test]
    fn what_figures_do_not_have_is_refused() {
        let gradient = r##"<linearGradient id="a"><stop stop-color="red"/><stop offset="1"/></linearGradient>
            <rect width="9" height="9" fill="url(#a)"/>"##;
        for body in [gradient, r#"<g opacity="0.5"><path d="M0 0H9V9Z"/><path d="M0 0H9V9Z"/></g>"#] {
            assert!(matches!(render(&svg(body)), Err(RenderError::Unsupported { .. })), "{body}");
        }
        assert!(matches!(render("<p>"), Err(RenderError::Parse(_))));
    }
}
