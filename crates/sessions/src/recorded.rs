//! A session as its journal has it: what was shown, what came back, what the methods were told.

use std::collections::{HashMap, VecDeque};
use std::path::Path;

use experiments::{Evolution, EvolveError, Evolver, RunSpec, codes_xxh3};
use optim_core::Population;

use crate::block::{Block, Presented};
use crate::config::SessionConfig;
use crate::error::SessionError;
use crate::event::{Event, Row};
use crate::journal::{self, JOURNAL_FILE, Record};
use crate::matching::Names;
use crate::specs::offered_block;
use crate::standing::Standing;
use crate::target::Layout;

/// The events of a session, for those who read them. The session may go on meanwhile.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// What the session is to do.
    pub config: SessionConfig,
    /// What determines the codes of each thread.
    pub specs: Vec<RunSpec>,
    /// All events, oldest first.
    pub records: Vec<Record>,
    pub(crate) standing: Standing,
}

/// A response to one presentation of an image.
#[derive(Clone, Debug)]
pub struct Presentation<'a> {
    /// The block that showed the image.
    pub block: u32,
    /// The step of the block, from 0; none of a block that the journal does not offer.
    pub step: Option<u32>,
    /// The image; none if the rig's name means none of the block.
    pub image: Option<Presented>,
    /// What came.
    pub row: &'a Row,
    /// Whether it came after the block was closed, and changed nothing.
    pub late: bool,
    /// When the block was offered, in seconds since 1970 by the clock of this machine.
    pub offered_s: f64,
    /// When the response arrived, by the same clock.
    pub arrived_s: f64,
}

/// What a method was told of a generation.
#[derive(Clone, Debug)]
pub struct Told<'a> {
    /// The generation, from 0.
    pub generation: u32,
    /// Scores, one a code.
    pub scores: Vec<f64>,
    /// Responses behind each score.
    pub counts: &'a [u32],
    codes_xxh3: &'a str,
}

impl Recorded {
    /// Reads the journal of a session.
    ///
    /// # Errors
    /// If there is none, or it is damaged.
    pub fn read(folder: &Path) -> Result<Self, SessionError> {
        let records = journal::read(&folder.join(JOURNAL_FILE))?;
        let Some(Event::Begun { config, threads, .. }) = records.first().map(|record| &record.event) else {
            return Err(SessionError::NoBeginning);
        };
        let (config, specs) = (SessionConfig::parse(config)?, threads.clone());
        let mut standing = Standing::new(&config, &specs);
        records.iter().for_each(|record| standing.take(&record.event));
        Ok(Self { config, specs, records, standing })
    }

    /// Names and bins of the responses' values.
    #[must_use]
    pub fn layout(&self) -> Layout<'_> {
        self.standing.layout()
    }

    /// Names of the channels; of a rig that names none, `channel_0` and so on.
    #[must_use]
    pub fn channel_names(&self) -> Vec<String> {
        let name = |i: usize| {
            let name = self.layout().channels.and_then(|names| names.get(i));
            name.cloned().unwrap_or_else(|| format!("channel_{i}"))
        };
        (0..self.standing.values.unwrap_or(0) / self.layout().bins()).map(name).collect()
    }

    /// Names of the values of a response: channels, or channels with the edges of bins.
    #[must_use]
    pub fn value_names(&self) -> Vec<String> {
        let edges = self.layout().bins_ms.unwrap_or(&[]);
        let of_channel = |channel: String| match edges {
            [] | [_] => vec![channel],
            edges => edges.windows(2).map(|bin| format!("{channel}_{}-{}ms", bin[0], bin[1])).collect(),
        };
        self.channel_names().into_iter().flat_map(of_channel).collect()
    }

    /// The blocks that were offered, by number, without the files of their images.
    #[must_use]
    pub fn blocks(&self) -> HashMap<u32, (Block, f64)> {
        let block = |record: &Record| {
            let Event::Offered { block, step, images, order } = &record.event else { return None };
            let block = offered_block(self.config.session.dialect, *block, *step, images, order);
            Some((block.number, (block, record.unix_s)))
        };
        self.records.iter().filter_map(block).collect()
    }

    /// All responses in the order in which they came, also those whose names mean no image.
    #[must_use]
    pub fn presentations(&self) -> Vec<Presentation<'_>> {
        let blocks = self.blocks();
        let mut presentations = Vec::new();
        for Record { unix_s, event } in &self.records {
            let (number, responses, late) = match event {
                Event::Scored { block, responses } => (*block, responses, false),
                Event::Late { block, responses } => (*block, responses, true),
                _ => continue,
            };
            let offered = blocks.get(&number);
            let names = offered.map(|(block, _)| (block, Names::of(block, self.config.session.matching)));
            presentations.extend(responses.rows.iter().map(|row| {
                let found = names.as_ref().and_then(|(block, names)| Some(&block.images[names.find(&row.name)?].image));
                Presentation {
                    block: number,
                    step: offered.map(|(block, _)| block.step),
                    image: found.cloned(),
                    row,
                    late,
                    offered_s: offered.map_or(*unix_s, |(_, offered)| *offered),
                    arrived_s: *unix_s,
                }
            }));
        }
        presentations
    }

    /// What a thread's target makes of a response.
    #[must_use]
    pub fn score(&self, row: &Row, thread: usize) -> f64 {
        let values: Vec<f64> = row.values.iter().map(|value| value.0).collect();
        self.config.threads[thread].target.score(&values, self.layout())
    }

    /// What the method of a thread was told, generation by generation.
    pub fn told(&self, thread: usize) -> impl Iterator<Item = Told<'_>> {
        self.records.iter().filter_map(move |record| match &record.event {
            Event::Told { thread: number, generation, scores, counts, codes_xxh3 } if *number == thread => {
                let scores = scores.iter().map(|score| score.0).collect();
                Some(Told { generation: *generation, scores, counts, codes_xxh3 })
            }
            _ => None,
        })
    }

    /// Goes through a thread's generations again. `evolver` is one of the thread's specification that was asked nothing
    /// yet.
    #[must_use]
    pub fn replay<'a>(&'a self, thread: usize, evolver: Evolver<'a>) -> Replay<'a> {
        Replay { evolver, told: self.told(thread).collect() }
    }
}

/// The generations of a thread once more, checked against the journal.
pub struct Replay<'a> {
    evolver: Evolver<'a>,
    told: VecDeque<Told<'a>>,
}

impl<'a> Replay<'a> {
    /// Codes of the next generation, `N x lambda`, that the method was told scores of; after the last of them those of the
    /// generation that is out. None if the thread is over.
    ///
    /// # Errors
    /// If the method proposes other codes than the journal records.
    pub fn ask(&mut self) -> Result<Option<&Population>, EvolveError> {
        if self.evolver.ask()?.is_none() {
            return Ok(None);
        }
        if let Some(told) = self.told.front() {
            let found = codes_xxh3(self.evolver.codes());
            if found != told.codes_xxh3 {
                let (generation, recorded) = (told.generation, told.codes_xxh3.to_owned());
                return Err(EvolveError::NotReproduced { generation, recorded, found, differences: Vec::new() });
            }
        }
        Ok(Some(self.evolver.codes()))
    }

    /// Tells the method what it was told of these codes. None if that was nothing yet.
    ///
    /// # Errors
    /// If the method refuses the scores.
    pub fn tell(&mut self) -> Result<Option<Told<'a>>, EvolveError> {
        let Some(told) = self.told.pop_front() else { return Ok(None) };
        self.evolver.tell_after(0.0, &told.scores)?;
        Ok(Some(told))
    }

    /// All told generations at once.
    ///
    /// # Errors
    /// As [`ask`](Self::ask) and [`tell`](Self::tell).
    pub fn finish(mut self) -> Result<Evolution, EvolveError> {
        while !self.told.is_empty() {
            self.ask()?;
            self.tell()?;
        }
        self.evolver.finish()
    }
}
