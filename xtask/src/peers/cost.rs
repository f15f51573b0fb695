//! What a run costs, theirs and ours in turn.

use std::fmt::Write;
use std::path::Path;

use anyhow::Result;

use super::ours::FIRST_EIGHT;
use super::pairs::Pair;
use super::process::{Measured, Task, ours, theirs};

/// One side of a pair in one dimension: least over the repeats, which other load only adds to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    /// CPU seconds of the whole process, start included.
    pub(super) cpu: f64,
    pub(super) wall: f64,
    pub(super) peak_mb: f64,
    /// CPU seconds a generation: theirs after the third, ours the whole process by its generations.
    pub(super) generation: f64,
}

/// A pair in one dimension.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) pair: Pair,
    pub(super) dim: usize,
    pub(super) ours: Cost,
    pub(super) theirs: Cost,
}

impl Row {
    /// Runs either side in turn, `repeats` times.
    pub(super) fn measure(
        pair: Pair,
        python: &Path,
        dim: usize,
        generations: u32,
        repeats: u32,
        mut see: impl FnMut(&Measured),
    ) -> Result<Self> {
        let task = Task { landscape: FIRST_EIGHT, dim, noise: 0.2, seed: 0, generations };
        let [mut by_us, mut by_them] = [Vec::new(), Vec::new()];
        for _ in 0..repeats {
            by_us.push(ours(&pair, &task)?);
            by_them.push(theirs(&pair, python, &task)?);
        }
        by_them.last().into_iter().for_each(&mut see);
        let [ours, theirs] = [by_us, by_them].map(|runs| Cost::least(&runs, generations));
        Ok(Self { pair, dim, ours, theirs })
    }

    /// Theirs over ours: CPU a generation, CPU, wall time, memory.
    fn ratios(&self) -> [f64; 4] {
        let (ours, theirs) = (&self.ours, &self.theirs);
        let memory = theirs.peak_mb / ours.peak_mb;
        [theirs.generation / ours.generation, theirs.cpu / ours.cpu, theirs.wall / ours.wall, memory]
    }
}

impl Cost {
    fn least(runs: &[Measured], generations: u32) -> Self {
        let least = |value: &dyn Fn(&Measured) -> f64| runs.iter().map(value).fold(f64::INFINITY, f64::min);
        let generation = |run: &Measured| run.printed.generation_cpu.unwrap_or(run.cpu / f64::from(generations));
        Self {
            cpu: least(&|run| run.cpu),
            wall: least(&|run| run.wall),
            peak_mb: least(&|run| run.peak_mb),
            generation: least(&generation),
        }
    }
}

/// A Markdown table.
pub(super) fn markdown(rows: &[Row]) -> String {
    let mut out = String::from(
        "| theirs | ours | N | a generation, ms CPU: theirs | ours | ratio | process, s CPU: theirs | ours | ratio \
         | wall, s: theirs | ours | ratio | peak, MB: theirs | ours | ratio |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let (ours, theirs) = (&row.ours, &row.theirs);
        let [generation, cpu, wall, memory] = row.ratios();
        let kind = if row.pair.port { "" } else { " ≈" };
        let _ =
            write!(out, "| {} {} | `{}`{kind} | {} ", row.pair.peer.name(), row.pair.theirs, row.pair.ours, row.dim);
        let (a, b) = (1e3 * theirs.generation, 1e3 * ours.generation);
        let _ = write!(out, "| {a:.2} | {b:.3} | {generation:.1} | {:.2} | {:.3} | {cpu:.0} ", theirs.cpu, ours.cpu);
        let _ = write!(out, "| {:.2} | {:.3} | {wall:.0} ", theirs.wall, ours.wall);
        let _ = writeln!(out, "| {:.0} | {:.0} | {memory:.1} |", theirs.peak_mb, ours.peak_mb);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::pairs::PAIRS;
    use super::super::process::Printed;
    use super::*;
    use reproduction::landscapes::reference::Finish;

    fn measured(cpu: f64, wall: f64, peak_mb: f64, generation_cpu: Option<f64>) -> Measured {
        let finish = Finish { evaluations: 40, best_clean: 1.0, final_norm: 1.0 };
        let printed = Printed { finish, generation_cpu, versions: serde_json::Map::new(), date: String::new() };
        Measured { cpu, wall, peak_mb, printed }
    }

    #[test]
    fn the_least_of_the_repeats_counts() {
        let ours = [measured(2.5, 4.0, 30.0, None), measured(2.1, 5.0, 20.0, None)];
        let cost = Cost::least(&ours, 5);
        assert_eq!((cost.cpu, cost.wall, cost.peak_mb), (2.1, 4.0, 20.0));
        assert!((cost.generation - 0.42).abs() < 1e-12);
        let theirs = [measured(2.5, 4.0, 30.0, Some(0.3)), measured(2.1, 5.0, 20.0, Some(0.4))];
        assert_eq!(Cost::least(&theirs, 5).generation, 0.3);
    }

    #[test]
    fn ratios_are_theirs_over_ours() {
        let ours = Cost { cpu: 0.1, wall: 0.2, peak_mb: 10.0, generation: 0.001 };
        let theirs = Cost { cpu: 2.0, wall: 3.0, peak_mb: 70.0, generation: 0.02 };
        let row = Row { pair: PAIRS[0], dim: 512, ours, theirs };
        let table = markdown(&[row]);
        let last = table.lines().last().unwrap();
        assert_eq!(last.matches('|').count(), table.lines().next().unwrap().matches('|').count());
        assert!(last.contains("| 20.00 | 1.000 | 20.0 | 2.00 | 0.100 | 20 | 3.00 | 0.200 | 15 | 70 | 10 | 7.0 |"));
    }
}
