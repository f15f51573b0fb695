//! Trajectory PCA, geometry statistics and figures of activation-maximization runs.
