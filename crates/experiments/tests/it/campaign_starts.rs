//! Campaigns whose runs start from codes that are given.

use std::convert::Infallible;

use experiments::campaign::{Campaign, CampaignError, ObjectiveSource, Run, Store};
use experiments::codes_sha256;
use optim_core::Population;
use tempfile::TempDir;

use crate::campaign::{DIM, campaign, runner};
use crate::support::{DeviceGone, Function, hill};

type Hill = Function<fn(&Population) -> Result<Vec<f64>, DeviceGone>>;

/// Hills, and the codes that runs on them start from.
struct Hills(Vec<Population>);

impl ObjectiveSource for Hills {
    type Objective = Hill;
    type Key = ();
    type Error = Infallible;

    fn key(&self, _run: &Run) {}

    fn open(&self, _run: &Run, _beside: Option<&Hill>) -> Result<Hill, Infallible> {
        Ok(Function::new(DIM, hill))
    }

    fn initial_codes(&self, run: &Run) -> Option<Population> {
        let named = run.spec.initial_codes_sha256.as_ref()?;
        self.0.iter().find(|codes| codes_sha256(codes) == *named).cloned()
    }
}

fn start(value: f64) -> Population {
    Population::from_rows(DIM, &[value; 3 * DIM])
}

/// The genetic algorithm from one start, or one a unit.
fn started(starts: &[Population]) -> Campaign {
    let mut campaign = campaign();
    campaign.arms = vec![campaign.arms[1].clone()];
    campaign.arms[0].keep = experiments::Keep::All;
    campaign.arms[0].initial_codes_sha256 = starts.iter().map(codes_sha256).collect();
    campaign
}

#[test]
fn runs_start_from_the_codes_of_their_unit() {
    let folder = TempDir::new().unwrap();
    let starts = vec![start(1.0), start(2.0)];
    let store = Store::create(&folder.path().join("results"), &started(&starts)).unwrap();
    let report = runner(1, "1/1").run(&store, &Hills(starts.clone())).unwrap();
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    for stored in store.runs() {
        let stored = stored.unwrap();
        let first = stored.arrays().unwrap().cleanscores_all[0];
        let own = &starts[stored.run.unit.channel];
        assert_eq!(first, hill(own).unwrap()[0], "{}", stored.run);
        assert_eq!(stored.record.spec.initial_codes_sha256, Some(codes_sha256(own)));
    }
}

#[test]
fn runs_without_their_codes_fail_and_say_so() {
    let folder = TempDir::new().unwrap();
    let store = Store::create(&folder.path().join("results"), &started(&[start(1.0)])).unwrap();
    let report = runner(1, "1/1").run(&store, &Hills(vec![start(2.0)])).unwrap();
    assert_eq!((report.done, report.failed.len()), (0, 8));
    assert!(report.failed[0].reason.contains("initial codes"), "{}", report.failed[0].reason);
}

#[test]
fn starts_are_part_of_identities_and_nothing_else_is() {
    let runs = |campaign: &Campaign| campaign.runs().into_iter().map(|run| run.id).collect::<Vec<_>>();
    let (without, one, each) = (started(&[]), started(&[start(1.0)]), started(&[start(1.0), start(2.0)]));
    assert!(!serde_json::to_string(&without).unwrap().contains("initial_codes"));
    assert!(runs(&without).iter().all(|id| !runs(&one).contains(id)));
    // The first unit starts from the same codes in both.
    assert_eq!(runs(&one)[..4], runs(&each)[..4]);
    assert!(runs(&one)[4..].iter().all(|id| !runs(&each).contains(id)));
    let error = started(&[start(1.0), start(2.0), start(3.0)]).validate().unwrap_err();
    assert!(matches!(error, CampaignError::Starts { starts: 3, units: 2, .. }), "{error}");
}
