//! Which optimizer of a peer stands beside which method.

use optim_core::{Method, registry};

/// A library that is run beside ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Peer {
    /// pycma 3.0.3
    Pycma,
    /// nevergrad 0.4.2.post5
    Nevergrad,
    /// evosax 0.3.2 on JAX, CPU
    Evosax,
}

impl Peer {
    pub(super) const ALL: [Self; 3] = [Self::Pycma, Self::Nevergrad, Self::Evosax];

    /// The Python environment that it runs in.
    pub(super) fn environment(self) -> &'static str {
        match self {
            Self::Pycma | Self::Nevergrad => "numpy",
            Self::Evosax => "jax",
        }
    }

    /// Its name in `run.py`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Pycma => "pycma",
            Self::Nevergrad => "nevergrad",
            Self::Evosax => "evosax",
        }
    }
}

/// One of theirs beside one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) peer: Peer,
    pub(super) theirs: &'static str,
    pub(super) ours: &'static str,
    /// Whether ours is a port of theirs; else they are of one kind, and only their costs compare.
    pub(super) port: bool,
}

const fn port(peer: Peer, theirs: &'static str, ours: &'static str) -> Pair {
    Pair { peer, theirs, ours, port: true }
}

const fn kin(peer: Peer, theirs: &'static str, ours: &'static str) -> Pair {
    Pair { peer, theirs, ours, port: false }
}

pub(super) const PAIRS: [Pair; 19] = [
    port(Peer::Pycma, "pycma", "cma"),
    port(Peer::Pycma, "pycmaDiagonal", "diagonal-cma"),
    port(Peer::Nevergrad, "DE", "ng-de"),
    port(Peer::Nevergrad, "TwoPointsDE", "ng-two-points-de"),
    port(Peer::Nevergrad, "ES", "ng-es"),
    port(Peer::Nevergrad, "PSO", "ng-pso"),
    port(Peer::Nevergrad, "OnePlusOne", "ng-one-plus-one"),
    port(Peer::Nevergrad, "TBPSA", "ng-tbpsa"),
    port(Peer::Nevergrad, "RandomSearch", "ng-random-search"),
    port(Peer::Nevergrad, "CMA", "ng-cma"),
    port(Peer::Nevergrad, "DiagonalCMA", "ng-diagonal-cma"),
    port(Peer::Nevergrad, "RescaledCMA", "ng-rescaled-cma"),
    port(Peer::Nevergrad, "SQPCMA", "ng-sqpcma"),
    port(Peer::Nevergrad, "NGOpt", "ng-ngopt"),
    kin(Peer::Evosax, "Open_ES", "cholesky-cmaes"),
    kin(Peer::Evosax, "Sep_CMA_ES", "diagonal-cma"),
    kin(Peer::Evosax, "SimpleGA", "genetic"),
    kin(Peer::Evosax, "DifferentialEvolution", "ng-de"),
    kin(Peer::Evosax, "PSO", "ng-pso"),
];

impl Pair {
    /// The pairs of these peers (all of them if none is given) in which one of `names` occurs (any if
    /// none is given).
    pub(super) fn chosen(peers: &[Peer], names: &[String]) -> Vec<Self> {
        let named = |pair: &Pair| names.iter().any(|name| name == pair.theirs || name == pair.ours);
        let wanted =
            |pair: &&Pair| (peers.is_empty() || peers.contains(&pair.peer)) && (names.is_empty() || named(pair));
        PAIRS.iter().filter(wanted).copied().collect()
    }

    /// Place of our method in the registry, if it is there.
    pub(super) fn place(&self) -> Option<usize> {
        let method = Method::from_name(self.ours).ok()?;
        registry().iter().position(|info| info.name == method.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_chosen_by_peer_and_by_either_name() {
        assert_eq!(Pair::chosen(&[], &[]).len(), PAIRS.len());
        assert!(Pair::chosen(&[Peer::Evosax], &[]).iter().all(|pair| !pair.port));
        let either = Pair::chosen(&[], &["SimpleGA".to_owned(), "ng-es".to_owned()]);
        assert_eq!(either.iter().map(|pair| pair.theirs).collect::<Vec<_>>(), ["ES", "SimpleGA"]);
        assert!(Pair::chosen(&[Peer::Pycma], &["ng-es".to_owned()]).is_empty());
    }
}
