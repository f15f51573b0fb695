//! Graphs that are cropped to what some units see, against the whole ones.

use optim_core::to_f32;

use super::{Backend, Failure, Outcome, all_close, as_f64};
use crate::unit::{LayerInfo, UnitAddress, WeightedUnits};
use crate::view::View;
use crate::{FusedModel, FusedSession};

/// Layers that are looked at, evenly spread.
const LOOKED_AT: usize = 12;

/// Codes whose activations are compared.
const CODES: usize = 2;

/// Every channel answers the same at corners, edges and in the middle of its map, and in between, whether the graph
/// computes the whole map or just that.
pub(super) fn cropped_equals_whole(backend: &Backend<'_>) -> Result<Outcome, Failure> {
    let maps = |layer: &&LayerInfo| layer.targetable && layer.shape.len() == 3;
    let layers: Vec<&LayerInfo> = backend.cnn.layers(backend.runtime)?.iter().filter(maps).collect();
    if layers.is_empty() {
        return Ok(Outcome::Skipped("no layer of the CNN is a map".to_owned()));
    }
    for layer in layers.iter().step_by(layers.len().div_ceil(LOOKED_AT)) {
        let whole = FusedModel::new(&backend.generator, &backend.cnn, &[&layer.name], backend.runtime)?;
        let expected = activations(backend, &whole)?;
        for positions in places(layer) {
            let units = positions.iter().map(|&position| {
                (UnitAddress { layer: layer.name.clone(), channel: 0, position: Some(position) }, 1.0)
            });
            let weighted = WeightedUnits::new(units.collect())?;
            let cropped = FusedModel::for_units(&backend.generator, &backend.cnn, &weighted, backend.runtime)?;
            let found = activations(backend, &cropped)?;
            let what = format!("{} at {positions:?}", layer.name);
            let expected = part(&expected, layer, &cropped.views()[0]);
            all_close(&what, &as_f64(&found), &expected, backend.tolerance().cropped)?;
        }
    }
    Ok(Outcome::Passed)
}

/// Positions, one or two at a time.
fn places(layer: &LayerInfo) -> Vec<Vec<(usize, usize)>> {
    let (height, width) = (layer.shape[1], layer.shape[2]);
    let (bottom, right) = (height - 1, width - 1);
    let middle = (height / 2, width / 2);
    let mut places =
        vec![vec![middle], vec![(0, 0)], vec![(bottom, right)], vec![(0, width / 3)], vec![(height / 3, right)]];
    places.push(vec![middle, (height * 2 / 3, width / 3)]);
    places
}

/// All that a model computes for a few codes.
fn activations(backend: &Backend<'_>, model: &FusedModel) -> Result<Vec<f32>, Failure> {
    let session: FusedSession = model.session(backend.runtime, backend.options)?;
    let mut values = Vec::new();
    session.run(&to_f32(&backend.codes(CODES)), |tensors, _| values.extend_from_slice(tensors[0]))?;
    Ok(values)
}

/// The part of whole activations that a view holds.
fn part(whole: &[f32], layer: &LayerInfo, view: &View) -> Vec<f64> {
    let &[_, height, width] = layer.shape.as_slice() else { return Vec::new() };
    let inside = |i: &usize| {
        let (row, column) = (i / width % height, i % width);
        view.window().is_none_or(|[rows, columns]| rows.holds(row) && columns.holds(column))
    };
    (0..whole.len()).filter(inside).map(|i| f64::from(whole[i])).collect()
}
