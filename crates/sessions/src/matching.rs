//! Which image of a block a name means.

use std::collections::HashMap;

use crate::block::Block;
use crate::names::{Matching, last_part, stem, without_block};

/// The names of a block's images.
pub(crate) struct Names<'a> {
    block: &'a Block,
    matching: Matching,
    /// All names of files, with and without extension.
    exact: HashMap<&'a str, usize>,
}

impl<'a> Names<'a> {
    pub(crate) fn of(block: &'a Block, matching: Matching) -> Self {
        let images = block.images.iter().enumerate();
        let names = images.flat_map(|(i, image)| image.names.iter().map(move |name| (name.as_str(), i)));
        let exact = names.flat_map(|(name, i)| [(name, i), (stem(name), i)]).collect();
        Self { block, matching, exact }
    }

    /// Index of the image that a name means; the name may be a path.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        let name = last_part(name);
        let strict = self.exact.get(name).or_else(|| self.exact.get(stem(name))).copied();
        if strict.is_some() || self.matching == Matching::Strict {
            return strict;
        }
        let id = without_block(stem(name));
        self.block.images.iter().position(|image| image.image.id == id)
    }
}
