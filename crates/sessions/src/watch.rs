//! What an experimenter should know of: silent, constant and saturated responses, gaps, drift.

/// Share of missing scores above which there is a warning.
const MISSING: f64 = 1.0 / 3.0;

/// Share of scores that are equal to the largest above which the responses count as saturated.
const SATURATED: f64 = 0.25;

/// Blocks at the beginning and at the end whose references are compared.
const BLOCKS: usize = 5;

/// Counts what came, and says what looks wrong: each thing when it begins.
#[derive(Debug)]
pub(crate) struct Watch {
    /// What is wrong with each thread at present.
    wrong: Vec<Option<&'static str>>,
    drifting: bool,
}

impl Watch {
    pub(crate) fn new(threads: usize) -> Self {
        Self { wrong: vec![None; threads], drifting: false }
    }

    /// The scores of a generation, and those of the references by block so far; returns what is wrong since.
    pub(crate) fn told(
        &mut self,
        thread: usize,
        name: &str,
        scores: &[f64],
        references: &[(u32, Vec<f64>)],
    ) -> Vec<String> {
        let missing = scores.iter().filter(|score| score.is_nan()).count();
        let wrong = wrong_with(scores, missing);
        let mut warnings = Vec::new();
        if let Some(wrong) = wrong.filter(|_| self.wrong[thread] != wrong) {
            warnings.push(format!("thread '{name}': {wrong}"));
        }
        self.wrong[thread] = wrong;
        let drift = drift(references);
        if let Some(drift) = drift.as_ref().filter(|_| !self.drifting) {
            warnings.push(drift.clone());
        }
        self.drifting = drift.is_some();
        warnings
    }
}

/// Whether the references' mean left the range of their means in the first blocks: by more than three standard
/// deviations of the block means and a fifth of their mean.
fn drift(references: &[(u32, Vec<f64>)]) -> Option<String> {
    let means: Vec<f64> = references.iter().map(|(_, scores)| mean(scores)).filter(|mean| !mean.is_nan()).collect();
    if means.len() < 2 * BLOCKS {
        return None;
    }
    let (first, last) = (&means[..BLOCKS], &means[means.len() - BLOCKS..]);
    let (then, now) = (mean(first), mean(last));
    let spread = (first.iter().map(|value| (value - then).powi(2)).sum::<f64>() / (BLOCKS - 1) as f64).sqrt();
    let far = (now - then).abs() > (3.0 * spread / (BLOCKS as f64).sqrt()).max(0.2 * then.abs());
    far.then(|| format!("the references' mean drifted from {then:.3} in the first {BLOCKS} blocks to {now:.3}"))
}

fn wrong_with(scores: &[f64], missing: usize) -> Option<&'static str> {
    let numbers: Vec<f64> = scores.iter().copied().filter(|score| !score.is_nan()).collect();
    let largest = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let at_largest = numbers.iter().filter(|score| **score == largest).count();
    if missing as f64 > MISSING * scores.len() as f64 {
        Some("more than a third of the scores are missing")
    } else if numbers.iter().all(|score| *score == 0.0) {
        Some("no response: all scores are 0")
    } else if numbers.len() > 1 && at_largest == numbers.len() {
        Some("all scores are the same")
    } else if at_largest > 2 && at_largest as f64 > SATURATED * numbers.len() as f64 {
        Some("responses saturate: more than a quarter of the scores are equal to the largest")
    } else {
        None
    }
}

fn mean(values: &[f64]) -> f64 {
    let numbers: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_once() {
        let mut watch = Watch::new(1);
        assert_eq!(watch.told(0, "it", &[1.0, 2.0, 3.0], &[]), [""; 0]);
        assert_eq!(watch.told(0, "it", &[0.0; 3], &[]), ["thread 'it': no response: all scores are 0"]);
        assert_eq!(watch.told(0, "it", &[0.0; 3], &[]), [""; 0]);
        assert_eq!(watch.told(0, "it", &[2.0; 3], &[]), ["thread 'it': all scores are the same"]);
        assert!(watch.told(0, "it", &[9.0, 9.0, 9.0, 1.0], &[])[0].contains("saturate"));
        assert!(watch.told(0, "it", &[f64::NAN, f64::NAN, 1.0, 2.0], &[])[0].contains("missing"));
    }

    #[test]
    fn references_that_fade_are_noticed() {
        let mut watch = Watch::new(1);
        let (mut references, mut warned) = (Vec::new(), 0);
        for block in 0..12 {
            let fading = if block < 6 { 10.0 } else { 5.0 };
            references.push((block, vec![fading + f64::from(block % 2)]));
            warned += watch.told(0, "it", &[1.0, 2.0], &references).len();
        }
        assert_eq!(warned, 1);
    }
}
