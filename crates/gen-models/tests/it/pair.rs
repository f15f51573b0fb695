//! The embedded pair: mixtures, readout, shared sessions, refusals. What a device computes is checked in cpu.rs.

use std::sync::Arc;

use gen_models::cosine_codes as codes;
use gen_models::{
    CnnModel, FusedModel, FusedObjective, GeneratorModel, Images, ModelError, SessionOptions, UnitScorer, WeightedUnits,
};
use optim_core::{Generator, Objective, Population, Scorer};

use crate::common::{as_f32, bits, cnn, generator, runtime};

fn weighted(cnn: &CnnModel, units: &[&str]) -> WeightedUnits {
    WeightedUnits::parse(units, cnn.layers(runtime()).unwrap()).unwrap()
}

fn objective(generator: &GeneratorModel, cnn: &CnnModel, units: &[&str], options: SessionOptions) -> FusedObjective {
    let weighted = weighted(cnn, units);
    let model = FusedModel::new(generator, cnn, &weighted.layers(), runtime()).unwrap();
    assert!(model.is_joined());
    FusedObjective::new(Arc::new(model.session(runtime(), options).unwrap()), &weighted).unwrap()
}

fn evaluate(objective: &mut FusedObjective, codes: &[f64]) -> Vec<f64> {
    let mut scores = vec![7.0];
    objective.evaluate(&Population::from_rows(4096, codes), &mut scores).unwrap();
    scores
}

fn images(codes: &[f64]) -> Images {
    let mut session = generator().session(runtime(), SessionOptions::default()).unwrap();
    session.generate(&as_f32(codes)).unwrap()
}

#[test]
fn a_mixture_is_the_weighted_sum_of_its_units() {
    let (generator, cnn, codes) = (generator(), cnn(), codes(5, 4096, 140.0));
    let score = |units: &[&str]| evaluate(&mut objective(&generator, &cnn, units, SessionOptions::default()), &codes);
    let (a, b) = (score(&["fc6:3"]), score(&["conv3:5:1:6"]));
    let mixed = score(&["fc6:3=0.25", "conv3:5:1:6=-2"]);
    for i in 0..5 {
        assert_eq!(mixed[i], 0.25 * a[i] - 2.0 * b[i]);
    }
}

#[test]
fn units_are_read_where_they_are_in_the_tensor() {
    let (cnn, images) = (cnn(), images(&codes(2, 4096, 140.0)));
    let mut session = cnn.session(runtime(), &["conv3", "fc7"], SessionOptions::default()).unwrap();
    let activations = session.activations(&images).unwrap();
    for (unit, tensor, offset) in
        [("conv3:5:1:6", 0, 5 * 64 + 8 + 6), ("conv3:63", 0, 63 * 64 + 4 * 8 + 4), ("fc7:200", 1, 200)]
    {
        let mut scorer = UnitScorer::new(&cnn, &weighted(&cnn, &[unit]), runtime(), SessionOptions::default()).unwrap();
        let mut scores = Vec::new();
        scorer.score(&images, &mut scores).unwrap();
        let expected: Vec<f64> = (0..2).map(|i| f64::from(activations[tensor].image(i)[offset])).collect();
        assert_eq!(scores, expected, "{unit}");
    }
}

#[test]
fn one_session_serves_many_objectives_and_threads() {
    let (generator, cnn, codes) = (generator(), cnn(), codes(6, 4096, 140.0));
    let model = FusedModel::new(&generator, &cnn, &["fc8", "conv2"], runtime()).unwrap();
    let session = Arc::new(model.session(runtime(), SessionOptions::default()).unwrap());
    let units = ["fc8:1", "fc8:2", "conv2:3", "conv2:4:0:0"];
    let together: Vec<Vec<f64>> = std::thread::scope(|scope| {
        let run = |unit: &'static str| {
            let mut objective = FusedObjective::new(Arc::clone(&session), &weighted(&cnn, &[unit])).unwrap();
            let codes = &codes;
            scope.spawn(move || {
                let scores = evaluate(&mut objective, codes);
                assert!(objective.session_seconds() > 0.0);
                scores
            })
        };
        let threads: Vec<_> = units.into_iter().map(run).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for (unit, scores) in units.iter().zip(together) {
        let alone = evaluate(&mut objective(&generator, &cnn, &[unit], SessionOptions::default()), &codes);
        assert_eq!(bits(&scores), bits(&alone), "{unit}");
    }
    let elsewhere = weighted(&cnn, &["fc7:0"]);
    assert!(matches!(FusedObjective::new(session, &elsewhere), Err(ModelError::Unit(_))));
}

#[test]
fn images_of_any_size_are_scored() {
    let cnn = cnn();
    let mut session = cnn.session(runtime(), &["conv1"], SessionOptions::default()).unwrap();
    let grey = |value: f32, height, width| Images::new(vec![value; 3 * height * width], [1, 3, height, width]).unwrap();
    let expected = session.activations(&grey(0.25, 64, 64)).unwrap();
    for (height, width) in [(32, 32), (100, 37), (1, 1)] {
        let found = session.activations(&grey(0.25, height, width)).unwrap();
        assert_eq!(found, expected, "a plain image stays plain in resizing from {height}x{width}");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let (generator, cnn) = (generator(), cnn());
    let mut fused = objective(&generator, &cnn, &["fc8:2"], SessionOptions::default());
    let error = fused.evaluate(&Population::zeros(100, 2), &mut Vec::new()).unwrap_err();
    assert!(matches!(error, ModelError::CodeLength { expected: 4096, values: 100 }), "{error}");
    let mut session = generator.session(runtime(), SessionOptions::default()).unwrap();
    assert!(matches!(session.generate(&[0.0; 100]), Err(ModelError::CodeLength { .. })));
    assert!(session.generate(&[]).unwrap().is_empty());
    let error = FusedModel::new(&generator, &cnn, &["conv9"], runtime()).err().unwrap();
    assert!(error.to_string().contains("conv"), "{error}");
    assert!(matches!(Images::new(vec![0.0; 12], [1, 4, 1, 3]), Err(ModelError::ImageShape { .. })));
}
