//! Identities, seeds and files are those that older versions wrote.

use experiments::campaign::{Campaign, RunRecord};
use experiments::journal::Header;
use networks::{Config, Library, resolve};
use serde_json::Value;

const CONFIG: &str = include_str!("../fixtures/small.toml");
const CAMPAIGN: &str = include_str!("../fixtures/small.json");
const RUNS: &str = include_str!("../fixtures/small.csv");
const RECORD: &str = include_str!("../fixtures/run.json");
const HEADER: &str = include_str!("../fixtures/journal_header.json");

/// Name, identity, seed and row number of every run, as a line of the table, sorted.
fn lines(campaign: &Campaign) -> Vec<String> {
    let line = |run: experiments::campaign::Run| format!("{},{},{},{}", run.stem(), run.id, run.spec.seed, run.row_id);
    let mut lines: Vec<String> = campaign.runs().into_iter().map(line).collect();
    lines.sort();
    lines
}

fn resolved() -> Campaign {
    let config = Config::parse("small.toml", "small", CONFIG, None).unwrap();
    resolve(&config, &Library::embedded().unwrap()).unwrap()
}

#[test]
fn a_configuration_gives_the_recorded_identities() {
    let recorded: Vec<&str> = RUNS.lines().skip(1).collect();
    assert_eq!(recorded.len(), 16);
    assert_eq!(lines(&resolved()), recorded);
}

#[test]
fn a_stored_campaign_is_the_resolved_one() {
    let mut stored: Value = serde_json::from_str(CAMPAIGN).unwrap();
    let campaign: Campaign = serde_json::from_value(stored["campaign"].clone()).unwrap();
    assert_eq!(campaign, resolved());
    // Units of published networks were stored with a further field.
    stored["campaign"]["units"][0]["published_layer"] = ".features.Conv2d10".into();
    assert_eq!(serde_json::from_value::<Campaign>(stored["campaign"].take()).unwrap(), campaign);
}

#[test]
fn stored_records_and_headers_keep_their_bytes() {
    let record: RunRecord = serde_json::from_str(RECORD).unwrap();
    assert!(record.spec.objective.units().is_some());
    assert_eq!(serde_json::to_string_pretty(&record).unwrap() + "\n", RECORD);
    let header: Header = serde_json::from_str(HEADER).unwrap();
    assert_eq!(serde_json::to_string(&header).unwrap() + "\n", HEADER);
}
