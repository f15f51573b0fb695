//! `actmax reproduce landscapes`: the methods against what their references reach on three closed-form landscapes.

pub mod objective;
pub mod reference;
pub mod runs;
pub mod table;
pub mod verdict;

use std::fs;
use std::io::Write;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use optim_core::{Method, registry};

use crate::{ReproductionError, parallel};
use reference::{Cell, Finish, Quantity, Reference};
use verdict::Comparison;

/// Generations of every run.
pub const GENERATIONS: u32 = 75;

/// A cell that differs is run with so many times the seeds before it counts: the standard deviation of five
/// runs is itself uncertain by a third.
const EXTENSION: u64 = 4;

/// Compare methods with what their references reach on three landscapes
///
/// Runs every registered method that the reference's table has rows for, with its default options, for 75
/// generations on cos_tuning, sphere_bump and ellipsoid, and compares the best noise-free score and the mean
/// norm of the last generation: the means may differ by 3 s sqrt(1/n + 1/n_ref) + 2 % of the reference, where s
/// is the standard deviation over our n seeds. A cell that differs is run with four times the seeds, all of which
/// count, before it is judged. Exit status 1 if a comparison fails.
#[derive(Debug, clap::Args)]
pub struct LandscapesArgs {
    /// Folder with the reference's results.csv [default: the copy in the sources]
    #[arg(long, value_name = "DIR")]
    reference: Option<PathBuf>,
    /// Only these methods, by name or alias
    #[arg(long = "method", value_name = "NAME", num_args = 1..)]
    methods: Vec<String>,
    /// Only these code lengths
    #[arg(long = "dim", value_name = "N", value_delimiter = ',')]
    dims: Vec<usize>,
    /// Runs a cell, with seeds from 0
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(2..))]
    seeds: u64,
    /// Runs at once, 1 or more [default: number of cores]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZero<usize>>,
    /// Write the comparisons to this file as well
    #[arg(long, value_name = "FILE.csv")]
    out: Option<PathBuf>,
    /// Write a page with the comparisons as a table to this file as well
    #[arg(long, value_name = "FILE.md")]
    markdown: Option<PathBuf>,
}

/// Runs the methods and compares; prints the comparisons to `out`.
///
/// # Errors
/// If a table cannot be read or written, a run fails, or a comparison differs by more than its limit.
pub fn run(args: &LandscapesArgs, out: &mut dyn Write) -> Result<(), ReproductionError> {
    Ok(compare_all(args, out)?)
}

fn compare_all(args: &LandscapesArgs, out: &mut dyn Write) -> Result<()> {
    let reference = Reference::read(args.reference.as_deref())?;
    let places = places(&args.methods)?;
    report_gaps(&reference, &places, out)?;
    let chosen = |cell: &&Cell| places.contains(&cell.place) && (args.dims.is_empty() || args.dims.contains(&cell.dim));
    let cells: Vec<Cell> = reference.cells.keys().filter(chosen).cloned().collect();
    if cells.is_empty() {
        bail!("the reference has no rows for these methods and dimensions");
    }
    let workers = parallel::workers(args.jobs);
    let mut finishes = runs::run_all(&cells, 0..args.seeds, workers)?;
    extend(&mut finishes, &cells, &reference, args.seeds, workers)?;
    let comparisons: Vec<Comparison> =
        cells.iter().zip(&finishes).flat_map(|(cell, ours)| compare(cell, ours, &reference)).collect();
    writeln!(out, "{}\n\n{}", table::text(&comparisons), table::summary(&comparisons))?;
    report_evaluations(&cells, &finishes, &reference, out)?;
    write(args.out.as_deref(), || table::csv(&comparisons))?;
    write(args.markdown.as_deref(), || page(args, &comparisons))?;
    let failed = comparisons.iter().filter(|c| !c.holds()).count();
    if failed > 0 {
        bail!("{failed} of {} comparisons differ by more than their limit", comparisons.len());
    }
    Ok(())
}

fn compare(cell: &Cell, ours: &[Finish], reference: &Reference) -> [Comparison; 2] {
    Quantity::ALL.map(|quantity| Comparison::new(cell, quantity, ours, &reference.cells[cell]))
}

/// Adds runs to the cells that differ, up to [`EXTENSION`] times as many.
fn extend(
    finishes: &mut [Vec<Finish>],
    cells: &[Cell],
    reference: &Reference,
    seeds: u64,
    workers: usize,
) -> Result<()> {
    let differs = |(cell, ours): &(&Cell, &mut Vec<Finish>)| compare(cell, ours, reference).iter().any(|c| !c.holds());
    let doubtful: Vec<_> = cells.iter().zip(finishes).filter(differs).collect();
    if doubtful.is_empty() {
        return Ok(());
    }
    let cells: Vec<Cell> = doubtful.iter().map(|(cell, _)| (*cell).clone()).collect();
    let more = runs::run_all(&cells, seeds..EXTENSION * seeds, workers)?;
    doubtful.into_iter().zip(more).for_each(|((_, ours), more)| ours.extend(more));
    Ok(())
}

/// Places in the registry of the methods named, of all if none is.
fn places(names: &[String]) -> Result<Vec<usize>> {
    if names.is_empty() {
        return Ok((0..registry().len()).collect());
    }
    let place = |name: &String| {
        let method = Method::from_name(name)?;
        registry().iter().position(|info| info.name == method.name()).context("not in the registry")
    };
    names.iter().map(place).collect()
}

/// Names what is not compared.
fn report_gaps(reference: &Reference, places: &[usize], out: &mut dyn Write) -> Result<()> {
    if !reference.unknown.is_empty() {
        writeln!(out, "no method here: {}", reference.unknown.join(", "))?;
    }
    let bare = places.iter().filter(|place| !reference.cells.keys().any(|cell| cell.place == **place));
    let bare: Vec<&str> = bare.map(|place| registry()[*place].name).collect();
    if !bare.is_empty() {
        writeln!(out, "no rows in the reference: {}", bare.join(", "))?;
    }
    Ok(())
}

/// Names the cells whose runs evaluate another number of codes than the reference's.
fn report_evaluations(
    cells: &[Cell],
    finishes: &[Vec<Finish>],
    reference: &Reference,
    out: &mut dyn Write,
) -> Result<()> {
    for (cell, ours) in cells.iter().zip(finishes) {
        let (ours, theirs) = (ours[0].evaluations, reference.cells[cell][0].evaluations);
        if ours != theirs {
            let (method, dim, landscape) = (cell.method(), cell.dim, cell.landscape);
            writeln!(out, "{method} N = {dim} {landscape}: {ours} evaluations, {theirs} there")?;
        }
    }
    Ok(())
}

fn write(path: Option<&Path>, content: impl FnOnce() -> String) -> Result<()> {
    let Some(path) = path else { return Ok(()) };
    fs::write(path, content()).with_context(|| format!("cannot write {}", path.display()))
}

fn page(args: &LandscapesArgs, comparisons: &[Comparison]) -> String {
    let failed = comparisons.iter().filter(|c| !c.holds()).count();
    let what = match &args.methods[..] {
        [] => String::new(),
        names => format!(" --method {}", names.join(" ")),
    };
    let dims: Vec<String> = args.dims.iter().map(ToString::to_string).collect();
    let dims = if dims.is_empty() { String::new() } else { format!(" --dim {}", dims.join(",")) };
    format!(
        "# Landscapes\n\n\
         Ours against the published implementations (ActMax-Optimizer-Dev, pycma 3.0.3, nevergrad 0.4.2.post5) on the\n\
         three closed-form landscapes of `crates/reproduction/src/landscapes/objective.rs`, {GENERATIONS} generations, made by\n\n    \
         actmax reproduce landscapes --seeds {}{what}{dims} --markdown docs/landscapes.md\n\n\
         Means (± standard deviation) over the number of runs in parentheses (four times\n\
         as many where the first ones differed). Bold: differs by more than\n\
         3 s sqrt(1/n + 1/n_ref) + 2 % of the reference, s the standard deviation of our runs: {failed} of {}\n\
         comparisons. Where the reference is a single run, that run's own luck is in the comparison.\n\n{}",
        args.seeds,
        comparisons.len(),
        table::markdown(comparisons),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_found_by_name_and_alias() {
        let by_name = places(&["genetic".to_owned()]).unwrap();
        assert_eq!(by_name, places(&["Genetic".to_owned()]).unwrap());
        assert_eq!(places(&[]).unwrap().len(), registry().len());
        assert!(places(&["sorcery".to_owned()]).is_err());
    }

    #[test]
    fn the_genetic_algorithm_agrees_with_its_reference() {
        let place = places(&["genetic".to_owned()]).unwrap()[0];
        let reference = Reference::read(None).unwrap();
        let cell = Cell::new(place, 512, objective::Kind::SphereBump, 0.2);
        let ours = runs::run_all(std::slice::from_ref(&cell), 0..5, 1).unwrap();
        for quantity in Quantity::ALL {
            let comparison = Comparison::new(&cell, quantity, &ours[0], &reference.cells[&cell]);
            assert!(comparison.holds(), "{comparison:?}");
        }
        assert_eq!(ours[0][0].evaluations, reference.cells[&cell][0].evaluations);
    }
}
