//! Unit addresses: parsing, ranges, every error.

use gen_models::{LayerInfo, UnitAddress, UnitError, WeightedUnits, parse_unit};

fn layers() -> Vec<LayerInfo> {
    vec![
        LayerInfo::new("conv1", vec![20, 32, 31]),
        LayerInfo::new("conv10", vec![4, 1, 1]),
        LayerInfo::new("fc8", vec![31]),
        LayerInfo::new("/features/3:0", vec![8, 5, 5]),
        LayerInfo::new("/features/3", vec![8, 5, 5]),
        LayerInfo::new("tokens", vec![197, 768]),
    ]
}

fn parse(argument: &str) -> Result<(UnitAddress, f64), UnitError> {
    parse_unit(argument, &layers())
}

fn parsed(argument: &str) -> (String, usize, Option<(usize, usize)>, f64) {
    let (unit, weight) = parse(argument).unwrap();
    (unit.layer, unit.channel, unit.position, weight)
}

#[test]
fn channel_position_and_weight_are_read() {
    assert_eq!(parsed("conv1:19"), ("conv1".into(), 19, Some((16, 15)), 1.0));
    assert_eq!(parsed("conv1:3:0:30"), ("conv1".into(), 3, Some((0, 30)), 1.0));
    assert_eq!(parsed("conv10:3=0.7"), ("conv10".into(), 3, Some((0, 0)), 0.7));
    assert_eq!(parsed("fc8:30=-2e-1"), ("fc8".into(), 30, None, -0.2));
}

#[test]
fn the_longest_layer_name_wins() {
    assert_eq!(parsed("/features/3:0:7"), ("/features/3:0".into(), 7, Some((2, 2)), 1.0));
    assert_eq!(parsed("/features/3:7"), ("/features/3".into(), 7, Some((2, 2)), 1.0));
    assert_eq!(parsed("/features/3:0:1:2:3"), ("/features/3:0".into(), 1, Some((2, 3)), 1.0));
}

#[test]
fn what_is_printed_is_read_again() {
    for argument in ["conv1:3:0:30", "fc8:4", "/features/3:0:1:2:3"] {
        assert_eq!(parse(argument).unwrap().0.to_string(), argument);
    }
    let weighted = WeightedUnits::parse(&["conv1:2:1:1=0.7", "fc8:4", "conv1:3:1:1"], &layers()).unwrap();
    assert_eq!(weighted.to_string(), "conv1:2:1:1=0.7 fc8:4 conv1:3:1:1");
    assert_eq!(weighted.layers(), ["conv1", "fc8"]);
    let printed = weighted.to_string();
    assert_eq!(WeightedUnits::parse(&printed.split(' ').collect::<Vec<_>>(), &layers()).unwrap(), weighted);
}

#[test]
fn offsets_are_c_order() {
    let layers = layers();
    assert_eq!(parse("conv1:3:2:5").unwrap().0.offset_in(&layers[0]), Ok((3 * 32 + 2) * 31 + 5));
    assert_eq!(parse("fc8:7").unwrap().0.offset_in(&layers[2]), Ok(7));
    let centre = UnitAddress { layer: "conv1".into(), channel: 1, position: None };
    assert_eq!(centre.offset_in(&layers[0]), Ok((32 + 16) * 31 + 15));
}

#[test]
fn unknown_layers_name_the_nearest() {
    let UnitError::UnknownLayer { layer, nearest } = parse("Conv2:5:1:1=3").unwrap_err() else { panic!() };
    assert_eq!((layer.as_str(), nearest[0].as_str()), ("Conv2", "conv1"));
    let message = parse("conv:5").unwrap_err().to_string();
    assert_eq!(message, "unknown layer 'conv' (did you mean conv1 or conv10?)");
    assert_eq!(parse_unit("x:1", &[]).unwrap_err().to_string(), "unknown layer 'x'");
    // A name that only begins like a layer's is not that layer.
    assert!(matches!(parse("fc80:1").unwrap_err(), UnitError::UnknownLayer { .. }));
}

#[test]
fn channels_go_by_the_names_of_classes() {
    let names = ["face", "eye", "7", "tree frog", "eye"].map(str::to_owned);
    let layers = [LayerInfo::new("conv", vec![5, 3, 3]), LayerInfo::new("fc8", vec![5])];
    let named = layers.map(|layer| layer.with_classes(&names));
    let channel = |text: &str| parse_unit(text, &named).map(|(unit, weight)| (unit.to_string(), weight));
    assert_eq!(channel("fc8:face=0.5"), Ok(("fc8:0".to_owned(), 0.5)));
    assert_eq!(channel("fc8:tree frog"), Ok(("fc8:3".to_owned(), 1.0)));
    assert!(channel("fc8:7").unwrap_err().to_string().contains("no channel 7"), "what reads as a number is one");
    let twice = channel("fc8:eye").unwrap_err().to_string();
    assert_eq!(twice, "layer fc8 has several channels 'eye': write one of the numbers 1, 4");
    let unknown = channel("fc8:fece").unwrap_err().to_string();
    assert!(unknown.contains("no channel 'fece' (did you mean face"), "{unknown}");
    assert!(channel("conv:face").unwrap_err().to_string().contains("is no whole number"), "maps have no classes");
    let fewer = LayerInfo::new("fc8", vec![4]).with_classes(&names);
    assert!(fewer.channel_names.is_empty());
    assert!(!toml::to_string(&named[1]).unwrap().contains("eye"), "names are part of no record");
}

#[test]
fn units_outside_a_layer_are_told_its_range() {
    assert_eq!(parse("conv1:20").unwrap_err().to_string(), "layer conv1 has no channel 20: its channels are 0 to 19");
    let expected = "layer conv1 has no position 32:0: rows are 0 to 31, columns 0 to 30";
    assert_eq!(parse("conv1:0:32:0").unwrap_err().to_string(), expected);
    assert!(matches!(parse("conv1:0:0:31").unwrap_err(), UnitError::PositionOutOfRange { column: 31, .. }));
    assert!(matches!(parse("fc8:0:0:0").unwrap_err(), UnitError::PositionInFullyConnected { .. }));
    assert!(matches!(parse("fc8:31:0:0").unwrap_err(), UnitError::ChannelOutOfRange { channels: 31, .. }));
    assert!(matches!(parse("tokens:0").unwrap_err(), UnitError::NotTargetable { .. }));
}

#[test]
fn malformed_arguments_name_what_is_wrong() {
    for argument in ["conv1", "conv1:", "conv1=2"] {
        assert!(matches!(parse(argument).unwrap_err(), UnitError::MissingChannel { .. }), "{argument}");
    }
    assert!(matches!(parse("conv1:1:2").unwrap_err(), UnitError::NumberCount { found: 2, .. }));
    assert!(matches!(parse("conv1:1:2:3:4").unwrap_err(), UnitError::NumberCount { found: 4, .. }));
    for (argument, text) in [
        ("conv1:x", "x"),
        ("conv1:-1", "-1"),
        ("conv1:1.5", "1.5"),
        ("conv1:1::2", ""),
        ("conv1:1=", ""),
        ("conv1:1=heavy", "heavy"),
        ("conv1:1=nan", "nan"),
        ("conv1:1=inf", "inf"),
        ("conv1:99999999999999999999", "99999999999999999999"),
    ] {
        let error = parse(argument).unwrap_err();
        assert!(matches!(&error, UnitError::NotANumber { text: found, .. } if found == text), "{argument}: {error}");
    }
    assert_eq!(WeightedUnits::new(vec![]), Err(UnitError::NoUnit));
    assert_eq!(WeightedUnits::parse::<&str>(&[], &layers()), Err(UnitError::NoUnit));
}
