//! The scale of every method by one number.

use optim_core::{AnyOptimizer, ConfigError, Method, Optimizer, Population, registry};

use crate::common::{ask, state};

const DIM: usize = 400;

fn norms(codes: &Population) -> Vec<f64> {
    codes.norms().filter(|norm| *norm > 1e-3).collect()
}

/// Root mean square of the norms of the codes sampled first; codes at the start itself do not count.
fn first_norm(method: &Method) -> f64 {
    let mut optimizer = method.build(DIM).unwrap();
    for generation in 0.. {
        let codes = ask(&mut optimizer, 3, generation);
        let norms = norms(&codes);
        if !norms.is_empty() {
            return (norms.iter().map(|norm| norm * norm).sum::<f64>() / norms.len() as f64).sqrt();
        }
        optimizer.tell(&codes, &vec![1.0; codes.len()]).unwrap();
    }
    unreachable!()
}

#[test]
fn the_start_norm_is_that_of_the_first_samples() {
    for info in registry() {
        let method = Method::from_name(info.name).unwrap();
        let (said, found) = (method.start_norm(DIM), first_norm(&method));
        assert!((found / said - 1.0).abs() < 0.05, "{}: {found} where {said} is said", info.name);
        for norm in [10.0, 93.5, 2000.0] {
            let scaled = method.clone().with_norm(norm, DIM).unwrap();
            assert_eq!(scaled.name(), info.name);
            assert!((scaled.start_norm(DIM) / norm - 1.0).abs() < 1e-12, "{}", info.name);
            let found = first_norm(&scaled);
            assert!((found / norm - 1.0).abs() < 0.05, "{}: {found} instead of {norm}", info.name);
        }
    }
}

/// One run on an objective and one on the same objective, stretched, differ by the factor alone.
#[test]
fn scaled_runs_are_scaled_in_every_generation() {
    const FACTOR: f64 = 8.0;
    for info in registry() {
        let method = Method::from_name(info.name).unwrap();
        let large = method.clone().with_norm(FACTOR * method.start_norm(30), 30).unwrap();
        let (mut plain, mut scaled) = (method.build(30).unwrap(), large.build(30).unwrap());
        for generation in 0..12 {
            let (a, b) = (ask(&mut plain, 5, generation), ask(&mut scaled, 5, generation));
            let size = a.as_slice().iter().fold(0.0f64, |size, x| size.max(x.abs()));
            let off = a.as_slice().iter().zip(b.as_slice()).map(|(x, y)| (x - y / FACTOR).abs()).fold(0.0, f64::max);
            assert!(off <= 1e-9 * size, "{}, generation {generation}: off by {off}", info.name);
            let score = |code: &[f64], unit: f64| {
                let x: Vec<f64> = code.iter().map(|x| x / unit).collect();
                x[0] + (0.3 * x[1]).sin() - 0.01 * x.iter().map(|x| x * x).sum::<f64>()
            };
            // The same scores to both, so that roundings do not part them.
            let scores: Vec<f64> = a.iter().map(|code| score(code, 1.0)).collect();
            let stretched: Vec<f64> = b.iter().map(|code| score(code, FACTOR)).collect();
            assert!(
                scores.iter().zip(&stretched).all(|(s, t)| (s - t).abs() <= 1e-7 * (1.0 + s.abs())),
                "{}",
                info.name
            );
            plain.tell(&a, &scores).unwrap();
            scaled.tell(&b, &scores).unwrap();
        }
        let ends = plain.recommend().iter().zip(scaled.recommend());
        assert!(ends.into_iter().all(|(x, y)| (x - y / FACTOR).abs() < 1e-6 * (1.0 + x.abs())), "{}", info.name);
        assert_eq!(plain.incumbent().map(|(_, score)| score), scaled.incumbent().map(|(_, score)| score));
    }
}

#[test]
fn scaled_methods_are_stored_and_take_changed_codes() {
    let method = Method::from_name("ng-cma").unwrap().with_norm(75.0, 30).unwrap();
    let text = serde_json::to_string(&method).unwrap();
    assert!(text.starts_with(r#"{"optimizer":"scaled","options":{"factor":"#), "{text}");
    assert_eq!(serde_json::from_str::<Method>(&text).unwrap(), method);
    let workers = [("workers".to_owned(), "12".to_owned())];
    let changed = method.changed(&workers).unwrap();
    assert_eq!((changed.start_norm(30), changed.population_size(30)), (method.start_norm(30), 12));

    let mut optimizer = method.build(30).unwrap();
    optimizer.start_from(&Population::from_rows(30, &[3.0; 60])).unwrap();
    for generation in 0..6 {
        let mut codes = ask(&mut optimizer, 5, generation);
        if generation == 0 {
            assert!(codes.as_slice().iter().all(|x| (x - 3.0).abs() < 1e-12));
        }
        codes.code_mut(0).fill(1.5);
        let scores: Vec<f64> = (0..codes.len()).map(|i| -(i as f64)).collect();
        let mut restored: AnyOptimizer = postcard::from_bytes(&state(&optimizer)).unwrap();
        optimizer.tell(&codes, &scores).unwrap();
        restored.tell(&codes, &scores).unwrap();
        assert_eq!(state(&optimizer), state(&restored));
        let (best, score) = optimizer.incumbent().unwrap();
        assert!(score == 0.0 && best.iter().all(|x| (x - 1.5).abs() < 1e-12));
    }
}

#[test]
fn norms_out_of_range_are_refused() {
    for name in ["sphere-cma", "ng-de", "cma"] {
        let method = Method::from_name(name).unwrap();
        for norm in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e101] {
            let error = method.clone().with_norm(norm, DIM).unwrap_err();
            assert!(matches!(error, ConfigError::OutOfRange { option: "norm", .. }), "{name}: {error}");
        }
        assert_eq!(method.with_norm(1.0, 0).unwrap_err(), ConfigError::ZeroDimension);
    }
}
