//! Every figure is well-formed, self-contained and labelled, whatever the data.

use analysis::figure::FigureError;
use analysis::figure::evolved_images::{EvolvedImages, OptimizerImages};
use analysis::figure::montage::{Montage, MontageRow, Scaling, Tile};
use analysis::figure::norms::{NormSeries, Norms};
use analysis::figure::projections::{Projection, ProjectionRow, Projections};
use analysis::picture::Picture;
use analysis::style::{optimizer_color, optimizer_names};
use analysis::{png, style};
use nalgebra::DMatrix;
use roxmltree::{Document, Node};

const NAN: f64 = f64::NAN;
const LONG: &str = "a unit with a name that nobody should give to a unit & that <overflows> its \"place\"";

/// Parses a figure and checks what holds for all of them.
fn checked(svg: &str) -> Document<'_> {
    let document = Document::parse(svg).unwrap();
    let root = document.root_element();
    assert_eq!(root.attribute("font-family"), Some(style::FONT_FAMILY));
    assert!(root.attribute("viewBox").is_some());
    for node in document.descendants().filter(Node::is_element) {
        assert!(!node.has_attribute("id"), "ids clash where figures are inlined");
        for attribute in node.attributes() {
            let value = attribute.value();
            assert!(!value.contains("NaN") && !value.contains("inf"), "{}={value}", attribute.name());
            assert!(attribute.name() != "href" || value.starts_with("data:image/png;base64,"));
        }
    }
    assert!(png::render(svg, 0.5).unwrap().starts_with(b"\x89PNG"));
    document
}

fn texts<'a>(document: &'a Document<'_>) -> Vec<&'a str> {
    document.descendants().filter(|node| node.has_tag_name("text")).filter_map(|node| node.text()).collect()
}

fn count(document: &Document<'_>, tag: &str, attribute: &str, value: &str) -> usize {
    document.descendants().filter(|n| n.tag_name().name() == tag && n.attribute(attribute) == Some(value)).count()
}

fn picture(width: u32, height: u32) -> Picture {
    Picture::new(width, height, (0..3 * width * height).map(|value| value as u8).collect()).unwrap()
}

fn names() -> Vec<String> {
    optimizer_names().map(str::to_owned).chain([LONG.to_owned()]).collect()
}

#[test]
fn montage_shows_every_tile_in_its_optimizers_colour() {
    let tiles = vec![
        Some(Tile { image: picture(8, 6), score: 12.34 }),
        None,
        Some(Tile { image: picture(1, 1), score: NAN }),
        Some(Tile { image: picture(2, 2), score: -0.5 }),
    ];
    let montage = Montage {
        title: "Images <1>".to_owned(),
        optimizers: ["genetic", "cma", "sphere-cma"].map(str::to_owned).to_vec(),
        rows: vec![
            MontageRow { unit: "fc8 unit 3".to_owned(), tiles },
            MontageRow { unit: LONG.to_owned(), tiles: vec![] },
        ],
        scaling: Scaling::Pixels,
        tile: 90.0,
    };
    let svg = montage.to_svg().unwrap();
    let document = checked(&svg);
    let texts = texts(&document);
    for label in ["Images <1>", "fc8 unit 3", "Genetic", "CMA", "12.3", "–", "−0.50"] {
        assert!(texts.contains(&label), "{label} is missing in {texts:?}");
    }
    assert_eq!(count(&document, "image", "image-rendering", "optimizeSpeed"), 3);
    let frames = |name| count(&document, "rect", "stroke", &optimizer_color(name).to_string());
    assert_eq!((frames("genetic"), frames("cma"), frames("sphere-cma")), (1, 0, 1));
    let smooth = Montage { scaling: Scaling::Smooth, ..montage }.to_svg().unwrap();
    assert_eq!(count(&checked(&smooth), "image", "image-rendering", "optimizeSpeed"), 0);
}

#[test]
fn empty_figures_are_figures() {
    for tile in [NAN, 0.0, -3.0] {
        let montage =
            Montage { title: String::new(), optimizers: names(), rows: vec![], scaling: Scaling::Smooth, tile };
        checked(&montage.to_svg().unwrap());
    }
}

#[test]
fn figures_of_nothing_say_what_they_need() {
    let nothing = [
        Norms { title: String::new(), series: vec![] }.to_svg(),
        Projections { title: String::new(), rows: vec![] }.to_svg(),
    ];
    let needs = nothing.map(|drawn| drawn.unwrap_err().to_string());
    for (message, need) in needs.iter().zip(["finite norm", "finite projection"]) {
        assert!(message.contains(need), "{message}");
    }
}

/// Runs that a figure must survive: none, empty, one point, constant, gaps, only gaps, unequal lengths, extremes.
fn awkward_runs() -> Vec<Vec<Vec<f64>>> {
    vec![
        vec![],
        vec![vec![]],
        vec![vec![3.0]],
        vec![vec![5.0; 20]],
        vec![vec![1.0, NAN, 3.0, 4.0, NAN, NAN, 7.0], vec![2.0, NAN]],
        vec![vec![NAN; 4]],
        vec![vec![f64::INFINITY, 1.0, f64::NEG_INFINITY]],
        vec![vec![1e-12, 2e-12, 3e-12]],
        vec![vec![-1e9, 1e9]],
    ]
}

fn any_finite(runs: &[Vec<f64>]) -> bool {
    runs.iter().flatten().any(|value| value.is_finite())
}

#[test]
fn norms_survive_awkward_runs() {
    for (index, runs) in awkward_runs().into_iter().enumerate() {
        let series = |name: String| NormSeries { optimizer: name, norms: runs.clone(), control: runs.clone() };
        let series = names().into_iter().map(series).collect();
        let drawn = Norms { title: format!("case {index}"), series }.to_svg();
        assert_eq!(drawn.is_ok(), any_finite(&runs), "case {index}");
        let Ok(svg) = drawn else { continue };
        let document = checked(&svg);
        assert!(texts(&document).contains(&"‖mean code‖²"), "case {index}");
    }
}

#[test]
fn norms_give_the_r_squared_of_the_squared_norm() {
    let root: Vec<f64> = (0..30).map(|t| (f64::from(t) * 40.0).sqrt()).collect();
    let bent: Vec<f64> = (0..30).map(f64::from).collect();
    let both = vec![root.clone(), bent.clone()];
    let series = vec![
        NormSeries { optimizer: "genetic".to_owned(), norms: both, control: vec![] },
        NormSeries { optimizer: "cma".to_owned(), norms: vec![root], control: vec![bent] },
        NormSeries { optimizer: "sphere-cma".to_owned(), norms: vec![vec![300.0; 30]], control: vec![] },
    ];
    let svg = Norms { title: String::new(), series }.to_svg().unwrap();
    let document = checked(&svg);
    // R² of t² against t at t = 0 .. 29 is 0.9337 (scipy.stats.linregress).
    assert!(texts(&document).contains(&"CMA: R² 1.000 (control: R² 0.934)"), "{:?}", texts(&document));
    assert!(texts(&document).contains(&"SphereCMA exp: constant"));
    assert!(texts(&document).contains(&"Genetic: R² 0.967"), "the mean over runs");
    assert!(texts(&document).contains(&"mean over runs ± one standard deviation"));
}

#[test]
fn projections_show_fits_and_theory() {
    let walk =
        DMatrix::from_fn(30, 200, |t, n| ((t * 7919 + n * 104_729) % 1009) as f64 + if n < t { 900.0 } else { 0.0 });
    let rows = vec![ProjectionRow::of("cma", "fc8 unit 3", &walk).unwrap()];
    let r_squared = rows[0].projections[0].fit.unwrap().r_squared;
    let svg = Projections { title: "Projections".to_owned(), rows }.to_svg().unwrap();
    let document = checked(&svg);
    let texts = texts(&document);
    let label = format!("R² {r_squared:.3}");
    for label in ["PC1", "PC5", "PC1–PC10", "generation", "component", "CMA, fc8 unit 3", label.as_str()] {
        assert!(texts.contains(&label), "{label} is missing in {texts:?}");
    }
}

#[test]
fn projections_survive_awkward_rows() {
    let row = |values: Vec<f64>, ratios: Vec<f64>| ProjectionRow {
        optimizer: LONG.to_owned(),
        note: LONG.to_owned(),
        projections: vec![Projection { values, fit: None }; 7],
        explained_variance_ratio: ratios,
    };
    let rows = vec![
        row(vec![], vec![]),
        row(vec![NAN; 3], vec![NAN; 30]),
        row(vec![2.0; 9], vec![1.0, 0.0, -1.0]),
        row(vec![1.0], vec![1.0]),
        ProjectionRow {
            optimizer: "cma".to_owned(),
            note: String::new(),
            projections: vec![],
            explained_variance_ratio: vec![0.5],
        },
    ];
    checked(&Projections { title: String::new(), rows }.to_svg().unwrap());
    let small = DMatrix::from_fn(5, 2, |t, n| ((t + 1) * (t + n + 3) % 7) as f64);
    assert_eq!(ProjectionRow::of("cma", "", &small).unwrap().projections.len(), 2);
    assert!(ProjectionRow::of("cma", "", &DMatrix::zeros(0, 0)).is_err());
}

/// A figure that is drawn is well-formed; one that is not says that it has nothing to show.
fn survives(drawn: Result<String, FigureError>) {
    match drawn {
        Ok(svg) => drop(checked(&svg)),
        Err(FigureError::Empty { figure, needs }) => assert!(!figure.is_empty() && !needs.is_empty()),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn norms_have_the_square_root_law_beside_the_regression() {
    let grown: Vec<f64> = (0..30).map(|t| (10.0 + f64::from(t) * 40.0).sqrt()).collect();
    let series = vec![NormSeries { optimizer: "cma".to_owned(), norms: vec![grown], control: vec![] }];
    let mut figure = Norms { title: String::new(), series };
    let lines = |figure: &Norms| count(&checked(&figure.to_svg().unwrap()), "path", "stroke-dasharray", "1.5 2.5");
    // The root on the left, the regression on the right, and the legend.
    assert_eq!(lines(&figure), 3);
    figure.series[0].control = vec![figure.series[0].norms[0].clone()];
    assert_eq!(lines(&figure), 3);
    // A control of another length has both lines of its own.
    figure.series[0].control = vec![figure.series[0].norms[0][..10].to_vec()];
    assert_eq!(lines(&figure), 5);
}

#[test]
fn evolved_images_stand_in_rows_of_optimizers() {
    let tile = |score| Some(Tile { image: picture(4, 4), score });
    let row = |name: &str, tiles| OptimizerImages { optimizer: name.to_owned(), tiles };
    let images = |rows| EvolvedImages {
        title: "Images".to_owned(),
        columns: vec!["fc8 unit 3".to_owned(), LONG.to_owned()],
        rows,
        scaling: Scaling::Smooth,
        tile: 90.0,
    };
    let svg = images(vec![row("genetic", vec![tile(12.34), None]), row("cma", vec![tile(NAN), tile(7.0)])]);
    let svg = svg.to_svg().unwrap();
    let document = checked(&svg);
    let texts = texts(&document);
    for label in ["Genetic", "CMA", "fc8 unit 3", "12.3", "–", "7.00"] {
        assert!(texts.contains(&label), "{label} is missing in {texts:?}");
    }
    assert_eq!(count(&document, "rect", "stroke", &optimizer_color("cma").to_string()), 2);
    assert!(matches!(images(vec![row("cma", vec![None, None])]).to_svg(), Err(FigureError::Empty { .. })));
    let short = images(vec![row("cma", vec![tile(1.0)])]).to_svg();
    assert!(matches!(short, Err(FigureError::Length { expected: 2, found: 1, .. })), "{short:?}");
    survives(images(vec![]).to_svg());
}

/// One number alone, many, gaps, only gaps, extremes, nothing.
fn awkward_values() -> Vec<Vec<f64>> {
    let many = (0..500).map(|index| f64::from(index % 97) / 97.0).collect();
    let mut values = vec![vec![], vec![0.5], many, vec![0.2, NAN, 0.4], vec![NAN; 3], vec![0.0; 6]];
    values.extend([vec![f64::INFINITY, 1.0], vec![-2.0, 3.0, 1e12], vec![1e-300, 1e300], vec![7.0; 9]]);
    values
}

mod by_optimizer;
mod of_runs;
