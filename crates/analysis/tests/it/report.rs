//! The report is one well-formed file that asks for nothing outside itself.

use analysis::figure::Estimate;
use analysis::figure::norms::{NormSeries, Norms};
use analysis::report::{
    Cell, Claim, Effect, Link, Methods, Report, Section, Table, Tone, Verdict, claims_section, claims_table,
};
use roxmltree::{Document, Node, ParsingOptions};

fn report() -> Report {
    let verdict = |claim: &str, verdict| Claim {
        claim: claim.to_owned(),
        source: "round 2".to_owned(),
        claimed: "1.67".to_owned(),
        ours: "1.64".to_owned(),
        effect: None,
        verdict,
        reason: String::new(),
        data: Vec::new(),
    };
    let rows = [
        verdict("a > b", Verdict::Holds),
        verdict("b & c", Verdict::DoesNotHold),
        verdict("d", Verdict::NotComparable),
    ];
    let figure = Section {
        id: "norms of codes".to_owned(),
        heading: "Norms".to_owned(),
        summary: "What to <see>.".to_owned(),
        svg: Some(norms()),
        caption: "tiny-alexnet, seed 1".to_owned(),
        links: vec![Link { label: "SVG".to_owned(), href: "norms.svg?a=1&b=2".to_owned() }],
        tables: vec![claims_table("Claims", &rows)],
    };
    let bare = Section { id: "bare".to_owned(), heading: "Bare".to_owned(), ..Section::default() };
    Report { title: "Report & title".to_owned(), lead: "First words.".to_owned(), sections: vec![figure, bare] }
}

fn norms() -> String {
    let series = NormSeries { optimizer: "cma".to_owned(), norms: vec![vec![1.0, 2.0, 3.0]], control: vec![] };
    Norms { title: "Norms".to_owned(), series: vec![series] }.to_svg().unwrap()
}

fn parse(html: &str) -> Document<'_> {
    Document::parse_with_options(html, ParsingOptions { allow_dtd: true, ..ParsingOptions::default() }).unwrap()
}

fn with_class<'a>(document: &'a Document<'_>, tag: &str, class: &str) -> Vec<&'a str> {
    let matches = |node: &Node<'_, '_>| {
        node.has_tag_name(tag) && node.attribute("class").is_some_and(|list| list.split(' ').any(|item| item == class))
    };
    document.descendants().filter(matches).filter_map(|node| node.text()).collect()
}

#[test]
fn the_page_is_whole_and_self_contained() {
    let html = report().to_html();
    let document = parse(&html);
    for node in document.descendants().filter(Node::is_element) {
        assert!(!["script", "link", "iframe"].contains(&node.tag_name().name()));
        assert!(!node.has_attribute("src"));
    }
    let named = |name: &str| document.descendants().filter(|node| node.tag_name().name() == name).count();
    assert_eq!((named("svg") > 0, named("section"), named("h2"), named("nav")), (true, 2, 2, 1));
    let links: Vec<&str> = document.descendants().filter_map(|node| node.attribute("href")).collect();
    assert_eq!(links, ["#norms-of-codes", "#bare", "norms.svg?a=1&b=2"]);
    assert!(document.descendants().any(|node| node.attribute("id") == Some("norms-of-codes")));
    assert_eq!(html, report().to_html());
}

#[test]
fn verdicts_are_coloured() {
    let html = report().to_html();
    let document = parse(&html);
    assert_eq!(with_class(&document, "td", "good"), ["holds"]);
    assert_eq!(with_class(&document, "td", "bad"), ["does not hold"]);
    assert_eq!(with_class(&document, "td", "open"), ["not comparable"]);
    assert_eq!(with_class(&document, "th", "number"), ["claimed", "ours", "effect size"]);
}

#[test]
fn tables_hold_their_cells() {
    let table = Table {
        caption: String::new(),
        headings: vec!["name".to_owned(), "value".to_owned()],
        rows: vec![
            vec![Cell::text("<x>"), Cell::number(-1.25, 1)],
            vec![Cell::text("y"), Cell::number(f64::NAN, 1).toned(Tone::Bad)],
            vec![],
        ],
    };
    let html = table.to_html();
    let document = Document::parse(&html).unwrap();
    assert_eq!(with_class(&document, "td", "number"), ["−1.2", "–"]);
    assert_eq!(with_class(&document, "td", "bad"), ["–"]);
    assert!(html.contains("&lt;x&gt;"));
}

fn claim(verdict: Verdict, data: Vec<Link>) -> Claim {
    Claim {
        claim: "a > b".to_owned(),
        source: "table 2".to_owned(),
        claimed: "1.67".to_owned(),
        ours: String::new(),
        effect: Some(Effect {
            measure: "ratio".to_owned(),
            estimate: Estimate { mean: 1.64, low: 1.5, high: 1.8 },
            decimals: 2,
        }),
        verdict,
        reason: "interval".to_owned(),
        data,
    }
}

#[test]
fn claims_have_effect_sizes_and_links_to_their_data() {
    let link = Link { label: "results".to_owned(), href: "results.csv?a&b".to_owned() };
    let claims = [claim(Verdict::Holds, vec![link]), claim(Verdict::NotTested, vec![]), claim(Verdict::Holds, vec![])];
    let sections = vec![claims_section("By a rule.", "Claims", &claims)];
    let html = Report { title: "t".to_owned(), sections, ..Report::default() }.to_html();
    let document = parse(&html);
    let paragraphs: Vec<&str> =
        document.descendants().filter(|n| n.has_tag_name("p")).filter_map(|n| n.text()).collect();
    assert_eq!(paragraphs, ["Of 3 claims, holds: 2, not tested: 1.", "By a rule."]);
    assert_eq!(with_class(&document, "td", "open"), ["not tested"]);
    assert_eq!(with_class(&document, "td", "number")[..3], ["1.67", "–", "1.64 [1.50,\u{a0}1.80] ratio"]);
    let hrefs: Vec<&str> = document.descendants().filter_map(|node| node.attribute("href")).collect();
    assert_eq!(hrefs, ["results.csv?a&b"]);
    // On a narrow page every cell carries its heading.
    let labels: Vec<&str> = document.descendants().filter_map(|node| node.attribute("data-label")).collect();
    assert_eq!((labels.len(), labels[0], labels[5]), (24, "claim", "verdict"));
}

#[test]
fn methods_list_versions_seeds_and_data() {
    let pair = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    let methods = Methods {
        paragraphs: vec!["First.".to_owned(), "Second <b>.".to_owned()],
        settings: vec![],
        versions: pair("actmax", "0.1.0"),
        seeds: pair("base seed", "1"),
        data: vec![(Link { label: "runs".to_owned(), href: "runs.csv".to_owned() }, "a row a run".to_owned())],
    };
    let html = Report { title: "t".to_owned(), sections: vec![methods.to_section()], ..Report::default() }.to_html();
    let document = parse(&html);
    let with_tag = |tag: &str| -> Vec<&str> {
        document.descendants().filter(|node| node.has_tag_name(tag)).filter_map(|node| node.text()).collect()
    };
    assert_eq!(with_tag("caption"), ["Versions", "Seeds", "Data"]);
    assert_eq!(with_tag("p"), ["First.", "Second <b>."]);
    assert!(with_tag("td").contains(&"0.1.0") && with_tag("a").contains(&"runs"));
}

#[test]
fn figures_are_numbered_in_order() {
    let figure = |id: &str, svg: bool| Section { id: id.to_owned(), svg: svg.then(norms), ..Section::default() };
    let sections = vec![figure("a", true), figure("b", false), figure("c", true)];
    let html = Report { title: "t".to_owned(), sections, ..Report::default() }.to_html();
    let document = parse(&html);
    let numbers: Vec<&str> = document.descendants().filter(|n| n.has_tag_name("b")).filter_map(|n| n.text()).collect();
    assert_eq!(numbers, ["Figure 1.", "Figure 2."]);
}
