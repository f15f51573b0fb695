//! UH-CMA-ES: what is scored again, and what follows from it. Its runs are replayed with the other recordings.

use optim_core::methods::{Cma, CmaConfig, UhCma, UhCmaConfig};
use optim_core::rand::RngExt;
use optim_core::{ConfigError, Method, Optimizer, Population, Stream, stream_rng};

const SEED: u64 = 8;

fn config(population_size: usize, reevaluations: usize) -> UhCmaConfig {
    UhCmaConfig { population_size, reevaluations, sigma0: 1.0, ..Default::default() }
}

fn ask(method: &mut impl Optimizer) -> Population {
    let mut codes = Population::new(method.dim());
    method.ask(&mut stream_rng(SEED, Stream::Method, method.generation()), &mut codes);
    codes
}

fn sphere(codes: &Population) -> Vec<f64> {
    codes.iter().map(|code| -code.iter().map(|x| (x - 1.0).powi(2)).sum::<f64>()).collect()
}

#[test]
fn the_first_codes_are_scored_again() {
    let mut method = UhCma::new(5, config(16, 3)).unwrap();
    for _ in 0..4 {
        let codes = ask(&mut method);
        assert_eq!(codes.len(), 16);
        for i in 0..3 {
            assert_eq!(codes.code(13 + i), codes.code(i));
        }
        assert_ne!(codes.code(3), codes.code(0));
        method.tell(&codes, &sphere(&codes)).unwrap();
    }
}

/// The measure finds nothing, so that the run is one of `cma` with as many samples.
#[test]
fn without_noise_it_is_cma() {
    let mut plain = Cma::new(6, CmaConfig { population_size: 14, sigma0: 1.0, ..Default::default() }).unwrap();
    let mut method = UhCma::new(6, config(20, 6)).unwrap();
    for _ in 0..60 {
        let (a, b) = (ask(&mut plain), ask(&mut method));
        assert_eq!(a.as_slice(), &b.as_slice()[..a.as_slice().len()]);
        plain.tell(&a, &sphere(&a)).unwrap();
        method.tell(&b, &sphere(&b)).unwrap();
        assert!(method.noise() < 0.0);
    }
    assert_eq!(plain.sigma(), method.sigma());
    assert!(method.sigma() < 1e-2, "{}", method.sigma());
}

#[test]
fn where_noise_decides_the_step_size_grows() {
    let mut plain = Cma::new(6, CmaConfig { population_size: 14, sigma0: 1.0, ..Default::default() }).unwrap();
    let mut method = UhCma::new(6, config(20, 6)).unwrap();
    let mut grown = 0;
    for generation in 0..80 {
        let mut rng = stream_rng(SEED, Stream::Noise, generation);
        let (a, b) = (ask(&mut plain), ask(&mut method));
        let by_chance = |codes: &Population, rng: &mut dyn optim_core::rand::Rng| -> Vec<f64> {
            codes.iter().map(|_| rng.random::<f64>()).collect()
        };
        plain.tell(&a, &by_chance(&a, &mut rng)).unwrap();
        method.tell(&b, &by_chance(&b, &mut rng)).unwrap();
        grown += usize::from(method.noise() > 0.0);
    }
    assert!(grown > 70, "{grown} of 80 generations");
    // 1 + 2/16 a generation, less what the path takes away.
    assert!(method.sigma() > 100.0 * plain.sigma(), "{} and {}", method.sigma(), plain.sigma());
}

#[test]
fn a_missing_score_is_that_of_the_second_time() {
    let scores = [1.0, 5.0, 4.0, 3.0, 2.0, 0.0];
    let with = |first: f64, again: f64| {
        let mut method = UhCma::new(3, config(8, 2)).unwrap();
        let codes = ask(&mut method);
        let mut told = scores.to_vec();
        told[0] = first;
        told.extend([again, 5.0]);
        method.tell(&codes, &told).unwrap();
        (method.mean().to_vec(), method.noise())
    };
    assert_eq!(with(f64::NAN, 1.0).0, with(1.0, 1.0).0);
    // Code 1 alone tells of the noise then, and has not changed. The limit of a change is 1 at least, the rate 0.3.
    assert!(with(f64::NAN, 9.0).1 <= -0.3);
    assert!(with(1.0, 9.0).1 > 0.0 && with(1.0, 1.0).1 <= -0.3);

    let mut method = UhCma::new(3, config(8, 2)).unwrap();
    let codes = ask(&mut method);
    let mut told = vec![f64::NAN; 8];
    told[6] = 1.0;
    method.tell(&codes, &told).unwrap();
    assert!(method.mean().iter().all(|x| x.is_finite()) && method.noise() == 0.0);
}

#[test]
fn given_codes_are_scored_once() {
    let mut method = UhCma::new(2, config(8, 4)).unwrap();
    method.start_from(&Population::from_rows(2, &[1.0, 2.0])).unwrap();
    let codes = ask(&mut method);
    assert_eq!(codes.len(), 1);
    method.tell(&codes, &[0.0]).unwrap();
    assert_eq!(method.mean(), [1.0, 2.0]);
    assert_eq!(ask(&mut method).len(), 8);
}

#[test]
fn options_out_of_range_are_refused() {
    let options = [("sigma0", "0"), ("reevaluations", "0"), ("population_size", "7"), ("updatecovwait", "-1")];
    for (option, value) in options {
        let error = Method::with_options("UH-CMA-ES", &[(option.to_owned(), value.to_owned())])
            .and_then(|method| method.build(4))
            .unwrap_err();
        assert!(matches!(error, ConfigError::OutOfRange { option: named, .. } if named == option), "{error}");
    }
    let error = UhCma::new(4, config(40, 21)).unwrap_err().to_string();
    assert!(error.contains("42 or more with reevaluations = 21"), "{error}");
}
