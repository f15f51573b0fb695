//! Which known names a mistaken one may stand for.

use strsim::damerau_levenshtein;

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

/// ` (did you mean a or b?)` for what [`nearest_names`] found, nothing if that is nothing: the end of a message.
#[must_use]
pub fn did_you_mean(nearest: &[String]) -> String {
    if nearest.is_empty() { String::new() } else { format!(" (did you mean {}?)", nearest.join(" or ")) }
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
    use super::nearest_names;

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
}
