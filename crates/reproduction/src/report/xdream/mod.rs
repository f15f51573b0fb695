//! The study of XDream (Xiao and Kreiman, arXiv 1905.00378): which optimizer, which hyperparameter, which start, how many
//! repeats, on the networks at hand.

mod check;
mod design;
mod references;
mod results;
mod sections;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io::Write;
use std::num::NonZero;

use analysis::report::{Link, Methods, Part, Reference, Report, Section};
use anyhow::{Context, Result, bail};
use experiments::campaign::{Campaign, StoredRun};
use gen_models::Runtime;
use networks::{Library, Pictures, Size, campaign_starts, resolve};

use self::design::Design;
use self::references::References;
use self::results::{Measure, Results};
use super::campaigns::CampaignFolders;
use super::folder::Folder;
use super::models::Models;
use super::preset::Analyses;
use super::study::Content;
use super::{Files, ReportArgs, csv};
use crate::parallel;

const PAGE: &str = "xdream.html";

/// The question that networks are asked again for: stem of its files and heading.
const REFERENCES: (&str, &str) = ("xdream-references", "Do evolved images beat others?");

/// A question: the stem of its files, its heading, the campaign that answers it by which score, and what makes its section.
type Question = (&'static str, &'static str, (&'static str, Measure), fn(&Results) -> Result<Content>);

const QUESTIONS: [Question; 5] = [
    ("xdream-optimizers", "Which optimizer?", ("xdream", Measure::Best), sections::optimizers),
    (
        "xdream-hyperparameters",
        "Which hyperparameters of the genetic algorithm?",
        ("xdream", Measure::Best),
        sections::hyperparameters,
    ),
    ("xdream-starts", "Which start?", ("xdream", Measure::Best), sections::starts),
    (
        "xdream-pictures",
        "Does it help to start from pictures?",
        ("xdream-starts", Measure::Best),
        sections::starts_from_pictures,
    ),
    ("xdream-repeats", "When does repeating pay?", ("xdream-noise", Measure::Generation), sections::repeats),
];

/// Stems and headings of the sections that need more than the scores of a campaign.
const DESIGN: (&str, &str) = ("xdream-design", "What to set first?");
const CHECK: (&str, &str) = ("xdream-check", "Does the advice hold on new units?");
const GENERATORS: (&str, &str) = ("xdream-generators", "Which generator?");

/// Campaigns that stand as their presets say. The check follows them, with arms that the design advises.
const CAMPAIGNS: [&str; 4] = ["xdream", "xdream-noise", "xdream-design", "xdream-starts"];

/// All that the page is made from.
struct Study<'a> {
    size: Size,
    /// Campaigns by the names of their presets, and their runs.
    campaigns: Vec<(&'static str, Campaign, Vec<StoredRun>)>,
    models: Models<'a>,
    /// What evolved images are compared with.
    pictures: Pictures,
    analyses: Analyses,
}

/// Makes what is missing of the campaigns `xdream` and `xdream-noise`, then figures, tables and the page.
pub(super) fn make(args: &ReportArgs, library: &Library, out: &mut dyn Write) -> Result<()> {
    if !args.figures.is_empty() || args.published.is_some() {
        bail!("the study xdream has neither single figures nor published tables: leave --figure and --published out");
    }
    let size = args.preset.size();
    let pictures = match &args.references {
        Some(folder) => Pictures::read(folder, progress::say)?,
        None => Pictures::embedded()?,
    };
    let mut campaigns = CAMPAIGNS
        .iter()
        .map(|name| Ok((*name, campaign(name, size, library, args.seed)?)))
        .collect::<Result<Vec<_>>>()?;
    let mut generators = campaign(GENERATORS.0, size, library, args.seed)?;
    if args.registered {
        generators.units.extend(check::registered_units(&generators, library)?);
    }
    campaigns.push((GENERATORS.0, generators));
    let check = campaign(CHECK.0, size, library, args.seed)?;
    let folder = Folder::open(&args.out)?;
    let workers = parallel::workers(args.jobs);
    let runtime = Runtime::get(&progress::say)?;
    let folders = CampaignFolders {
        folder: args.campaigns.clone().unwrap_or_else(|| args.out.join("campaigns")),
        library,
        runtime,
        jobs: NonZero::new(workers).unwrap_or(NonZero::<usize>::MIN),
    };
    let with_runs = |(name, campaign): (&'static str, Campaign)| {
        let starts = campaign_starts(&networks::Preset::find(name)?.config(size)?, &campaign, library)?;
        let stored = folders.stored(&campaign, starts)?;
        Ok((name, campaign, stored))
    };
    let campaigns = campaigns.into_iter().map(&with_runs).collect::<Result<Vec<_>>>()?;
    let (models, analyses) = (Models { library, runtime }, args.preset.analyses());
    let mut study = Study { size, campaigns, models, pictures, analyses };
    study.campaigns.push(with_runs((CHECK.0, study.with_advice(check)?))?);
    for (name, bytes) in study.files()? {
        folder.write(&name, &bytes)?;
    }
    Ok(writeln!(out, "{}", args.out.join(PAGE).display())?)
}

fn campaign(name: &str, size: Size, library: &Library, seed: Option<u64>) -> Result<Campaign> {
    let campaign = resolve(&networks::Preset::find(name)?.config(size)?, library);
    let mut campaign = campaign.with_context(|| {
        format!("the campaign {name} of size {size} cannot be set up; size full needs `actmax models fetch deepsim-fc6 alexnet`")
    })?;
    campaign.seed = seed.unwrap_or(campaign.seed);
    Ok(campaign)
}

impl Study<'_> {
    fn runs(&self, campaign: &str) -> &[StoredRun] {
        self.campaigns.iter().find(|(name, ..)| *name == campaign).map_or(&[], |(.., runs)| runs)
    }

    fn all_runs(&self) -> impl Iterator<Item = &StoredRun> {
        self.campaigns.iter().flat_map(|(.., runs)| runs)
    }

    fn results(&self, campaign: &str, measure: Measure) -> Result<Results> {
        Results::of(self.runs(campaign), measure, self.analyses.resamples)
    }

    fn with_design<T>(&self, make: impl FnOnce(Design<'_>) -> Result<T>) -> Result<T> {
        let (_, campaign, _) =
            self.campaigns.iter().find(|(name, ..)| *name == DESIGN.0).context("the design was not run")?;
        make(Design::of(campaign, &self.results(DESIGN.0, Measure::Best)?)?)
    }

    /// The check with the arms that the design advises.
    fn with_advice(&self, mut check: Campaign) -> Result<Campaign> {
        check.arms.extend(self.with_design(|design| design.arms_to_check())?);
        Ok(check)
    }

    /// Stem of the files, heading and content of every question.
    fn contents(&self) -> Result<Vec<Named>> {
        let mut contents = vec![named(REFERENCES, self.references())?];
        for (stem, heading, (campaign, measure), make) in QUESTIONS {
            contents.push(named((stem, heading), self.results(campaign, measure).and_then(|results| make(&results)))?);
            if stem == "xdream-hyperparameters" {
                contents.push(named(DESIGN, self.with_design(|design| design.content()))?);
            }
        }
        contents.push(named(GENERATORS, self.generators())?);
        let check = self.results(CHECK.0, Measure::Best).and_then(|results| check::check(&results));
        contents.push(named(CHECK, check)?);
        Ok(contents)
    }

    fn references(&self) -> Result<Content> {
        let (random, resamples) = (self.analyses.random_codes, self.analyses.resamples);
        let references = References { models: &self.models, pictures: &self.pictures, random, resamples };
        let runs: Vec<&StoredRun> = self.runs("xdream").iter().chain(self.runs(GENERATORS.0)).collect();
        references.content(&runs)
    }

    fn generators(&self) -> Result<Content> {
        let (runs, resamples) = (self.runs(GENERATORS.0), self.analyses.resamples);
        let results = Results::named(runs, Measure::Best, resamples, check::by_generator)?;
        check::generators(&results, self.models.library)
    }

    fn files(&self) -> Result<Files> {
        let (mut files, mut sections, mut claims) = (Files::new(), Vec::new(), Vec::new());
        for (stem, heading, content) in self.contents()? {
            if let Some(svg) = &content.svg {
                let png = analysis::png::render(svg, 2.0).with_context(|| format!("cannot draw {stem}"))?;
                files.extend([(format!("{stem}.svg"), svg.clone().into_bytes()), (format!("{stem}.png"), png)]);
            }
            for table in &content.tables {
                files.push((format!("{}.csv", table.stem), csv::table(&table.table)?));
            }
            let section = section(stem, heading, content);
            claims.extend(section.claims.clone());
            sections.push(section);
        }
        files.push(("xdream-claims.csv".to_owned(), csv::claims(&claims)?));
        files.push((PAGE.to_owned(), self.page(sections).to_html().into_bytes()));
        Ok(files)
    }
}

type Named = (&'static str, &'static str, Content);

fn named((stem, heading): (&'static str, &'static str), content: Result<Content>) -> Result<Named> {
    Ok((stem, heading, content.with_context(|| format!("cannot make {stem}"))?))
}

fn section(stem: &str, heading: &str, content: Content) -> Section {
    let file = |name: String| Link { label: name.clone(), href: name };
    let mut links = vec![file(format!("{stem}.svg")), file(format!("{stem}.png"))];
    links.extend(content.tables.iter().map(|table| file(format!("{}.csv", table.stem))));
    let data = vec![Link { label: stem.to_owned(), href: format!("#{stem}") }];
    Section {
        id: stem.to_owned(),
        heading: heading.to_owned(),
        summary: content.summary,
        svg: content.svg,
        caption: content.caption,
        links,
        claims: content
            .claims
            .into_iter()
            .map(|claim| analysis::report::Claim { data: data.clone(), ..claim })
            .collect(),
        tables: content.tables.into_iter().map(|table| table.table).collect(),
    }
}

impl Study<'_> {
    fn page(&self, sections: Vec<Section>) -> Report {
        let size = self.size;
        let networks: BTreeSet<String> = self
            .all_runs()
            .filter_map(|stored| stored.run.spec.objective.units())
            .map(|units| format!("generator {} and network {}", units.generator, units.cnn))
            .collect();
        let networks = networks.into_iter().collect::<Vec<_>>().join("; ");
        let count = self.all_runs().count();
        Report {
        title: "How should XDream be set up?".to_owned(),
        lead: format!(
            "XDream finds the image that a neuron wants to see: a generator, a genetic algorithm, a closed loop. Its authors \
             asked how it should be set up (Xiao and Kreiman, arXiv 1905.00378), on ConvNet units in place of neurons. This \
             page asks again, with {count} runs of size {size}: {networks}. What the publication says in words stands beside \
             our values; its numbers are not known to us, and none is guessed.\n\nNot repeated here: other training \
             sets, and photographs, which this program does not have; 62 drawn pictures stand in for them."
        ),
        opening: Vec::new(),
        verdicts: super::page::VERDICTS.to_owned(),
        parts: vec![Part { heading: "Questions".to_owned(), summary: String::new(), sections }],
        rules: super::page::RULES.to_owned(),
        methods: self.methods(),
        references: super::references::references()
            .into_iter()
            .chain([Reference {
                text:
                    "Xiao, W., and Kreiman, G., 2019. Gradient-free activation maximization for identifying effective \
                       stimuli. arXiv 1905.00378."
                        .to_owned(),
                href: "https://arxiv.org/abs/1905.00378".to_owned(),
            }])
            .filter(|reference| {
                ["Xiao", "Hesterberg", "Efron", "Wang"].iter().any(|name| reference.text.starts_with(name))
            })
            .collect(),
    }
    }

    fn methods(&self) -> Methods {
        let mut settings = vec![("size".to_owned(), self.size.to_string())];
        let mut seeds = Vec::new();
        for (name, campaign, _) in &self.campaigns {
            let (arms, units, noises) = (campaign.arms.len(), campaign.units.len(), campaign.noise.len());
            let runs = campaign.runs().len();
            let words = format!(
                "{arms} settings × {units} units × {noises} noises × {} repeats = {runs} runs",
                campaign.repeats
            );
            settings.push((format!("campaign {name}"), words));
            seeds.push((format!("campaign {name}"), campaign.seed.to_string()));
        }
        seeds.push(("resampling of units".to_owned(), super::scores::RESAMPLING_SEED.to_string()));
        let provenances = self.all_runs().map(|stored| &stored.record.provenance);
        Methods {
        paragraphs: vec![
            "A score is the largest clean score of a run, or of repeats the mean clean score of its last generation, over the \
             largest of its unit over all runs of the campaign. A ratio \
             is that of two settings' mean scores on the same units. Intervals resample units; plain percentiles are \
             expanded for the number of units (Hesterberg, 2015)."
                .to_owned(),
            "Settings of the genetic algorithm are those of XDream's shipped examples; of FDGD and NES those for its own \
             generator. None was tuned to the networks here."
                .to_owned(),
        ],
        settings,
        versions: super::campaigns::versions_of(provenances),
        seeds,
        data: vec![(
            Link { label: "xdream-claims.csv".to_owned(), href: "xdream-claims.csv".to_owned() },
            "one row a claim".to_owned(),
        )],
    }
    }
}
