//! Code files beside the images, as the Ponce lab's rigs leave them.

use rig_files::Codes;

use crate::block::{Block, Role};
use crate::names::Dialect;
use crate::session::Session;

/// Names and contents of the code files of a block, one a thread; none in a dialect without them.
///
/// File k holds the codes of block k + 1, and the names of their images. The first one calls its codes `founder_001` and so on.
pub(super) fn code_files(session: &Session, block: &Block) -> Vec<(String, Vec<u8>)> {
    let dialect = session.config().session.dialect;
    if dialect != Dialect::Poncelab {
        return Vec::new();
    }
    let first = block.number == dialect.first_block();
    let file = |(number, thread): (usize, &crate::thread::Thread)| {
        let all: Vec<&[f64]> = thread.codes().iter().collect();
        let own = block.images.iter().filter(|image| image.image.role == Role::Evolved);
        let (mut ids, mut rows) = (Vec::new(), Vec::new());
        for image in own.filter(|image| image.image.thread == Some(number)) {
            ids.push(if first { format!("founder_{:03}", ids.len() + 1) } else { image.name().to_owned() });
            rows.extend_from_slice(all[image.image.column?]);
        }
        let name = format!("block{:03}_thread{number:03}_code.mat", block.number - 1);
        let dim = thread.codes().dim();
        (!ids.is_empty()).then(|| (name, Codes { ids, rows, dim }.to_mat()))
    };
    session.threads.iter().enumerate().filter_map(file).collect()
}
