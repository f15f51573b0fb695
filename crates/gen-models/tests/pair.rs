//! The embedded pair: one graph against two sessions, cutting, batches, mixtures.

mod common;

use std::sync::Arc;

use common::{as_f32, bits, cnn, codes, generator, runtime};
use gen_models::{
    CnnModel, ExecutionDevice, FusedModel, FusedObjective, GeneratorModel, Images, ModelError, SessionOptions,
    UnitMixture, UnitScorer,
};
use optim_core::{Generator, Objective, Population, Scorer};

const LAYERS: [&str; 8] = ["conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"];

fn mixture(cnn: &CnnModel, units: &[&str]) -> UnitMixture {
    UnitMixture::parse(units, cnn.layers(runtime()).unwrap()).unwrap()
}

fn objective(generator: &GeneratorModel, cnn: &CnnModel, units: &[&str], options: SessionOptions) -> FusedObjective {
    let mixture = mixture(cnn, units);
    let model = FusedModel::new(generator, cnn, &mixture.layers(), runtime()).unwrap();
    assert!(model.is_joined());
    FusedObjective::new(Arc::new(model.session(runtime(), options).unwrap()), &mixture).unwrap()
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

/// The unit of a layer whose activation differs most between the first two images: rectified layers
/// have units that never answer.
fn responsive(cnn: &CnnModel, images: &Images, layer: &str) -> String {
    let mut session = cnn.session(runtime(), &[layer], SessionOptions::default()).unwrap();
    let activation = &session.activations(images).unwrap()[0];
    let difference = |i: &usize| (activation.image(0)[*i] - activation.image(1)[*i]).abs();
    let best = (0..activation.image(0).len()).max_by(|a, b| difference(a).total_cmp(&difference(b))).unwrap();
    match activation.layer.shape[..] {
        [_, h, w] => format!("{layer}:{}:{}:{}", best / (h * w), best / w % h, best % w),
        _ => format!("{layer}:{best}"),
    }
}

#[test]
fn fused_scores_are_those_of_generator_and_scorer() {
    let (generator, cnn, codes) = (generator(), cnn(), codes(43, 4096, 140.0));
    let images = images(&codes);
    let [conv2, conv5, fc6] = ["conv2", "conv5", "fc6"].map(|layer| responsive(&cnn, &images, layer));
    for units in [&[conv2.as_str()][..], &[&conv5], &[&fc6], &["fc8:0=0.7", "conv4:9:2:3=-0.3", "fc8:5"]] {
        let fused = evaluate(&mut objective(&generator, &cnn, units, SessionOptions::default()), &codes);
        let mut scorer = UnitScorer::new(&cnn, &mixture(&cnn, units), runtime(), SessionOptions::default()).unwrap();
        let mut apart = vec![7.0];
        scorer.score(&images, &mut apart).unwrap();
        assert_eq!(fused.len(), 43);
        assert!(fused.iter().any(|&score| score != fused[0]), "{units:?} does not depend on the code");
        assert_eq!(bits(&fused), bits(&apart), "{units:?}");
    }
}

#[test]
fn cutting_does_not_change_a_layer() {
    let (cnn, images) = (cnn(), images(&codes(3, 4096, 140.0)));
    let options = SessionOptions::default();
    let whole = cnn.session(runtime(), &LAYERS, options).unwrap().activations(&images).unwrap();
    assert_eq!(whole.len(), 8);
    for (layer, whole) in LAYERS.iter().zip(&whole) {
        let cut = cnn.session(runtime(), &[layer], options).unwrap().activations(&images).unwrap();
        assert_eq!(&cut[0], whole);
        assert_eq!(whole.layer.name, *layer);
        assert_eq!(whole.data.len(), 3 * whole.layer.shape.iter().product::<usize>());
        assert_ne!(whole.image(0), whole.image(1), "{layer} does not depend on the image");
    }
}

#[test]
fn batches_of_any_size_give_the_same_scores() {
    let (generator, cnn, codes) = (generator(), cnn(), codes(43, 4096, 140.0));
    let with = |batch_size| SessionOptions { batch_size, ..SessionOptions::default() };
    let expected = evaluate(&mut objective(&generator, &cnn, &["fc8:2"], with(40)), &codes);
    for batch_size in [1, 8, 64] {
        let scores = evaluate(&mut objective(&generator, &cnn, &["fc8:2"], with(batch_size)), &codes);
        assert_eq!(bits(&scores), bits(&expected), "batch size {batch_size}");
    }
    let mut one = objective(&generator, &cnn, &["fc8:2"], with(40));
    let first = evaluate(&mut one, &codes[..4096]);
    assert_eq!(bits(&first), bits(&expected[..1]));
    let mut none = vec![1.0];
    one.evaluate(&Population::new(4096), &mut none).unwrap();
    assert!(none.is_empty());
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
        let mut scorer = UnitScorer::new(&cnn, &mixture(&cnn, &[unit]), runtime(), SessionOptions::default()).unwrap();
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
            let mut objective = FusedObjective::new(Arc::clone(&session), &mixture(&cnn, &[unit])).unwrap();
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
    let elsewhere = mixture(&cnn, &["fc7:0"]);
    assert!(matches!(FusedObjective::new(session, &elsewhere), Err(ModelError::Unit(_))));
}

#[test]
fn threads_inside_an_operator_do_not_change_scores() {
    let (generator, cnn, codes) = (generator(), cnn(), codes(4, 4096, 140.0));
    let with = |threads| SessionOptions { threads, device: ExecutionDevice::Cpu, batch_size: 40 };
    let score = |threads| evaluate(&mut objective(&generator, &cnn, &["fc8:9"], with(threads)), &codes);
    assert_eq!(bits(&score(1)), bits(&score(2)));
}

#[test]
fn a_missing_gpu_is_an_error_and_no_silent_fallback() {
    if std::env::var_os(gen_models::LIBRARY_VARIABLE).is_some() {
        eprintln!("the library is the user's own and may have a GPU: not tested");
        return;
    }
    let options = SessionOptions { device: ExecutionDevice::Cuda { device: 0 }, ..SessionOptions::default() };
    let error = generator().session(runtime(), options).err().unwrap();
    assert!(matches!(error, ModelError::Session { .. }), "{error}");
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
