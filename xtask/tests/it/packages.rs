//! Every crate can be packaged: `cargo package --workspace --exclude xtask --exclude test-needs` makes files that build by themselves.
//!
//! Building them takes minutes; what can go wrong unnoticed is tested here: metadata, and files left out.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path};
use std::process::Command;

use crate::workspace::{array, folder, metadata, root, text};

/// Bytes before compression; a package above that has taken fixtures along. The embedded pair is 18 MB by itself.
const LARGEST: u64 = 2_500_000;

/// Names and folders of the packages that are published.
fn packages() -> Vec<(String, String)> {
    let metadata = metadata(false);
    let published = array(&metadata, "packages").iter().filter(|package| package["publish"].is_null());
    let packages: Vec<_> =
        published.map(|package| (text(package, "name").to_owned(), folder(&metadata, package))).collect();
    assert!(packages.iter().any(|(name, _)| name == "actmax"), "{packages:?}");
    packages
}

/// Files that the package of a crate has.
fn files(package: &str) -> BTreeSet<String> {
    let list = ["package", "--list", "--allow-dirty", "--offline", "--package", package];
    let done = Command::new(env!("CARGO")).args(list).current_dir(root()).output().unwrap();
    assert!(done.status.success(), "{package}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().lines().map(|line| line.replace('\\', "/")).collect()
}

/// `src/a.rs` and `../b` are `b`.
fn resolve(file: &str, relative: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in Path::new(file).parent().unwrap().join(relative).components() {
        match part {
            Component::ParentDir if parts.last().is_some_and(|last| last != "..") => drop(parts.pop()),
            part => parts.push(part.as_os_str().to_string_lossy().into_owned()),
        }
    }
    parts.join("/")
}

/// Files that a source compiles in, and folders where a macro joins the name of a file to that of its folder.
fn compiled_in(file: &str, text: &str) -> Vec<String> {
    let named = |(_, rest): (_, &str)| rest[..rest.len().min(200)].split('"').nth(1).map(|name| resolve(file, name));
    ["include_str!(", "include_bytes!("]
        .iter()
        .flat_map(|call| text.match_indices(call).map(|(at, call)| (at, &text[at + call.len()..])).filter_map(named))
        .collect()
}

#[test]
fn a_package_has_all_that_it_compiles_in_and_no_fixtures() {
    for (package, folder) in packages() {
        let files = files(&package);
        for needed in ["Cargo.toml", "README.md", "LICENSE-MIT", "LICENSE-APACHE", "src/lib.rs"] {
            assert!(files.contains(needed), "{package} is packaged without {needed}");
        }
        let sources = files.iter().filter(|file| file.ends_with(".rs"));
        for source in sources {
            let text = fs::read_to_string(root().join(&folder).join(source)).unwrap();
            for needed in compiled_in(source, &text) {
                let holds = |file: &String| file.strip_prefix(&needed).is_some_and(|rest| rest.starts_with('/'));
                let has = files.contains(&needed) || files.iter().any(holds);
                assert!(has, "{package} is packaged without {needed}, which {source} compiles in");
            }
        }
        assert!(!files.iter().any(|file| file.starts_with("tests/")), "{package} is packaged with its tests");
        let size = |file: &String| fs::metadata(root().join(&folder).join(file)).map_or(0, |file| file.len());
        let bytes: u64 = files.iter().map(size).sum();
        assert!(bytes < LARGEST || package == "embedded-models", "{package} is packaged with {bytes} bytes");
    }
}

#[test]
fn a_package_says_what_it_is() {
    for (package, folder) in packages() {
        let manifest: toml::Table =
            fs::read_to_string(root().join(&folder).join("Cargo.toml")).unwrap().parse().unwrap();
        let fields = manifest["package"].as_table().unwrap();
        for field in ["description", "license", "keywords", "categories", "include"] {
            assert!(fields.contains_key(field), "{package} has no {field}");
        }
        assert_eq!(fields["name"].as_str(), Some(package.as_str()));
    }
    let workspace: toml::Table = fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    for (package, folder) in packages() {
        let dependency = &workspace["workspace"]["dependencies"][package.as_str()];
        assert_eq!(dependency["path"].as_str(), Some(folder.as_str()));
        assert_eq!(dependency["version"], workspace["workspace"]["package"]["version"], "{package}");
    }
    // Registries take five keywords of twenty characters at most.
    let keywords = workspace["workspace"]["package"]["keywords"].as_array().unwrap();
    assert!(keywords.len() <= 5 && keywords.iter().all(|keyword| keyword.as_str().unwrap().len() <= 20));
}

#[test]
fn paths_are_followed() {
    assert_eq!(resolve("src/a/b.rs", "../c.txt"), "src/c.txt");
    assert_eq!(resolve("src/lib.rs", "../../d"), "../d");
    assert_eq!(
        compiled_in("src/lib.rs", "X = include_str!(\"../x.toml\");\ninclude_bytes!(\n  \"y\")"),
        ["x.toml", "src/y"]
    );
}
