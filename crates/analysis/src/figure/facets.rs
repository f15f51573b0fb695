//! What small multiples have in common.

/// Values in the order of their first appearance, each once.
pub(crate) fn distinct<T: PartialEq>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for value in values {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen
}

/// Noise levels in ascending order, each once.
pub(crate) fn noise_levels(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut levels = distinct(values);
    levels.sort_unstable_by(f64::total_cmp);
    levels
}

/// Heading of a panel at a noise level.
pub(crate) fn noise_heading(noise: f64) -> String {
    if noise == 0.0 { "no noise".to_owned() } else { format!("noise {noise}") }
}

/// Numbers `1 ..` against values: components, ranks.
pub(crate) fn numbered(values: &[f64]) -> Vec<(f64, f64)> {
    values.iter().enumerate().map(|(index, value)| ((index + 1) as f64, *value)).collect()
}

/// Numbers `0 ..` against values: generations.
pub(crate) fn counted(values: &[f64]) -> Vec<(f64, f64)> {
    values.iter().enumerate().map(|(index, value)| (index as f64, *value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_sorted_and_each_there_once() {
        assert_eq!(noise_levels([0.5, 0.0, 0.2, 0.5]), [0.0, 0.2, 0.5]);
        assert_eq!(distinct(["b", "a", "b"]), ["b", "a"]);
        assert_eq!([0.0, 0.25].map(noise_heading), ["no noise", "noise 0.25"]);
    }
}
