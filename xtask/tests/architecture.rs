//! The architecture invariants of docs/architecture.md, one test each.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use optim_core::{Method, Optimizer, Population, Stream, registry, stream_rng};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All Rust sources below `folder`, with their paths relative to the workspace.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "no sources in {folder}");
    found
}

/// Lines of code (comments apart) that hold one of `words`, as "file: line".
fn lines_with(folder: &str, words: &[&str], except: &[&str]) -> Vec<String> {
    let mut hits = Vec::new();
    for (name, text) in sources(folder) {
        if except.iter().any(|e| name.ends_with(e)) {
            continue;
        }
        let code = text.lines().map(str::trim).filter(|line| !line.starts_with("//"));
        hits.extend(code.filter(|line| words.iter().any(|w| line.contains(w))).map(|line| format!("{name}: {line}")));
    }
    hits
}

fn manifest(path: &str) -> toml::Table {
    fs::read_to_string(root().join(path)).unwrap().parse().unwrap()
}

fn dependencies(crate_name: &str) -> Vec<String> {
    let table = manifest(&format!("crates/{crate_name}/Cargo.toml"));
    table["dependencies"].as_table().unwrap().keys().cloned().collect()
}

#[test]
fn crates_depend_on_each_other_as_the_crate_map_says() {
    let internal = ["optim-core", "gen-models", "experiments", "analysis", "actmax", "embedded-models"];
    let allowed: &[(&str, &[&str])] = &[
        ("optim-core", &[]),
        ("gen-models", &["optim-core"]),
        ("experiments", &["optim-core"]),
        ("analysis", &[]),
        ("actmax", &["optim-core", "gen-models", "experiments", "analysis", "embedded-models"]),
    ];
    let page = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    for (crate_name, expected) in allowed {
        let mut found = dependencies(crate_name);
        found.retain(|d| internal.contains(&d.as_str()));
        found.sort();
        let mut expected: Vec<&str> = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "{crate_name}");
        assert!(page.contains(&format!("`crates/{crate_name}`")), "docs/architecture.md has no row for {crate_name}");
    }
}

#[test]
fn optim_core_does_no_io_and_draws_in_no_native_library() {
    let io = ["std::fs", "std::io", "std::net", "std::env", "std::process", "std::thread", "println!", "unsafe "];
    assert_eq!(lines_with("crates/optim-core/src", &io, &[]), Vec::<String>::new());
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--package", "optim-core", "--edges", "normal,build", "--prefix", "none"])
        .current_dir(root())
        .output()
        .unwrap();
    let tree = String::from_utf8(tree.stdout).unwrap();
    assert!(tree.contains("nalgebra"), "cargo tree printed nothing of use: {tree}");
    let native = |line: &&str| {
        let name = line.split(' ').next().unwrap_or_default();
        name.ends_with("-sys") || ["cc", "cmake", "bindgen", "pkg-config", "ort"].contains(&name)
    };
    assert_eq!(tree.lines().filter(native).collect::<Vec<_>>(), Vec::<&str>::new());
}

#[test]
fn methods_never_see_an_objective_and_the_loop_lives_in_experiments() {
    assert_eq!(lines_with("crates/optim-core/src/methods", &["Objective", "evaluate"], &[]), Vec::<String>::new());
    // `actmax ask-tell` has a client that drives: a session only takes messages, the command only reads lines.
    let (session, command) = ("crates/actmax/src/ask_tell/session.rs", "crates/actmax/src/commands/ask_tell.rs");
    for folder in ["crates/gen-models/src", "crates/analysis/src", "crates/actmax/src", "xtask/src"] {
        let driving = lines_with(folder, &["optimizer.tell(", ".tell(&"], &[session, command]);
        assert_eq!(driving, Vec::<String>::new(), "an evolution loop outside experiments");
    }
    assert_eq!(loops_in(session), Vec::<String>::new());
    assert_eq!(loops_in(command), ["while read_line(input, &mut line)? {", "loop {"]);
}

/// Lines of a file that begin a loop.
fn loops_in(path: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(path)).unwrap();
    let begins = |line: &&str| ["for ", "while ", "loop "].iter().any(|word| line.starts_with(word));
    text.lines().map(str::trim).filter(begins).map(str::to_owned).collect()
}

#[test]
fn a_sign_flips_in_one_type_only() {
    let flips = ["-score", "-loss", "-s)", "* -1.0", "-1.0 *", "-clean", "-noisy", "-value"];
    for folder in ["crates/optim-core/src", "crates/experiments/src", "crates/gen-models/src", "crates/actmax/src"] {
        let found = lines_with(folder, &flips, &["optim-core/src/optimizer.rs"]);
        assert_eq!(found, Vec::<String>::new(), "{folder}");
    }
    assert_eq!(lines_with("crates/optim-core/src", &flips, &[]).len(), 1, "Minimize: flip");
}

#[test]
fn random_generators_are_derived_in_one_place() {
    let words =
        ["rand::rng()", "thread_rng", "from_os_rng", "from_rng(", "seed_from_u64", "from_seed(", "SystemRng", "SysRng"];
    for folder in [
        "crates/optim-core/src",
        "crates/experiments/src",
        "crates/gen-models/src",
        "crates/analysis/src",
        "crates/actmax/src",
        "xtask/src",
    ] {
        assert_eq!(lines_with(folder, &words, &["optim-core/src/rng.rs"]), Vec::<String>::new(), "{folder}");
    }
}

#[test]
fn a_population_is_a_c_order_array_of_codes() {
    let codes = Population::from_rows(3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!((codes.len(), codes.dim()), (2, 3));
    assert_eq!(codes.code(1), [4.0, 5.0, 6.0]);
    assert_eq!(codes.as_slice(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(codes.matrix().column(1).as_slice(), codes.code(1));
}

/// A dense 4096 x 4096 matrix of doubles would be 134 MB. Of the CMA-ES with a full covariance matrix, the
/// 3075 columns that it learnt in 75 generations take 50 MB in single precision, and no other method needs
/// more than its codes.
#[test]
fn no_method_holds_a_dense_matrix() {
    let dim = 4096;
    let full_covariance = ["cma", "ng-cma", "ng-rescaled-cma", "ng-sqpcma"];
    let mut codes = Population::new(dim);
    for info in registry() {
        let mut optimizer = Method::from_name(info.name).unwrap().build(dim).unwrap();
        for generation in 0..75 {
            optimizer.ask(&mut stream_rng(1, Stream::Method, generation), &mut codes);
            let scores: Vec<f64> = codes.iter().map(|z| z[0]).collect();
            optimizer.tell(&codes, &scores).unwrap();
        }
        let megabytes = postcard::to_stdvec(&optimizer).unwrap().len() / 1_000_000;
        let limit = if full_covariance.contains(&info.name) { 80 } else { 20 };
        assert!(megabytes < limit, "{} holds {megabytes} MB", info.name);
    }
}

#[test]
fn scalars_are_f64_without_a_backend_abstraction() {
    let generic = ["RealField", "ComplexField", "num_traits", "T: Float", "Scalar"];
    assert_eq!(lines_with("crates/optim-core/src", &generic, &[]), Vec::<String>::new());
}

#[test]
fn files_stay_readable() {
    let mut long = Vec::new();
    for folder in ["crates", "xtask"] {
        for (name, text) in sources(folder) {
            if text.lines().count() > 450 {
                long.push(format!("{name}: {} lines", text.lines().count()));
            }
        }
    }
    assert_eq!(long, Vec::<String>::new(), "split these files");
}
