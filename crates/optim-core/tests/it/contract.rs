//! The ask/tell contract, over every registered method.

use optim_core::{AnyOptimizer, ConfigError, Method, Optimizer, Population, TellError, ValueKind, registry};
use proptest::prelude::*;

use crate::common::{ask, bits, cases, cases_of, landscapes, run, state};

proptest! {
    #[test]
    fn codes_are_finite_and_generations_count(case in cases(), landscape in landscapes()) {
        let mut optimizer = case.build();
        prop_assert_eq!(optimizer.recommend().len(), case.dim);
        for (g, codes) in run(&mut optimizer, &case, |codes| landscape.scores(codes)).iter().enumerate() {
            prop_assert_eq!(codes.dim(), case.dim);
            prop_assert!(!codes.is_empty() && codes.len() <= case.method.population_size(case.dim) + 1, "generation {}", g);
            prop_assert!(codes.as_slice().iter().all(|x| x.is_finite()), "generation {}", g);
        }
        prop_assert_eq!(optimizer.generation(), case.generations);
        prop_assert!(optimizer.recommend().iter().all(|x| x.is_finite()));
    }

    #[test]
    fn the_incumbent_is_the_best_code_told(case in cases(), landscape in landscapes()) {
        let mut optimizer = case.build();
        let mut best = f64::NEG_INFINITY;
        for codes in run(&mut optimizer, &case, |codes| landscape.scores(codes)) {
            best = landscape.scores(&codes).into_iter().fold(best, f64::max);
        }
        prop_assert_eq!(optimizer.incumbent().map(|(_, score)| score), Some(best));
    }

    #[test]
    fn same_seed_same_bits(case in cases(), landscape in landscapes()) {
        let (mut a, mut b) = (case.build(), case.build());
        let codes_a = run(&mut a, &case, |codes| landscape.scores(codes));
        let codes_b = run(&mut b, &case, |codes| landscape.scores(codes));
        prop_assert_eq!(codes_a, codes_b);
        prop_assert_eq!(state(&a), state(&b));
    }

    #[test]
    fn asking_again_gives_the_same_codes(case in cases(), landscape in landscapes()) {
        let mut optimizer = case.build();
        run(&mut optimizer, &case, |codes| landscape.scores(codes));
        let first = ask(&mut optimizer, case.seed, case.generations);
        let after_first = state(&optimizer);
        let second = ask(&mut optimizer, case.seed, case.generations);
        prop_assert_eq!(first, second);
        prop_assert_eq!(after_first, state(&optimizer));
    }

    #[test]
    fn a_restored_state_continues_bit_for_bit(case in cases(), landscape in landscapes(), between in any::<bool>()) {
        let mut optimizer = case.build();
        run(&mut optimizer, &case, |codes| landscape.scores(codes));
        let asked = between.then(|| ask(&mut optimizer, case.seed, case.generations));
        let mut restored: AnyOptimizer = postcard::from_bytes(&state(&optimizer)).unwrap();
        if let Some(codes) = asked {
            for o in [&mut optimizer, &mut restored] {
                o.tell(&codes, &landscape.scores(&codes)).unwrap();
            }
        }
        for generation in optimizer.generation()..optimizer.generation() + 5 {
            let (a, b) = (ask(&mut optimizer, case.seed, generation), ask(&mut restored, case.seed, generation));
            prop_assert_eq!(bits(a.as_slice()), bits(b.as_slice()));
            optimizer.tell(&a, &landscape.scores(&a)).unwrap();
            restored.tell(&b, &landscape.scores(&b)).unwrap();
        }
        prop_assert_eq!(state(&optimizer), state(&restored));
    }

    #[test]
    fn replaying_recorded_scores_equals_the_run(case in cases(), landscape in landscapes()) {
        let mut recorded = Vec::new();
        let mut original = case.build();
        let codes = run(&mut original, &case, |codes| {
            recorded.push(landscape.scores(codes));
            landscape.scores(codes)
        });
        let mut replayed = case.build();
        let mut scores = recorded.into_iter();
        let again = run(&mut replayed, &case, |_| scores.next().unwrap());
        prop_assert_eq!(codes, again);
        prop_assert_eq!(state(&original), state(&replayed));
    }

    #[test]
    fn an_erroneous_tell_changes_nothing(case in cases(), landscape in landscapes()) {
        let mut optimizer = case.build();
        run(&mut optimizer, &case, |codes| landscape.scores(codes));
        let idle = state(&optimizer);
        let codes = Population::zeros(case.dim, 1);
        prop_assert_eq!(optimizer.tell(&codes, &[1.0]), Err(TellError::NotAsked));
        prop_assert_eq!(&idle, &state(&optimizer));

        let codes = ask(&mut optimizer, case.seed, case.generations);
        let waiting = state(&optimizer);
        let n = codes.len();
        let refused: Vec<TellError> = vec![
            optimizer.tell(&Population::zeros(case.dim + 1, n), &vec![0.0; n]).unwrap_err(),
            optimizer.tell(&Population::zeros(case.dim, n + 1), &vec![0.0; n + 1]).unwrap_err(),
            optimizer.tell(&codes, &vec![0.0; n + 1]).unwrap_err(),
            optimizer.tell(&with_nan(&codes), &vec![0.0; n]).unwrap_err(),
        ];
        prop_assert_eq!(refused, vec![
            TellError::WrongDimension { expected: case.dim, found: case.dim + 1 },
            TellError::WrongCodeCount { asked: n, told: n + 1 },
            TellError::WrongScoreCount { codes: n, scores: n + 1 },
            TellError::NonFiniteCode { index: n - 1, component: case.dim - 1 },
        ]);
        prop_assert_eq!(waiting, state(&optimizer));
        prop_assert!(optimizer.tell(&codes, &landscape.scores(&codes)).is_ok());
    }

    #[test]
    fn a_generation_without_scores_is_refused_or_shown_again(case in cases(), landscape in landscapes()) {
        let mut optimizer = case.build();
        run(&mut optimizer, &case, |codes| landscape.scores(codes));
        let codes = ask(&mut optimizer, case.seed, case.generations);
        let (waiting, n) = (state(&optimizer), codes.len());
        let best = optimizer.incumbent().map(|(code, score)| (code.to_vec(), score));
        let told = optimizer.tell(&codes, &vec![f64::NAN; n]);
        if case.info.carries_all_nan {
            prop_assert_eq!(told, Ok(()));
            prop_assert_eq!(optimizer.generation(), case.generations + 1);
            prop_assert_eq!(optimizer.incumbent().map(|(code, score)| (code.to_vec(), score)), best);
            prop_assert_eq!(ask(&mut optimizer, case.seed, case.generations + 1), codes);
        } else {
            prop_assert_eq!(told, Err(TellError::AllNan { count: n }));
            prop_assert_eq!(waiting, state(&optimizer));
        }
    }

    #[test]
    fn given_codes_are_the_first_generation(case in cases(), n in 1usize..6) {
        let given = Population::from_rows(case.dim, &(0..case.dim * n).map(|i| 3.0 + (i as f64).sin()).collect::<Vec<_>>());
        let mut optimizer = case.build();
        optimizer.start_from(&given).unwrap();
        let first = ask(&mut optimizer, case.seed, 0);
        prop_assert_eq!(first.len(), n);
        for (code, start) in first.iter().zip(given.iter()) {
            let (dot, a, b) = (inner(code, start), inner(code, code), inner(start, start));
            prop_assert!((dot / (a * b).sqrt() - 1.0).abs() < 1e-12, "the direction of a given code is kept");
        }
        prop_assert_eq!(optimizer.start_from(&given), Err(ConfigError::AlreadyStarted));
        optimizer.tell(&first, &vec![1.0; n]).unwrap();
        for generation in 1..4 {
            let codes = ask(&mut optimizer, case.seed, generation);
            optimizer.tell(&codes, &vec![1.0; codes.len()]).unwrap();
        }
    }

    #[test]
    fn strictly_increasing_maps_of_the_scores_change_nothing(case in cases_of(|info| info.rank_based)) {
        let integers = |codes: &Population| -> Vec<f64> { codes.iter().map(|z| (z[0] * 7.0).round().clamp(-1e4, 1e4)).collect() };
        let (mut a, mut b) = (case.build(), case.build());
        let plain = run(&mut a, &case, integers);
        let mapped = run(&mut b, &case, |codes| integers(codes).iter().map(|s| s * s * s + 5.0).collect());
        prop_assert_eq!(plain, mapped);
        prop_assert_eq!(bits(a.recommend()), bits(b.recommend()));
    }
}

fn inner(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn with_nan(codes: &Population) -> Population {
    let mut broken = codes.clone();
    *broken.as_mut_slice().last_mut().unwrap() = f64::NAN;
    broken
}

#[test]
fn every_option_is_documented_and_has_a_default_and_a_smallest_size() {
    for info in registry() {
        let method = Method::from_name(info.name).unwrap();
        assert_eq!(method.name(), info.name);
        let mut options: Vec<String> = method.options().keys().cloned().collect();
        let mut documented: Vec<String> = info.options.iter().map(|o| o.name.to_owned()).collect();
        options.sort();
        documented.sort();
        assert_eq!(options, documented, "{}", info.name);
        let size = |size: usize| {
            let options = [(info.size_option.to_owned(), size.to_string())];
            Method::with_options(info.name, &options).unwrap().build(3)
        };
        assert!(size(info.smallest_size).is_ok(), "{}", info.name);
        assert!(size(info.smallest_size - 1).is_err(), "{}", info.name);
        for alias in info.aliases {
            assert_eq!(Method::from_name(alias).unwrap(), method);
        }
        let text = serde_json::to_string(&method).unwrap();
        assert_eq!(serde_json::from_str::<Method>(&text).unwrap(), method);
    }
}

#[test]
fn bad_names_and_values_are_named() {
    let message = |name: &str, option: &str, value: &str| {
        Method::with_options(name, &[(option.into(), value.into())]).and_then(|m| m.build(4)).unwrap_err().to_string()
    };
    assert!(Method::from_name("sphere_cma").unwrap_err().to_string().contains("did you mean sphere-cma"));
    assert!(message("genetic", "mutation_rat", "1").contains("did you mean mutation_rate"));
    assert!(message("genetic", "mutation_rate", "1.5").contains("from 0 to 1"));
    assert!(message("genetic", "n_conserve", "41").contains("from 0 to population_size (40)"));
    assert!(message("cholesky-cmaes", "init_sigma", "0").contains("init_sigma: 0 is out of range"));
    assert!(message("cholesky-cmaes", "init_sigma", "big").contains("'big'"));
    assert!(message("sphere-cma", "population_size", "0").contains("1 or more"));
    assert!(message("sphere-cma", "population_size", "-3").contains("-3"));
    assert!(message("random-search", "norm", "0").contains("above 0"));
    assert!(message("sphere-cma", "n_gen", "1000000000000000").contains("from 1 to 10000000"));
    assert_eq!(Method::from_name("genetic").unwrap().build(0).unwrap_err(), ConfigError::ZeroDimension);
}

#[test]
fn options_as_json_are_options_as_text() {
    let text = |options: &[(&str, &str)]| options.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let options: Vec<(String, String)> = text(&[("lim", "40,5"), ("n_gen", "none"), ("rankbasis", "true")]);
    let json = serde_json::json!({"lim": [40, 5], "n_gen": null, "rankbasis": true});
    let json = json.as_object().unwrap();
    for name in ["sphere-cma", "sphere-cma-inv", "ZOHA_Sphere_lin"] {
        let method = Method::from_json_options(name, json).unwrap();
        assert_eq!(method, Method::with_options(name, &options).unwrap());
        assert_eq!(method.info().name, Method::from_name(name).unwrap().name());
    }
    let wrong = Method::from_json_options("genetic", json).unwrap_err().to_string();
    assert!(wrong.contains("genetic has no option 'lim'"), "{wrong}");
}

#[test]
fn methods_are_read_as_they_were_written() {
    for info in registry() {
        let scaled = Method::from_name(info.name).unwrap().with_norm(0.1 + 0.2, 7).unwrap();
        assert_eq!(serde_json::from_str::<Method>(&serde_json::to_string(&scaled).unwrap()).unwrap(), scaled);
    }
    let read = |text: &str| serde_json::from_str::<Method>(text).map_err(|error| error.to_string());
    let turned = r#"{"options": {"mutation_rate": 0.30000000000000004}, "optimizer": "genetic"}"#;
    let genetic = Method::with_options("genetic", &[("mutation_rate".into(), "0.30000000000000004".into())]).unwrap();
    assert_eq!(read(turned), Ok(genetic));
    for (text, refusal) in [
        (r#"{"optimizer": "genetics", "options": {}}"#, "unknown variant `genetics`"),
        (r#"{"optimizer": "genetic", "options": {"lim": 1}}"#, "unknown field `lim`"),
        (r#"{"optimizer": "genetic", "options": {"mutation_rate": "1"}}"#, "invalid type"),
        (r#"{"optimizer": "genetic"}"#, "missing field `options`"),
        (r#"{"options": {}}"#, "missing field `optimizer`"),
    ] {
        assert!(read(text).is_err_and(|error| error.contains(refusal)), "{text}: {:?}", read(text));
    }
}

#[test]
fn options_are_read_as_typed() {
    let options = [("lim", "40,5"), ("rankbasis", "True"), ("n_gen", "9"), ("schedule_mode", "lin")];
    let options = options.map(|(k, v)| (k.to_owned(), v.to_owned()));
    let method = Method::with_options("sphere-cma", &options).unwrap();
    assert_eq!(method.name(), "sphere-cma-lin");
    assert_eq!(method.options()["lim"], serde_json::json!([40.0, 5.0]));
    assert_eq!(method.for_generations(75).options()["n_gen"], serde_json::json!(9));
}

/// Codes replaced by zeros, or by values whose norm overflows, have no direction to follow.
#[test]
fn codes_without_a_direction_do_not_spoil_the_next_ones() {
    for info in registry() {
        for value in [0.0, 1e-300, 1e200, -1e250] {
            let mut optimizer = Method::from_name(info.name).unwrap().build(4).unwrap();
            for generation in 0..4 {
                let mut codes = ask(&mut optimizer, 3, generation);
                assert!(codes.as_slice().iter().all(|x| x.is_finite()), "{} after {value}", info.name);
                codes.as_mut_slice().fill(value);
                let scores: Vec<f64> = (0..codes.len()).map(|i| i as f64).collect();
                optimizer.tell(&codes, &scores).unwrap();
            }
        }
        let mut optimizer = Method::from_name(info.name).unwrap().build(4).unwrap();
        let mut codes = ask(&mut optimizer, 3, 0);
        codes.code_mut(0)[2] = f64::MAX;
        let refused = optimizer.tell(&codes, &vec![1.0; codes.len()]);
        assert_eq!(refused, Err(TellError::NonFiniteCode { index: 0, component: 2 }), "{}", info.name);
    }
}

/// What an option is said to take is what it takes.
#[test]
fn options_take_what_they_say() {
    let set = |name: &str, option: &str, value: &str| Method::with_options(name, &[(option.into(), value.into())]);
    for info in registry() {
        for option in info.options {
            let good: Vec<&str> = match option.takes {
                ValueKind::Count | ValueKind::CountOrWord(_) => vec!["3"],
                ValueKind::Number => vec!["0.5", "3"],
                ValueKind::Flag => vec!["true", "False"],
                ValueKind::Pair => vec!["-1,2.5", "[0,1]"],
                _ => Vec::new(),
            };
            let none = option.optional.then_some("none");
            for value in good.into_iter().chain(option.takes.words().iter().copied()).chain(none) {
                assert!(set(info.name, option.name, value).is_ok(), "{} {}={value}", info.name, option.name);
            }
            for value in ["many", "{}"].into_iter().chain((!option.optional).then_some("none")) {
                let error = set(info.name, option.name, value).unwrap_err().to_string();
                let expected =
                    format!("option {} of {} takes {}; '{value}' was given", option.name, info.name, option.values());
                assert_eq!(error, expected);
            }
        }
    }
    let error = |option: &str, value: &str| set("cma", option, value).unwrap_err().to_string();
    assert_eq!(
        error("population_size", "-3"),
        "option population_size of cma takes a whole number, 0 or more; '-3' was given"
    );
    assert!(error("sigma", "2").contains("did you mean sigma0?"));
    assert!(error("popsize", "2").contains("did you mean population_size?"));
    let stranger = set("sphere-cma", "sigma", "2").unwrap_err().to_string();
    assert!(!stranger.contains("did you mean"), "{stranger}");
    let cmaes = Method::from_name("cmaes").unwrap_err().to_string();
    assert!(cmaes.contains("did you mean cholesky-cmaes or cma"), "{cmaes}");
}

#[test]
fn the_reference_population_depends_on_the_dimension() {
    let given =
        |value: &str| Method::with_options("cholesky-cmaes", &[("population_size".into(), value.into())]).unwrap();
    let reference = given("reference");
    for (dim, codes) in [(256, 28), (1000, 33), (9216, 43)] {
        assert_eq!(reference.population_size(dim), codes);
    }
    assert_eq!(given("40"), Method::from_name("cholesky-cmaes").unwrap());
    let text = |method: &Method| serde_json::to_string(method).unwrap();
    assert!(text(&given("40")).contains(r#""population_size":40,"#));
    assert!(text(&reference).contains(r#""population_size":"reference","#));
    assert_eq!(serde_json::from_str::<Method>(&text(&reference)).unwrap(), reference);

    let (mut by_rule, mut by_number) = (reference.build(256).unwrap(), given("28").build(256).unwrap());
    for generation in 0..3 {
        let (a, b) = (ask(&mut by_rule, 1, generation), ask(&mut by_number, 1, generation));
        assert_eq!((a.len(), &a), (if generation == 0 { 1 } else { 28 }, &b));
        let scores: Vec<f64> = (0..a.len()).map(|i| i as f64).collect();
        by_rule.tell(&a, &scores).unwrap();
        by_number.tell(&b, &scores).unwrap();
    }
    assert_eq!(state(&by_rule), state(&by_number));
}
