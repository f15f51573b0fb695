//! Writes the journal of a session that never ran, 1000 generations of 40 codes in two threads, to measure the page with.
//!
//! ```text
//! cargo run -p live --example long_session -- FOLDER
//! python3 crates/live/examples/long_session/measure.py target/debug/actmax FOLDER
//! ```

use std::error::Error;
use std::path::Path;

use experiments::Provenance;
use experiments::journal::Score;
use sessions::journal::{self, JOURNAL_FILE, Journal};
use sessions::{Event, Presented, Responses, Role, Row, SessionConfig, run_specs};

const GENERATIONS: u32 = 1000;
const CODES: usize = 40;
const CONFIG: &str = "
[[thread]]
generator = 'tiny-deepsim'
optimizer = 'sphere-cma'
generations = 1000
[[thread]]
generator = 'tiny-deepsim'
optimizer = 'polar-es'
generations = 1000
";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    std::fs::create_dir_all(&folder)?;
    let begun = Event::Begun {
        version: journal::VERSION,
        config: CONFIG.to_owned(),
        threads: run_specs(&SessionConfig::parse(CONFIG)?, &[4096; 2], &[None, None])?,
        references: Vec::new(),
        provenance: Provenance::here(),
    };
    let mut journal = Journal::create(&Path::new(&folder).join(JOURNAL_FILE), &[begun])?;
    for generation in 0..GENERATIONS {
        journal.append(&events(generation))?;
    }
    Ok(())
}

/// A block with its scores.
fn events(generation: u32) -> Vec<Event> {
    let images: Vec<Presented> = (0..2 * CODES)
        .map(|i| Presented {
            id: format!("t{:02}-gen{generation:03}-{:03}", i / CODES, i % CODES),
            thread: Some(i / CODES),
            role: Role::Evolved,
            generation: Some(generation),
            column: Some(i % CODES),
        })
        .collect();
    let score = |i: usize| Score(f64::from(generation).sqrt() + 3.0 * (i as f64 * 1.7 + f64::from(generation)).sin());
    let row = |(i, image): (usize, &Presented)| Row {
        name: image.id.clone(),
        id: Some(image.id.clone()),
        trial: None,
        t: None,
        values: vec![score(i)],
    };
    let rows = images.iter().enumerate().map(row).collect();
    let told = |thread: usize| Event::Told {
        thread,
        generation,
        scores: (thread * CODES..(thread + 1) * CODES).map(score).collect(),
        counts: vec![1; CODES],
        codes_xxh3: String::new(),
    };
    let (block, step, order) = (generation, generation, (0..images.len()).collect());
    vec![
        Event::Offered { block, step, images, order },
        Event::Scored { block, responses: Responses { rows, ..Responses::default() } },
        Event::Closed { block, why: "complete".to_owned() },
        told(0),
        told(1),
    ]
}
