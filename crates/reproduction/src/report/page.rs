//! The report: the claims, every section, and the methods.

use std::collections::BTreeSet;

use analysis::report::{Claim, Link, Methods, Report, Section, claims_section};
use experiments::campaign::Campaign;

use super::campaigns::{Grid, versions};
use super::outputs::{Output, Part};
use super::preset::Analyses;
use super::runs::Run;
use super::scores::RESAMPLING_SEED;
use super::study::{Content, Study};

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
        let claims: Vec<Claim> = contents.iter().flat_map(|(output, content)| claims_of(output, content)).collect();
        let mut sections = Vec::new();
        if !claims.is_empty() {
            let summary = "A claim's rule stands in its row and does not depend on the outcome. Effect sizes come with 95 % \
                           intervals, those of expected values with the tolerance. 'Undecided' and 'not tested' say why, \
                           and neither counts for or against a claim. Results on one network stand for that network: where ours and the publication \
                           differ, size and interval of the difference can be read off the row.";
            sections.push(claims_section(summary, "Claims, in the order of the argument", &claims));
        }
        let mut part = None;
        for (output, content) in contents {
            if part.replace(output.part) != Some(output.part) {
                sections.push(part_section(output.part));
            }
            sections.push(section(output, content));
        }
        sections.push(self.methods(study).to_section());
        Report {
            title: format!("The argument of Wang and Ponce (2022) on campaigns of size {}", self.preset),
            lead: "Gradient-free activation maximization: which optimizers win, why, and what follows. Scores are \
                   noise-free (clean) unless they are called noisy, and the two are never mixed. Every figure names its \
                   networks and runs; published numbers stand beside ours for comparison and were measured on other \
                   networks unless the caption names the same."
                .to_owned(),
            sections,
        }
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
                    "{} optimizers × {} units × {} noise levels × {} repeats = {} runs of {} generations",
                    campaign.arms.len(),
                    campaign.units.len(),
                    campaign.noise.len(),
                    campaign.repeats,
                    campaign.runs().len(),
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
                "A code of a generator becomes an image, the image a response of one unit of a network; noise multiplies \
                 the response (standard deviation over response: the noise level) before the optimizer sees it. Runs are \
                 those of the campaigns below; the seed of a run follows from its whole specification, so that neither \
                 order nor number of workers nor an interruption changes a number."
                    .to_owned(),
                "A score is the largest clean score of a run, divided by the largest of its unit over all optimizers, noise \
                 levels and repeats of its round. Intervals resample units, since runs of one unit are alike; percentiles \
                 are expanded for the number of units (Hesterberg, 2015, The American Statistician 69), plain ones being \
                 too narrow over few. What is \
                 measured after the runs (metric, curvature, distances) states its step, directions and codes with its \
                 figure."
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

fn part_section(part: Part) -> Section {
    Section {
        id: part.heading().to_lowercase().replace(' ', "-"),
        heading: part.heading().to_owned(),
        summary: match part {
            Part::Winners => {
                "Two rounds: nevergrad's twelve optimizers at 3000 evaluations, then a genetic algorithm against five \
                 variants of CMA-ES."
            }
            Part::Reasons => {
                "What CMA-ES does in these runs: its covariance hardly changes, its trajectory resembles a random walk \
                 with growing norm; how that relates to the geometry of images and of units."
            }
            Part::Consequences => {
                "An evolution strategy that walks on a sphere of codes, with the schedule of angular steps that growth of \
                 the norm gave CMA-ES for free."
            }
        }
        .to_owned(),
        ..Section::default()
    }
}

fn section(output: &Output, content: &Content) -> Section {
    let mut links: Vec<Link> = match content.svg {
        Some(_) => ["svg", "png"]
            .map(|kind| Link { label: kind.to_uppercase(), href: format!("{}.{kind}", output.name) })
            .to_vec(),
        None => Vec::new(),
    };
    links.extend(content.tables.iter().map(|table| link(&format!("{}.csv", table.stem))));
    let without_figure = if content.svg.is_none() { format!("\n\n{}", content.caption) } else { String::new() };
    Section {
        id: output.name.to_owned(),
        heading: output.heading.to_owned(),
        summary: format!("{}{without_figure}", content.summary),
        svg: content.svg.clone(),
        caption: content.caption.clone(),
        links,
        tables: content.tables.iter().map(|table| table.table.clone()).collect(),
    }
}
