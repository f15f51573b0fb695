//! `actmax campaign`: from a configuration to results that do not depend on what happened on the way.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use actmax::Library;
use experiments::campaign::Store;
use networks::{Config, PRESETS, Size, resolve};

use crate::support::{Done, Sandbox};

/// 32 short runs on two layers.
const CONFIG: &str = r#"
generations = 3
repeats = 2
noise = [0.0, 0.3]

[[optimizer]]
name = "genetic"
options = { population_size = 8 }

[[optimizer]]
name = "sphere-cma"
label = "sphere"
options = { population_size = 6 }

[[network]]
generator = "tiny-deepsim"
cnn = "tiny-alexnet"
layers = ["conv2", "fc8"]
channels = [0, 1]
"#;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    fs::write(sandbox.path("small.toml"), CONFIG).unwrap();
    sandbox
}

/// Runs the small campaign into `out`.
fn run(sandbox: &Sandbox, out: &str, more: &[&str]) -> Done {
    sandbox.actmax(&[&["campaign", "run", "small.toml", "--out", out], more].concat())
}

/// Every file below a folder, by its path in it.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for path in fs::read_dir(next).into_iter().flatten().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn results(sandbox: &Sandbox, out: &str) -> BTreeMap<PathBuf, Vec<u8>> {
    files(&sandbox.path(out).join("runs"))
}

#[test]
fn jobs_and_shards_change_nothing() {
    let sandbox = sandbox();
    let one = run(&sandbox, "one", &["--jobs", "1"]);
    assert_eq!(one.code(), 0, "{}", one.stderr());
    assert!(one.stderr().contains("32 runs to make") && one.stderr().contains("MB to write"), "{}", one.stderr());
    let expected = results(&sandbox, "one");
    assert_eq!(expected.len(), 64);
    assert_eq!(run(&sandbox, "three", &["--jobs", "3"]).code(), 0);
    assert!(results(&sandbox, "three") == expected);
    for shard in ["2/2", "1/2"] {
        assert_eq!(run(&sandbox, "shards", &["--shard", shard]).code(), 0);
    }
    assert!(results(&sandbox, "shards") == expected);
    let again = run(&sandbox, "shards", &[]);
    assert!(again.stderr().contains("0 runs to make, 32 are done"), "{}", again.stderr());
}

#[test]
fn lock_step_changes_nothing() {
    let sandbox = sandbox();
    // Batches of 5 cut through populations of 8, 6 and 7.
    for (batch, many) in [("40", "4"), ("5", "32")] {
        let out = |k: &str| format!("{k} with batches of {batch}");
        let runs = |k: &str| {
            let done = run(&sandbox, &out(k), &["--together", k, "--batch", batch, "--jobs", "2"]);
            assert_eq!(done.code(), 0, "{}", done.stderr());
            results(&sandbox, &out(k))
        };
        let alone = runs("1");
        assert_eq!(alone.len(), 64);
        assert!(runs(many) == alone, "{}", out(many));
    }
    let store = Store::open(&sandbox.path("4 with batches of 40")).unwrap();
    assert!(store.runs().all(|run| store.timing(&run.unwrap().run).is_some_and(|timing| timing.together == 4)));
}

#[cfg(unix)]
#[test]
fn being_killed_again_and_again_changes_nothing() {
    let sandbox = sandbox();
    assert_eq!(run(&sandbox, "undisturbed", &[]).code(), 0);
    let expected = results(&sandbox, "undisturbed");
    let arguments = ["campaign", "run", "small.toml", "--out", "killed", "--jobs", "2", "--quiet"];
    let (mut kills, mut delay) = (0_u64, Duration::from_millis(20));
    loop {
        let mut child = sandbox.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Every kill comes at another moment of loading, computing or writing; later and later, so that it ends.
        delay = delay.mul_f64(1.07) + Duration::from_millis(kills * 37 % 23);
        std::thread::sleep(delay);
        let ended = child.try_wait().unwrap();
        child.kill().unwrap();
        let status = child.wait().unwrap();
        let now = results(&sandbox, "killed");
        let whole = now.iter().filter(|(path, _)| path.extension().is_some_and(|extension| extension == "json"));
        for (path, bytes) in whole {
            assert!(expected.get(path) == Some(bytes), "{} after {kills} kills", path.display());
            let npz = path.with_extension("npz");
            assert!(now.get(&npz) == expected.get(&npz), "{} after {kills} kills", npz.display());
        }
        if ended.is_some() {
            assert_eq!(status.code(), Some(0));
            break;
        }
        kills += 1;
    }
    assert!(kills >= 5, "{kills} kills");
    assert!(results(&sandbox, "killed") == expected);
}

#[cfg(unix)]
#[test]
fn ctrl_c_stores_nothing_half() {
    let sandbox = sandbox();
    let config = CONFIG.replace("generations = 3", "generations = 40");
    fs::write(sandbox.path("small.toml"), config).unwrap();
    let arguments = ["campaign", "run", "small.toml", "--out", "stopped"];
    let mut child = sandbox.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while results(&sandbox, "stopped").len() < 4 && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let store = Store::open(&sandbox.path("stopped")).unwrap();
    let status = store.status(true);
    assert!((2..32).contains(&status.done()), "{} runs", status.done());
    assert_eq!(results(&sandbox, "stopped").len(), 2 * status.done());
    let said = sandbox.actmax(&["campaign", "status", "stopped"]).stdout();
    assert!(said.contains("of 32 runs done") && said.contains("with one job"), "{said}");
}

/// A limit on the size of files fails writing in the middle of a file, as a full disk does.
#[cfg(unix)]
#[test]
fn no_space_left_is_told_and_nothing_is_lost() {
    let sandbox = sandbox();
    assert_eq!(run(&sandbox, "undisturbed", &[]).code(), 0);
    let limited = |blocks: &str| {
        let script =
            format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" campaign run small.toml --out full --jobs 1");
        let program = sandbox.command(&[]).get_program().to_owned();
        let mut shell = Command::new("bash");
        sandbox.enclose(shell.arg("-c").arg(script).arg(program));
        Done(shell.output().unwrap())
    };
    let full = limited("100");
    assert_eq!(full.code(), 1, "{}", full.stderr());
    assert!(full.stderr().contains("error: cannot write") && full.stderr().contains(".npz"), "{}", full.stderr());
    assert!(full.stderr().contains("finished runs are kept"), "{}", full.stderr());
    assert!(results(&sandbox, "full").is_empty());
    assert_eq!(run(&sandbox, "full", &[]).code(), 0);
    assert!(results(&sandbox, "full") == results(&sandbox, "undisturbed"));
}

#[test]
fn a_second_process_on_the_folder_is_refused() {
    let sandbox = sandbox();
    let config = CONFIG.replace("generations = 3", "generations = 200");
    fs::write(sandbox.path("small.toml"), config).unwrap();
    let arguments = ["campaign", "run", "small.toml", "--out", "busy", "--jobs", "1"];
    let mut child = sandbox.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while !sandbox.path("busy/shards/1-of-1.json").exists() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let second = run(&sandbox, "busy", &[]);
    let status = sandbox.actmax(&["campaign", "status", "busy"]).stdout();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(second.code(), 1);
    assert!(second.stderr().contains("is being worked on by another process"), "{}", second.stderr());
    assert!(status.contains("running  shard 1/1"), "{status}");
}

#[test]
fn mistakes_in_a_configuration_are_told_with_their_line() {
    let sandbox = sandbox();
    for (old, new, expected) in [
        ("repeats = 2", "repeat = 2", &["line 3", "did you mean repeats"][..]),
        ("repeats = 2", "repeats = \"two\"", &["line 3", "invalid type"]),
        ("\"genetic\"", "\"genetics\"", &["line 7", "did you mean genetic"]),
        ("{ population_size = 8 }", "{ population = 8 }", &["line 8", "did you mean population_size"]),
        ("{ population_size = 8 }", "{ population_size = 0 }", &["line 8", "population_size", "1 or more"]),
        ("[0.0, 0.3]", "[0.0,\n  -0.3]", &["line 5", "noise level -0.3"]),
        ("\"conv2\"", "\"conv22\"", &["line 18", "conv2"]),
        ("channels = [0, 1]", "channels = [0, 5000]", &["line 18", "5000"]),
        ("\"tiny-alexnet\"", "\"alexnet\"", &["line 17", "actmax models fetch alexnet"]),
        ("generations = 3", "generations = 3\nevaluations = 100", &["line 2", "not both"]),
        ("generations = 3", "", &["generations = N or evaluations = N"]),
        ("channels = [0, 1]", "", &["line 17", "no units"]),
        ("label = \"sphere\"", "labels = \"sphere\"", &["line 12", "did you mean label"]),
        ("generations = 3", "generations = 3 3", &["line 2"]),
        ("generations = 3", "generations = 3\nnorm = \"long\"", &["line 3", "natural"]),
        ("generations = 3", "generations = 3\nnorm = -1", &["line 3", "above 0"]),
        ("{ population_size = 8 }", "{}\nnorm = 9\n[noise_scores]\ndim = 9", &["line 9", "differ in length"]),
    ] {
        assert!(CONFIG.contains(old), "{old}");
        fs::write(sandbox.path("small.toml"), CONFIG.replacen(old, new, 1)).unwrap();
        let done = run(&sandbox, "out", &[]);
        let said = done.stderr();
        assert_eq!(done.code(), 2, "{new}: {said}");
        assert!(expected.iter().all(|expected| said.contains(expected)), "{new}: {said}");
        assert!(!sandbox.path("out").exists(), "{new}");
    }
    let said = sandbox.actmax(&["campaign", "run", "round3", "--size", "smoke"]).stderr();
    assert!(said.contains("no file round3") && said.contains("did you mean round1"), "{said}");
    let said = sandbox.actmax(&["campaign", "run", "round2", "--size", "smoky"]).stderr();
    assert!(said.contains("no size 'smoky' (did you mean smoke"), "{said}");
    let said = sandbox.actmax(&["campaign", "run", "round2"]).stderr();
    assert!(said.contains("full, quick, smoke, standard: choose one with --size"), "{said}");
}

#[test]
fn evaluations_become_generations_by_the_length_of_a_code() {
    let library = Library::embedded().unwrap();
    let generations = |rest: &str| {
        let text = format!(
            "evaluations = 2800\n[[optimizer]]\nname = \"cholesky-cmaes\"\n\
             options = {{ population_size = \"reference\" }}\n{rest}"
        );
        let campaign = resolve(&Config::parse("c.toml", "c", &text, None).unwrap(), &library);
        campaign.map(|campaign| campaign.arms[0].generations).map_err(|error| error.to_string())
    };
    let noise = |dim: usize| format!("[noise_scores]\ndim = {dim}\n");
    // 28 codes a generation in 256 dimensions, 40 in 4096.
    assert_eq!((generations(&noise(256)), generations(&noise(4096))), (Ok(100), Ok(70)));
    let network = "[[network]]\ngenerator = \"tiny-deepsim\"\ncnn = \"tiny-alexnet\"\nunits = [\"fc8:1\"]\n";
    let error = generations(&(noise(256) + network)).unwrap_err();
    assert!(error.contains("line 1") && error.contains("give generations instead"), "{error}");
}

#[test]
fn other_folders_are_refused_and_other_settings_named() {
    let sandbox = sandbox();
    assert_eq!(run(&sandbox, "results", &["--quiet"]).code(), 0);
    fs::write(sandbox.path("small.toml"), CONFIG.replace("repeats = 2", "repeats = 3")).unwrap();
    let other = run(&sandbox, "results", &[]);
    assert_eq!(other.code(), 2);
    assert!(other.stderr().contains("repeats (2 recorded, 3 requested)"), "{}", other.stderr());
    let none = sandbox.actmax(&["campaign", "status", "."]);
    assert!(none.code() == 2 && none.stderr().contains("holds no campaign"), "{}", none.stderr());
}

#[test]
fn damage_is_told_and_mended() {
    let sandbox = sandbox();
    assert_eq!(run(&sandbox, "results", &["--quiet"]).code(), 0);
    let expected = results(&sandbox, "results");
    let damaged = expected.keys().find(|path| path.extension().is_some_and(|e| e == "npz")).unwrap();
    fs::write(sandbox.path("results/runs").join(damaged), "PK").unwrap();
    let status = sandbox.actmax(&["campaign", "status", "results"]).stdout();
    assert!(status.contains("31 of 32") && status.contains("damaged") && status.contains("it has 2 bytes"), "{status}");
    let verified = sandbox.actmax(&["campaign", "status", "results", "--verify"]);
    assert_eq!((verified.code(), verified.stdout()), (1, status));
    assert!(verified.stderr().contains("error: files of 1 run in results are damaged"), "{}", verified.stderr());
    let mended = run(&sandbox, "results", &[]);
    assert!(mended.stderr().contains("set aside"), "{}", mended.stderr());
    assert!(results(&sandbox, "results") == expected);
    assert_eq!(sandbox.actmax(&["campaign", "status", "results", "--verify"]).code(), 0);
}

#[test]
fn a_norm_sets_the_scale_of_all_methods() {
    let sandbox = sandbox();
    let plain = run(&sandbox, "plain", &[]);
    assert!(plain.stderr().contains("natural norm of tiny-deepsim: genetic ") && plain.stderr().contains("sphere 2.4"));
    let config = CONFIG.replacen("generations = 3", "generations = 1\nnorm = \"natural\"", 1);
    let config = config.replacen("label = \"sphere\"", "label = \"sphere\"\nnorm = 1000", 1);
    fs::write(sandbox.path("small.toml"), config).unwrap();
    let scaled = run(&sandbox, "scaled", &[]);
    assert_eq!(scaled.code(), 0, "{}", scaled.stderr());
    assert!(scaled.stderr().contains("genetic 1.0, sphere 8.0\n"), "{}", scaled.stderr());
    assert!(scaled.stderr().contains("warning: tiny-deepsim: sphere starts with norm 1000.0"), "{}", scaled.stderr());
    let store = Store::open(&sandbox.path("scaled")).unwrap();
    for stored in store.runs().map(Result::unwrap) {
        let norm = experiments::StoredEvolution::read(&stored.npz).unwrap().mean_norms[0];
        let expected = if stored.run.label == "sphere" { 1000.0 } else { 125.0 };
        assert!((norm / expected - 1.0).abs() < 0.05, "{}: {norm}", stored.run);
    }
}

#[test]
fn dead_units_are_named() {
    let sandbox = sandbox();
    // Channel 22 of conv2, rectified, answers 0 to all of the few images that these runs draw.
    let config = "generations = 2\nrepeats = 2\n\
                  [[optimizer]]\nname = \"genetic\"\noptions = { population_size = 8 }\n\
                  [[network]]\ngenerator = \"tiny-deepsim\"\ncnn = \"tiny-alexnet\"\n\
                  layers = [\"conv2\"]\nchannels = [0, 22]\n";
    fs::write(sandbox.path("small.toml"), config).unwrap();
    let done = run(&sandbox, "results", &["--together", "4"]);
    assert_eq!(done.code(), 0, "{}", done.stderr());
    let status = sandbox.actmax(&["campaign", "status", "results"]);
    for said in [done.stderr(), status.stderr()] {
        assert!(said.contains("dead units:") && said.contains("conv2:22") && !said.contains("conv2:0"), "{said}");
    }
}

#[test]
fn presets_are_listed_printed_and_fit_the_embedded_pair() {
    let sandbox = sandbox();
    let list = sandbox.actmax(&["campaign", "preset"]).stdout();
    let library = Library::embedded().unwrap();
    for preset in PRESETS {
        assert!(list.contains(preset.name) && !preset.about().is_empty());
        let printed = sandbox.actmax(&["campaign", "preset", preset.name]).stdout();
        assert!(printed.starts_with(preset.text), "{printed}");
        let comments = printed[preset.text.len()..].lines();
        assert!(comments.clone().all(|line| line.is_empty() || line.starts_with('#')), "{printed}");
        for size in Size::ALL {
            let runs = preset.config(size).unwrap().extent().unwrap().runs.to_string();
            let is_of_size = |line: &str| line.contains(size.name()) && line.contains(&format!(" {runs} runs"));
            assert!(comments.clone().any(is_of_size), "{size}: {printed}");
        }
        let mut runs = 0;
        for size in [Size::Smoke, Size::Quick, Size::Standard] {
            let campaign = resolve(&preset.config(size).unwrap(), &library).unwrap();
            assert!(campaign.runs().len() >= runs, "{} {size}", preset.name);
            runs = campaign.runs().len();
        }
        let full: Config = preset.config(Size::Full).unwrap();
        let resolved = resolve(&full, &library);
        // Scores that are drawn, and starts from photographs, for which no published generator has an encoder.
        let embedded = ["noise-control", "xdream-starts"].contains(&preset.name);
        assert_eq!(resolved.is_ok(), embedded, "{}: the published networks are not embedded", preset.name);
    }
}

#[cfg(unix)]
#[test]
fn slurm_scripts_make_the_campaign() {
    use std::os::unix::fs::PermissionsExt;

    let sandbox = sandbox();
    let arguments = ["campaign", "slurm", "small.toml", "--array", "2", "--out", "it's here", "--cpus", "2"];
    let done = sandbox.actmax(&[&arguments[..], &["--memory", "2G", "--sbatch", "--partition=short"]].concat());
    assert_eq!(done.code(), 0, "{}", done.stderr());
    // Programs that stand for Slurm's: `sbatch` runs a script, an array job once a shard.
    let bin = sandbox.path("bin");
    fs::create_dir(&bin).unwrap();
    let sbatch = "#!/bin/bash\nset -e\necho \"sbatch $*\" >> calls\nscript=\"${@: -1}\"\n\
                  tasks=$(sed -n 's/^#SBATCH --array=1-//p' \"$script\")\n\
                  for task in $(seq \"${tasks:-1}\"); do SLURM_ARRAY_TASK_ID=$task bash \"$script\" >&2; done\n\
                  case \"$*\" in *--parsable*) echo '77;cluster';; esac\n";
    for (name, text) in [("sbatch", sbatch), ("srun", "#!/bin/bash\nexec \"$@\"\n")] {
        fs::write(bin.join(name), text).unwrap();
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let mut submit = Command::new("sh");
    sandbox.enclose(submit.arg(sandbox.path("it's here/slurm/submit.sh")).env("PATH", path));
    let submit = submit.output().unwrap();
    let said = String::from_utf8_lossy(&submit.stderr).into_owned();
    assert!(submit.status.success(), "{said}");
    assert!(said.contains("32 of 32 runs done"), "{said}");
    let calls = fs::read_to_string(sandbox.path("it's here/slurm/calls")).unwrap();
    assert!(calls.contains("--dependency=afterany:77 collect.sbatch"), "{calls}");
    let array = fs::read_to_string(sandbox.path("it's here/slurm/array.sbatch")).unwrap();
    assert!(array.contains("#SBATCH --mem=2G\n#SBATCH --partition=short\n"), "{array}");
    assert_eq!(run(&sandbox, "plain", &["--quiet"]).code(), 0);
    assert!(results(&sandbox, "it's here") == results(&sandbox, "plain"));
    assert!(sandbox.path("it's here/tables/runs.csv").exists());
    let gpu = ["campaign", "slurm", "small.toml", "--array", "2", "--out", "gpu", "--device", "cuda", "--fp32"];
    assert_eq!(sandbox.actmax(&gpu).code(), 0);
    let array = fs::read_to_string(sandbox.path("gpu/slurm/array.sbatch")).unwrap();
    assert!(array.contains("\"$SLURM_ARRAY_TASK_ID/2\" --device cuda:0 --fp32\n"), "{array}");
}

#[test]
fn tables_are_collected() {
    let sandbox = sandbox();
    assert_eq!(run(&sandbox, "results", &["--shard", "1/2", "--quiet"]).code(), 0);
    let part = sandbox.actmax(&["campaign", "collect", "results"]);
    assert!(part.stderr().contains("16 runs are missing"), "{}", part.stderr());
    assert_eq!(run(&sandbox, "results", &["--quiet"]).code(), 0);
    let all = sandbox.actmax(&["campaign", "collect", "results", "--out", "tables"]);
    assert_eq!((all.code(), all.stderr().as_str()), (0, ""));
    let table = fs::read_to_string(sandbox.path("tables/published/maxobj_summary.csv")).unwrap();
    assert!(table.starts_with(",Genetic,sphere,netname,layername,channum,noise_level,RND,expdir\n"), "{table}");
    assert_eq!(table.lines().count(), 1 + 16);
}
