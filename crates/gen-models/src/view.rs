//! What a session computes of a layer: all of it, or the part of its map in which some units are.

use onnx_graph::{Span, Window};

use crate::unit::{LayerInfo, UnitAddress, UnitError, WeightedUnits};

/// A layer, and the part of it that is computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct View {
    layer: LayerInfo,
    /// Rows and columns; none: all there is.
    window: Option<Window>,
}

impl View {
    /// All of a layer.
    pub(crate) fn whole(layer: LayerInfo) -> Self {
        Self { layer, window: None }
    }

    /// The least part of a layer that holds the weighted units.
    pub(crate) fn of_units(layer: LayerInfo, weighted: &WeightedUnits) -> Self {
        let (&[_, height, width], centre) = (&layer.shape[..], layer.centre()) else { return Self::whole(layer) };
        let units = weighted.units().iter().filter(|(unit, _)| unit.layer == layer.name);
        let positions = units.filter_map(|(unit, _)| unit.position.or(centre));
        let windows = positions.map(|(row, column)| [Span::one(row), Span::one(column)]);
        let window = windows.reduce(|a, b| [a[0].hull(b[0]), a[1].hull(b[1])]);
        let part = window.filter(|window| *window != [Span::whole(height), Span::whole(width)]);
        Self { window: part.filter(|[rows, columns]| rows.end <= height && columns.end <= width), layer }
    }

    /// The layer.
    pub(crate) fn layer(&self) -> &LayerInfo {
        &self.layer
    }

    /// Rows and columns that are computed; none: all there is.
    pub(crate) fn window(&self) -> Option<Window> {
        self.window
    }

    /// Shape of what is computed for one image.
    pub(crate) fn shape(&self) -> Vec<usize> {
        match self.window {
            Some([rows, columns]) => vec![self.layer.shape[0], rows.size(), columns.size()],
            None => self.layer.shape.clone(),
        }
    }

    /// Index of a unit in what is computed for one image, C-order.
    ///
    /// # Errors
    /// If the layer has no such unit, or the part does not hold it.
    pub(crate) fn offset(&self, unit: &UnitAddress) -> Result<usize, UnitError> {
        let offset = unit.offset_in(&self.layer)?;
        let Some([rows, columns]) = self.window else { return Ok(offset) };
        let width = self.layer.shape[2];
        let (row, column) = (offset / width % self.layer.shape[1], offset % width);
        if !rows.holds(row) || !columns.holds(column) {
            let (unit, layer) = (unit.to_string(), self.layer.name.clone());
            return Err(UnitError::NotComputed { unit, layer });
        }
        Ok((unit.channel * rows.size() + row - rows.start) * columns.size() + column - columns.start)
    }
}
