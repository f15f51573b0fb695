//! The claims and what becomes of them.

mod rules;

use std::fmt::Write;
use std::path::Path;

use anyhow::{Result, bail};
use serde::Serialize;

use super::csv_file::CsvFile;
use super::statistics::Tables;
use rules::Answer;

/// One row of claims.csv.
pub(super) struct Claim {
    id: String,
    category: String,
    claim: String,
    value: String,
    tolerance: f64,
    kind: String,
    source: String,
}

/// Reads the claims.
pub(super) fn read(folder: &Path) -> Result<Vec<Claim>> {
    let file = CsvFile::read(folder, "claims.csv")?;
    let columns = ["id", "category", "claim", "value", "tolerance_kind", "source_file"];
    let [ids, categories, words, values, kinds, sources] = columns.map(|column| file.text(column));
    let (ids, categories, words) = (ids?, categories?, words?);
    let (values, kinds, sources) = (values?, kinds?, sources?);
    let claim = |(row, tolerance): (usize, f64)| Claim {
        id: ids[row].to_owned(),
        category: categories[row].to_owned(),
        claim: words[row].to_owned(),
        value: values[row].to_owned(),
        tolerance,
        kind: kinds[row].to_owned(),
        source: sources[row].to_owned(),
    };
    Ok(file.numbers("tolerance")?.into_iter().enumerate().map(claim).collect())
}

/// A claim beside what the tables give.
#[derive(Serialize)]
pub(super) struct Verdict {
    pub(super) id: String,
    category: String,
    claim: String,
    source_file: String,
    claimed: String,
    /// `None` where nothing could be computed.
    pub(super) computed: Option<String>,
    tolerance: f64,
    tolerance_kind: String,
    pub(super) holds: bool,
    /// Why nothing could be computed or compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

/// Computes what a claim is about and compares.
pub(super) fn judge(claim: &Claim, tables: &Tables) -> Verdict {
    let answer = rules::evaluate(&claim.id, tables);
    let compared = answer.as_ref().map_err(|error| format!("{error:#}")).and_then(|answer| compare(claim, answer));
    Verdict {
        id: claim.id.clone(),
        category: claim.category.clone(),
        claim: claim.claim.clone(),
        source_file: claim.source.clone(),
        claimed: claim.value.clone(),
        computed: answer.ok().map(|answer| answer.to_string()),
        tolerance: claim.tolerance,
        tolerance_kind: claim.kind.clone(),
        holds: compared == Ok(true),
        reason: compared.err(),
    }
}

fn compare(claim: &Claim, answer: &Answer) -> Result<bool, String> {
    let number =
        |text: &str| text.trim().parse::<f64>().map_err(|_| format!("the claimed value {text:?} is not a number"));
    match (claim.kind.as_str(), answer) {
        ("exact-string", Answer::Text(text)) => Ok(*text == claim.value),
        ("exact", Answer::Number(value)) => Ok(*value == number(&claim.value)?),
        ("abs", Answer::Number(value)) => Ok((value - number(&claim.value)?).abs() <= claim.tolerance),
        ("rel", Answer::Number(value)) => {
            let claimed = number(&claim.value)?;
            Ok((value - claimed).abs() <= claim.tolerance * claimed.abs())
        }
        ("rel" | "abs" | "exact", Answer::Text(_)) | ("exact-string", Answer::Number(_)) => {
            Err(format!("the computed value does not go with tolerance_kind {:?}", claim.kind))
        }
        (kind, _) => Err(format!("unknown tolerance_kind {kind:?}; known are rel, abs, exact, exact-string")),
    }
}

impl Verdict {
    fn word(&self) -> &'static str {
        if self.holds { "holds" } else { "FAILS" }
    }

    fn tolerance(&self) -> String {
        match self.tolerance_kind.as_str() {
            kind @ ("rel" | "abs") => format!("{kind} {:?}", self.tolerance),
            kind => kind.to_owned(),
        }
    }

    fn computed(&self) -> &str {
        self.computed.as_deref().unwrap_or("-")
    }
}

/// A line a claim.
pub(super) fn as_text(verdicts: &[Verdict]) -> String {
    let width = |of: fn(&Verdict) -> usize| verdicts.iter().map(of).filter(|width| *width < 60).max().unwrap_or(0);
    let (id, value) = (width(|v| v.id.len()), width(|v| v.claimed.len().max(v.computed().len())));
    let mut text = String::new();
    for verdict in verdicts {
        let (claimed, computed, tolerance) = (&verdict.claimed, verdict.computed(), verdict.tolerance());
        let reason = verdict.reason.as_deref().map_or_else(String::new, |reason| format!("  ({reason})"));
        let word = verdict.word();
        let _ = writeln!(
            text,
            "{:<id$}  {claimed:<value$}  {computed:<value$}  {tolerance:<10}  {word}{reason}",
            verdict.id
        );
    }
    text
}

/// What the verdicts are written as.
#[derive(Clone, Copy)]
pub(super) enum Format {
    Json,
    Markdown,
}

impl Format {
    /// By the file's extension.
    pub(super) fn of(path: &Path) -> Result<Self> {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("json") => Ok(Self::Json),
            Some("md") => Ok(Self::Markdown),
            _ => bail!("{} ends neither in .json nor in .md; --out writes these two", path.display()),
        }
    }

    pub(super) fn render(self, verdicts: &[Verdict]) -> Result<Vec<u8>> {
        match self {
            Self::Json => {
                let mut json = serde_json::to_vec_pretty(verdicts)?;
                json.push(b'\n');
                Ok(json)
            }
            Self::Markdown => Ok(markdown(verdicts).into_bytes()),
        }
    }
}

fn markdown(verdicts: &[Verdict]) -> String {
    let mut text =
        String::from("| id | claim | claimed | computed | tolerance | verdict |\n|---|---|---|---|---|---|\n");
    for verdict in verdicts {
        let cells = [&verdict.id, &verdict.claim, &verdict.claimed, verdict.computed(), &verdict.tolerance()]
            .map(|cell| cell.replace('|', "\\|"));
        let _ = writeln!(text, "| {} | {} |", cells.join(" | "), verdict.word());
    }
    text
}
