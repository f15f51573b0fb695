//! Which known names a mistaken one may stand for.

use strsim::damerau_levenshtein;

/// Names that other programs give to options, and the options that do the same here.
const USUAL_NAMES: &[(&[&str], &[&str])] = &[
    (
        &["sigma", "sigma_0", "sigma0", "init_sigma", "step_size", "stepsize", "std"],
        &["init_sigma", "sigma0", "search_radius", "mutation_size"],
    ),
    (
        &[
            "popsize",
            "pop_size",
            "population",
            "population_size",
            "lambda",
            "num_workers",
            "workers",
            "batch_size",
            "n_samples",
        ],
        &["population_size", "workers", "n_samples"],
    ),
    (&["radius", "norm", "sphere_norm"], &["sphere_norm", "norm", "search_radius"]),
    (&["generations", "n_generations", "steps"], &["n_gen"]),
    (&["learning_rate", "lr"], &["lr", "learning_rate"]),
    (&["mu", "parents", "elite"], &["select_size", "n_conserve"]),
    (&["mean", "start", "x_0"], &["x0"]),
    (&["schedule"], &["schedule_mode"]),
    (&["temperature"], &["kT_multiplier", "selectivity"]),
    (&["elitism", "conserve"], &["n_conserve"]),
];

/// Options of `known` that do what programs elsewhere call `name`, else those that resemble it.
pub(crate) fn nearest_options(name: &str, known: &[String]) -> Vec<String> {
    let wanted = name.to_lowercase();
    let usual = USUAL_NAMES.iter().filter(|(names, _)| names.contains(&wanted.as_str())).flat_map(|(_, here)| *here);
    let usual: Vec<String> = usual.filter(|here| known.iter().any(|k| k == *here)).map(|here| (*here).into()).collect();
    if usual.is_empty() { nearest_names(name, known) } else { usual }
}

/// Up to three of `known` that `name` may stand for, most similar first: for messages.
///
/// A name is similar if at most a third of its letters, and four, are wrong, missing or swapped; else if it
/// begins with `name` or contains it; else if one of its parts is what `name` begins with (`cma` for
/// `cmaes`). Upper case, `-`, `_` and blanks make no difference.
#[must_use]
pub fn nearest_names(name: &str, known: &[String]) -> Vec<String> {
    let wanted = plain(name);
    let mut similar: Vec<((u8, usize), &String)> =
        known.iter().filter_map(|k| Some((dissimilarity(&wanted, &plain(k))?, k))).collect();
    similar.sort();
    similar.into_iter().take(3).map(|(_, k)| k.clone()).collect()
}

fn plain(name: &str) -> String {
    name.to_lowercase().replace(['_', ' '], "-")
}

/// In what way the two differ, and by how much; `None` if they have nothing in common.
fn dissimilarity(wanted: &str, known: &str) -> Option<(u8, usize)> {
    let [wanted_len, known_len] = [wanted, known].map(|name| name.chars().count());
    let distance = damerau_levenshtein(wanted, known);
    let begins_with_part = |part: &str| part.len() >= 3 && 2 * part.len() >= wanted.len() && wanted.starts_with(part);
    if distance <= (wanted_len.max(known_len) / 3).min(4) {
        Some((0, distance))
    } else if (wanted_len >= 2 && known.starts_with(wanted)) || (wanted_len >= 3 && known.contains(wanted)) {
        Some((1, distance))
    } else if known.split(['-', ':', '.', '/']).any(begins_with_part) {
        Some((2, distance))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{nearest_names, nearest_options};

    fn names(known: &[&str]) -> Vec<String> {
        known.iter().map(|&k| k.to_owned()).collect()
    }

    #[test]
    fn swapped_missing_and_wrong_letters_are_seen_through() {
        let known = names(&["sphere-cma", "sphere-cma-inv", "genetic", "cma"]);
        assert_eq!(nearest_names("shpere_cma", &known)[0], "sphere-cma");
        assert_eq!(nearest_names("Genetik", &known), ["genetic"]);
        assert_eq!(nearest_names("gen", &known), ["genetic"]);
    }

    #[test]
    fn names_that_share_a_part_are_suggested() {
        let known = names(&["cholesky-cmaes", "sphere-cma", "cma", "genetic", "ng-cma", "ng-de"]);
        assert_eq!(nearest_names("cmaes", &known), ["cholesky-cmaes", "cma", "ng-cma"]);
    }

    #[test]
    fn nothing_is_suggested_for_a_stranger() {
        let known = names(&["lim", "lr", "n_gen", "sphere_norm"]);
        assert!(nearest_names("sigma", &known).is_empty());
        assert!(nearest_names("", &known).is_empty());
    }

    #[test]
    fn usual_names_lead_to_the_options_here() {
        let cholesky = names(&["population_size", "init_sigma", "cc", "cs", "c1"]);
        assert_eq!(nearest_options("sigma", &cholesky), ["init_sigma"]);
        assert_eq!(nearest_options("popsize", &cholesky), ["population_size"]);
        let sphere = names(&["population_size", "lim", "lr", "sphere_norm"]);
        assert!(nearest_options("sigma", &sphere).is_empty());
        assert_eq!(nearest_options("radius", &sphere), ["sphere_norm"]);
        assert_eq!(nearest_options("spher_norm", &sphere), ["sphere_norm"]);
    }
}
