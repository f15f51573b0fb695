//! On which provider every node of a graph ran, by ONNX Runtime's profile of a run.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

/// Operators that compute shapes and indices, which the runtime keeps on the processor on purpose.
const ON_SHAPES: &[&str] = &[
    "Cast",
    "Concat",
    "Constant",
    "ConstantOfShape",
    "Expand",
    "Gather",
    "Identity",
    "Range",
    "Reshape",
    "Shape",
    "Size",
    "Slice",
    "Squeeze",
    "Unsqueeze",
];

/// Operators and the number of their nodes, by provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Placement(BTreeMap<String, BTreeMap<String, usize>>);

impl Placement {
    /// Reads a profile; `None` if it is none. A node that ran several times counts once.
    pub(crate) fn from_profile(profile: &str) -> Option<Self> {
        let events: Vec<Value> = serde_json::from_str(profile).ok()?;
        let mut nodes = BTreeMap::new();
        for event in &events {
            let (name, arguments) = (event["name"].as_str().unwrap_or_default(), &event["args"]);
            if let (true, Some(provider)) = (name.ends_with("_kernel_time"), arguments["provider"].as_str()) {
                let operator = arguments["op_name"].as_str().unwrap_or_default();
                nodes.insert(name, (provider.to_owned(), operator.to_owned()));
            }
        }
        let mut placement = Self::default();
        for (provider, operator) in nodes.into_values() {
            *placement.0.entry(provider).or_default().entry(operator).or_default() += 1;
        }
        Some(placement)
    }

    /// The computing operators that ran elsewhere than on `provider`; an error too if nothing ran there.
    pub(crate) fn elsewhere(&self, provider: &str) -> Result<(), Vec<String>> {
        let others = self.0.iter().filter(|(name, _)| *name != provider);
        let computing = |operator: &&String| !ON_SHAPES.contains(&operator.as_str());
        let mut found: Vec<String> =
            others.flat_map(|(_, operators)| operators.keys().filter(computing).cloned()).collect();
        if !self.0.contains_key(provider) {
            found.push("all".to_owned());
        }
        found.sort();
        found.dedup();
        if found.is_empty() { Ok(()) } else { Err(found) }
    }
}

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (provider, operators)) in self.0.iter().enumerate() {
            let counted: Vec<String> = operators.iter().map(|(name, count)| format!("{count} {name}")).collect();
            write!(f, "{}{provider}: {}", if i == 0 { "" } else { "; " }, counted.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Placement;

    fn profile(nodes: &[(&str, &str, &str)]) -> String {
        let mut events = vec![serde_json::json!({"cat": "Session", "name": "model_run", "args": {}})];
        events.extend(nodes.iter().map(|(name, operator, provider)| {
            let args = serde_json::json!({"op_name": operator, "provider": provider});
            serde_json::json!({"cat": "Node", "name": format!("{name}_kernel_time"), "args": args})
        }));
        serde_json::to_string(&events).unwrap()
    }

    #[test]
    fn shapes_may_be_computed_on_the_processor_and_nothing_else() {
        let shapes = [("a", "Conv", "CUDA"), ("a", "Conv", "CUDA"), ("b", "Shape", "CPU"), ("c", "Gather", "CPU")];
        let placement = Placement::from_profile(&profile(&shapes)).unwrap();
        assert_eq!(placement.to_string(), "CPU: 1 Gather, 1 Shape; CUDA: 1 Conv");
        assert_eq!(placement.elsewhere("CUDA"), Ok(()));
        let mixed = profile(&[("a", "Conv", "CUDA"), ("b", "Gemm", "CPU")]);
        assert_eq!(Placement::from_profile(&mixed).unwrap().elsewhere("CUDA"), Err(vec!["Gemm".to_owned()]));
    }

    #[test]
    fn nothing_on_the_device_is_an_error() {
        let none = Placement::from_profile(&profile(&[("b", "Shape", "CPU")])).unwrap();
        assert_eq!(none.elsewhere("CUDA"), Err(vec!["all".to_owned()]));
        assert_eq!(Placement::from_profile("{"), None);
    }
}
