//! What a pickle stream describes, as inert data.

/// Index of an object in its [`Objects`].
pub(super) type Id = usize;

/// One object. Containers refer to their members by index, as several may share one, or hold themselves.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Object {
    Integer(i64),
    Text(String),
    Tuple(Vec<Id>),
    List(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    /// A function or class, by name: `module.name`.
    Global(String),
    Storage(Storage),
    Tensor(Tensor),
    /// A number, a set, or something that an unknown class would make: of no interest here.
    Other,
}

/// Numbers in the file that tensors are views of.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Storage {
    /// Its name within the file.
    pub(super) key: String,
    /// Its type as PyTorch names it, e.g. `FloatStorage`.
    pub(super) kind: String,
    /// Number of elements.
    pub(super) len: u64,
}

/// A view of a storage; element `[i, j, ...]` is at `offset + i * stride[0] + j * stride[1] + ...`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tensor {
    pub(super) storage: Storage,
    pub(super) offset: usize,
    pub(super) shape: Vec<usize>,
    pub(super) stride: Vec<usize>,
}

/// All objects of one pickle stream.
#[derive(Debug, Default)]
pub(super) struct Objects(Vec<Object>);

impl Objects {
    pub(super) fn add(&mut self, object: Object) -> Id {
        self.0.push(object);
        self.0.len() - 1
    }

    pub(super) fn get(&self, id: Id) -> &Object {
        &self.0[id]
    }

    pub(super) fn get_mut(&mut self, id: Id) -> &mut Object {
        &mut self.0[id]
    }

    /// All storages that tensors may be views of.
    pub(super) fn storages(&self) -> impl Iterator<Item = &Storage> {
        self.0.iter().filter_map(|object| match object {
            Object::Storage(storage) => Some(storage),
            _ => None,
        })
    }

    pub(super) fn text(&self, id: Id) -> Option<&str> {
        match self.get(id) {
            Object::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn integer(&self, id: Id) -> Option<i64> {
        match self.get(id) {
            Object::Integer(value) => Some(*value),
            _ => None,
        }
    }

    /// Members of a tuple or list.
    pub(super) fn members(&self, id: Id) -> Option<&[Id]> {
        match self.get(id) {
            Object::Tuple(members) | Object::List(members) => Some(members),
            _ => None,
        }
    }

    /// A tuple or list of numbers that are not negative.
    pub(super) fn sizes(&self, id: Id) -> Option<Vec<usize>> {
        self.members(id)?.iter().map(|&id| usize::try_from(self.integer(id)?).ok()).collect()
    }

    /// Entries of a dictionary whose keys are texts.
    pub(super) fn entries(&self, id: Id) -> Option<Vec<(&str, Id)>> {
        match self.get(id) {
            Object::Dict(entries) => {
                Some(entries.iter().filter_map(|&(key, value)| Some((self.text(key)?, value))).collect())
            }
            _ => None,
        }
    }
}
