//! Loaded networks, shared by the runs of a campaign.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use experiments::Provenance;
use gen_models::{FusedModel, FusedSession, Runtime, SessionOptions, UnitAddress};
use paradigm::Geometry;

use crate::provenance::provenance;
use crate::{Library, LibraryError};

/// Networks that are kept prepared: a campaign goes through its layers one after the other, so at most two are in
/// use while the workers pass from one to the next.
const PREPARED: usize = 2;

/// What is loaded: a generator and a CNN, cropped to what the units at one position of a layer see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Name of the generator.
    pub(crate) generator: String,
    /// Name of the CNN.
    pub(crate) cnn: String,
    /// Name of the layer.
    pub(crate) layer: String,
    /// Row and column, if the layer has such; the centre if none is given.
    pub(crate) position: Option<(usize, usize)>,
    /// Where the images lie on a canvas.
    pub(crate) geometry: Option<Geometry>,
    /// Whether all of the layer is computed, instead of what the units at the position are.
    pub(crate) whole: bool,
}

/// Sessions that are lent to the runs of one worker at a time.
///
/// There are never more than twice as many as there are workers: one a worker, and as many idle ones.
pub(crate) struct Sessions {
    library: Library,
    runtime: &'static Runtime,
    options: SessionOptions,
    most_idle: usize,
    pool: Mutex<Pool>,
}

#[derive(Default)]
struct Pool {
    prepared: VecDeque<(Key, FusedModel)>,
    idle: VecDeque<(Key, Arc<FusedSession>)>,
}

impl Sessions {
    pub(crate) fn new(library: Library, runtime: &'static Runtime, options: SessionOptions, workers: usize) -> Self {
        Self { library, runtime, options, most_idle: workers.max(1), pool: Mutex::default() }
    }

    /// Versions and settings of what computes.
    pub(crate) fn provenance(&self) -> Provenance {
        provenance(self.runtime, self.options)
            .with_version("device", &self.options.device.to_string())
            .with_version("batch", &self.options.batch_size.to_string())
    }

    /// A session of the key that nobody else uses.
    pub(crate) fn lend(&self, key: &Key) -> Result<Arc<FusedSession>, LibraryError> {
        let model = {
            let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(at) = pool.idle.iter().position(|(other, _)| other == key)
                && let Some((_, session)) = pool.idle.remove(at)
            {
                return Ok(session);
            }
            self.prepared(&mut pool, key)?
        };
        Ok(Arc::new(model.session(self.runtime, self.options)?))
    }

    /// Takes a session back; of too many idle ones the one that was idle longest is closed.
    pub(crate) fn take_back(&self, key: Key, session: Arc<FusedSession>) {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        pool.idle.push_back((key, session));
        if pool.idle.len() > self.most_idle {
            pool.idle.pop_front();
        }
    }

    fn prepared(&self, pool: &mut Pool, key: &Key) -> Result<FusedModel, LibraryError> {
        if let Some((_, model)) = pool.prepared.iter().find(|(other, _)| other == key) {
            return Ok(model.clone());
        }
        let Key { generator, cnn, layer, position, geometry, whole } = key;
        let generator = self.library.generator_on_canvas(generator, *geometry)?;
        let cnn = self.library.cnn(cnn)?;
        let model = if *whole {
            FusedModel::new(&generator, &cnn, &[layer], self.runtime)?
        } else {
            // All channels of the position: the first stands for them.
            let units = UnitAddress { layer: layer.clone(), channel: 0, position: *position };
            FusedModel::for_units(&generator, &cnn, &units.into(), self.runtime)?
        };
        if pool.prepared.len() >= PREPARED {
            pool.prepared.pop_front();
        }
        pool.prepared.push_back((key.clone(), model.clone()));
        Ok(model)
    }
}
