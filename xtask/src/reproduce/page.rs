//! The report: what to see in each figure, and under which settings it was made.

use analysis::report::{Link, Report, Section, Table, VerdictRow, verdict_table};

use super::drift;
use super::grid::{SHOWN_NOISE, Unit};
use super::network::{PROBE_NORM, PROBES};
use super::outputs::Output;
use super::preset::{Settings, UnitRule};

/// What captions are made from.
pub(super) struct Context<'a> {
    pub(super) settings: &'a Settings,
    pub(super) units: &'a [Unit],
    pub(super) base_seed: u64,
    /// Generations of a run on the network.
    pub(super) generations: u32,
}

/// What belongs into the section of an output.
#[derive(Default)]
pub(super) struct Content {
    pub(super) svg: Option<String>,
    pub(super) tables: Vec<Table>,
    pub(super) claims: Vec<VerdictRow>,
}

impl Context<'_> {
    /// The whole page.
    pub(super) fn report(&self, contents: &[(Output, Content)]) -> Report {
        let Settings { name, generator, cnn, .. } = self.settings;
        Report {
            title: format!("Figures of Wang and Ponce (2022), preset {name}"),
            lead: format!(
                "Activation maximization without gradients on the pair {generator} and {cnn}. Results on this pair \
                 stand for this pair: it is not the network of the publication, and published numbers are given for \
                 comparison only. All scores are noise-free (clean) unless they are called noisy. results.csv (a row \
                 a run) and claims.csv lie beside this page."
            ),
            sections: contents.iter().map(|(output, content)| self.section(*output, content)).collect(),
        }
    }

    fn section(&self, output: Output, content: &Content) -> Section {
        let file = |ending: &str| format!("{}.{ending}", output.name());
        let link = |label: &str, href: String| Link { label: label.to_owned(), href };
        let claims = (!content.claims.is_empty()).then(|| verdict_table(&self.claims_caption(output), &content.claims));
        Section {
            id: output.name().to_owned(),
            heading: heading(output).to_owned(),
            summary: self.summary(output),
            svg: content.svg.clone(),
            caption: self.caption(output),
            links: match content.svg {
                Some(_) => vec![link("SVG", file("svg")), link("PNG", file("png"))],
                None => Vec::new(),
            },
            tables: content.tables.iter().cloned().chain(claims).collect(),
        }
    }

    fn summary(&self, output: Output) -> String {
        match output {
            Output::Montage => format!(
                "Each image is the best of its run, by clean score, at noise {SHOWN_NOISE}; of several repeats the \
                 first is shown, whichever was best. Scores can be compared within a row, not between rows. Images \
                 that clip to black, white and pure colours come from codes of large norm, which this generator \
                 turns into contrast."
            ),
            Output::Traces => "The mean clean score of a generation (solid) shows where the distribution is; the best \
                 clean score so far (dashed) is what a run would report. With noise, the best noisy score so far \
                 (circles) is what the optimizer saw: the luckiest draw, mostly far above the clean scores, and no \
                 result. Random search shows what drawing images blindly gives."
                .to_owned(),
            Output::Scores => format!(
                "Each run counts with its largest clean score, divided by the largest clean score of its unit over \
                 all optimizers, noise levels and repeats. Repeats and noise levels of a unit are not independent, \
                 so the standard errors of the first table are too small for tests. The claims are the published \
                 orderings, and that the genetic algorithm beats random search, as ratios of mean scores; 'expected' \
                 are the published ratios on AlexNet. A claim holds (does not \
                 hold) where the mean difference over units, paired by unit, lies on the published (other) side of \
                 zero by more than two standard errors over {} units, given as tolerance; below three units, or in \
                 between, it is undecided. Sizes of ratios are not compared.",
                self.units.len()
            ),
            Output::Norms => "CholeskyCMAES is a random walk where scores are noise (dashed): the squared norm of its \
                 mean code grows in proportion to the generation, with R² near 1; how much its growth on units (solid) \
                 differs is what selection adds. SphereCMA stays on its sphere with and without selection: its mean code lies inside by the \
                 spread of the samples and moves outwards as the angle shrinks, on a schedule, so that the control \
                 coincides and the regression describes nothing. Random search has no distribution to move."
                .to_owned(),
            Output::Projections => "The principal projections of a random walk in many dimensions are cosines of half \
                 a period, one period, one and a half periods and so on, and their explained variance falls as \
                 1/k² (dashed). Compare runs on a unit with the noise-driven controls: cosines alone are no sign of \
                 search. SphereCMA's steps shrink over the run, so it is no walk of equal steps."
                .to_owned(),
            Output::DriftClaims => "Scores are drawn from N(0, 1) and know nothing of the codes, so no network is \
                 needed. What CholeskyCMAES then does to its covariance, norms and trajectory is nearly what it does \
                 on real units: its covariance hardly adapts, and the mean code drifts. Expected values come from \
                 noise-driven runs of the published algorithm and from the schedule of SphereCMA. The first \
                 table gives R² and share by two definitions of the mean trajectory. A claim holds where the \
                 difference is within three standard errors of the difference plus the rounding of the published \
                 digits; an expected value with a standard deviation (sd, over runs) counts as a mean of as many \
                 runs as ours, one without as exact."
                .to_owned(),
        }
    }

    fn caption(&self, output: Output) -> String {
        let Settings { noise_levels, repeats, control_seeds, .. } = self.settings;
        let shown = format!("{} Noise {SHOWN_NOISE}.", self.runs_label());
        let controls = format!(
            "Noise-driven controls: {} an optimizer, {} generations, N = {}.",
            count(*control_seeds, "run"),
            self.generations,
            drift::DIM
        );
        match output {
            Output::Montage => format!("{shown} First of {}. {}", count(*repeats, "repeat"), self.unit_rule()),
            Output::Traces => format!(
                "{} Noise levels {}; {}. First unit of each layer. {}",
                self.runs_label(),
                noise_levels.iter().map(f64::to_string).collect::<Vec<String>>().join(", "),
                count(*repeats, "repeat"),
                self.unit_rule()
            ),
            Output::Norms => format!(
                "{shown} {} on each of {} units, pooled: lines are means over runs, the band is one standard \
                 deviation, within the values. {controls}",
                count(*repeats, "repeat"),
                self.units.len()
            ),
            Output::Projections => format!("{shown} First repeat. The first of the noise-driven runs. {controls}"),
            Output::Scores | Output::DriftClaims => String::new(),
        }
    }

    /// Settings behind the claims of a table.
    fn claims_caption(&self, output: Output) -> String {
        let seeds = self.settings.drift_seeds;
        match output {
            Output::DriftClaims => format!(
                "Claims: {seeds} noise-driven runs an optimizer, N = {}, {} generations, base seed {}",
                drift::DIM,
                drift::GENERATIONS,
                self.base_seed
            ),
            _ => format!("Claims: {} {}", self.runs_label(), self.unit_rule()),
        }
    }

    fn runs_label(&self) -> String {
        let Settings { generator, cnn, evaluations, .. } = self.settings;
        format!(
            "{generator} and {cnn}; {evaluations} evaluations ({} generations) a run; base seed {}.",
            self.generations, self.base_seed
        )
    }

    fn unit_rule(&self) -> String {
        match self.settings.units {
            UnitRule::First(first) => format!("Units: channels 0 to {} of every layer.", first.saturating_sub(1)),
            UnitRule::Live(live) => format!(
                "{} of every layer: the first by channel whose response at the centre is not constant over {PROBES} \
                 random codes of norm {PROBE_NORM}; no optimizer's result enters.",
                count(live as u64, "unit")
            ),
        }
    }
}

/// A number with its noun.
fn count(number: impl Into<u64>, noun: &str) -> String {
    match number.into() {
        1 => format!("1 {noun}"),
        number => format!("{number} {noun}s"),
    }
}

fn heading(output: Output) -> &'static str {
    match output {
        Output::Montage => "Evolved images",
        Output::Traces => "Scores over a run",
        Output::Scores => "Which optimizer is best",
        Output::Norms => "Norm of the mean code",
        Output::Projections => "Trajectories look like random walks",
        Output::DriftClaims => "Drift without a network",
    }
}
