//! `actmax campaign collect`: means on the terminal, box plots, a montage.

use std::fs;

use crate::support::Sandbox;

const CONFIG: &str = r#"
generations = 2
repeats = 2
noise = [0.0]
poisson = [2.0]
reps = 3

[[optimizer]]
name = "genetic"
options = { population_size = 8, n_conserve = 2 }

[[optimizer]]
name = "genetic"
label = "once"
reps = 1
options = { population_size = 8, n_conserve = 2 }

[[network]]
generator = "tiny-deepsim"
cnn = "tiny-alexnet"
layers = ["conv2"]
channels = [0, 1]
"#;

#[test]
fn means_boxes_and_images_are_collected() {
    let sandbox = Sandbox::new();
    fs::write(sandbox.path("small.toml"), CONFIG).unwrap();
    let made = sandbox.actmax(&["campaign", "run", "small.toml", "--out", "out"]);
    assert_eq!(made.code(), 0, "{}", made.stderr());
    let done = sandbox.actmax(&["campaign", "collect", "out"]);
    assert_eq!(done.code(), 0, "{}", done.stderr());
    let (text, tables) = (done.stdout(), sandbox.path("out/tables"));
    for line in
        ["best clean score / largest of the unit, no noise", "best clean score / largest of the unit, Poisson 2"]
    {
        assert!(text.contains(line), "{text}");
    }
    assert!(text.contains("  genetic ") && text.contains("  once ") && text.contains("4 runs"), "{text}");
    assert!(text.contains("means with 95 % bootstrap intervals over 2 units"), "{text}");

    let means = fs::read_to_string(tables.join("means.csv")).unwrap();
    let rows: Vec<Vec<&str>> = means.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!((rows.len(), rows[0].join(",")), (5, "optimizer,noise,runs,mean,low,high".to_owned()));
    for row in &rows[1..] {
        let [mean, low, high] = [3, 4, 5].map(|column| row[column].parse::<f64>().unwrap());
        assert!(low <= mean && mean <= high && high <= 1.0 && low > 0.0, "{row:?}");
    }
    // Violins and PDF come on wish.
    assert!(!tables.join("violins.svg").exists() && !tables.join("scores.pdf").exists());
    let more = sandbox.actmax(&["campaign", "collect", "out", "--violins", "--pdf", "--out", "more"]);
    assert_eq!(more.code(), 0, "{}", more.stderr());
    for figure in ["scores", "violins", "montage"] {
        assert!(fs::read(sandbox.path("more").join(format!("{figure}.pdf"))).unwrap().starts_with(b"%PDF-"));
        assert!(sandbox.path("more").join(format!("{figure}.png")).is_file());
    }
    // Runs without noise do not depend on repeats: both optimizers are one method.
    let runs = fs::read_to_string(tables.join("runs.csv")).unwrap();
    assert!(runs.lines().next().unwrap().contains(",id,reps"), "{runs}");
    assert!(runs.contains(",poisson,2.0,"), "{runs}");
    for figure in ["scores", "montage"] {
        assert!(fs::read_to_string(tables.join(format!("{figure}.svg"))).unwrap().starts_with("<svg"));
        let image = image::open(tables.join(format!("{figure}.png"))).unwrap();
        assert!(image.width() > 300 && image.height() > 150, "{figure}");
    }
    let montage = fs::read_to_string(tables.join("montage.svg")).unwrap();
    assert_eq!(montage.matches("<image").count(), 2 * 2 * 2, "an image a unit, noise and optimizer");

    fs::remove_file(tables.join("montage.png")).unwrap();
    let without = sandbox.actmax(&["campaign", "collect", "out", "--no-images"]);
    assert_eq!(without.code(), 0);
    assert!(!without.stdout().contains("montage") && !tables.join("montage.png").exists());
}

#[test]
fn scores_without_images_are_collected_too() {
    let sandbox = Sandbox::new();
    let config = "generations = 2\noptimizers = [\"genetic\"]\n[noise_scores]\ndim = 16\n";
    fs::write(sandbox.path("noise.toml"), config).unwrap();
    assert_eq!(sandbox.actmax(&["campaign", "run", "noise.toml", "--out", "out"]).code(), 0);
    let done = sandbox.actmax(&["campaign", "collect", "out"]);
    assert_eq!((done.code(), done.stdout().contains("montage")), (0, false), "{}", done.stderr());
    // A single run has no interval.
    assert!(done.stdout().contains("over the runs of one unit") && !done.stdout().contains('['), "{}", done.stdout());
}

#[test]
fn stops_and_repeats_of_a_configuration_are_checked() {
    let sandbox = Sandbox::new();
    let cases = [
        ("stop_after = \"soon\"", "write a time as 90s, 10m or 1h30m"),
        ("stop_stalled = 2", "2 generations are too few"),
        ("reps = 0", "0 repeats give no score"),
        ("poisson = [0.0]", "Poisson scale 0 is out of range"),
        ("stop_sore = 2", "unknown field `stop_sore`"),
    ];
    for (key, message) in cases {
        fs::write(
            sandbox.path("bad.toml"),
            format!("{key}\n{CONFIG}").replace("reps = 3\n", "").replacen("poisson = [2.0]\n", "", 1),
        )
        .unwrap();
        let done = sandbox.actmax(&["campaign", "run", "bad.toml", "--out", "out"]);
        assert_eq!(done.code(), 2, "{key}: {}", done.stderr());
        assert!(done.stderr().contains(message), "{message} in {}", done.stderr());
    }
}
