//! Sizes are bounded before anything is allocated.

use optim_core::{ConfigError, Method, Optimizer, Population, Stream, registry, stream_rng};
use proptest::prelude::*;

use crate::common::state;

fn sized(name: &str, size: u64) -> Method {
    let info = Method::from_name(name).unwrap().info();
    Method::with_options(name, &[(info.size_option.to_owned(), size.to_string())]).unwrap()
}

#[test]
fn populations_beyond_the_bound_are_refused() {
    for info in registry() {
        for size in [(1 << 20) + 1, 100_000_000_000, u64::from(u32::MAX), i64::MAX as u64, u64::MAX] {
            let method = sized(info.name, size);
            assert!(method.memory_bytes(4096, 75) >= size, "{}", info.name);
            let error = method.build(4).unwrap_err();
            let named = matches!(&error, ConfigError::OutOfRange { option, .. } if *option == info.size_option);
            assert!(named && error.to_string().contains("at most 1048576"), "{}: {error}", info.name);
        }
    }
}

#[test]
fn codes_that_no_memory_holds_are_refused() {
    for info in registry() {
        for dim in [usize::MAX, usize::MAX / 2, isize::MAX as usize, 1 << 50] {
            let error = Method::from_name(info.name).unwrap().build(dim).unwrap_err();
            let ConfigError::TooLarge { dim: named, bytes, .. } = error else { panic!("{}: {error}", info.name) };
            assert!(named == dim && bytes > 1 << 50, "{}: {bytes}", info.name);
        }
    }
}

/// The estimate is never below what the state holds, and not far above.
#[test]
fn the_estimate_of_memory_holds() {
    for info in registry() {
        for (dim, generations) in [(40, 60), (300, 12), (2100, 4)] {
            let method = Method::from_name(info.name).unwrap();
            let mut optimizer = method.build(dim).unwrap();
            let mut codes = Population::new(dim);
            let mut held = 0;
            for generation in 0..generations {
                optimizer.ask(&mut stream_rng(1, Stream::Method, generation), &mut codes);
                let scores: Vec<f64> = codes.iter().map(|code| code[0] + code[1]).collect();
                optimizer.tell(&codes, &scores).unwrap();
                // Numbers take eight bytes in a state as in memory.
                held = held.max(state(&optimizer).len() + 8 * codes.as_slice().len());
            }
            let estimate = method.memory_bytes(dim, generations) as usize;
            assert!(estimate >= held, "{} at {dim}: {estimate} bytes for {held}", info.name);
            assert!(estimate <= 16 * held, "{} at {dim}: {estimate} bytes for {held}", info.name);
        }
    }
}

#[test]
fn populations_of_references_grow_with_the_dimension() {
    let sizes = |name: &str| {
        let options = [("population_size".to_owned(), "reference".to_owned())];
        let method = Method::with_options(name, &options).unwrap();
        [1, 256, 1000, 4096, 9216].map(|dim| method.population_size(dim))
    };
    assert_eq!(sizes("cholesky-cmaes"), [4, 28, 33, 40, 43]);
    assert_eq!(sizes("lm-ma-es"), [4, 20, 24, 28, 31]);
}

proptest! {
    #[test]
    fn no_size_is_fatal(index in 0..registry().len(), shift in 0u32..64, dim_shift in 24u32..64, generations in any::<u64>()) {
        let info = registry()[index];
        let method = sized(info.name, 1 << shift);
        let dim = 1usize << dim_shift;
        let bytes = method.memory_bytes(dim, generations);
        prop_assert!(bytes >= method.memory_bytes(dim, 0));
        prop_assert!(bytes as f64 >= 8.0 * (1u64 << shift) as f64 * dim as f64 * 0.999 || bytes == u64::MAX);
        if shift > 20 || u64::from(shift + dim_shift) > 46 {
            prop_assert!(method.check_size(dim).is_err());
        }
    }
}
