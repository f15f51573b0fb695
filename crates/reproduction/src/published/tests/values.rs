//! Statistics of the synthetic tables against what they must be.

use approx::assert_relative_eq;

use super::synthetic::folder;
use super::{key, reason, tables, value};
use crate::published::key::Key;
use crate::published::statistics::{Bootstrap, Tables};

const CLOSE: f64 = 1e-12;

#[test]
fn normalised_scores_ranks_and_wins() {
    let folder = folder();
    let tables = tables(folder.path());
    let of = |key: &Key<'_>| value(&tables, key);
    // CMA is column 5 of 12; over both noise levels the mean factor is 1.25.
    let cma = |statistic| key("round1", "norm", statistic, "CMA");
    assert_relative_eq!(of(&cma("mean")), 5.0 * 1.25 / 18.0, max_relative = CLOSE);
    assert_relative_eq!(of(&Key { scope: "noise=0.5", ..cma("mean") }), 5.0 / 12.0, max_relative = CLOSE);
    let cell = Key { scope: "layer=.classifier.ReLU5,noise=0.0", ..cma("max") };
    assert_relative_eq!(of(&cell), 5.0 / 18.0, max_relative = CLOSE);
    // Half the rows at 5/18, half at 5/12, n - 1 below.
    let deviation = 5.0 / 72.0;
    let sd = deviation * (16.0f64 / 15.0).sqrt();
    assert_relative_eq!(of(&cma("sd")), sd, max_relative = CLOSE);
    assert_relative_eq!(of(&cma("sem")), sd / 4.0, max_relative = CLOSE);
    assert_eq!(of(&cma("count")), 16.0);
    assert_eq!((of(&cma("rank")), of(&cma("place")), of(&cma("wins"))), (8.0, 8.0, 0.0));
    let last = |statistic| key("round1", "norm", statistic, "RandomSearch");
    assert_eq!((of(&last("rank")), of(&last("place")), of(&last("win_share"))), (1.0, 1.0, 1.0));
    assert_eq!((of(&last("best")), of(&last("best_cells")), of(&last("cells"))), (1.0, 4.0, 4.0));
    let retained = Key { scope: "noise=0.5", ..key("round1", "norm", "ratio_to_noise_free", "CMA") };
    assert_relative_eq!(of(&retained), 1.5, max_relative = CLOSE);
    // The shortest run is first.
    assert_eq!(of(&key("round1", "runtime", "rank", "NGOpt")), 1.0);
    assert_eq!(of(&Key { against: Some("DE"), ..key("round1", "runtime", "pair_win_share", "NGOpt") }), 1.0);
    // Only the noise-free rows of round 1 are clean.
    assert_eq!(of(&key("round1", "clean", "count", "CMA")), 8.0);
    assert_relative_eq!(of(&key("round1", "norm_rowmax", "mean", "CMA")), 5.0 / 12.0, max_relative = CLOSE);
    assert_relative_eq!(of(&key("round1", "norm_rowmean", "mean", "CMA")), 5.0 / 6.5, max_relative = CLOSE);
}

#[test]
fn pairs_of_optimizers() {
    let folder = folder();
    let tables = tables(folder.path());
    let pair = |statistic| Key { against: Some("Genetic"), ..key("round2", "norm", statistic, "CholeskyCMAES") };
    // Columns 2 and 1: every row, and so every resample, has the ratio 2.
    for statistic in ["ratio", "ratio_lo", "ratio_hi"] {
        assert_relative_eq!(value(&tables, &pair(statistic)), 2.0, max_relative = CLOSE);
    }
    // Means 0.25 and 0.125; both samples half at 4/3 and half at 2/3 of their mean.
    let variance = |mean: f64| (mean / 3.0).powi(2) * 16.0 / 15.0;
    let error = ((variance(0.25) + variance(0.125)) / 16.0).sqrt();
    assert_relative_eq!(value(&tables, &pair("t")), 0.125 / error, max_relative = 1e-10);
    assert_eq!(value(&tables, &pair("df")), 30.0);
    assert!(value(&tables, &pair("df_welch")) < 30.0);
    let back = Key { optimizer: Some("Genetic"), against: Some("CholeskyCMAES"), ..pair("t") };
    assert_relative_eq!(value(&tables, &back), -0.125 / error, max_relative = 1e-10);
    let group = Key { against: Some("CholeskyCMAES+pycma+pycmaDiagonal"), ..pair("ratio") };
    let sphere = Key { optimizer: Some("ZOHA_Sphere_exp"), ..group };
    assert_relative_eq!(value(&tables, &sphere), 5.0 / 3.0, max_relative = CLOSE);
    let inflated = Key { scope: "noise=0.5", ..key("round2", "noisy/clean", "ratio", "pycma") };
    assert_relative_eq!(value(&tables, &inflated), 2.0, max_relative = CLOSE);
    // Differences of constant columns have no t, and say so.
    let constant = Key { against: Some("DE"), ..key("round1", "codenorm", "t", "CMA") };
    assert!(reason(&tables, &constant).ends_with(": the data do not vary"));
}

#[test]
fn units_and_shipped_tables() {
    let folder = folder();
    let tables = tables(folder.path());
    let of = |key: &Key<'_>| value(&tables, key);
    let units = Key { optimizer: None, ..key("round2", "runs", "units", "") };
    assert_eq!((of(&units), of(&Key { statistic: "count", ..units })), (4.0, 16.0));
    assert_eq!(of(&key("round2", "normaliser", "units", "ZOHA_Sphere_inv")), 4.0);
    // One unit of four never responds: its runs have no normalised score, and count as zeros.
    assert_eq!(of(&key("spectra", "norm", "count", "pycma")), 6.0);
    assert_eq!(of(&key("spectra", "clean", "zeros", "pycma")), 2.0);
    let shipped = |statistic| Key { optimizer: None, ..key("round2", "clean", statistic, "") };
    assert_eq!(of(&shipped("published_mean_max_difference")), 0.0);
    // ZOHA_Sphere_inv: 6 times 30 in place of 6 times 15.
    assert_eq!(of(&shipped("published_mean_max_difference_names_at_face_value")), 90.0);
    let rows = Key { optimizer: None, ..key("round2", "norm", "published_rows_max_difference", "") };
    assert!(of(&rows) < 1e-15);
    let absent = Key { optimizer: None, ..key("round2", "norm", "published_mean_max_difference", "") };
    assert!(reason(&tables, &absent).contains("CMA_benchmark_export_summary_norm.csv"));
}

#[test]
fn analyses_of_variance() {
    let folder = folder();
    let tables = tables(folder.path());
    let term = |statistic, model| Key {
        model: Some(model),
        term: Some("C(optimizer)"),
        optimizer: None,
        ..key("round2", "norm", statistic, "")
    };
    // Six optimizers of 16 rows, half at k / 6 and half at k / 12.
    let one_way = |statistic| value(&tables, &term(statistic, "score ~ C(optimizer)"));
    let between: f64 = (1..=6).map(|k| 16.0 * (f64::from(k) / 8.0 - 3.5 / 8.0).powi(2)).sum();
    let within: f64 = (1..=6).map(|k| 16.0 * (f64::from(k) / 24.0).powi(2)).sum();
    assert_eq!((one_way("df"), one_way("df_residual")), (5.0, 90.0));
    assert_relative_eq!(one_way("F"), (between / 5.0) / (within / 90.0), max_relative = 1e-10);
    // norm = k (1 - noise) / 6: optimizer, noise and their interaction leave nothing to test against.
    let exact = "score ~ C(optimizer) + C(noise) + C(layer) + C(optimizer):C(layer) + C(optimizer):C(noise)";
    assert!(reason(&tables, &term("F", exact)).ends_with(": the data do not vary"));
    let previous = Key { optimizer: Some("CholeskyCMAES+pycma+pycmaDiagonal"), ..term("df", "score ~ C(optimizer)") };
    assert_eq!(value(&tables, &previous), 2.0);
}

#[test]
fn resampling_depends_on_the_seed_alone() {
    let folder = folder();
    let low = |seed| {
        let tables = Tables::read(folder.path(), Bootstrap { resamples: 3, seed }).unwrap();
        // Code norms of round 2 have ratios that differ between units.
        value(&tables, &Key { against: Some("pycma"), ..key("round2", "codenorm", "ratio_lo", "Genetic") })
    };
    assert_eq!(low(1), low(1));
    assert!((2..10).any(|seed| low(seed) != low(1)));
}

#[test]
fn what_no_table_has_is_refused() {
    let folder = folder();
    let tables = tables(folder.path());
    let refused = |key: Key<'_>| assert!(reason(&tables, &key).contains("no such statistic"), "{key}");
    refused(key("round2", "norm", "mean", "CMA"));
    refused(key("round2", "norm", "average", "Genetic"));
    refused(key("round2", "size", "mean", "Genetic"));
    refused(Key { scope: "noise=0.3", ..key("round2", "norm", "mean", "Genetic") });
    refused(Key { against: Some("pycma+pycmaDiagonal"), ..key("round2", "norm", "t", "Genetic") });
    refused(key("round2", "runtime", "best", "Genetic"));
    // Clean scores of round 1 are known in some rows only.
    refused(key("round1", "noisy/clean", "ratio", "CMA"));
    assert!(reason(&tables, &key("round3", "norm", "mean", "CMA")).contains("no table \"round3\""));
}
