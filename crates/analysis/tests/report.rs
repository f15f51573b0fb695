//! The report is one well-formed file that asks for nothing outside itself.

use analysis::figure::norms::Norms;
use analysis::report::{Cell, Link, Report, Section, Table, Tone, Verdict, VerdictRow, verdict_table};
use roxmltree::{Document, Node, ParsingOptions};

fn report() -> Report {
    let verdict = |claim: &str, verdict| VerdictRow {
        claim: claim.to_owned(),
        expected: "1.67".to_owned(),
        ours: "1.64".to_owned(),
        tolerance: "± 0.05".to_owned(),
        verdict,
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
        svg: Some(Norms { title: "Norms".to_owned(), series: vec![] }.to_svg()),
        caption: "tiny-alexnet, seed 1".to_owned(),
        links: vec![Link { label: "SVG".to_owned(), href: "norms.svg?a=1&b=2".to_owned() }],
        tables: vec![verdict_table("Claims", &rows)],
    };
    let bare = Section { id: "bare".to_owned(), heading: "Bare".to_owned(), ..Section::default() };
    Report { title: "Report & title".to_owned(), lead: "First words.".to_owned(), sections: vec![figure, bare] }
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
    assert_eq!(with_class(&document, "th", "number"), ["expected", "ours", "tolerance"]);
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
