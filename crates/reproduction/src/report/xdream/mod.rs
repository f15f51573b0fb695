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

/// A question of the study: a section of the page.
struct Question {
    /// Stem of its files, and its name after `--figure`.
    name: &'static str,
    heading: &'static str,
    /// Campaigns that it needs, by the names of their presets.
    needs: &'static [&'static str],
    make: fn(&Study<'_>) -> Result<Content>,
}

/// In the order of the page.
const QUESTIONS: [Question; 9] = [
    Question {
        name: "xdream-references",
        heading: "Do evolved images beat others?",
        needs: &["xdream", GENERATORS],
        make: |study| study.references(),
    },
    Question {
        name: "xdream-optimizers",
        heading: "Which optimizer?",
        needs: &["xdream"],
        make: |study| sections::optimizers(&study.results("xdream", Measure::Best)?),
    },
    Question {
        name: "xdream-hyperparameters",
        heading: "Which hyperparameters of the genetic algorithm?",
        needs: &["xdream"],
        make: |study| sections::hyperparameters(&study.results("xdream", Measure::Best)?),
    },
    Question {
        name: "xdream-design",
        heading: "What to set first?",
        needs: &[DESIGN],
        make: |study| study.with_design(|design| design.content()),
    },
    Question {
        name: "xdream-starts",
        heading: "Which start?",
        needs: &["xdream"],
        make: |study| sections::starts(&study.results("xdream", Measure::Best)?),
    },
    Question {
        name: "xdream-pictures",
        heading: "Does it help to start from pictures?",
        needs: &["xdream-starts"],
        make: |study| sections::starts_from_pictures(&study.results("xdream-starts", Measure::Best)?),
    },
    Question {
        name: "xdream-repeats",
        heading: "When does repeating pay?",
        needs: &["xdream-noise"],
        make: |study| sections::repeats(&study.results("xdream-noise", Measure::Generation)?),
    },
    Question {
        name: "xdream-generators",
        heading: "Which generator?",
        needs: &[GENERATORS],
        make: |study| study.generators(),
    },
    Question {
        name: "xdream-check",
        heading: "Does the advice hold on new units?",
        needs: &[DESIGN, CHECK],
        make: |study| check::check(&study.results(CHECK, Measure::Best)?),
    },
];

const DESIGN: &str = "xdream-design";
const GENERATORS: &str = "xdream-generators";
/// Has arms that the design advises, and comes behind it.
const CHECK: &str = "xdream-check";
/// Presets in the order in which they are run.
const CAMPAIGNS: [&str; 6] = ["xdream", "xdream-noise", DESIGN, "xdream-starts", GENERATORS, CHECK];

/// What `--figure` calls the sections.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    QUESTIONS.iter().map(|question| question.name)
}

/// All that the page is made from.
struct Study<'a> {
    size: Size,
    questions: Vec<&'static Question>,
    /// Campaigns by the names of their presets, and their runs.
    campaigns: Vec<(&'static str, Campaign, Vec<StoredRun>)>,
    models: Models<'a>,
    /// What evolved images are compared with.
    pictures: Pictures,
    analyses: Analyses,
}

/// Makes what is missing of the study's campaigns, then figures, tables and the page, or those that were asked for.
pub(super) fn make(args: &ReportArgs, library: &Library, out: &mut dyn Write) -> Result<()> {
    if args.published.is_some() {
        bail!("the study xdream has no published tables: leave --published out");
    }
    if args.figures.iter().any(|name| name == super::LIST) {
        return Ok(QUESTIONS
            .iter()
            .try_for_each(|Question { name, heading, .. }| writeln!(out, "{name:<24}{heading}"))?);
    }
    if let Some(other) = args.figures.iter().find(|asked| names().all(|name| name != **asked)) {
        bail!("{other} is a figure of the other study: --study xdream --figure list prints those of this one");
    }
    let asked = |question: &&Question| args.figures.is_empty() || args.figures.iter().any(|name| name == question.name);
    let questions: Vec<&Question> = QUESTIONS.iter().filter(asked).collect();
    let size = args.preset.size();
    let pictures = match &args.references {
        Some(folder) => Pictures::read(folder, progress::say)?,
        None => Pictures::embedded()?,
    };
    let needed = |name: &&&str| questions.iter().any(|question| question.needs.contains(*name));
    let set_up = |name: &&'static str| Ok((*name, campaign(name, args, library)?));
    let campaigns = CAMPAIGNS.iter().filter(needed).map(set_up).collect::<Result<Vec<_>>>()?;
    let folder = Folder::open(&args.out)?;
    let runtime = Runtime::get(&progress::say)?;
    let folders = CampaignFolders {
        folder: args.campaigns.clone().unwrap_or_else(|| args.out.join("campaigns")),
        library,
        runtime,
        jobs: NonZero::new(parallel::workers(args.jobs)).unwrap_or(NonZero::<usize>::MIN),
    };
    let (models, analyses) = (Models { library, runtime }, args.preset.analyses());
    let mut study = Study { size, questions, campaigns: Vec::new(), models, pictures, analyses };
    for (name, campaign) in campaigns {
        study.run(name, campaign, &folders)?;
    }
    for (name, bytes) in study.files()? {
        folder.write(&name, &bytes)?;
    }
    Ok(writeln!(out, "{}", args.out.join(PAGE).display())?)
}

/// A campaign as its preset says, with the registered models where they are asked for.
fn campaign(name: &str, args: &ReportArgs, library: &Library) -> Result<Campaign> {
    let size = args.preset.size();
    let campaign = resolve(&networks::Preset::find(name)?.config(size)?, library);
    let mut campaign = campaign.with_context(|| {
        format!("the campaign {name} of size {size} cannot be set up; size full needs `actmax models fetch deepsim-fc6 alexnet`")
    })?;
    campaign.seed = args.seed.unwrap_or(campaign.seed);
    if args.registered && name == GENERATORS {
        let registered = check::registered_units(&campaign, library)?;
        campaign.units.extend(registered);
    }
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
            self.campaigns.iter().find(|(name, ..)| *name == DESIGN).context("the design was not run")?;
        make(Design::of(campaign, &self.results(DESIGN, Measure::Best)?)?)
    }

    /// Makes what is missing of a campaign; the check gets the arms that the design advises.
    fn run(&mut self, name: &'static str, mut campaign: Campaign, folders: &CampaignFolders<'_>) -> Result<()> {
        if name == CHECK {
            campaign.arms.extend(self.with_design(|design| design.arms_to_check())?);
        }
        let config = networks::Preset::find(name)?.config(self.size)?;
        let starts = campaign_starts(&config, &campaign, self.models.library)?;
        let stored = folders.stored(&campaign, starts)?;
        self.campaigns.push((name, campaign, stored));
        Ok(())
    }

    fn references(&self) -> Result<Content> {
        let (random, resamples) = (self.analyses.random_codes, self.analyses.resamples);
        let references = References { models: &self.models, pictures: &self.pictures, random, resamples };
        let runs: Vec<&StoredRun> = self.runs("xdream").iter().chain(self.runs(GENERATORS)).collect();
        references.content(&runs)
    }

    fn generators(&self) -> Result<Content> {
        let (runs, resamples) = (self.runs(GENERATORS), self.analyses.resamples);
        let results = Results::named(runs, Measure::Best, resamples, check::by_generator)?;
        check::generators(&results, self.models.library)
    }

    fn files(&self) -> Result<Files> {
        let (mut files, mut sections, mut claims) = (Files::new(), Vec::new(), Vec::new());
        for Question { name: stem, heading, make, .. } in &self.questions {
            let content = make(self).with_context(|| format!("cannot make {stem}"))?;
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
