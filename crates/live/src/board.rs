//! All sources of a page, and its paths.

use std::convert::Infallible;
use std::fs;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::sse::{Event as Sse, KeepAlive};
use axum::response::{IntoResponse, Response, Sse as SseResponse};
use axum::routing::get;
use experiments::campaign::Store;
use futures_util::stream::{self, Stream};
use image::ImageReader;
use serde::{Deserialize, Serialize};
use sessions::ImageKind;
use sessions::door::http::Page;
use tokio::sync::watch;

use crate::answer::{json_of, png, refusal};
use crate::assets;
use crate::campaign::{Campaign, Summarize};
use crate::error::LiveError;
use crate::pictures::{OpenGenerator, Pictures, Place, Which};
use crate::source::{Generation, History, LogLine, Source};

/// Time between two looks at the journals.
const LOOK: Duration = Duration::from_millis(100);

/// Time between the growth of a journal and the news of it: a session makes its next block meanwhile, for which a rig
/// waits, and the images of the pages come after.
const NEWS_DELAY: Duration = Duration::from_millis(200);

/// Generations of a thread in one answer; the page asks again for more.
const AT_ONCE: usize = 400;

/// Side of the images of references in pixels.
const REFERENCE_SIDE: u32 = 256;

/// What a page shows.
pub struct Board {
    sources: Arc<Mutex<Vec<Source>>>,
    pictures: Pictures,
    changes: watch::Sender<u64>,
    /// Whether this server takes the actions of its session.
    acts: bool,
    /// The campaign whose finished runs are the sources.
    campaign: Option<Campaign>,
}

/// The page of some folders. `acts`: the server has the actions of the session, which is the only source.
///
/// # Errors
/// If a thread cannot be started.
pub fn page(sources: Vec<Source>, open: OpenGenerator, acts: bool) -> std::io::Result<Page> {
    Ok(Page { files: assets::router(), data: data(sources, open, acts, None)? })
}

/// The page of a campaign. `summarize` gives the means of its finished runs.
///
/// # Errors
/// If a thread cannot be started.
pub fn campaign_page(store: Store, summarize: Summarize, open: OpenGenerator) -> std::io::Result<Page> {
    let campaign = Campaign::new(store, summarize);
    Ok(Page { files: assets::campaign_router(), data: data(Vec::new(), open, false, Some(campaign))? })
}

/// What a page reads.
fn data(sources: Vec<Source>, open: OpenGenerator, acts: bool, campaign: Option<Campaign>) -> std::io::Result<Router> {
    let sources = Arc::new(Mutex::new(sources));
    let pictures = Pictures::start(Arc::clone(&sources), open)?;
    let board = Arc::new(Board { sources, pictures, changes: watch::Sender::new(0), acts, campaign });
    let follower = Arc::downgrade(&board);
    thread::Builder::new().name("journals".to_owned()).spawn(move || follow(&follower))?;
    Ok(Router::new()
        .route("/live/board", get(news))
        .route("/live/campaign", get(grid))
        .route("/live/changes", get(changes))
        .route("/live/image/{source}/{thread}/{generation}/{column}", get(image))
        .route("/live/reference/{source}/{number}", get(reference))
        .route("/live/generation/{source}/{thread}/{generation}", get(generation))
        .with_state(board))
}

/// Follows the journals until the page is gone.
fn follow(board: &Weak<Board>) {
    while let Some(board) = board.upgrade() {
        let grew = board.sources().iter_mut().fold(false, |grew, source| {
            // A journal that cannot be read any more stays as it was: the page says how old its last event is.
            source.follow().unwrap_or(false) | grew
        });
        if grew | board.campaign.as_ref().is_some_and(Campaign::follow) {
            thread::sleep(NEWS_DELAY);
            board.changes.send_modify(|changes| *changes += 1);
        }
        drop(board);
        thread::sleep(LOOK);
    }
}

impl Board {
    fn sources(&self) -> MutexGuard<'_, Vec<Source>> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Board {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Board").finish_non_exhaustive()
    }
}

type TheBoard = State<Arc<Board>>;

#[derive(Deserialize)]
struct Have {
    /// Numbers of generations and of log lines that the page has: `1.2.5,0.7` are 1 and 2 of the threads of the first
    /// source, whose log has 5 lines, and 0 of the second's.
    #[serde(default)]
    have: String,
    /// Number of the one run of a campaign that is asked for.
    run: Option<usize>,
}

#[derive(Serialize)]
struct News<'a> {
    /// Seconds since 1970 by the clock of the server.
    now_unix_s: f64,
    acts: bool,
    sources: Vec<SourceNews<'a>>,
}

#[derive(Serialize)]
struct SourceNews<'a> {
    /// Its place among all, by which images are asked for.
    place: usize,
    #[serde(flatten)]
    history: &'a History,
    /// New generations by thread.
    new: Vec<&'a [Generation]>,
    new_log: &'a [LogLine],
    /// Whether there are more.
    more: bool,
}

/// What the page does not have yet.
async fn news(State(board): TheBoard, Query(Have { have, run }): Query<Have>) -> Response {
    let have: Vec<Vec<usize>> =
        have.split(',').map(|source| source.split('.').map(|number| number.parse().unwrap_or(0)).collect()).collect();
    let mut sources = board.sources();
    let shown = match (&board.campaign, run) {
        (Some(campaign), Some(number)) => match campaign.open(number, &mut sources) {
            Ok(place) => place..place + 1,
            Err(error) => return error.into_response(),
        },
        _ => 0..sources.len(),
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64());
    let news = sources[shown.clone()].iter().zip(shown).enumerate().map(|(i, (source, place))| {
        let had = |j: usize| have.get(i).and_then(|source| source.get(j)).copied().unwrap_or(0);
        let history = &source.history;
        let mut more = false;
        let new = history.threads.iter().enumerate().map(|(j, thread)| {
            let behind = thread.scored.get(had(j)..).unwrap_or_default();
            more |= behind.len() > AT_ONCE;
            &behind[..behind.len().min(AT_ONCE)]
        });
        let new = new.collect();
        let new_log = history.log.get(had(history.threads.len())..).unwrap_or_default();
        SourceNews { place, history, new, new_log, more }
    });
    json_of(&News { now_unix_s: now, acts: board.acts, sources: news.collect() })
}

/// The grid of the campaign.
async fn grid(State(board): TheBoard) -> Response {
    match &board.campaign {
        Some(campaign) => json_of(&campaign.seen()),
        None => refusal(StatusCode::NOT_FOUND, "this page is not that of a campaign"),
    }
}

/// An event whenever a journal grew. A page that is slow gets one for many.
async fn changes(State(board): TheBoard) -> SseResponse<impl Stream<Item = Result<Sse, Infallible>>> {
    let next = |mut changes: watch::Receiver<u64>| async move {
        changes.changed().await.ok()?;
        let number = *changes.borrow_and_update();
        Some((Ok(Sse::default().data(number.to_string())), changes))
    };
    let stream = stream::unfold(board.changes.subscribe(), next);
    SseResponse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(2)))
}

async fn image(
    State(board): TheBoard,
    Path((source, thread, generation, column)): Path<(usize, usize, u32, String)>,
) -> Response {
    let which = match column.as_str() {
        "mean" => Which::Mean,
        number => match number.parse() {
            Ok(number) => Which::Column(number),
            Err(_) => return refusal(StatusCode::NOT_FOUND, "a column is a number, or 'mean'"),
        },
    };
    match board.pictures.image(Place { source, thread, generation }, which).await {
        Ok(bytes) => png(bytes),
        Err(error) => error.into_response(),
    }
}

async fn generation(State(board): TheBoard, Path((source, thread, generation)): Path<(usize, usize, u32)>) -> Response {
    match board.pictures.norms(Place { source, thread, generation }).await {
        Ok(norms) => json_of(&norms),
        Err(error) => error.into_response(),
    }
}

/// A reference of a session, by its number: no name of a request touches the disk.
async fn reference(State(board): TheBoard, Path((source, number)): Path<(usize, usize)>) -> Response {
    let found = board.sources().get(source).and_then(|source| {
        let id = source.history.references.get(number)?.id.clone();
        let folder = source.folder.join(sessions::REFERENCES_FOLDER);
        let mut entries = fs::read_dir(folder).ok()?.flatten();
        entries.find_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (sessions::stem(&name) == id).then(|| entry.path())
        })
    });
    let Some(path) = found else { return refusal(StatusCode::NOT_FOUND, "there is no such reference") };
    let read = || -> Result<Vec<u8>, LiveError> {
        let failed = |error: &dyn std::fmt::Display| LiveError::Image(error.to_string());
        let image = ImageReader::open(&path).and_then(ImageReader::with_guessed_format).map_err(|e| failed(&e))?;
        let image = image.decode().map_err(|error| failed(&error))?.thumbnail(REFERENCE_SIDE, REFERENCE_SIDE);
        ImageKind::Png.encode(&image.to_rgb8()).map_err(|error| failed(&error))
    };
    read().map_or_else(IntoResponse::into_response, png)
}
