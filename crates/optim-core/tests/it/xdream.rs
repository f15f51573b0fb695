//! XDream's optimizers: missing scores, genealogy, gradients, guards.

use optim_core::methods::{
    Ancestry, XdreamFdgd, XdreamFdgdConfig, XdreamGenetic, XdreamGeneticConfig, XdreamNes, XdreamNesConfig,
};
use optim_core::{Method, Optimizer, Population, Stream, stream_rng};

use crate::common::ask;

const NAN: f64 = f64::NAN;

/// Three generations of a genetic algorithm without mutation: what was told first, asked next.
fn told(config: XdreamGeneticConfig, scores: &[f64]) -> (Population, XdreamGenetic, Population) {
    let mut method = XdreamGenetic::new(50, config).unwrap();
    let (mut first, mut next) = (Population::new(50), Population::new(50));
    method.ask(&mut stream_rng(3, Stream::Method, 0), &mut first);
    assert!(method.genealogy().iter().all(|a| *a == Ancestry::Initial) && method.genealogy().len() == first.len());
    method.tell(&first, scores).unwrap();
    method.ask(&mut stream_rng(3, Stream::Method, 1), &mut next);
    (first, method, next)
}

fn without_mutation(population_size: usize, n_conserve: usize) -> XdreamGeneticConfig {
    XdreamGeneticConfig { population_size, mutation_rate: 0.0, n_conserve: Some(n_conserve), ..Default::default() }
}

#[test]
fn genealogy_says_where_every_code_comes_from() {
    let (first, method, next) = told(without_mutation(8, 2), &[5.0, NAN, 7.0, 1.0, NAN, 6.0, 2.0, 3.0]);
    let genealogy = method.genealogy();
    assert_eq!(genealogy[..2], [Ancestry::Conserved(2), Ancestry::Conserved(5)]);
    assert_eq!(genealogy[6..], [Ancestry::CarriedOver(1), Ancestry::CarriedOver(4)]);
    assert_eq!((genealogy.len(), next.len()), (8, 8));
    for (code, ancestry) in next.iter().zip(genealogy) {
        match *ancestry {
            Ancestry::Conserved(i) | Ancestry::CarriedOver(i) => assert_eq!(code, first.code(i)),
            Ancestry::Child(parents) => {
                assert!(parents.iter().all(|i| ![1, 4].contains(i)), "an unscored code breeds");
                let [a, b] = parents.map(|i| first.code(i));
                assert!(code.iter().zip(a).zip(b).all(|((x, a), b)| x == a || x == b));
            }
            Ancestry::Initial => panic!("a later generation is not initial"),
        }
    }
}

#[test]
fn unscored_codes_take_the_place_of_children() {
    let (first, method, next) = told(without_mutation(4, 3), &[NAN, 2.0, NAN, NAN]);
    let carried = [0, 2, 3].map(Ancestry::CarriedOver);
    assert_eq!(method.genealogy(), [&[Ancestry::Conserved(1)], &carried[..]].concat());
    assert_eq!(method.children(), 0);
    assert_eq!(next.code(3), first.code(3));
}

#[test]
fn a_larger_or_smaller_first_generation_leads_to_the_population_size() {
    for (given, scored) in [(2, 2), (2, 1), (11, 11), (11, 1), (11, 8)] {
        let codes = Population::from_rows(3, &(0..3 * given).map(|i| i as f64).collect::<Vec<_>>());
        let mut method = XdreamGenetic::new(3, without_mutation(5, 2)).unwrap();
        method.start_from(&codes).unwrap();
        let mut out = Population::new(3);
        method.ask(&mut stream_rng(3, Stream::Method, 0), &mut out);
        let scores: Vec<f64> = (0..given).map(|i| if i < scored { i as f64 } else { NAN }).collect();
        method.tell(&out, &scores).unwrap();
        method.ask(&mut stream_rng(3, Stream::Method, 1), &mut out);
        assert_eq!((out.len(), method.genealogy().len()), (5, 5), "{given} given, {scored} scored");
        assert!(!method.genealogy().contains(&Ancestry::Initial));
    }
}

#[test]
fn scores_are_clipped_at_the_95th_percentile_after_the_temperature() {
    let scores: Vec<f64> = (0..21).map(|i| if i == 20 { 1000.0 } else { f64::from(i) }).collect();
    let (_, method, _) = told(without_mutation(21, 1), &scores);
    assert!((method.best_score().unwrap() - 19.0).abs() < 1e-9, "the second best of 21");
    assert!(method.kt() > 100.0, "the outlier counts in the temperature: {}", method.kt());
    assert_eq!(method.incumbent().unwrap().1, 1000.0);
}

#[test]
fn conserved_codes_by_number_or_by_ratio() {
    let conserved = |n_conserve, n_conserve_ratio| {
        let config = XdreamGeneticConfig { n_conserve, n_conserve_ratio, population_size: 10, ..Default::default() };
        let (_, method, _) = told(config, &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
        method.genealogy().iter().filter(|a| matches!(a, Ancestry::Conserved(_))).count()
    };
    assert_eq!(conserved(None, None), 0);
    assert_eq!(conserved(None, Some(0.39)), 3);
    assert_eq!(conserved(Some(1), Some(0.39)), 1);
}

#[test]
fn heritability_is_symmetric() {
    let next = |heritability| {
        let config = XdreamGeneticConfig { heritability, ..without_mutation(6, 0) };
        told(config, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).2
    };
    assert_eq!(next(0.25), next(0.75));
    assert_ne!(next(0.25), next(0.5));
}

#[test]
fn bad_options_are_named() {
    let message = |name: &str, option: &str, value: &str| {
        Method::with_options(name, &[(option.into(), value.into())]).and_then(|m| m.build(4)).unwrap_err().to_string()
    };
    assert!(message("xdream-genetic", "n_conserve", "20").contains("below population_size (20)"));
    assert!(message("xdream-genetic", "n_conserve_ratio", "1").contains("below 1"));
    assert!(message("xdream-genetic", "selectivity", "0").contains("above 0"));
    assert!(message("xdream-fdgd", "n_samples", "1").contains("2 or more"));
    assert!(message("xdream-fdgd", "search_radius", "0").contains("above 0"));
    assert!(message("xdream-nes", "n_samples", "1").contains("2 or more where antithetic"));
    assert!(message("xdream-nes", "search_radius_learning_rate", "-1").contains("from 0"));
    assert!(message("xdream-nes", "learning_rat", "1").contains("did you mean learning_rate"));
}

/// Direction cosine between where a method went from zero and the gradient of `score = sum z`.
fn cosine_with_ones(method: &mut dyn Optimizer, offset: f64, missing: usize) -> f64 {
    let mut codes = Population::new(20);
    for generation in 0..100 {
        method.ask(&mut stream_rng(1, Stream::Method, generation), &mut codes);
        let mut scores: Vec<f64> = codes.iter().map(|z| offset + z.iter().sum::<f64>()).collect();
        scores[..missing].fill(NAN);
        method.tell(&codes, &scores).unwrap();
    }
    let center = method.recommend();
    center.iter().sum::<f64>() / (20.0 * center.iter().map(|x| x * x).sum::<f64>()).sqrt()
}

#[test]
fn finite_differences_climb_and_no_offset_matters() {
    for (antithetic, codes) in [(true, 8), (false, 9)] {
        let config = XdreamFdgdConfig { n_samples: 9, antithetic, ..Default::default() };
        for (offset, missing) in [(0.0, 0), (1e3, 0), (0.0, 2)] {
            let mut method = XdreamFdgd::new(20, config).unwrap();
            assert!(cosine_with_ones(&mut method, offset, missing) > 0.9, "offset {offset}, {missing} missing");
        }
        let mut out = Population::new(20);
        XdreamFdgd::new(20, config).unwrap().ask(&mut stream_rng(1, Stream::Method, 0), &mut out);
        assert_eq!(out.len(), codes);
    }
}

#[test]
fn the_natural_evolution_strategy_climbs_and_learns_its_radius() {
    for (antithetic, eltwise, missing) in [(true, false, 0), (true, true, 3), (false, false, 0), (false, true, 2)] {
        let config = XdreamNesConfig {
            n_samples: 31,
            learning_rate: 0.005,
            antithetic,
            search_radius_learning_rate: Some(1e-3),
            learn_search_radius_eltwise: eltwise,
            ..Default::default()
        };
        let mut method = XdreamNes::new(20, config).unwrap();
        assert!(cosine_with_ones(&mut method, 0.0, missing) > 0.9, "antithetic {antithetic}, eltwise {eltwise}");
        assert_eq!(method.search_radius().len(), if eltwise { 20 } else { 1 });
        assert!(method.search_radius().iter().all(|&r| r >= 0.01 && r != 1.25));
    }
}

#[test]
fn a_radius_that_is_not_learnt_stays_and_no_radius_is_below_its_least() {
    let radius = |search_radius, rate| {
        let config = XdreamNesConfig { search_radius, search_radius_learning_rate: rate, ..Default::default() };
        let mut method = XdreamNes::new(20, config).unwrap();
        cosine_with_ones(&mut method, 0.0, 0);
        method.search_radius()[0]
    };
    assert_eq!(radius(0.7, None), 0.7);
    assert_eq!(radius(0.7, Some(0.0)), 0.7);
    assert_eq!(radius(1e-5, None), 0.01);
}

#[test]
fn extreme_options_and_scores_keep_codes_finite() {
    for (name, options) in [
        ("xdream-fdgd", [("search_radius", "1e100"), ("learning_rate", "1e100")]),
        ("xdream-fdgd", [("search_radius", "1e-100"), ("learning_rate", "1e100")]),
        ("xdream-nes", [("search_radius_learning_rate", "1e100"), ("learning_rate", "1e100")]),
        ("xdream-nes", [("search_radius_learning_rate", "1e100"), ("min_search_radius", "1e-100")]),
        ("xdream-genetic", [("selectivity", "1e100"), ("mutation_size", "1e100")]),
    ] {
        let options = options.map(|(k, v)| (k.to_owned(), v.to_owned()));
        let mut optimizer = Method::with_options(name, &options).unwrap().build(3).unwrap();
        for generation in 0..20 {
            let codes = ask(&mut optimizer, 5, generation);
            assert!(codes.as_slice().iter().all(|x| x.is_finite()), "{name} {options:?}, generation {generation}");
            let scores: Vec<f64> = codes.iter().map(|z| if z[0] > z[1] { f64::MAX } else { -f64::MAX }).collect();
            optimizer.tell(&codes, &scores).unwrap();
        }
        assert!(optimizer.recommend().iter().all(|x| x.is_finite()));
    }
}

#[test]
fn the_best_of_given_codes_is_the_centre() {
    for name in ["xdream-fdgd", "xdream-nes"] {
        let mut optimizer = Method::from_name(name).unwrap().build(2).unwrap();
        optimizer.start_from(&Population::from_rows(2, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])).unwrap();
        let codes = ask(&mut optimizer, 0, 0);
        optimizer.tell(&codes, &[NAN, 8.0, 1.0]).unwrap();
        assert_eq!(optimizer.recommend(), [3.0, 4.0], "{name}");
        let codes = ask(&mut optimizer, 0, 1);
        assert_eq!(codes.len(), 20);
        let mean = codes.mean().unwrap();
        assert!((mean[0] - 3.0).abs() < 1e-12 && (mean[1] - 4.0).abs() < 1e-12, "antithetic halves around it");
    }
}
