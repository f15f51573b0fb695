//! The block that is out: which images it shows, in which order, from which files.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use crate::block::{Block, Presented, Role};
use crate::error::SessionError;
use crate::event::Event;
use crate::names::Dialect;
use crate::order;
use crate::session::Session;
use crate::specs::offered_block;
use crate::step::StepImage;

impl Session {
    /// Makes the next block of the step; false if no image is to be shown.
    pub(crate) fn offer(&mut self) -> bool {
        let (settings, number) = (&self.config.session, self.next_block);
        let lacking = self.lacking();
        let must: Vec<bool> = self.step.iter().map(|image| lacking[image.image.thread.unwrap_or(0)]).collect();
        let showings: Vec<_> = self.step.iter().map(|image| image.showings).collect();
        let shows = order::shows(settings, number, &showings, &must);
        let stopped = |image: &StepImage| self.threads[image.image.thread.unwrap_or(0)].stopped;
        let mut images: Vec<(Presented, u32)> = Vec::new();
        for (image, &shows) in self.step.iter().zip(&shows).filter(|(image, shows)| **shows > 0 && !stopped(image)) {
            images.push((image.image.clone(), shows));
        }
        if images.is_empty() {
            return false;
        }
        for (image, &shows) in self.step.iter_mut().zip(&shows) {
            image.showings.shown += shows;
        }
        self.warn_of_silence();
        images.extend(self.reference_images(number).into_iter().map(|image| (image, 1)));
        let mut order: Vec<usize> =
            images.iter().enumerate().flat_map(|(i, (_, shows))| std::iter::repeat_n(i, *shows as usize)).collect();
        order::shuffle(&mut order, self.config.session.seed, number, 2);
        self.next_block += 1;
        let step = self.next_step - 1;
        let images: Vec<Presented> = images.into_iter().map(|(image, _)| image).collect();
        self.block = Some(Arc::new(offered_block(self.config.session.dialect, number, step, &images, &order)));
        self.outbox.push_back(Event::Offered { block: number, step, images, order });
        true
    }

    /// Threads that are shown again because nothing came that their target can use; and why no such response can be used,
    /// if that is so.
    fn silent(&self) -> Vec<(usize, Option<String>)> {
        let lacking = self.lacking();
        let shown = |image: &&StepImage| image.showings.shown > self.config.session.repeats;
        let again: BTreeSet<usize> = self.step.iter().filter(shown).filter_map(|i| i.image.thread).collect();
        let why =
            |thread: usize| self.threads[thread].config.target.misfit(self.standing.values?, self.standing.layout());
        again.into_iter().filter(|&thread| lacking[thread]).map(|thread| (thread, why(thread))).collect()
    }

    fn warn_of_silence(&mut self) {
        for (number, why) in self.silent() {
            let name = &self.threads[number].config.name;
            let then =
                why.map_or(", all images are shown again".to_owned(), |why| format!(": {why}; the session pauses"));
            let text = format!("thread '{name}': no response that its target can use{then}");
            self.outbox.push_back(Event::Warning { text });
        }
    }

    /// Pauses instead of showing images again and again to a thread whose target does not fit the responses. A replay does
    /// not: the journal says whether there was a pause.
    pub(crate) fn pause_if_unfit(&mut self) -> Result<(), SessionError> {
        if self.silent().iter().any(|(_, why)| why.is_some()) { self.pause() } else { Ok(()) }
    }

    fn reference_images(&self, block: u32) -> Vec<Presented> {
        let settings = &self.config.session;
        let before = block - settings.dialect.first_block();
        let chosen = order::references(&self.config.references, settings.seed, block, before, self.references.len());
        let threads: Vec<Option<usize>> = match settings.dialect {
            Dialect::Xdream => vec![None],
            Dialect::Poncelab => {
                (0..self.threads.len()).filter(|&thread| !self.threads[thread].stopped).map(Some).collect()
            }
        };
        let role = Role::Reference;
        let image = |thread: Option<usize>, i: usize| Presented {
            id: self.references[i].id.clone(),
            thread,
            role,
            generation: None,
            column: None,
        };
        threads.into_iter().flat_map(|thread| chosen.iter().map(move |&i| image(thread, i))).collect()
    }

    /// Renders what the block that is out shows, if that is not done.
    pub(crate) fn publish(&mut self) -> Result<(), SessionError> {
        let Some(block) = self.block.as_ref().filter(|block| block.images.iter().any(|image| image.file.is_empty()))
        else {
            return Ok(());
        };
        let kind = self.config.session.dialect.kind();
        for (number, thread) in self.threads.iter_mut().enumerate() {
            let mut own = self.step.iter_mut().filter(|image| image.image.thread == Some(number)).peekable();
            // A block may still show images of a thread that was stopped meanwhile.
            if own.peek().is_some_and(|image| image.file.is_none()) {
                let files = thread.render(&self.folder, kind)?;
                own.zip(files).for_each(|(image, file)| image.file = Some(file));
            }
        }
        let mut block = Block::clone(block);
        for image in &mut block.images {
            let own = self.step.iter().find(|own| own.image.id == image.image.id && image.image.role == Role::Evolved);
            image.file = match own {
                Some(own) => own.file.clone().unwrap_or_else(|| Arc::from([])),
                None => self.reference_file(&image.image)?,
            };
        }
        self.block = Some(Arc::new(block));
        self.block_since = Instant::now();
        Ok(())
    }

    fn reference_file(&self, image: &Presented) -> Result<Arc<[u8]>, SessionError> {
        let geometry = self.threads[image.thread.unwrap_or(0)].geometry;
        let reference = self.references.iter().find(|reference| reference.id == image.id);
        let kind = self.config.session.dialect.kind();
        reference.map_or_else(|| Ok(Arc::from([])), |reference| reference.file(geometry, kind))
    }
}
