//! The report is one well-formed file that asks for nothing outside itself.

use analysis::figure::Estimate;
use analysis::figure::norms::{NormSeries, Norms};
use analysis::report::{Cell, Claim, Effect, Link, Methods, Part, Reference, Report, Section, Table, Tone, Verdict};
use roxmltree::{Document, Node, ParsingOptions};

fn claim(words: &str, condition: &str, verdict: Verdict) -> Claim {
    Claim {
        claim: words.to_owned(),
        condition: condition.to_owned(),
        source: "table 2".to_owned(),
        claimed: "1.67".to_owned(),
        ours: String::new(),
        effect: Some(Effect {
            measure: "ratio".to_owned(),
            estimate: Estimate { mean: 1.64, low: 1.5, high: 1.8 },
            decimals: 2,
        }),
        verdict,
        reason: "an interval decides".to_owned(),
        data: vec![Link { label: "results".to_owned(), href: "results.csv?a&b".to_owned() }],
    }
}

fn section(id: &str, claims: Vec<Claim>) -> Section {
    Section { id: id.to_owned(), heading: format!("About {id}"), svg: Some(norms()), claims, ..Section::default() }
}

/// A page with two figures and three claims.
fn report() -> Report {
    let opening = Section {
        summary: "What to <see>.".to_owned(),
        caption: "tiny-alexnet, seed 1".to_owned(),
        links: vec![Link { label: "SVG".to_owned(), href: "norms.svg?a=1&b=2".to_owned() }],
        ..section("norms of codes", vec![claim("a > b", "", Verdict::DoesNotHold)])
    };
    let pairs = ["noise 0", "noise 0.5"].map(|condition| claim("b & c", condition, Verdict::Holds)).to_vec();
    Report {
        title: "Report & title".to_owned(),
        lead: "First words.".to_owned(),
        opening: vec![opening],
        parts: vec![Part {
            heading: "Why it is so".to_owned(),
            sections: vec![section("second", pairs)],
            ..Part::default()
        }],
        references: vec![Reference { text: "A. Author, 2022.".to_owned(), href: "https://doi.org/10.1/2".to_owned() }],
        ..Report::default()
    }
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

fn all<'a>(document: &'a Document<'_>, tag: &str) -> Vec<&'a str> {
    document.descendants().filter(|node| node.has_tag_name(tag)).filter_map(|node| node.text()).collect()
}

#[test]
fn the_page_is_whole_and_self_contained() {
    let html = report().to_html();
    let document = parse(&html);
    for node in document.descendants().filter(Node::is_element) {
        assert!(!["script", "link", "iframe"].contains(&node.tag_name().name()));
        assert!(!node.has_attribute("src"));
    }
    let headings = ["Of 3 claims, 2 hold, 1 does not hold", "About second"];
    let appendix = ["Appendix: claims and rules", "Appendix: methods", "Appendix: references"];
    assert_eq!(all(&document, "h2"), [&headings[..], &appendix].concat());
    assert_eq!(all(&document, "h1"), ["Report & title", "Why it is so"]);
    assert_eq!(html, report().to_html());
}

#[test]
fn every_link_within_the_page_has_a_target() {
    let html = report().to_html();
    let document = parse(&html);
    let ids: Vec<&str> = document.descendants().filter_map(|node| node.attribute("id")).collect();
    let links: Vec<&str> = document.descendants().filter_map(|node| node.attribute("href")).collect();
    let within: Vec<&str> = links.iter().filter_map(|link| link.strip_prefix('#')).collect();
    // Contents: a part, its section, rules, methods, references. Claims: in the grid and beside their figures.
    assert_eq!(within.len(), 5 + 3 + 3, "{within:?}");
    assert!(within.iter().all(|target| ids.contains(target)), "{within:?} {ids:?}");
    assert!(links.contains(&"norms.svg?a=1&b=2") && links.contains(&"https://doi.org/10.1/2"));
    for id in &ids {
        assert_eq!(ids.iter().filter(|other| *other == id).count(), 1, "{id}");
    }
}

#[test]
fn a_claim_stands_in_the_grid_beside_its_figure_and_among_the_rules() {
    let html = report().to_html();
    let document = parse(&html);
    assert_eq!(with_class(&document, "a", "good"), ["✓ noise 0", "✓ noise 0.5", "holds", "holds"]);
    assert_eq!(with_class(&document, "a", "bad"), ["does not hold", "✗"]);
    assert_eq!(with_class(&document, "td", "bad"), ["does not hold"]);
    assert_eq!(with_class(&document, "td", "rule"), ["an interval decides"; 3]);
    let table = document.descendants().find(|node| node.attribute("class") == Some("claims")).unwrap();
    let cells: Vec<&str> = table.descendants().filter(|n| n.has_tag_name("td")).filter_map(|n| n.text()).collect();
    assert_eq!(cells, ["a > b ", "1.67", "1.64\u{a0}[1.50,\u{a0}1.80]"]);
    let spans: Vec<&str> = document.descendants().filter_map(|node| node.attribute("rowspan")).collect();
    assert_eq!(spans, ["2"], "two conditions of one claim");
}

/// Styles of one kind of table must not reach another: a selector by position names the kind.
#[test]
fn no_style_reaches_cells_of_all_tables_by_their_position() {
    let html = report().to_html();
    let (_, style) = html.split_once("<style>").unwrap();
    let (style, _) = style.split_once("</style>").unwrap();
    let by_position = style.lines().filter(|line| line.contains("nth-") || line.contains("-child"));
    for line in by_position {
        assert!(
            ["table.claims", "table.rules", "table.cards td:first-child"].iter().any(|k| line.contains(k)),
            "{line}"
        );
    }
    let wide = Table { headings: vec!["h".to_owned(); 9], ..Table::default() };
    assert!(!wide.to_html().contains("claims") && !wide.to_html().contains("rules"));
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

#[test]
fn a_long_table_is_folded_and_all_are_numbered() {
    let table = |rows: usize| Table {
        caption: "Numbers".to_owned(),
        headings: vec!["x".to_owned()],
        rows: vec![vec![Cell::number(1.0, 1)]; rows],
    };
    let opening = vec![Section { tables: vec![table(2), table(100)], ..section("a", Vec::new()) }];
    let html = Report { title: "t".to_owned(), opening, ..Report::default() }.to_html();
    let document = parse(&html);
    assert_eq!(all(&document, "caption"), ["Table 1. Numbers"]);
    assert!(html.contains("<summary>Table 2. Numbers (100 rows)</summary>"));
    assert!(!html.contains("id=\"rules\""), "there are no claims");
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
    let html = Report { title: "t".to_owned(), methods, ..Report::default() }.to_html();
    let document = parse(&html);
    assert_eq!(all(&document, "caption"), ["Table 1. Versions", "Table 2. Seeds", "Table 3. Data"]);
    assert!(all(&document, "p").ends_with(&["First.", "Second <b>."]));
    assert!(all(&document, "td").contains(&"0.1.0") && all(&document, "a").contains(&"runs"));
}

#[test]
fn figures_are_numbered_in_order_and_as_wide_as_they_are() {
    let without = Section { svg: None, ..section("b", Vec::new()) };
    let opening = vec![section("a", Vec::new()), without, section("c", Vec::new())];
    let html = Report { title: "t".to_owned(), opening, ..Report::default() }.to_html();
    let document = parse(&html);
    let numbers = html.matches("<b>Figure 1.</b>").count() + html.matches("<b>Figure 2.</b>").count();
    assert_eq!((numbers, html.matches("<b>Figure").count()), (2, 2));
    for figure in document.descendants().filter(|node| node.has_tag_name("figure")) {
        let svg = figure.descendants().find(|node| node.tag_name().name() == "svg").unwrap();
        let width = svg.attribute("width").unwrap();
        assert_eq!(figure.attribute("style"), Some(format!("--width:{width}px;width:{width}px").as_str()));
    }
}

#[test]
fn many_rows_stand_below_their_figure() {
    let table = |rows: usize| Table {
        caption: "Rows".to_owned(),
        headings: vec!["a".to_owned()],
        rows: vec![vec![Cell::text("b")]; rows],
    };
    let below = |rows: usize| {
        let opening = vec![Section { tables: vec![table(rows)], ..section("a", vec![claim("b", "", Verdict::Holds)]) }];
        let html = Report { opening, ..report() }.to_html();
        let document = parse(&html);
        let found = document.descendants().find(|node| node.attribute("class") == Some("below"));
        found.map(|node| node.descendants().filter(|node| node.has_tag_name("td")).count())
    };
    // With the four cells of the claim: beside a wide figure is no room for it.
    assert_eq!((below(7), below(8)), (None, Some(8 + 4)));
}
