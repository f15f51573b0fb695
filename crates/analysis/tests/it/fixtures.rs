//! The fixtures are what the scripts beside them compute.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use test_needs::Need;

/// Relative error of an iterative fit between two processors. All other numbers agree to more digits.
const RELATIVE: f64 = 5e-6;
/// Below this, numbers are what rounding leaves of zero.
const ABSOLUTE: f64 = 1e-9;

fn assert_alike(made: &Value, kept: &Value, path: &str) {
    match (made, kept) {
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "{path}");
            a.iter().zip(b).enumerate().for_each(|(i, (a, b))| assert_alike(a, b, &format!("{path}/{i}")));
        }
        (Value::Object(a), Value::Object(b)) => {
            assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>(), "{path}");
            a.iter().for_each(|(key, value)| assert_alike(value, &b[key], &format!("{path}/{key}")));
        }
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            assert!((a - b).abs() <= ABSOLUTE + RELATIVE * b.abs(), "{path}: {a}, kept is {b}");
        }
        _ => assert_eq!(made, kept, "{path}"),
    }
}

#[test]
fn the_scripts_make_the_fixtures_again() {
    let Some(python) = Need::Scipy.or_skip() else { return };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for name in ["cases", "analysis_cases", "component_cases", "table_cases"] {
        let done = Command::new(&python).arg(folder.join(format!("make_{name}.py"))).output().unwrap();
        assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
        let mut made: Value = serde_json::from_slice(&done.stdout).unwrap();
        let mut kept: Value =
            serde_json::from_slice(&std::fs::read(folder.join(format!("{name}.json"))).unwrap()).unwrap();
        // Of the packages they are the pinned ones; that of Python is free.
        for file in [&mut made, &mut kept] {
            file.as_object_mut().unwrap().remove("versions");
        }
        assert_alike(&made, &kept, name);
    }
}
