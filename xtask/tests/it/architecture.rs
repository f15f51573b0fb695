//! The invariants of docs/architecture.md, one test each. Forbidden calls are in the files `clippy.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use optim_core::{Method, Optimizer, Population, Stream, registry, stream_rng};
use serde_json::Value;

use crate::workspace::{array, folder, metadata, root, text};

/// Packages of the workspace by folder, and the others among them that each depends on, tests apart.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = metadata(false);
    let packages = array(&metadata, "packages");
    let names: BTreeSet<&str> = packages.iter().map(|package| text(package, "name")).collect();
    let each = packages.iter().map(|package| {
        let used = array(package, "dependencies").iter().filter(|dependency| dependency["kind"].is_null());
        let used = used.map(|dependency| text(dependency, "name")).filter(|name| names.contains(name));
        (folder(&metadata, package), used.map(str::to_owned).collect())
    });
    each.collect()
}

/// The crate map of a page: the folder in the first cell of a row, and the packages in its last cell.
fn crate_map(page: &str) -> BTreeMap<String, BTreeSet<String>> {
    let (_, section) = page.split_once("## Crate map").expect("a section 'Crate map'");
    let lines = section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
        (quoted(cells[0]).swap_remove(0), quoted(cells[cells.len() - 1]).into_iter().collect())
    };
    lines.skip(2).map(row).collect()
}

#[test]
fn crates_depend_on_each_other_as_the_crate_map_says() {
    let page = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let (found, mapped) = (dependencies(), crate_map(&page));
    assert_eq!(found.keys().collect::<Vec<_>>(), mapped.keys().collect::<Vec<_>>(), "folders of crates");
    for (folder, used) in &found {
        assert_eq!(used, &mapped[folder], "what {folder} depends on, and what docs/architecture.md says");
    }
}

#[test]
fn the_crate_map_is_read_from_its_table() {
    let page = "## Crate map\n\n| crate | is | depends on |\n|---|---|---|\n\
                | `crates/a` | `x` | |\n| `b` | | `a`, `c` |\n\n| `d` | | `e` |\n";
    let map = crate_map(page);
    assert_eq!(map.len(), 2);
    assert!(map["crates/a"].is_empty());
    assert_eq!(map["b"].iter().collect::<Vec<_>>(), ["a", "c"]);
}

/// A package with `links` builds or binds a native library.
#[test]
fn optim_core_draws_in_no_native_library() {
    let metadata = metadata(true);
    let packages: BTreeMap<&str, &Value> =
        array(&metadata, "packages").iter().map(|package| (text(package, "id"), package)).collect();
    let nodes: BTreeMap<&str, &Value> =
        array(&metadata["resolve"], "nodes").iter().map(|node| (text(node, "id"), node)).collect();
    let first = packages.values().find(|package| text(package, "name") == "optim-core").unwrap();
    let (mut seen, mut open) = (BTreeSet::new(), vec![text(first, "id")]);
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            let is_test = |kind: &Value| kind["kind"] == "dev";
            let used = array(nodes[id], "deps").iter().filter(|used| !array(used, "dep_kinds").iter().all(is_test));
            open.extend(used.map(|used| text(used, "pkg")));
        }
    }
    assert!(seen.len() > 10, "{seen:?}");
    let native: Vec<&str> = seen.into_iter().filter(|id| !packages[id]["links"].is_null()).collect();
    assert_eq!(native, Vec::<&str>::new());
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
#[expect(clippy::disallowed_methods, reason = "measures methods without a loop")]
fn no_method_holds_a_dense_matrix() {
    let dim = 4096;
    let full_covariance = ["cma", "uh-cma", "ng-cma", "ng-rescaled-cma", "ng-sqpcma"];
    let mut codes = Population::new(dim);
    for info in registry() {
        let mut optimizer = Method::from_name(info.name).unwrap().build(dim).unwrap();
        // A covariance has its size from its first update on, and each update takes long.
        let (generations, limit) = if full_covariance.contains(&info.name) { (12, 80) } else { (75, 20) };
        for generation in 0..generations {
            optimizer.ask(&mut stream_rng(1, Stream::Method, generation), &mut codes);
            let scores: Vec<f64> = codes.iter().map(|z| z[0]).collect();
            optimizer.tell(&codes, &scores).unwrap();
        }
        let megabytes = postcard::to_stdvec(&optimizer).unwrap().len() / 1_000_000;
        assert!(megabytes < limit, "{} holds {megabytes} MB", info.name);
    }
}

/// All Rust sources below `folder`, with their paths relative to the workspace and their numbers of lines.
fn lengths(folder: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
                found.push((name, fs::read_to_string(&path).unwrap().lines().count()));
            }
        }
    }
    assert!(!found.is_empty(), "no sources in {folder}");
    found
}

#[test]
fn files_stay_readable() {
    let files = ["crates", "models", "xtask"].into_iter().flat_map(lengths);
    let long: Vec<String> =
        files.filter(|(_, lines)| *lines > 450).map(|(name, lines)| format!("{name}: {lines} lines")).collect();
    assert_eq!(long, Vec::<String>::new(), "split these files");
}
