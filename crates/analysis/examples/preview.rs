//! Draws every figure and the report from synthetic runs, to judge their looks without running anything.
//!
//! `cargo run -p analysis --example preview -- FOLDER`

use std::f64::consts::PI;
use std::path::{Path, PathBuf};

use analysis::figure::montage::{Montage, MontageRow, Scaling, Tile};
use analysis::figure::norms::{NormSeries, Norms};
use analysis::figure::projections::{ProjectionRow, Projections};
use analysis::figure::traces::{Trace, TracePanel, Traces};
use analysis::picture::Picture;
use analysis::report::{Cell, Link, Report, Section, Table, Verdict, VerdictRow, verdict_table};
use analysis::summary::running_maximum;
use nalgebra::DMatrix;

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
        ("montage", montage(Scaling::Smooth).to_svg()?),
        ("montage-small", Montage { tile: 84.0, ..montage(Scaling::Pixels) }.to_svg()?),
        ("traces", traces().to_svg()),
        ("norms", norms().to_svg()),
        ("projections", projections()?.to_svg()),
    ];
    for (name, svg) in &figures {
        write(&folder, name, svg)?;
    }
    std::fs::write(folder.join("report.html"), report(&figures).to_html())?;
    Ok(())
}

fn write(folder: &Path, name: &str, svg: &str) -> Outcome<()> {
    std::fs::write(folder.join(format!("{name}.svg")), svg)?;
    std::fs::write(folder.join(format!("{name}.png")), analysis::png::render(svg, 1.5)?)?;
    Ok(())
}

/// SplitMix64 (Steele, Lea & Flood, 2014), and sums of its uniforms as near-normal noise.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

fn montage(scaling: Scaling) -> Montage {
    let row = |(index, unit): (usize, &&str)| MontageRow {
        unit: (*unit).to_owned(),
        tiles: OPTIMIZERS.iter().enumerate().map(|(column, method)| tile(index, column, method.1)).collect(),
    };
    Montage {
        title: "Evolved images".to_owned(),
        optimizers: OPTIMIZERS.iter().map(|(name, ..)| (*name).to_owned()).collect(),
        rows: UNITS.iter().enumerate().map(row).collect(),
        scaling,
        tile: 132.0,
    }
}

fn tile(row: usize, column: usize, score: f64) -> Option<Tile> {
    if (row, column) == (3, 5) {
        return None;
    }
    let wave = |value: usize, period: f64, shift: f64| (value as f64 / 64.0 * PI * period + shift).sin();
    let byte = |value: f64| (127.5 + 127.0 * value.clamp(-1.0, 1.0)) as u8;
    let pixels = (0..64 * 64)
        .flat_map(|index| {
            let (x, y) = (index % 64, index / 64);
            let bump = wave(x, 1.0 + row as f64, column as f64) * wave(y, 2.0 + column as f64, row as f64);
            [byte(bump), byte(0.7 * wave(x + y, 3.0, bump)), byte(-0.5 * bump + 0.3 * wave(y, 1.0, 0.0))]
        })
        .collect();
    Some(Tile { image: Picture::new(64, 64, pixels).ok()?, score: score + row as f64 * 7.3 })
}

fn traces() -> Traces {
    let mut noise = Noise(3);
    let panels = UNITS
        .iter()
        .enumerate()
        .map(|(index, unit)| TracePanel {
            unit: (*unit).to_owned(),
            traces: OPTIMIZERS
                .iter()
                .map(|(name, top, pace)| trace(name, top * (1.0 + index as f64), *pace, &mut noise))
                .collect(),
        })
        .collect();
    Traces { title: "Scores over the run, noise level 0.2".to_owned(), panels, columns: 3 }
}

fn trace(name: &str, top: f64, pace: f64, noise: &mut Noise) -> Trace {
    let mut mean_clean = Vec::new();
    let (mut best_clean, mut best_noisy) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let level = top * (1.0 + 0.1 * noise.normal());
        let mean: Vec<f64> = (0..GENERATIONS)
            .map(|t| level * (1.0 - (-(t as f64) / pace).exp()) + 0.02 * top * noise.normal())
            .collect();
        let best: Vec<f64> = mean.iter().map(|score| score + 0.08 * top + 0.03 * top * noise.normal().abs()).collect();
        let noisy: Vec<f64> = best.iter().map(|score| score * (1.12 + 0.1 * noise.normal().abs())).collect();
        mean_clean.push(mean);
        best_clean.push(running_maximum(&best));
        best_noisy.push(running_maximum(&noisy));
    }
    Trace { optimizer: name.to_owned(), mean_clean, best_clean, best_noisy }
}

fn norms() -> Norms {
    let mut noise = Noise(5);
    let series = [
        ("cholesky-cmaes", 2400.0),
        ("cma", 1900.0),
        ("diagonal-cma", 2100.0),
        ("genetic", 300.0),
        ("sphere-cma", 0.0),
    ]
    .iter()
    .map(|(name, pace)| {
        let mut run = |pace: f64| -> Vec<f64> {
            let start = if pace == 0.0 { 90_000.0 } else { 0.0 };
            let norm = |t: usize| (start + pace * (t as f64).powf(1.04) * (1.0 + 0.02 * noise.normal())).sqrt();
            (0..GENERATIONS).map(norm).collect()
        };
        NormSeries {
            optimizer: (*name).to_owned(),
            norms: (0..3).map(|_| run(*pace)).collect(),
            control: (0..3).map(|_| run(0.93 * pace)).collect(),
        }
    })
    .collect();
    Norms { title: "Growth of the mean code".to_owned(), series }
}

fn projections() -> Outcome<Projections> {
    let mut rows = Vec::new();
    for (index, (name, note)) in
        [("cholesky-cmaes", "driven"), ("cholesky-cmaes", "noise"), ("sphere-cma", "driven")].into_iter().enumerate()
    {
        let mut noise = Noise(11 + index as u64);
        let mut code = vec![0.0; 1000];
        let walk = DMatrix::from_row_iterator(
            GENERATIONS,
            1000,
            (0..GENERATIONS).flat_map(|_| {
                code.iter_mut().for_each(|value| *value += noise.normal());
                code.clone()
            }),
        );
        rows.push(ProjectionRow::of(name, note, &walk)?);
    }
    Ok(Projections { title: "Principal projections of the mean code".to_owned(), rows })
}

fn report(figures: &[(&str, String)]) -> Report {
    let section = |(name, svg): &(&str, String)| Section {
        id: (*name).to_owned(),
        heading: format!("Figure: {name}"),
        summary: "What to see: images of one row share their subject, and their scores order the optimizers."
            .to_owned(),
        svg: Some(svg.clone()),
        caption: "Synthetic runs, 75 generations of 40 codes, 5 repeats.".to_owned(),
        links: ["svg", "png"].map(|kind| Link { label: kind.to_uppercase(), href: format!("{name}.{kind}") }).to_vec(),
        tables: Vec::new(),
    };
    let row = |claim: &str, expected: &str, ours: &str, verdict| VerdictRow {
        claim: claim.to_owned(),
        expected: expected.to_owned(),
        ours: ours.to_owned(),
        tolerance: "± 0.05".to_owned(),
        verdict,
    };
    let verdicts = [
        row("CholeskyCMAES surpasses the genetic algorithm by 66 %", "1.67", "1.64", Verdict::Holds),
        row("SphereCMA surpasses CholeskyCMAES by 7 %", "1.07", "0.98", Verdict::DoesNotHold),
        row("Run time of SphereCMA on a V100", "39.0 s", "12.1 s", Verdict::NotComparable),
    ];
    let scores = Table {
        caption: "Normalised clean score".to_owned(),
        headings: ["optimizer", "mean", "standard error"].map(str::to_owned).to_vec(),
        rows: OPTIMIZERS
            .iter()
            .map(|(name, top, _)| vec![Cell::text(*name), Cell::number(top / 21.0, 3), Cell::number(0.006, 3)])
            .collect(),
    };
    let mut sections = vec![Section {
        id: "claims".to_owned(),
        heading: "Published claims".to_owned(),
        summary: "Which claims of the paper hold here.".to_owned(),
        tables: vec![verdict_table("Verdicts", &verdicts), scores],
        ..Section::default()
    }];
    sections.extend(figures.iter().map(section));
    Report {
        title: "Preview of the reproduction".to_owned(),
        lead: "Every figure of the report, drawn from synthetic runs.".to_owned(),
        sections,
    }
}
