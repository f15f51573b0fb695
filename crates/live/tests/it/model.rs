//! The browser code that needs no browser, in node's own test runner.

use std::process::Command;

use test_needs::Need;

#[test]
fn what_the_page_computes_is_right() {
    let Some(node) = Need::Node.or_skip() else { return };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/model.test.mjs");
    let done = Command::new(node).args(["--test", script]).output().unwrap();
    let text = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{text}{}", String::from_utf8_lossy(&done.stderr));
    assert!(text.contains("pass 9"), "{text}");
}
