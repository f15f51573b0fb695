//! The report: the claims, every section, and the methods.

use std::collections::BTreeSet;

use analysis::report::{Claim, Link, Methods, Part, Report, Section};
use experiments::campaign::Campaign;
use progress::counted;

use super::campaigns::{Grid, versions};
use super::outputs::{DRIFT, Output, Step};
use super::preset::Analyses;
use super::references::references;
use super::runs::Run;
use super::scores::RESAMPLING_SEED;
use super::study::{Content, Study};

pub(super) const VERDICTS: &str = "✓ holds, ✗ does not hold, ? undecided, – not tested. Words after a sign name the condition. A sign \
                        leads to the rule of the claim.";
pub(super) const RULES: &str = "A rule does not depend on the outcome. Values come with 95 % intervals; differences from an expected \
                     value come with the tolerance. 'Undecided' and 'not tested' say why, and count neither for a claim nor \
                     against it. A verdict holds for the networks at hand. The size of a difference from the publication \
                     can be read off its row.";

/// What the page says of the whole.
pub(super) struct Context<'a> {
    pub(super) preset: &'a str,
    /// The campaigns behind the sections, and where their folders are.
    pub(super) campaigns: &'a [(Grid, Campaign)],
    pub(super) folder: &'a str,
    /// Where published numbers come from.
    pub(super) published: &'a str,
}

impl Context<'_> {
    /// The whole page; sections are in the order of the argument.
    pub(super) fn report(&self, study: &Study<'_>, contents: &[(&Output, Content)]) -> Report {
        let of = |step: Step| -> Vec<Section> {
            contents
                .iter()
                .filter(|(output, _)| output.step == step)
                .map(|(output, content)| section(output, content))
                .collect()
        };
        let part = |step: Step| Part {
            heading: step.heading().to_owned(),
            summary: step.about().to_owned(),
            sections: of(step),
        };
        let parts = [Step::Winners, Step::Reasons, Step::Consequences, Step::Beyond].map(part);
        Report {
            title: "Which image does a unit want to see, and which optimizer finds it?".to_owned(),
            lead: self.lead(study),
            opening: of(Step::Opening),
            verdicts: verdicts(contents),
            parts: parts.into_iter().filter(|part| !part.sections.is_empty()).collect(),
            rules: RULES.to_owned(),
            methods: self.methods(study),
            references: references(),
        }
    }

    /// The question, the publication's answer, and what is repeated here.
    fn lead(&self, study: &Study<'_>) -> String {
        let runs: Vec<&Run> = study.runs.values().flatten().collect();
        let mut networks: Vec<String> = Vec::new();
        for names in runs.iter().filter_map(|run| run.networks()) {
            let name = study.models.about(names);
            if !networks.contains(&name) {
                networks.push(name);
            }
        }
        let networks = if networks.is_empty() { "scores from N(0, 1) alone".to_owned() } else { networks.join("; ") };
        format!(
            "A unit of a network answers an image with a number. A generator turns a code into an image. An optimizer sees \
             the numbers only and searches the codes for the image with the largest one. Wang and Ponce (2022) asked which \
             optimizer is best at this, and why. Their answer: evolution strategies of the CMA family. They win because \
             they take steps of the right size along directions that change the image, not because they learn a \
             covariance.\n\nThis page repeats their argument with {} runs of size {}: {networks}. Scores are noise-free \
             ('clean') unless a text calls them noisy: at noise level s an optimizer sees the response times 1 + s N(0, 1), \
             not below 0. A unit is called layer:channel. Published numbers stand beside ours. They come from other \
             networks, unless a caption names the same networks.",
            runs.len(),
            self.preset,
        )
    }

    fn methods(&self, study: &Study<'_>) -> Methods {
        let runs: Vec<&Run> = study.runs.values().flatten().collect();
        let mut settings = vec![("size".to_owned(), self.preset.to_owned())];
        let mut seeds = Vec::new();
        for (grid, campaign) in self.campaigns {
            let generations: BTreeSet<u32> = campaign.arms.iter().map(|arm| arm.generations).collect();
            let generations: Vec<String> = generations.iter().map(u32::to_string).collect();
            settings.push((
                format!("campaign {}", campaign.name),
                format!(
                    "{} × {} × {} × {} = {} of {} generations",
                    counted(campaign.arms.len(), "optimizer"),
                    counted(campaign.units.len(), "unit"),
                    counted(campaign.noise.len(), "noise level"),
                    counted(campaign.repeats as usize, "repeat"),
                    counted(campaign.runs().len(), "run"),
                    generations.join(" or ")
                ),
            ));
            seeds.push((format!("campaign {}", grid.name()), campaign.seed.to_string()));
        }
        settings.extend(analyses(&study.analyses));
        settings.push(("published numbers".to_owned(), self.published.to_owned()));
        seeds.push(("resampling of units".to_owned(), RESAMPLING_SEED.to_string()));
        Methods {
            paragraphs: vec![
                "A generator turns a code into an image. A unit of a network responds to the image. Noise multiplies the \
                 response before the optimizer sees it: the noise level is its standard deviation over the response. The \
                 seed of a run follows from its whole specification. Neither the order of runs, nor the number of \
                 workers, nor an interruption changes a number."
                    .to_owned(),
                "A score is the largest clean score of a run. It is divided by the largest score of its unit over all \
                 optimizers, noise levels and repeats of the round. Runs of one unit are alike, so intervals resample \
                 units. Plain percentiles are too narrow over few units and are expanded for their number (Hesterberg, \
                 2015). Over three or four units the interval is the range of the units: it covers the median of units \
                 in 75 and 88 % of cases. Each figure states the step, the directions and the codes of what it measures after the runs."
                    .to_owned(),
            ],
            settings,
            versions: versions(runs.into_iter()),
            seeds,
            data: vec![
                (link("results.csv"), "one row a run".to_owned()),
                (link("claims.csv"), "one row a claim".to_owned()),
                (
                    Link { label: "campaigns".to_owned(), href: self.folder.to_owned() },
                    "every run with its codes and scores, a folder a campaign".to_owned(),
                ),
            ],
        }
    }
}

/// What signs mean, and which claims are no claims of the publication.
fn verdicts(contents: &[(&Output, Content)]) -> String {
    let checks =
        contents.iter().filter(|(output, _)| output.name == DRIFT).map(|(_, content)| content.claims.len()).sum();
    let apart = match checks {
        0 => String::new(),
        _ => format!(
            " The last {} compare noise-driven runs with the published algorithm: they check this program, not the publication.",
            counted(checks, "claim")
        ),
    };
    format!("{VERDICTS}{apart}")
}

fn analyses(analyses: &Analyses) -> Vec<(String, String)> {
    let directions = match analyses.metric_directions {
        Some(count) => format!("{count} random ones"),
        None => "all coordinates".to_owned(),
    };
    let counts = [
        ("codes behind the metric", analyses.metric_codes),
        ("units behind the Hessians, at most", analyses.hessian_units),
        ("directions of a Hessian, of each kind", analyses.hessian_directions),
        ("images compared a generation", analyses.images_compared),
        ("shuffles of codes", analyses.shuffles),
        ("resamples of units", analyses.resamples),
    ];
    let mut settings = vec![("directions of the metric".to_owned(), directions)];
    settings.extend(counts.map(|(name, value)| (name.to_owned(), value.to_string())));
    settings
}

fn link(file: &str) -> Link {
    Link { label: file.to_owned(), href: file.to_owned() }
}

/// The claims of a section, each with the section's tables as its data.
pub(super) fn claims_of(output: &Output, content: &Content) -> Vec<Claim> {
    let mut data = vec![Link { label: output.name.to_owned(), href: format!("#{}", output.name) }];
    data.extend(content.tables.iter().map(|table| link(&format!("{}.csv", table.stem))));
    content.claims.iter().map(|claim| Claim { data: data.clone(), ..claim.clone() }).collect()
}

fn section(output: &Output, content: &Content) -> Section {
    let mut links: Vec<Link> = match content.svg {
        Some(_) => ["svg", "png"]
            .map(|kind| Link { label: kind.to_uppercase(), href: format!("{}.{kind}", output.name) })
            .to_vec(),
        None => Vec::new(),
    };
    links.extend(content.tables.iter().map(|table| link(&format!("{}.csv", table.stem))));
    let mut shown = output.about.chars();
    let first: String = shown.next().into_iter().flat_map(char::to_uppercase).collect();
    let caption = format!("{first}{}. {}", shown.as_str(), content.caption);
    let without_figure = if content.svg.is_none() { format!("\n\n{}", content.caption) } else { String::new() };
    Section {
        id: output.name.to_owned(),
        heading: output.heading.to_owned(),
        summary: format!("{}{without_figure}", content.summary),
        svg: content.svg.clone(),
        caption,
        links,
        claims: claims_of(output, content),
        tables: content.tables.iter().map(|table| table.table.clone()).collect(),
    }
}
