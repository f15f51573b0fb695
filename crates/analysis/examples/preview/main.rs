//! Draws every figure and the report from synthetic numbers, to judge their looks without running anything.
//!
//! `cargo run -p analysis --example preview -- FOLDER`
#![allow(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "an example is a program"
)]

use std::path::{Path, PathBuf};

use analysis::figure::montage::{Montage, Scaling};

mod landscape;
mod noise;
mod page;
mod runs;
mod scores;
mod trajectories;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Optimizers with the score that they reach and how fast.
const OPTIMIZERS: [(&str, f64, f64); 6] = [
    ("sphere-cma", 21.0, 22.0),
    ("cholesky-cmaes", 18.0, 25.0),
    ("diagonal-cma", 17.0, 30.0),
    ("cma", 16.0, 28.0),
    ("genetic", 9.0, 40.0),
    ("random-search", 3.0, 1.0),
];
const UNITS: [&str; 5] =
    ["conv2 unit 3 (13, 13)", "conv3 unit 7 (6, 6)", "conv5 unit 12 (6, 6)", "fc6 unit 100", "fc8 373 macaque"];
const GENERATIONS: usize = 75;

fn main() -> Outcome<()> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder to write to")?);
    std::fs::create_dir_all(&folder)?;
    let figures = [
        ("montage", runs::montage(Scaling::Smooth).to_svg()?),
        ("montage-small", Montage { tile: 84.0, ..runs::montage(Scaling::Pixels) }.to_svg()?),
        ("evolved-images", runs::evolved_images().to_svg()?),
        ("traces", runs::traces().to_svg()?),
        ("norms", runs::norms().to_svg()?),
        ("projections", runs::projections()?.to_svg()?),
        ("activation-by-optimizer", scores::activation().to_svg()?),
        ("activation-of-all-methods", scores::activation_of_all_methods().to_svg()?),
        ("runtime-by-optimizer", scores::runtime().to_svg()?),
        ("score-curves", scores::curves().to_svg()?),
        ("ga-against-cma", scores::ga_against_cma().to_svg()?),
        ("variants-by-layer-and-noise", scores::variants().to_svg()?),
        ("sphere-against-cma", scores::sphere().to_svg()?),
        ("pairwise-ratios", scores::pairwise().to_svg()?),
        ("cosine-panels", trajectories::cosine_panels()?.to_svg()?),
        ("lissajous", trajectories::lissajous()?.to_svg()?),
        ("step-geometry", trajectories::step_geometry().to_svg()?),
        ("step-schedules", trajectories::step_schedules().to_svg()?),
        ("covariance", trajectories::covariance().to_svg()?),
        ("alignment", landscape::alignment().to_svg()?),
        ("metric-spectrum", landscape::metric_spectrum().to_svg()?),
        ("hessian-spectra", landscape::hessian_spectra().to_svg()?),
    ];
    for (name, svg) in &figures {
        write(&folder, name, svg)?;
    }
    std::fs::write(folder.join("report.html"), page::report(&figures).to_html())?;
    Ok(())
}

fn write(folder: &Path, name: &str, svg: &str) -> Outcome<()> {
    std::fs::write(folder.join(format!("{name}.svg")), svg)?;
    std::fs::write(folder.join(format!("{name}.png")), analysis::png::render(svg, 1.5)?)?;
    Ok(())
}
