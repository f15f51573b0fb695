//! Machine-readable results.

use analysis::report::VerdictRow;

use super::runs::Run;

/// One row a run, sorted by optimizer, layer, channel, noise and repeat.
pub(super) fn results(runs: &[Run]) -> String {
    let mut runs: Vec<&Run> = runs.iter().collect();
    runs.sort_by(|a, b| {
        let key = |run: &Run| (run.job.optimizer, run.job.unit.address.layer.clone(), run.job.unit.address.channel);
        let order = key(a).cmp(&key(b)).then(a.job.noise.total_cmp(&b.job.noise));
        order.then(a.job.repeat.cmp(&b.job.repeat))
    });
    let mut text = String::from(
        "optimizer,layer,channel,noise,repeat,seed,clean_best,noisy_best,final_mean_norm,codenorm,evaluations\n",
    );
    for run in runs {
        let (job, address) = (&run.job, &run.job.unit.address);
        let final_mean_norm = run.mean_norms.last().copied().unwrap_or(f64::NAN);
        let values = [
            job.optimizer.to_owned(),
            field(&address.layer),
            address.channel.to_string(),
            job.noise.to_string(),
            job.repeat.to_string(),
            job.seed.to_string(),
            run.best_clean.to_string(),
            run.best_noisy.to_string(),
            final_mean_norm.to_string(),
            run.codenorm.to_string(),
            run.evaluations.to_string(),
        ];
        text.push_str(&values.join(","));
        text.push('\n');
    }
    text
}

/// One row a claim, in the order of the report.
pub(super) fn claims(rows: &[VerdictRow]) -> String {
    let mut text = String::from("claim,expected,ours,tolerance,verdict\n");
    for row in rows {
        let values = [&row.claim, &row.expected, &row.ours, &row.tolerance].map(|value| field(value));
        text.push_str(&values.join(","));
        text.push_str(&format!(",{}\n", row.verdict.label()));
    }
    text
}

/// A field as RFC 4180 has it.
fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
