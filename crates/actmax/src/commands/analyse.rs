//! `actmax analyse`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use analysis::agreement::RunAgreement;
use experiments::{EVOLUTION_FILE, FolderError, RunFolder};
use indicatif::ProgressBar;

use crate::CommandError;
use crate::analyse::{
    AnalyseArgs, FEWEST_GENERATIONS, Further, Measures, Subject, agreement, component_words, figures, further_figures,
    further_files, tables,
};
use crate::console::{counted, significant, warn};
use crate::figure_files::figure_files;
use crate::online::{Source, is_session};

/// Components whose numbers are shown.
const SHOWN: usize = 3;

/// Analyses runs and writes tables and figures.
pub(super) fn run(args: &AnalyseArgs, out: &mut dyn Write) -> Result<(), CommandError> {
    if let [session] = &args.runs[..]
        && is_session(session)
    {
        return threads(args, session, out);
    }
    let subjects = args.runs.iter().map(|path| Subject::all(path)).collect::<Result<Vec<_>, _>>()?.concat();
    analyse(&subjects, args, || Results::open(args), out)
}

/// Analyses the threads of a session one by one: they are no repeats of each other. Short ones are left out.
fn threads(args: &AnalyseArgs, session: &Path, out: &mut dyn Write) -> Result<(), CommandError> {
    let folder = args.out.clone().unwrap_or_else(|| session.join("analysis"));
    let source = Source::read(session)?;
    let (mut analysed, mut short) = (0, None);
    for (thread, subject) in Subject::of_session(session)?.into_iter().enumerate() {
        let generations = source.recorded.told(thread).count();
        if generations < FEWEST_GENERATIONS {
            let path = subject.path();
            warn(&format!("{} is left out: it has {}", path.display(), counted(generations, "generation")));
            short = Some(CommandError::ShortRun { path, generations, needed: FEWEST_GENERATIONS });
            continue;
        }
        let open = || Results::at(folder.join(source.name(thread)), "");
        analyse(&[subject], args, open, out)?;
        analysed += 1;
    }
    short.filter(|_| analysed == 0).map_or(Ok(()), Err)
}

/// Measures runs, and only then opens the folder for the results: what cannot be measured leaves none.
fn analyse(
    subjects: &[Subject],
    args: &AnalyseArgs,
    open: impl FnOnce() -> Result<Results, CommandError>,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let (runs, further): (Vec<Measures>, Vec<Further>) = measure(subjects, args)?.into_iter().unzip();
    let agreement = agreement(&runs, &further, &args.also)?;
    let results = open()?;
    let files = results.write(args, &runs, &further, agreement.as_ref())?;
    if !args.quiet {
        for (run, further) in runs.iter().zip(&further) {
            write_text(run, further, out)?;
        }
        if let Some(agreement) = &agreement {
            write_agreement(agreement, runs.len(), out)?;
        }
        writeln!(out, "files  {} in {}", files.join(", "), results.path().display())?;
    }
    Ok(())
}

/// Measures one run after the other: the arrays of one only are held at a time.
fn measure(subjects: &[Subject], args: &AnalyseArgs) -> Result<Vec<(Measures, Further)>, CommandError> {
    let bar = if subjects.len() > 1 { ProgressBar::new(subjects.len() as u64) } else { ProgressBar::hidden() };
    let one = |subject: &Subject| {
        let stored = subject.read()?;
        let generations = stored.generation_means.len() / stored.dim.max(1);
        if generations < FEWEST_GENERATIONS {
            let path = subject.path();
            return Err(CommandError::ShortRun { path, generations, needed: FEWEST_GENERATIONS });
        }
        let measured = Measures::of(subject, &stored, usize::from(args.lissajous))
            .map_err(|source| CommandError::Unmeasurable { path: subject.path(), source })?;
        let further = Further::of(subject, &stored, &args.also)?;
        bar.inc(1);
        Ok((measured, further))
    };
    let runs = subjects.iter().map(one).collect();
    bar.finish_and_clear();
    runs
}

/// Where the results go: a folder, or a part of a run's folder, so that overwriting the run removes them too.
struct Results {
    folder: RunFolder,
    part: &'static str,
}

impl Results {
    fn open(args: &AnalyseArgs) -> Result<Self, CommandError> {
        let (folder, part) = match (&args.out, &args.runs[..]) {
            (Some(out), _) => (out.clone(), ""),
            (None, [run]) if run.join(EVOLUTION_FILE).is_file() => (run.clone(), "analysis/"),
            (None, [run]) if run.is_dir() => (run.join("analysis"), ""),
            (None, [file]) if file.ends_with(EVOLUTION_FILE) => {
                (file.parent().map_or_else(PathBuf::new, Path::to_owned), "analysis/")
            }
            (None, _) => (PathBuf::from("analysis"), ""),
        };
        Self::at(folder, part)
    }

    fn at(folder: PathBuf, part: &'static str) -> Result<Self, CommandError> {
        let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
        fs::create_dir_all(&folder).map_err(|source| FolderError::Io {
            action: "create the folder",
            path: folder.clone(),
            source,
        })?;
        Ok(Self { folder: RunFolder::resume(&folder)?, part })
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join(self.part)
    }

    /// Writes everything and returns the names of the files.
    fn write(
        &self,
        args: &AnalyseArgs,
        runs: &[Measures],
        further: &[Further],
        agreement: Option<&RunAgreement>,
    ) -> Result<Vec<String>, CommandError> {
        let mut files = Vec::new();
        for (name, svg) in figures(runs)?.into_iter().chain(further_figures(runs, further, agreement)?) {
            files.extend(figure_files(name, svg, args.pdf)?);
        }
        files.extend(further_files(runs, further, agreement, &args.also)?);
        files.extend(tables(runs)?.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)));
        for (name, bytes) in &files {
            self.folder.write_atomic(&format!("{}{name}", self.part), bytes)?;
        }
        self.folder.write_json(&format!("{}analysis.json", self.part), &runs)?;
        Ok(files.into_iter().map(|(name, _)| name).chain(["analysis.json".to_owned()]).collect())
    }
}

/// The lines of a run.
fn write_text(run: &Measures, further: &Further, out: &mut dyn Write) -> Result<(), CommandError> {
    let control = if run.control { ", driven by noise" } else { "" };
    let (generations, codes) = (run.generations.len(), run.evaluations);
    writeln!(out, "{}: {generations} generations, {codes} codes{control}", run.run)?;
    let line = run.norm.r_squared.map_or_else(
        || "its square is constant".to_owned(),
        |r| format!("its square grows by {} a generation, R² {r:.3}", significant(run.norm.squared_growth)),
    );
    writeln!(out, "  norm of the mean code   {:.1} at the end; {line}", run.norm.last)?;
    let shown = &run.components[..SHOWN.min(run.components.len())];
    let each = |value: &dyn Fn(usize) -> String| (0..shown.len()).map(value).collect::<Vec<_>>().join(", ");
    let variance = each(&|k| format!("{:.1}", 100.0 * shown[k].explained_variance_ratio));
    let theory = each(&|k| format!("{:.1}", 100.0 * shown[k].random_walk));
    writeln!(out, "  PC1 to PC{SHOWN} explain     {variance} % (random walk: {theory} %)")?;
    let (fits, periods) =
        (each(&|k| format!("{:.3}", shown[k].r_squared_free)), each(&|k| format!("{:.2}", shown[k].periods)));
    writeln!(out, "  cosines fit with R²     {fits}, of {periods} periods")?;
    if let Some(angle) = run.steps.angle_between_steps {
        writeln!(out, "  successive steps        {angle:.1} degrees apart")?;
    }
    if let Some(codes) = &further.codes {
        let ratios = &codes.components.pca.explained_variance_ratio;
        let ratios: Vec<String> = ratios.iter().take(SHOWN).map(|share| format!("{:.1}", 100.0 * share)).collect();
        let (rows, columns) = codes.agreement.shape();
        let cosine = |k: usize| format!("{:.2}", codes.agreement[(k, k)]);
        let cosines: Vec<String> = (0..rows.min(columns).min(SHOWN)).map(cosine).collect();
        let (ratios, cosines) = (ratios.join(", "), cosines.join(", "));
        writeln!(out, "  PCs of all codes        explain {ratios} %; |cosine| with those above: {cosines}")?;
    }
    Ok(())
}

/// The tests of the components of several runs.
fn write_agreement(agreement: &RunAgreement, runs: usize, out: &mut dyn Write) -> Result<(), CommandError> {
    writeln!(out, "principal axes of {runs} runs; by chance: if they are independent directions, all alike")?;
    for one in &agreement.components {
        writeln!(out, "  {}", component_words(one))?;
    }
    writeln!(out, "  (in brackets: corrected for {} tests, Holm)", agreement.components.len())?;
    Ok(())
}
