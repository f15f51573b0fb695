//! What the commands write and what they refuse.

use std::fs;
use std::path::Path;

use clap::Parser;

use super::synthetic::{folder, write_claims};
use crate::published::{ClaimsArgs, StatisticArgs, judge_claims, print_statistic, statistic};

#[derive(Parser)]
struct StatisticCli {
    #[command(flatten)]
    args: StatisticArgs,
}

#[derive(Parser)]
struct ClaimsCli {
    #[command(flatten)]
    args: ClaimsArgs,
}

fn statistic_args(published: &Path, statistic: &str) -> StatisticArgs {
    let line = ["statistic", "--published", published.to_str().unwrap(), "--resamples", "20", statistic];
    StatisticCli::try_parse_from(line).unwrap().args
}

fn claims(published: &Path, out: &Path) -> anyhow::Result<()> {
    let (published, out) = (published.to_str().unwrap(), out.to_str().unwrap());
    let line = ["reproduce", "--published", published, "--out", out, "--resamples", "20"];
    judge_claims(&ClaimsCli::try_parse_from(line).unwrap().args, &mut Vec::new())
}

/// The message of an error with its causes.
fn message(outcome: anyhow::Result<()>) -> String {
    format!("{:#}", outcome.unwrap_err())
}

#[test]
fn one_statistic_is_printed() {
    let folder = folder();
    let printed = |text: &str| {
        let mut out = Vec::new();
        print_statistic(&statistic_args(folder.path(), text), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    assert_eq!(printed("table=round1,quantity=runs,statistic=count"), "16.0\n");
    assert_eq!(printed("table=round2,quantity=norm,statistic=mean,optimizer=ZOHA_Sphere_inv,noise=0"), "1.0\n");
    let eigenvalue = "table=theory,quantity=explained_variance,statistic=ratio,component=1,generations=inf";
    assert_eq!(printed(eigenvalue), "0.6079271018540267\n");
    assert_eq!(printed("table=theory,quantity=constant,statistic=cs,lambda=40,N=4096"), "0.04992294690399778\n");
}

#[test]
fn claims_hold_or_do_not() {
    let folder = folder();
    let right = [
        ("R1-rows", "16", "0", "exact"),
        ("R1-rows-ns05", "8", "0", "exact"),
        ("R1-norm-CMA-ns0.5", "0.4166666666666667", "1e-9", "rel"),
        ("R1-norm-CMA-alexnet", "0.3472222222222222", "1e-9", "rel"),
        (
            "R2-rank-order",
            "ZOHA_Sphere_inv > ZOHA_Sphere_exp > pycmaDiagonal > pycma > CholeskyCMAES > Genetic",
            "0",
            "exact-string",
        ),
        ("R2-66pct", "100.0000001", "1e-6", "rel"),
        ("R2-Chol-GA-.classifier.ReLU5", "2", "1e-9", "abs"),
        ("R2-cells-ZOHA_Sphere_inv-ns0", "2", "0", "exact"),
        ("TH-evinf-1", "0.6079271018540267", "1e-9", "rel"),
    ];
    write_claims(folder.path(), &right);
    let out = folder.path().join("verdicts.json");
    claims(folder.path(), &out).unwrap();
    let verdicts: Vec<serde_json::Value> = serde_json::from_str(&fs::read_to_string(&out).unwrap()).unwrap();
    assert_eq!(verdicts.len(), right.len());
    assert!(verdicts.iter().all(|verdict| verdict["holds"] == true), "{verdicts:#?}");

    let wrong = [
        ("R1-rows", "17", "0", "exact"),
        ("R1-norm-CMA", "0.3472222222222222", "1e-9", "rel"),
        ("R2-norm-Genetic", "0.9", "1e-9", "abs"),
        ("R9-norm-Genetic", "0.9", "1e-9", "abs"),
        ("R2-norm-Genetic-ns0.3", "0.9", "1e-9", "abs"),
        ("R2-norm-pycma", "three", "1e-9", "rel"),
        ("R2-sem-pycma", "3", "1e-9", "roughly"),
    ];
    write_claims(folder.path(), &wrong);
    let error = message(claims(folder.path(), &out));
    assert!(error.contains("6 claims do not hold"), "{error}");
    let verdicts: Vec<serde_json::Value> = serde_json::from_str(&fs::read_to_string(&out).unwrap()).unwrap();
    let holds: Vec<bool> = verdicts.iter().map(|verdict| verdict["holds"].as_bool().unwrap()).collect();
    assert_eq!(holds, [false, true, false, false, false, false, false]);
    let reason = |row: usize| verdicts[row]["reason"].as_str().unwrap().to_owned();
    assert!(reason(3).contains("no rule"), "{}", reason(3));
    assert!(reason(4).contains("no such statistic"), "{}", reason(4));
    assert!(reason(5).contains("\"three\" is not a number"), "{}", reason(5));
    assert!(reason(6).contains("unknown tolerance_kind \"roughly\""), "{}", reason(6));

    let page = folder.path().join("verdicts.md");
    assert!(claims(folder.path(), &page).is_err());
    let page = fs::read_to_string(&page).unwrap();
    assert!(page.contains("| R1-rows | in words, with \\| a bar | 17 | 16 | exact | FAILS |"), "{page}");
}

#[test]
fn what_is_missing_is_named() {
    let folder = folder();
    let refused = |published: &Path, words: &[&str]| {
        let args = statistic_args(published, "table=round2,quantity=runs,statistic=count");
        let error = message(statistic(&args).map(drop));
        words.iter().for_each(|word| assert!(error.contains(word), "no {word:?} in: {error}"));
    };
    refused(&folder.path().join("nowhere"), &["no folder", "nowhere", "ActMax-Optimizer-Dev"]);

    let runtime = folder.path().join("CMA_benchmark_runtime_summary.csv");
    let text = fs::read_to_string(&runtime).unwrap();
    fs::remove_file(&runtime).unwrap();
    refused(folder.path(), &["no file", "CMA_benchmark_runtime_summary.csv", "ActMax-Optimizer-Dev"]);
    fs::write(&runtime, text.replace("pycmaDiagonal", "other")).unwrap();
    refused(folder.path(), &["CMA_benchmark_runtime_summary.csv", "no column \"pycmaDiagonal\"", "other"]);
    fs::write(&runtime, text.replacen("\n0,1,", "\n0,fast,", 1)).unwrap();
    refused(folder.path(), &["CMA_benchmark_runtime_summary.csv", "line 2", "\"Genetic\"", "\"fast\""]);
    fs::write(&runtime, text.replace(",101,folder", ",102,folder")).unwrap();
    refused(folder.path(), &["line 3", "CMA_benchmark_runtime_summary.csv", "CMA_benchmark_cleanobj_summary.csv"]);
    fs::write(&runtime, text.lines().next().unwrap()).unwrap();
    refused(folder.path(), &["CMA_benchmark_runtime_summary.csv", "no rows"]);
    fs::write(&runtime, text.lines().take(9).collect::<Vec<_>>().join("\n")).unwrap();
    refused(folder.path(), &["has 8 rows", "has 16"]);
    fs::write(&runtime, &text).unwrap();

    let error = message(claims(folder.path(), &folder.path().join("none/verdicts.json")));
    assert!(error.contains("none") && error.contains("make it first"), "{error}");
    let error = message(claims(folder.path(), &folder.path().join("verdicts.txt")));
    assert!(error.contains(".json nor in .md"), "{error}");
    let error = message(claims(folder.path(), &folder.path().join("verdicts.md")));
    assert!(error.contains("claims.csv"), "{error}");
}
