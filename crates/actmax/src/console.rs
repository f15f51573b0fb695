//! What is said to the user beside the results, and how numbers are written.

use std::path::Path;

pub(crate) use progress::{counted, say, warn};

/// A number with four significant digits, and no more decimals than that takes.
pub(crate) fn significant(x: f64) -> String {
    let magnitude = x.abs();
    if !x.is_finite() || magnitude == 0.0 {
        return x.to_string();
    }
    if !(1e-4..1e7).contains(&magnitude) {
        return format!("{x:.3e}");
    }
    let mut decimals = 3;
    let mut bound = 10.0;
    while decimals > 0 && magnitude >= bound {
        (decimals, bound) = (decimals - 1, bound * 10.0);
    }
    let mut bound = 1.0;
    while magnitude < bound {
        (decimals, bound) = (decimals + 1, bound / 10.0);
    }
    format!("{x:.decimals$}")
}

/// A path as a word of a shell, in quotes.
pub(crate) fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

/// A path as a word of a shell, in quotes where it needs them.
pub(crate) fn shell_word(path: &Path) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+:=@%,\\".contains(c);
    let text = path.display().to_string();
    if text.chars().all(plain) { text } else { quoted(path) }
}

#[cfg(test)]
mod tests {
    use super::significant;

    #[test]
    fn numbers_have_four_digits() {
        let written = [0.0, 0.012_345, 0.5, 1.0, 12.345, -123.45, 12_345.6, 1e9, 2e-7, f64::NAN].map(significant);
        let expected = ["0", "0.01235", "0.5000", "1.000", "12.35", "-123.5", "12346", "1.000e9", "2.000e-7", "NaN"];
        assert_eq!(written, expected);
    }
}
