//! Why a reproduction failed.

use thiserror::Error;

/// A reproduction could not be made, or what it compares differs by more than its rule allows.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct ReproductionError(#[from] anyhow::Error);
