//! `actmax session run`.

use std::io::Write;
use std::net::Ipv4Addr;
use std::thread;

use sessions::door::{FolderDoor, HttpDoor, POLL};
use sessions::{Event, Phase};

use super::{RunArgs, setup};
use crate::commands::Ending;
use crate::console::{say, significant, warn};
use crate::evolve::stop_flag;
use crate::{CommandError, Library, view};

/// Serves blocks through the watched folder until the session is over, or Ctrl-C.
pub(super) fn serve(library: &Library, args: &RunArgs, out: &mut dyn Write) -> Result<Ending, CommandError> {
    let mut session = setup::open(library, &args.session)?;
    let stop = stop_flag("stopping; `actmax session resume` goes on with the same block")?.shared();
    let quiet = args.quiet;
    let names: Vec<String> = session.config().threads.iter().map(|thread| thread.name.clone()).collect();
    session.listen(move |event| tell(event, &names, quiet));
    let mut door = FolderDoor::open(&session)?;
    let address = args.listen.or(args.http.map(|port| (Ipv4Addr::LOCALHOST, port).into()));
    let mut http = match address {
        Some(address) => {
            let page = view::page(library, std::slice::from_ref(&args.session), true)?;
            Some(HttpDoor::open_with(&mut session, address, page)?)
        }
        None => None,
    };
    if let Some(http) = http.as_ref().filter(|_| !quiet) {
        say(&format!("the live page is http://{}/#{}", http.address(), http.token()));
    }
    if let Some(block) = session.block().filter(|_| !quiet) {
        say(&format!("block {} is out: {} presentations; Ctrl-C stops", block.number, block.order.len()));
    }
    while session.phase() != Phase::Finished {
        if stop.load(std::sync::atomic::Ordering::Relaxed) {
            writeln!(out, "stopped at block {}", session.current().unwrap_or(0))?;
            return Ok(Ending::Interrupted);
        }
        let came = door.look(&mut session)?;
        session.check_time()?;
        match &mut http {
            Some(http) => drop(http.serve(&mut session, POLL)?),
            None if came => {}
            None => thread::sleep(POLL),
        }
    }
    if http.is_some() && !quiet {
        say(&format!("`actmax view {}` shows the page again", args.session.display()));
    }
    writeln!(out, "session {} is over: {} scores", args.session.display(), session.status().scores)?;
    Ok(Ending::Done)
}

/// Says what happened.
fn tell(event: &Event, names: &[String], quiet: bool) {
    match event {
        Event::Warning { text } => warn(text),
        Event::Told { thread, generation, scores, .. } if !quiet => {
            let numbers: Vec<f64> = scores.iter().map(|score| score.0).filter(|score| !score.is_nan()).collect();
            let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
            let highest = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let (name, missing) = (&names[*thread], scores.len() - numbers.len());
            let (mean, highest) = (significant(mean), significant(highest));
            say(&format!("{name}: generation {generation}, mean {mean}, highest {highest}, {missing} missing"));
        }
        _ => {}
    }
}
