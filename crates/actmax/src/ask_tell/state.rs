//! A session as text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use optim_core::{AnyOptimizer, Method, Optimizer};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use xxhash_rust::xxh3::xxh3_64;

/// What every state begins with; its version follows, then a colon and base64 of the checksum and the
/// postcard of [`Stored`].
const MAGIC: &str = "actmax-ask-tell-";
const VERSION: u32 = 1;

/// Why a text is no state that can be continued.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StateError {
    /// Not what `save` gave.
    #[error("this is no state that 'save' gave: it begins with {MAGIC}{VERSION}:")]
    NotAState,
    /// Of another version.
    #[error("the state is of version {found}, this program reads version {VERSION}")]
    Version {
        /// The state's version, as written.
        found: String,
    },
    /// Cut off or changed.
    #[error("the state is damaged: it was cut off or changed on the way")]
    Damaged,
    /// Its parts are not of one session.
    #[error("the state is of a method that this program does not have")]
    OtherMethod,
    /// The method's state has no such form.
    #[error("the state cannot be written: {0}")]
    Unwritable(postcard::Error),
}

/// All of a session of `actmax ask-tell` but the codes that are out, which asking again gives.
#[derive(Debug)]
pub struct SavedSession {
    /// The method with its options.
    pub method: Method,
    /// Its state.
    pub optimizer: AnyOptimizer,
    /// Whether the client's scores are to become high; its losses become low otherwise.
    pub maximize: bool,
    /// Seed of all codes.
    pub seed: u64,
}

/// The stored form: a change is a new version.
#[derive(Serialize, Deserialize)]
struct Stored {
    seed: u64,
    generation: u64,
    maximize: bool,
    /// The method with its options, as JSON.
    method: String,
    optimizer: AnyOptimizer,
}

impl SavedSession {
    /// The session as text.
    ///
    /// # Errors
    /// If the state has no such form.
    pub fn encode(self) -> Result<String, StateError> {
        let stored = Stored {
            seed: self.seed,
            generation: self.optimizer.generation(),
            maximize: self.maximize,
            method: serde_json::to_string(&self.method).map_err(|_| StateError::OtherMethod)?,
            optimizer: self.optimizer,
        };
        let body = postcard::to_stdvec(&stored).map_err(StateError::Unwritable)?;
        let bytes = [&xxh3_64(&body).to_le_bytes()[..], &body].concat();
        Ok(format!("{MAGIC}{VERSION}:{}", STANDARD.encode(bytes)))
    }

    /// The session of a text that [`encode`](Self::encode) gave.
    ///
    /// # Errors
    /// If it is of another kind or version, damaged, or of a method that is not there.
    pub fn decode(text: &str) -> Result<Self, StateError> {
        let (version, body) =
            text.trim().strip_prefix(MAGIC).and_then(|rest| rest.split_once(':')).ok_or(StateError::NotAState)?;
        if version != VERSION.to_string() {
            return Err(StateError::Version { found: version.to_owned() });
        }
        let bytes = STANDARD.decode(body).map_err(|_| StateError::Damaged)?;
        let (checksum, body) = bytes.split_first_chunk().ok_or(StateError::Damaged)?;
        if u64::from_le_bytes(*checksum) != xxh3_64(body) {
            return Err(StateError::Damaged);
        }
        postcard::from_bytes(body).map_err(|_| StateError::OtherMethod).and_then(Self::check)
    }

    /// The session, if its parts belong together.
    fn check(stored: Stored) -> Result<Self, StateError> {
        let Stored { seed, generation, maximize, method, optimizer } = stored;
        let method: Method = serde_json::from_str(&method).map_err(|_| StateError::OtherMethod)?;
        let fresh = method.build(optimizer.dim()).map_err(|_| StateError::OtherMethod)?;
        let same_kind = std::mem::discriminant(&fresh) == std::mem::discriminant(&optimizer);
        if !same_kind || generation != optimizer.generation() {
            return Err(StateError::OtherMethod);
        }
        Ok(Self { method, optimizer, maximize, seed })
    }
}
