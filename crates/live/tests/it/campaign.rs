use std::fs;

use experiments::Noise;
use experiments::campaign::{Arm, Campaign, Run, Runner, Store, Unit};
use live::{Mean, Summary};
use optim_core::{Method, Objective, Population};
use sessions::door::http::serve_page;

use crate::board::{Browser, DIM, gray, open};

/// The first number of the code; a unit of channel 9 cannot be had.
struct First;

impl Objective for First {
    type Error = std::convert::Infallible;
    fn dim(&self) -> usize {
        DIM
    }
    fn evaluate(&mut self, codes: &Population, scores: &mut Vec<f64>) -> Result<(), Self::Error> {
        *scores = codes.iter().map(|code| code[0] + 5.0).collect();
        Ok(())
    }
}

fn campaign() -> Campaign {
    let objective = |channel: usize| {
        serde_json::json!({
            "cnn": "c", "cnn_sha256": null, "generator": "gray", "generator_sha256": null,
            "units": [format!("fc8:{channel}")]
        })
    };
    let unit = |channel| Unit { channel, layer: "fc8".to_owned(), ..Unit::named("net", DIM, objective(channel)) };
    let method = |name| Method::with_options(name, &[("population_size".to_owned(), "6".to_owned())]).unwrap();
    Campaign {
        arms: vec![Arm::new(method("cholesky-cmaes"), 4), Arm::new(method("genetic"), 3)],
        units: vec![unit(1), unit(9)],
        noise: vec![Noise::None, Noise::Multiplicative { level: 0.5 }],
        repeats: 2,
        ..Campaign::new("small <b>")
    }
}

#[test]
fn the_page_of_a_campaign_has_its_grid_and_the_page_of_each_run() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(&folder.path().join("c"), &campaign()).unwrap();
    let summarize: live::Summarize = Box::new(|runs| {
        let mean =
            Mean { optimizer: "genetic".into(), noise: "no noise".into(), runs: runs.len(), mean: 1.0, interval: None };
        Ok(Summary { quantity: "count".to_owned(), means: vec![mean] })
    });
    let page = live::campaign_page(store.clone(), summarize, open()).unwrap();
    let server = serve_page("127.0.0.1:0".parse().unwrap(), page).unwrap();
    let browser = Browser::enter(&server.url());
    let before = browser.json("/live/campaign");
    assert_eq!(before["states"].as_array().unwrap().len(), 16);
    assert!(before["states"].as_array().unwrap().iter().all(|state| state == "missing"));
    assert_eq!(browser.get("/live/board?run=0").0, 404);

    let source = |run: &Run| match run.unit.channel {
        9 => Err(std::io::Error::other("no such channel")),
        _ => Ok(First),
    };
    Runner::default().run(&store, &source).unwrap();
    let since = std::time::Instant::now();
    let grid = loop {
        let grid = browser.json("/live/campaign");
        if grid["states"][15] == "failed" && grid["states"][7] == "done" {
            break grid;
        }
        assert!(since.elapsed().as_secs() < 30, "{grid}");
        std::thread::sleep(std::time::Duration::from_millis(50));
    };
    let states = grid["states"].as_array().unwrap();
    assert!(states[..8].iter().all(|state| state == "done") && states[8..].iter().all(|state| state == "failed"));
    assert_eq!((&grid["title"], &grid["repeats"]), (&"small <b>".into(), &2.into()));
    assert_eq!(grid["noises"], serde_json::json!(["no noise", "noise 0.5"]));
    assert_eq!(grid["units"], serde_json::json!(["net fc8:1", "net fc8:9"]));
    assert_eq!(grid["troubles"].as_array().unwrap().len(), 8);
    assert!(grid["troubles"][0][1].as_str().unwrap().contains("no such channel"));
    assert_eq!(grid["summary"]["means"][0]["runs"], 8);

    // Run 4: the first unit with noise, the first repeat of the first arm.
    let stored = store.runs().nth(4).unwrap().unwrap();
    let arrays = stored.arrays().unwrap();
    let news = browser.json("/live/board?run=4");
    let [run] = &news["sources"].as_array().unwrap()[..] else { panic!("one source: {news}") };
    assert_eq!((&run["phase"], &run["threads"][0]["optimizer"]), (&"finished".into(), &"cholesky-cmaes".into()));
    let generations = run["new"][0].as_array().unwrap();
    assert_eq!(generations.len(), 4);
    let third = 2 + arrays.generations.iter().position(|&generation| generation == 1).unwrap();
    assert_eq!(generations[1]["clean"][2], arrays.cleanscores_all[third]);
    assert_eq!(generations[1]["scores"][2], arrays.scores_all[third]);
    let place = run["place"].as_u64().unwrap();
    // The codes are proposed again: those of the last generation are stored.
    let last = f64::from(arrays.last_codes[2 * DIM]);
    assert_eq!(browser.gray(&format!("/live/image/{place}/0/3/2")), gray(last));
    // Another run has another place, and the same run the same.
    assert_ne!(browser.json("/live/board?run=5")["sources"][0]["place"], place);
    assert_eq!(browser.json("/live/board?run=4&have=3.0")["sources"][0]["place"], place);
    for (path, contains) in [("/", "campaign.js"), ("/run", "app.js")] {
        let (status, page) = browser.get(path);
        assert!(status == 200 && String::from_utf8(page).unwrap().contains(contains), "{path}");
    }
    assert_eq!(browser.get("/live/board?run=99").0, 404);
    fs::remove_dir_all(store.path()).unwrap();
}
