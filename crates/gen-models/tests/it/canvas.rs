//! Images on a canvas: within the graph, beside images that are placed on the processor.

use std::sync::Arc;

use gen_models::cosine_codes as codes;
use gen_models::{
    FusedModel, FusedObjective, GeneratorModel, Images, ScreenObjective, SessionOptions, UnitScorer, WeightedUnits,
};
use optim_core::{Generator, Objective, Population, Scorer};
use paradigm::{Geometry, Resampling};

use crate::common::{as_f32, cnn, generator, runtime};

const CODES: usize = 3;

fn geometries() -> Vec<Geometry> {
    let mut all = Vec::new();
    for (_, resize) in Resampling::NAMED {
        for (canvas, size, at) in [
            (64, 24, [44, 20]),  // a patch
            (64, 64, [20, 50]),  // cut at two edges, its size kept
            (100, 64, [50, 50]), // gray around it
            (40, 90, [20, 20]),  // larger than the canvas
            (64, 33, [0, 63]),   // an odd side, a corner
        ] {
            all.push(Geometry { canvas, size, at, surround: 77, resize });
        }
    }
    all
}

fn images(generator: &GeneratorModel) -> Images {
    let mut session = generator.session(runtime(), SessionOptions::default()).unwrap();
    session.generate(&as_f32(&codes(CODES, 4096, 140.0))).unwrap()
}

fn placed(images: &Images, geometry: &Geometry) -> Images {
    let [n, channels, height, width] = images.shape();
    let planes = images.as_slice().chunks(height * width);
    let data = planes.flat_map(|plane| geometry.place_plane(plane, [height, width])).collect();
    let side = geometry.canvas as usize;
    Images::new(data, [n, channels, side, side]).unwrap()
}

fn fused_scores(generator: &GeneratorModel, units: &WeightedUnits) -> Vec<f64> {
    let model = FusedModel::for_units(generator, &cnn(), units, runtime()).unwrap();
    assert!(model.is_joined());
    let session = Arc::new(model.session(runtime(), SessionOptions::default()).unwrap());
    let mut scores = Vec::new();
    let mut objective = FusedObjective::new(session, units).unwrap();
    objective.evaluate(&Population::from_rows(4096, &codes(CODES, 4096, 140.0)), &mut scores).unwrap();
    scores
}

fn units(names: &[&str]) -> WeightedUnits {
    WeightedUnits::parse(names, cnn().layers(runtime()).unwrap()).unwrap()
}

/// The graph makes what planes are placed to, within 1e-6 of full brightness, and what 8-bit images of rigs are, within three
/// roundings to 8 bits: of the image, of its rows, of its columns.
#[test]
fn the_graph_places_images_as_the_processor_does() {
    let generator = generator();
    let alone = images(&generator);
    for geometry in geometries() {
        let on_canvas = images(&generator.on_canvas(&geometry).unwrap());
        let expected = placed(&alone, &geometry);
        assert_eq!(on_canvas.shape(), expected.shape());
        let off = on_canvas.as_slice().iter().zip(expected.as_slice()).map(|(a, b)| (a - b).abs());
        assert!(off.clone().fold(0.0, f32::max) <= 1e-6, "{geometry:?}: {}", off.fold(0.0, f32::max));
        for i in 0..CODES {
            let rig = Images::from_rgb8(&geometry.place(alone.to_rgb8(i)));
            let off = on_canvas.image(i).iter().zip(rig.image(0)).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(off <= 1.51 / 255.0, "{geometry:?}: {} levels", off * 255.0);
        }
    }
}

#[test]
fn an_image_that_covers_the_canvas_is_the_image_alone() {
    let generator = generator();
    let units = units(&["conv3:5:1:6", "fc8:1=0.5"]);
    let alone = fused_scores(&generator, &units);
    for (_, resize) in Resampling::NAMED {
        let covering = Geometry { canvas: 64, size: 64, at: [32, 32], surround: 0, resize };
        assert_eq!(fused_scores(&generator.on_canvas(&covering).unwrap(), &units), alone, "{resize:?}");
    }
    let small = Geometry { canvas: 64, size: 20, at: [32, 32], surround: 0, resize: Resampling::Bilinear };
    assert_ne!(fused_scores(&generator.on_canvas(&small).unwrap(), &units), alone);
}

/// Units that see a part of the canvas too, of which only that part is computed.
#[test]
fn scores_are_those_of_the_placed_images() {
    let generator = generator();
    let alone = images(&generator);
    for units in [units(&["conv2:7:3:11"]), units(&["conv5:12"]), units(&["fc8:1"])] {
        let mut scorer = UnitScorer::new(&cnn(), &units, runtime(), SessionOptions::default()).unwrap();
        for geometry in geometries() {
            let mut expected = Vec::new();
            scorer.score(&placed(&alone, &geometry), &mut expected).unwrap();
            for (found, expected) in
                fused_scores(&generator.on_canvas(&geometry).unwrap(), &units).iter().zip(&expected)
            {
                let off = (found - expected).abs();
                assert!(off <= 1e-4 * expected.abs().max(1.0), "{units} {geometry:?}: {found} {expected}");
            }
        }
    }
}

/// On a screen the unit sees the rig's image file, to the last bit.
#[test]
fn a_screen_shows_the_rigs_images() {
    let (generator, units) = (generator(), units(&["conv5:12"]));
    let alone = images(&generator);
    let mut scorer = UnitScorer::new(&cnn(), &units, runtime(), SessionOptions::default()).unwrap();
    let geometry = Geometry { canvas: 64, size: 24, at: [44, 20], surround: 128, resize: Resampling::Bilinear };
    let options = SessionOptions::default();
    let mut screen =
        ScreenObjective::new(&generator, &cnn(), &(&units).into(), Some(geometry), runtime(), options).unwrap();
    let mut scores = Vec::new();
    screen.evaluate(&Population::from_rows(4096, &codes(CODES, 4096, 140.0)), &mut scores).unwrap();
    for (i, score) in scores.iter().enumerate() {
        let mut expected = Vec::new();
        scorer.score(&Images::from_rgb8(&geometry.place(alone.to_rgb8(i))), &mut expected).unwrap();
        assert_eq!(*score, expected[0]);
    }
    let outside = Geometry { at: [500, 20], ..geometry };
    assert!(generator.on_canvas(&outside).is_err());
}
