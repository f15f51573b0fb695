//! The files of the page, compiled in.

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

/// What a browser may load: files of this server alone.
const POLICY: &str =
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Path, type and text of a file.
type File = (&'static str, &'static str, &'static str);

const HTML: &str = "text/html; charset=utf-8";

/// The page of runs and sessions, and that of a campaign.
const INDEX: &str = include_str!("../page/index.html");
const CAMPAIGN: &str = include_str!("../page/campaign.html");

/// What both pages load.
const FILES: [File; 8] = [
    ("/live/style.css", "text/css; charset=utf-8", include_str!("../page/style.css")),
    ("/live/app.js", "text/javascript; charset=utf-8", include_str!("../page/app.js")),
    ("/live/campaign.js", "text/javascript; charset=utf-8", include_str!("../page/campaign.js")),
    ("/live/look.js", "text/javascript; charset=utf-8", include_str!("../page/look.js")),
    ("/live/model.js", "text/javascript; charset=utf-8", include_str!("../page/model.js")),
    ("/live/chart.js", "text/javascript; charset=utf-8", include_str!("../page/chart.js")),
    ("/live/panels.js", "text/javascript; charset=utf-8", include_str!("../page/panels.js")),
    ("/live/icon.svg", "image/svg+xml", include_str!("../page/icon.svg")),
];

/// The page at its place.
pub(crate) fn router() -> Router {
    serve([("/", HTML, INDEX)])
}

/// The page of a campaign at its place, and that of a run at `/run`.
pub(crate) fn campaign_router() -> Router {
    serve([("/", HTML, CAMPAIGN), ("/run", HTML, INDEX)])
}

fn serve(pages: impl IntoIterator<Item = File>) -> Router {
    pages.into_iter().chain(FILES).fold(Router::new(), |router, (path, kind, text)| {
        let answer = move || async move {
            let headers = [
                (header::CONTENT_TYPE, kind),
                (header::CONTENT_SECURITY_POLICY, POLICY),
                (header::CACHE_CONTROL, "no-cache"),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
                (header::REFERRER_POLICY, "no-referrer"),
            ];
            (headers, text).into_response()
        };
        router.route(path, get(answer))
    })
}
