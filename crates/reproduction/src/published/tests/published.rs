//! The published tables themselves, where the checkout has them beside it.

use test_needs::Need;

use super::{key, tables, value};
use crate::published::claims;
use crate::published::key::Key;

#[test]
fn every_claim_holds_and_the_names_are_swapped() {
    let Some(folder) = Need::Published.or_skip() else { return };
    let tables = tables(&folder);
    let verdicts: Vec<_> = claims::read(&folder).unwrap().iter().map(|claim| claims::judge(claim, &tables)).collect();
    assert_eq!(verdicts.len(), 103);
    for verdict in &verdicts {
        assert!(verdict.holds, "{}: {:?} {:?}", verdict.id, verdict.computed, verdict.reason);
    }

    let shipped = |table, quantity, statistic| Key { optimizer: None, ..key(table, quantity, statistic, "") };
    for quantity in ["clean", "noisy"] {
        let meant = value(&tables, &shipped("round2", quantity, "published_mean_max_difference"));
        let literal = value(&tables, &shipped("round2", quantity, "published_mean_max_difference_names_at_face_value"));
        assert!(meant < 1e-9, "{quantity}: {meant}");
        assert!(literal > 1.0, "{quantity}: {literal}");
    }
    // Rounded to three decimals, and to a tenth of a second.
    assert!(value(&tables, &shipped("round2", "norm", "published_mean_max_difference")) <= 5.0001e-4);
    assert!(value(&tables, &shipped("round2", "runtime", "published_mean_max_difference")) <= 0.050_01);
}
