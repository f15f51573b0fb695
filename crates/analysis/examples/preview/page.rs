//! The report from all figures.

use analysis::figure::Estimate;
use analysis::report::{Cell, Claim, Effect, Link, Methods, Part, Reference, Report, Section, Table, Verdict};

use super::OPTIMIZERS;

fn link(label: &str, href: &str) -> Link {
    Link { label: label.to_owned(), href: href.to_owned() }
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn claim(claim: &str, claimed: &str, ours: &str, ratio: Option<f64>, verdict: Verdict, reason: &str) -> Claim {
    let effect = ratio.map(|mean| Effect {
        measure: "ratio of means".to_owned(),
        estimate: Estimate { mean, low: mean - 0.07, high: mean + 0.08 },
        decimals: 2,
    });
    Claim {
        claim: claim.to_owned(),
        condition: String::new(),
        source: "section 4.1, table 2".to_owned(),
        claimed: claimed.to_owned(),
        ours: ours.to_owned(),
        effect,
        verdict,
        reason: reason.to_owned(),
        data: vec![link("results.csv", "results.csv"), link("claims.csv", "claims.csv")],
    }
}

fn claims() -> Vec<Claim> {
    let rule = "interval of the paired difference excludes zero";
    vec![
        claim(
            "CholeskyCMAES surpasses the genetic algorithm by 66 %",
            "1.67",
            "1.64",
            Some(1.64),
            Verdict::Holds,
            rule,
        ),
        claim("SphereCMA surpasses CholeskyCMAES by 7 %", "1.07", "0.98", Some(0.98), Verdict::DoesNotHold, rule),
        claim("SphereCMA inv surpasses CholeskyCMAES", "1.02", "1.01", Some(1.01), Verdict::Undecided, rule),
        claim("Run time of SphereCMA on a V100", "39.0 s", "12.1 s", None, Verdict::NotComparable, "another machine"),
        claim("CMA-ES is better in vivo", "", "", None, Verdict::NotTested, "no recordings at hand"),
    ]
}

fn methods() -> Methods {
    Methods {
        paragraphs: vec![
            "Codes are mapped to images by a generator, images to the activation of a unit by a network; an optimizer \
             sees noisy activations only."
                .to_owned(),
            "Scores are divided by the largest of their unit. Intervals come from a bootstrap over units.".to_owned(),
        ],
        settings: vec![pair("evaluations a run", "3000"), pair("noise levels", "0, 0.2, 0.5")],
        versions: vec![
            pair("actmax", "0.1.0"),
            pair("generator", "tiny-gan, SHA-256 3f786850e387550fdab836ed7e6dc881de23001b"),
        ],
        seeds: vec![pair("base seed", "1"), pair("bootstrap", "2")],
        data: vec![(link("results.csv", "results.csv"), "one row a run".to_owned())],
    }
}

fn section((name, svg): &(&str, String)) -> Section {
    Section {
        id: (*name).to_owned(),
        heading: name.replace('-', " "),
        summary: "What to see: images of one row share their subject, and their scores order the optimizers."
            .to_owned(),
        svg: Some(svg.clone()),
        caption: "Synthetic runs, 75 generations of 40 codes, 5 repeats.".to_owned(),
        links: ["svg", "png"].map(|kind| link(&kind.to_uppercase(), &format!("{name}.{kind}"))).to_vec(),
        ..Section::default()
    }
}

pub(crate) fn report(figures: &[(&str, String)]) -> Report {
    let row = |(name, top, _): &(&str, f64, f64)| {
        vec![Cell::text(*name), Cell::number(top / 21.0, 3), Cell::number(0.006, 3)]
    };
    let scores = Table {
        caption: "Normalised clean score".to_owned(),
        headings: ["optimizer", "mean", "standard error"].map(str::to_owned).to_vec(),
        rows: OPTIMIZERS.iter().map(row).collect(),
    };
    let mut sections = figures.iter().map(section);
    let first = sections.next().map(|section| Section { claims: claims(), tables: vec![scores], ..section });
    Report {
        title: "Preview of the reproduction".to_owned(),
        lead: "Every figure of the report, drawn from synthetic runs.".to_owned(),
        opening: first.into_iter().collect(),
        verdicts: "Which claims of the paper hold here, by a rule that was fixed before the runs.".to_owned(),
        parts: vec![Part {
            heading: "Figures".to_owned(),
            summary: "All of them.".to_owned(),
            sections: sections.collect(),
        }],
        rules: "A rule does not depend on the outcome.".to_owned(),
        methods: methods(),
        references: vec![Reference {
            text:
                "Wang, B., and Ponce, C. R., 2022. High-performance evolutionary algorithms for online neuron control. \
                   GECCO '22."
                    .to_owned(),
            href: "https://doi.org/10.1145/3512290.3528725".to_owned(),
        }],
    }
}
