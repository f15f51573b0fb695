//! `actmax view`: the live page of runs and sessions, and of a campaign.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use clap::Args;
use experiments::campaign::{CAMPAIGN_FILE, Store, StoredRun};
use gen_models::Runtime;
use live::{OpenGenerator, Source};
use sessions::door::http::{Page, PageServer, serve_page};

use crate::campaign::Digest;
use crate::commands::Ending;
use crate::console::say;
use crate::evolve::stop_flag;
use crate::online::renderer;
use crate::{CommandError, Library};

pub(crate) const HELP: &str = "\
The page shows scores, images and warnings by generation. It follows folders
that are still being written, and compares several. Of a campaign it shows which
runs are done, failed or at work, the means by optimizer and noise, and the page
of each finished run. Only this machine can open it. `actmax evolve --live` and
`actmax session run --http 0` open the same page for what they run; there, a
session can be paused and stopped, and takes notes.

Keys: left and right arrow go through the generations, End follows the newest
one, space pauses a session.

Examples:
  actmax view runs/fc8-eye-polar-es-savage-0
  actmax view monkey1
  actmax view runs/a runs/b --port 8080
  actmax view campaigns/round1-quick";

/// Arguments of `actmax view`.
#[derive(Debug, Args)]
pub struct ViewArgs {
    /// Folders of runs and sessions, or the folder of one campaign.
    #[arg(required = true, value_name = "FOLDER")]
    pub folders: Vec<PathBuf>,
    /// Port of the page on this machine; 0: any free one.
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub port: u16,
}

/// Serves the page until Ctrl-C.
pub(crate) fn run(library: &Library, args: &ViewArgs, out: &mut dyn Write) -> Result<Ending, CommandError> {
    let server = serve(library, &args.folders, args.port)?;
    writeln!(out, "{}", server.url())?;
    out.flush()?;
    say("open this address in a browser; Ctrl-C ends");
    let stop = stop_flag("ending")?.shared();
    while !stop.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(50));
    }
    Ok(Ending::Done)
}

/// Serves the page of some folders on this machine, until the returned server is dropped.
pub(crate) fn serve(library: &Library, folders: &[PathBuf], port: u16) -> Result<PageServer, CommandError> {
    let page = match folders {
        [folder] if folder.join(CAMPAIGN_FILE).is_file() => campaign_page(library, Store::open(folder)?)?,
        folders => page(library, folders, false)?,
    };
    Ok(serve_page(SocketAddr::from((Ipv4Addr::LOCALHOST, port)), page)?)
}

/// The page of some folders; `acts`: it is of one session, which is served beside it.
pub(crate) fn page(library: &Library, folders: &[PathBuf], acts: bool) -> Result<Page, CommandError> {
    let sources = folders.iter().map(|folder| Source::open(folder)).collect::<Result<Vec<_>, _>>()?;
    Ok(live::page(sources, opener(library), acts)?)
}

/// The page of a campaign.
fn campaign_page(library: &Library, store: Store) -> Result<Page, CommandError> {
    let (name, goal) = (store.campaign().name.clone(), store.campaign().goal);
    let summarize =
        move |runs: &[StoredRun]| Digest::of(&name, goal, runs).summary().map_err(|error| error.to_string());
    Ok(live::campaign_page(store, Box::new(summarize), opener(library))?)
}

/// Opens generators of the library.
fn opener(library: &Library) -> OpenGenerator {
    let library = library.clone();
    Box::new(move |name: &str| Ok(renderer(&library.generator(name)?, Runtime::get(&say)?)?))
}
