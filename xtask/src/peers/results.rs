//! What peers reach on the landscapes, run now, beside ours.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::pairs::{Pair, Peer};
use super::process::{Measured, Task, theirs};
use progress::Progress;
use reproduction::landscapes::GENERATIONS;
use reproduction::landscapes::objective::Kind;
use reproduction::landscapes::reference::{Cell, Finish, Quantity};
use reproduction::landscapes::runs::run_all;
use reproduction::landscapes::verdict::Comparison;
use reproduction::parallel;

/// Runs of ours a cell: they cost little, and the limits stand on their spread.
const OUR_SEEDS: u64 = 20;

/// One run of a peer.
struct Job<'a> {
    pair: Pair,
    python: &'a PathBuf,
    cell: Cell,
    seed: u64,
}

/// What is compared.
pub(super) struct Grid<'a> {
    pub(super) pairs: &'a [Pair],
    pub(super) dims: &'a [usize],
    pub(super) noises: &'a [f64],
    /// Runs of the peer a cell.
    pub(super) seeds: u64,
    pub(super) jobs: Option<NonZero<usize>>,
}

/// Compares every port on every landscape, noise and dimension.
pub(super) fn compare(
    grid: &Grid,
    pythons: &BTreeMap<Peer, PathBuf>,
    mut see: impl FnMut(Peer, &Measured),
) -> Result<Vec<Comparison>> {
    let mut comparisons = Vec::new();
    for pair in grid.pairs.iter().filter(|pair| pair.port) {
        let place = pair.place().context("a pair without a method")?;
        let python = &pythons[&pair.peer];
        let cells = cells(place, grid);
        let jobs: Vec<Job> = cells
            .iter()
            .flat_map(|cell| (0..grid.seeds).map(|seed| Job { pair: *pair, python, cell: cell.clone(), seed }))
            .collect();
        let workers = parallel::workers(grid.jobs);
        let progress = Progress::start(&format!("{} runs of {}", jobs.len(), pair.theirs), jobs.len() as u64);
        let measured = parallel::map(
            &parallel::pool(workers)?,
            &jobs,
            || (),
            |(), job| {
                let measured = run(job)?;
                progress.advance(1);
                Ok(measured)
            },
        )?;
        progress.finish();
        measured.last().into_iter().for_each(|measured| see(pair.peer, measured));
        let ours = run_all(&cells, 0..OUR_SEEDS, workers)?;
        let theirs = measured.chunks_exact(grid.seeds as usize);
        for ((cell, ours), theirs) in cells.iter().zip(&ours).zip(theirs) {
            let theirs: Vec<Finish> = theirs.iter().map(|measured| measured.printed.finish).collect();
            comparisons.extend(Quantity::ALL.map(|quantity| Comparison::new(cell, quantity, ours, &theirs)));
        }
    }
    Ok(comparisons)
}

fn cells(place: usize, grid: &Grid) -> Vec<Cell> {
    let mut cells = Vec::new();
    for &dim in grid.dims {
        for kind in Kind::ALL {
            cells.extend(grid.noises.iter().map(|&noise| Cell::new(place, dim, kind, noise)));
        }
    }
    cells
}

fn run(job: &Job) -> Result<Measured> {
    let (cell, seed) = (&job.cell, job.seed);
    let (landscape, dim, noise) = (cell.landscape.name(), cell.dim, cell.noise());
    theirs(&job.pair, job.python, &Task { landscape, dim, noise, seed, generations: GENERATIONS })
}
