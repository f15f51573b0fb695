use std::error::Error;
use std::path::Path;
use std::time::Duration;

use experiments::{Evolver, Journal, Keep, Provenance, RunSpec};
use image::{Rgb, RgbImage};
use live::Source;
use optim_core::{Method, Population};
use serde_json::Value;
use sessions::door::HttpDoor;
use sessions::door::http::serve_page;
use sessions::{Renderer, Responses, Row, Session, SessionConfig, ThreadParts, run_specs};

pub(crate) const DIM: usize = 16;

/// Images in one gray: the first number of the code.
struct Gray;

impl Renderer for Gray {
    fn latent_dim(&self) -> usize {
        DIM
    }
    fn side(&self) -> u32 {
        4
    }
    fn render(&mut self, codes: &Population) -> Result<Vec<RgbImage>, Box<dyn Error + Send + Sync>> {
        Ok(codes.iter().map(|code| RgbImage::from_pixel(4, 4, Rgb([gray(code[0]); 3]))).collect())
    }
}

pub(crate) fn gray(number: f64) -> u8 {
    (128.0 + 20.0 * number).clamp(0.0, 255.0) as u8
}

pub(crate) fn open() -> live::OpenGenerator {
    Box::new(|_: &str| Ok(Box::new(Gray) as Box<dyn Renderer>))
}

/// A run of three generations of six codes, in `folder`; returns its codes.
fn run(folder: &Path) -> Vec<Population> {
    run_shown(folder, "")
}

/// The same with further keys of the objective.
fn run_shown(folder: &Path, keys: &str) -> Vec<Population> {
    let objective = format!(
        r#"{{"cnn":"c","cnn_sha256":null,"generator":"gray","generator_sha256":null,"units":["fc8:1"]{keys}}}"#
    );
    let spec = RunSpec {
        method: Method::with_options("cholesky-cmaes", &[("population_size".to_owned(), "6".to_owned())]).unwrap(),
        dim: DIM,
        seed: 3,
        generations: 3,
        noise: experiments::Noise::Multiplicative { level: 0.2 },
        goal: experiments::Goal::Maximize,
        objective: serde_json::from_str::<Value>(&objective).unwrap().into(),
        initial_codes_sha256: None,
        reps: 1,
        stop: experiments::StopRules::default(),
        initial_norm: None,
    };
    let journal = Journal::create(&folder.join("journal.jsonl"), &spec, Keep::All, &Provenance::here()).unwrap();
    let mut evolver = Evolver::new(spec.optimizer(None).unwrap(), spec.plan()).unwrap().with_journal(journal);
    let mut all = Vec::new();
    while let Some(codes) = evolver.ask().unwrap().cloned() {
        let scores: Vec<f64> = codes.iter().map(|code| code[0] + 5.0).collect();
        evolver.tell(&scores).unwrap();
        all.push(codes);
    }
    all
}

/// What a browser gets that came in by the address with its token.
pub(crate) struct Browser {
    url: String,
    cookie: String,
}

impl Browser {
    pub(crate) fn enter(address: &str) -> Self {
        let (url, token) = address.split_once("/#").unwrap();
        let enter = ureq::post(format!("{url}/v1/enter")).header("Authorization", format!("Bearer {token}"));
        let answer = enter.send_empty().unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        Self { url: url.to_owned(), cookie }
    }

    pub(crate) fn get(&self, path: &str) -> (u16, Vec<u8>) {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let mut answer = agent.get(format!("{}{path}", self.url)).header("Cookie", &self.cookie).call().unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_vec().unwrap())
    }

    pub(crate) fn json(&self, path: &str) -> Value {
        let (status, body) = self.get(path);
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }

    pub(crate) fn gray(&self, path: &str) -> u8 {
        let (status, body) = self.get(path);
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
        image::load_from_memory(&body).unwrap().to_rgb8().get_pixel(1, 1).0[0]
    }
}

#[test]
fn the_page_of_a_run_has_its_scores_and_its_images() {
    let folder = tempfile::tempdir().unwrap();
    let codes = run(folder.path());
    let sources = vec![Source::open(folder.path()).unwrap()];
    let server = serve_page("127.0.0.1:0".parse().unwrap(), live::page(sources, open(), false).unwrap()).unwrap();
    let browser = Browser::enter(&server.url());
    let news = browser.json("/live/board");
    let source = &news["sources"][0];
    assert_eq!((&source["kind"], &source["phase"], &news["acts"]), (&"run".into(), &"finished".into(), &false.into()));
    let generations = source["new"][0].as_array().unwrap();
    assert_eq!(generations.len(), 3);
    assert_eq!(generations[1]["clean"][2], codes[1].iter().nth(2).unwrap()[0] + 5.0);
    assert_ne!(generations[1]["clean"], generations[1]["scores"]);
    assert_eq!(browser.json("/live/board?have=2.0")["sources"][0]["new"][0].as_array().unwrap().len(), 1);
    // Asked for out of order, the codes are proposed again.
    for (generation, column) in [(2, 5), (0, 0), (1, 3), (2, 0)] {
        let code = codes[generation].iter().nth(column).unwrap();
        assert_eq!(browser.gray(&format!("/live/image/0/0/{generation}/{column}")), gray(code[0]), "{generation}");
    }
    assert_eq!(browser.gray("/live/image/0/0/1/mean"), gray(codes[1].mean().unwrap()[0]));
    let norms = browser.json("/live/generation/0/0/1");
    let norm = codes[1].iter().next().unwrap().iter().map(|value| value * value).sum::<f64>().sqrt();
    assert!((norms["norms"][0].as_f64().unwrap() - norm).abs() < 1e-12);
    for nothing in
        ["image/0/0/3/0", "image/0/0/1/6", "image/0/1/0/0", "image/1/0/0/0", "image/0/0/0/../0", "reference/0/0"]
    {
        let (status, body) = browser.get(&format!("/live/{nothing}"));
        assert_eq!(status, 404, "{nothing}: {}", String::from_utf8_lossy(&body));
    }
}

/// Images of a run and of a session are on their canvas, as they were presented.
#[test]
fn images_lie_on_the_canvas_that_was_presented() {
    let folder = tempfile::tempdir().unwrap();
    let [plain, patch, session] = ["plain", "patch", "session"].map(|name| folder.path().join(name));
    [&plain, &patch, &session].into_iter().for_each(|folder| std::fs::create_dir(folder).unwrap());
    run_shown(&plain, "");
    let keys = r#","geometry":{"canvas":12,"size":2,"at":[9,3],"surround":7}"#;
    let codes = run_shown(&patch, keys);
    let text = "[session]\nsurround = 9\n[[thread]]\ngenerator = 'gray'\noptimizer = 'genetic'\n\
                options = { population_size = 4 }\n[[thread]]\ngenerator = 'gray'\noptimizer = 'genetic'\nsize = 10\n\
                options = { population_size = 4 }\n";
    let config = SessionConfig::parse(text).unwrap();
    let parts = || ThreadParts { renderer: Box::new(Gray), initial: None };
    let specs = run_specs(&config, &[DIM; 2], &[None, None]).unwrap();
    let begun = Session::create(&session, text, specs, vec![parts(), parts()], Vec::new(), &Provenance::here());
    drop(begun.unwrap());
    let sources = [&plain, &patch, &session].map(|folder| Source::open(folder).unwrap()).into();
    let server = serve_page("127.0.0.1:0".parse().unwrap(), live::page(sources, open(), false).unwrap()).unwrap();
    let browser = Browser::enter(&server.url());
    let image = |path: &str| {
        let (status, body) = browser.get(&format!("/live/image/{path}"));
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
        image::load_from_memory(&body).unwrap().to_rgb8()
    };
    let news = browser.json("/live/board");
    let on_canvas = |source: usize| news["sources"][source]["threads"][0]["on_canvas"].as_bool();
    assert_eq!((on_canvas(0), on_canvas(1)), (Some(false), Some(true)));
    assert_eq!(image("0/0/1/0").dimensions(), (4, 4));
    let shown = image("1/0/1/0");
    let first = gray(codes[1].iter().next().unwrap()[0]);
    assert_eq!((shown.dimensions(), shown.get_pixel(0, 0).0, shown.get_pixel(8, 2).0), ((12, 12), [7; 3], [first; 3]));
    // The canvas of a session is as large as the largest image of its threads.
    let small = image("2/0/0/0");
    assert_eq!((small.dimensions(), small.get_pixel(0, 0).0), ((10, 10), [9; 3]));
    assert_ne!(small.get_pixel(5, 5).0, [9; 3]);
}

#[test]
fn only_who_has_the_address_reads() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path());
    let sources = vec![Source::open(folder.path()).unwrap()];
    let server = serve_page("127.0.0.1:0".parse().unwrap(), live::page(sources, open(), false).unwrap()).unwrap();
    let mut browser = Browser::enter(&server.url());
    let (status, page) = browser.get("/");
    assert!(status == 200 && String::from_utf8(page).unwrap().contains("<title>actmax</title>"));
    browser.cookie = "actmax-1=0".to_owned();
    assert_eq!(browser.get("/").0, 200);
    assert_eq!(browser.get("/live/board").0, 401);
    assert_eq!(browser.get("/live/image/0/0/0/0").0, 401);
    for header in [("Origin", "http://foreign.example"), ("Host", "foreign.example")] {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let answer = agent.get(&browser.url).header(header.0, header.1).call().unwrap();
        assert_eq!(answer.status().as_u16(), 403, "{header:?}");
    }
}

/// A session of one thread, answered for `blocks` blocks.
fn session(folder: &Path, blocks: usize) -> Session {
    let text =
        "[[thread]]\ngenerator = 'gray'\noptimizer = 'genetic'\noptions = { population_size = 4 }\ngenerations = 9";
    let config = SessionConfig::parse(text).unwrap();
    let specs = run_specs(&config, &[DIM], &[None]).unwrap();
    let parts = vec![ThreadParts { renderer: Box::new(Gray), initial: None }];
    let mut session = Session::create(folder, text, specs, parts, Vec::new(), &Provenance::here()).unwrap();
    for _ in 0..blocks {
        answer(&mut session);
    }
    session
}

fn answer(session: &mut Session) {
    let block = session.block().unwrap().clone();
    let row = |(i, image): (usize, &sessions::BlockImage)| Row {
        name: image.name().to_owned(),
        id: None,
        trial: None,
        t: None,
        values: vec![experiments::journal::Score(i as f64), experiments::journal::Score(0.5)],
    };
    let rows = block.images.iter().enumerate().map(row).collect();
    session.take(block.number, Responses { source: "test".into(), rows, ..Responses::default() }).unwrap();
}

#[test]
fn the_page_of_a_session_follows_it_and_acts() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session(folder.path(), 2);
    let page = live::page(vec![Source::open(folder.path()).unwrap()], open(), true).unwrap();
    let mut door = HttpDoor::open_with(&mut session, "127.0.0.1:0".parse().unwrap(), page).unwrap();
    let address = format!("http://{}/#{}", door.address(), door.token());
    let client = std::thread::spawn(move || {
        let browser = Browser::enter(&address);
        let news = browser.json("/live/board");
        assert_eq!(news["acts"], true);
        let generations = &news["sources"][0]["new"][0];
        assert_eq!(generations[1]["scores"].as_array().unwrap().len(), 4);
        assert_eq!(generations[1]["channels"][2].as_array().unwrap().len(), 2);
        browser.gray("/live/image/0/0/2/1"); // The generation that is out has no score, and images.
        let act = |body: &str| {
            let (url, token) = address.split_once("/#").unwrap();
            let post = ureq::post(format!("{url}/v1/actions")).header("Authorization", format!("Bearer {token}"));
            post.send(body).unwrap().body_mut().read_to_string().unwrap()
        };
        assert!(act(r#"{"do": "pause"}"#).contains("\"phase\":\"paused\""));
        act(r#"{"do": "note", "text": "<script>alert(1)</script>"}"#);
        assert!(act(r#"{"do": "continue"}"#).contains("\"phase\":\"open\""));
        // A cookie reads, and does not act.
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let refused = agent.post(format!("{}/v1/actions", browser.url)).header("Cookie", &browser.cookie);
        assert_eq!(refused.send("{\"do\": \"stop\"}").unwrap().status().as_u16(), 401);
        for _ in 0..100 {
            let log = browser.json("/live/board?have=0.0")["sources"][0]["new_log"].to_string();
            if log.contains("continued") {
                assert!(log.contains("<script>alert(1)</script>") && log.contains("paused"), "{log}");
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the page never heard of the note");
    });
    while !client.is_finished() {
        door.serve(&mut session, Duration::from_millis(5)).unwrap();
    }
    client.join().unwrap();
}
