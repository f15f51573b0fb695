//! When images were shown.

use std::collections::BTreeMap;

use crate::recorded::Presentation;

/// Start and end of each presentation, in seconds since 1970 by the clock of this machine.
///
/// ```text
/// t of a rig's clock:   offered - t  <=  offset  <=  arrived - t    for all presentations of a run of blocks
///                       start = t + offset, with the largest offset;  end = start + image_s, or the next start
/// no t:                 start = offered,  end = arrived
/// ```
///
/// A run of blocks goes on while one offset fits all of them. So it ends where a rig starts its clock again, or where the two
/// clocks have drifted apart. Times that fit not even within a block count as none. An end is never after the arrival,
/// unless `image_s`, the seconds that an image is on the screen, says so.
#[must_use]
pub fn shown_at(presentations: &[Presentation<'_>], image_s: Option<f64>) -> Vec<[f64; 2]> {
    let mut starts: Vec<Option<f64>> = vec![None; presentations.len()];
    let mut blocks: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (i, presentation) in presentations.iter().enumerate().filter(|(_, shown)| time(shown).is_some()) {
        blocks.entry(presentation.block).or_default().push(i);
    }
    let mut run = Run::default();
    for members in blocks.into_values() {
        let block = Run::of(members, presentations);
        if !block.has_offset() {
            continue;
        }
        let joined = run.joined(&block);
        if joined.has_offset() {
            run = joined;
        } else {
            run.place(presentations, &mut starts);
            run = block;
        }
    }
    run.place(presentations, &mut starts);
    ends(presentations, &starts, image_s)
}

fn time(presentation: &Presentation<'_>) -> Option<f64> {
    presentation.row.t.filter(|t| t.is_finite())
}

/// Blocks of one clock: presentations, and the bounds of the offset.
#[derive(Debug)]
struct Run {
    members: Vec<usize>,
    least: f64,
    most: f64,
}

impl Default for Run {
    fn default() -> Self {
        Self { members: Vec::new(), least: f64::NEG_INFINITY, most: f64::INFINITY }
    }
}

impl Run {
    fn of(members: Vec<usize>, presentations: &[Presentation<'_>]) -> Self {
        let mut run = Self::default();
        for presentation in members.iter().map(|&i| &presentations[i]) {
            let t = time(presentation).unwrap_or(f64::NAN);
            run.least = run.least.max(presentation.offered_s - t);
            run.most = run.most.min(presentation.arrived_s - t);
        }
        Self { members, ..run }
    }

    fn has_offset(&self) -> bool {
        self.least <= self.most
    }

    fn joined(&self, other: &Self) -> Self {
        let members = [&self.members[..], &other.members].concat();
        Self { members, least: self.least.max(other.least), most: self.most.min(other.most) }
    }

    fn place(&self, presentations: &[Presentation<'_>], starts: &mut [Option<f64>]) {
        for &i in &self.members {
            starts[i] = time(&presentations[i]).map(|t| t + self.most);
        }
    }
}

fn ends(presentations: &[Presentation<'_>], starts: &[Option<f64>], image_s: Option<f64>) -> Vec<[f64; 2]> {
    let mut timed: Vec<f64> = starts.iter().flatten().copied().collect();
    timed.sort_by(f64::total_cmp);
    let span = |(presentation, start): (&Presentation<'_>, &Option<f64>)| {
        let Some(start) = *start else { return [presentation.offered_s, presentation.arrived_s] };
        let next = timed.get(timed.partition_point(|other| *other <= start)).copied().unwrap_or(f64::INFINITY);
        let end = image_s.map_or_else(|| next.min(presentation.arrived_s), |seconds| start + seconds);
        [start, end.max(start)]
    };
    presentations.iter().zip(starts).map(span).collect()
}

#[cfg(test)]
mod tests {
    use experiments::journal::Score;

    use super::*;
    use crate::event::Row;

    /// Presentations (block, offered, arrived, t).
    fn spans(list: &[(u32, f64, f64, Option<f64>)], image_s: Option<f64>) -> Vec<[f64; 2]> {
        let row = |t| Row { name: String::new(), id: None, trial: None, t, values: vec![Score(0.0)] };
        let rows: Vec<Row> = list.iter().map(|&(.., t)| row(t)).collect();
        let shown = |(&(block, offered_s, arrived_s, _), row)| Presentation {
            block,
            step: None,
            image: None,
            row,
            late: false,
            offered_s,
            arrived_s,
        };
        shown_at(&list.iter().zip(&rows).map(shown).collect::<Vec<_>>(), image_s)
    }

    #[test]
    fn the_quickest_answer_sets_the_clock() {
        let list = [
            (0, 100.0, 110.0, Some(1.0)),
            (0, 100.0, 110.0, Some(2.0)),
            (1, 111.0, 115.0, Some(12.5)),
            (1, 111.0, 115.0, Some(12.0)),
        ];
        // The offset is 115 - 12.5 at most; the first block alone would allow 108.
        let expected = [[103.5, 104.5], [104.5, 110.0], [115.0, 115.0], [114.5, 115.0]];
        assert_eq!(spans(&list, None), expected);
        assert_eq!(spans(&list, Some(0.25))[2], [115.0, 115.25]);
    }

    #[test]
    fn a_clock_that_starts_again_begins_another_run() {
        let list = [(0, 100.0, 110.0, Some(50.0)), (1, 200.0, 210.0, Some(0.5)), (1, 200.0, 210.0, Some(1.5))];
        assert_eq!(spans(&list, Some(0.1)), [[110.0, 110.1], [209.0, 209.1], [210.0, 210.1]]);
    }

    #[test]
    fn without_usable_times_a_presentation_lies_between_offer_and_answer() {
        // Times of two presentations that lie farther apart than the block lasted.
        let list = [(0, 100.0, 110.0, None), (1, 120.0, 130.0, Some(0.0)), (1, 120.0, 130.0, Some(11.0))];
        assert_eq!(spans(&list, Some(0.1)), [[100.0, 110.0], [120.0, 130.0], [120.0, 130.0]]);
    }
}
