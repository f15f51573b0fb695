//! Which images a block shows, in which order.

use optim_core::{Stream, stream_rng};
use rand::RngExt;

use crate::config::{Choice, References, Settings};

/// How often an image was shown and answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Showings {
    pub(crate) shown: u32,
    pub(crate) responses: u32,
}

/// Presentations of evolved images in a block: how often it shows each image. Images with more showings left come first.
///
/// An image is shown until it has `repeats` responses, at most `repeats + show_again` times. Images of a thread that has no
/// score at all `must` be shown, without limit.
pub(crate) fn shows(settings: &Settings, block: u32, images: &[Showings], must: &[bool]) -> Vec<u32> {
    let limit = settings.repeats + settings.show_again;
    let left = |(image, &must): (&Showings, &bool)| {
        let wanted = settings.repeats.saturating_sub(image.responses);
        if must { wanted.max(1) } else { wanted.min(limit.saturating_sub(image.shown)) }
    };
    let left: Vec<u32> = images.iter().zip(must).map(left).collect();
    let mut order: Vec<usize> = (0..left.len()).filter(|&i| left[i] > 0).collect();
    shuffle(&mut order, settings.seed, block, 0);
    order.sort_by_key(|&i| std::cmp::Reverse(left[i]));
    let mut room = settings.block_size.unwrap_or(order.len());
    let mut shows = vec![0; left.len()];
    while room > 0 && order.iter().any(|&i| shows[i] < left[i]) {
        for &i in order.iter().filter(|&&i| shows[i] < left[i]).take(room).collect::<Vec<_>>() {
            shows[i] += 1;
            room -= 1;
        }
    }
    shows
}

/// Numbers of the references that a block shows, of `count`. `shown` is how many blocks came before.
pub(crate) fn references(config: &References, seed: u64, block: u32, shown: u32, count: usize) -> Vec<usize> {
    let wanted = config.per_block.unwrap_or(count).min(count);
    match config.choice {
        Choice::Fixed => (0..wanted).collect(),
        Choice::Rotating => (0..wanted).map(|i| (shown as usize * wanted + i) % count).collect(),
        Choice::Seeded => {
            let mut all: Vec<usize> = (0..count).collect();
            shuffle(&mut all, seed, block, 1);
            all.truncate(wanted);
            all
        }
    }
}

/// Fisher and Yates' shuffle, by the stream of the block and of the purpose.
pub(crate) fn shuffle(items: &mut [usize], seed: u64, block: u32, purpose: u64) {
    let mut rng = stream_rng(seed, Stream::Shuffle, u64::from(block) << 2 | purpose);
    for i in (1..items.len()).rev() {
        items.swap(i, rng.random_range(0..=i));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn images(list: &[(u32, u32)]) -> Vec<Showings> {
        list.iter().map(|&(shown, responses)| Showings { shown, responses }).collect()
    }

    #[test]
    fn by_default_a_block_shows_every_image_once() {
        let settings = Settings { repeats: 3, ..Settings::default() };
        assert_eq!(shows(&settings, 0, &images(&[(0, 0); 4]), &[false; 4]), [1; 4]);
        // An answered image rests; one that was shown too often without an answer is given up.
        assert_eq!(shows(&settings, 1, &images(&[(3, 3), (4, 2), (4, 0), (1, 1)]), &[false; 4]), [0, 0, 0, 1]);
        assert_eq!(shows(&settings, 1, &images(&[(4, 0)]), &[true]), [1]);
    }

    #[test]
    fn a_larger_block_repeats_images_and_a_smaller_one_begins_with_those_that_lack_most() {
        let mut settings = Settings { repeats: 3, block_size: Some(8), ..Settings::default() };
        let shown = shows(&settings, 0, &images(&[(0, 0); 4]), &[false; 4]);
        assert_eq!(shown, [2; 4]);
        settings.block_size = Some(2);
        let shown = shows(&settings, 0, &images(&[(2, 2), (0, 0), (1, 1), (0, 0)]), &[false; 4]);
        assert_eq!(shown, [0, 1, 0, 1]);
    }

    #[test]
    fn references_are_fixed_rotate_or_are_drawn() {
        let mut config = References { per_block: Some(2), ..References::default() };
        assert_eq!(references(&config, 1, 7, 7, 5), [0, 1]);
        config.choice = Choice::Rotating;
        assert_eq!(references(&config, 1, 2, 2, 5), [4, 0]);
        config.choice = Choice::Seeded;
        let drawn = references(&config, 1, 2, 2, 5);
        assert!(drawn.len() == 2 && drawn[0] != drawn[1]);
        assert_eq!(drawn, references(&config, 1, 2, 2, 5));
    }
}
