//! Where methods come from, as the registry says it.

pub(super) const ACTMAX: &str = "Wang and Ponce 2022, ActMax-Optimizer-Dev";
pub(super) const EVOSAX: &str = "Salimans et al. 2017, evosax 0.3.0";
pub(super) const PYCMA: &str = "Hansen, Akimoto and Baudis 2020, pycma 3.0.3";
pub(super) const UH_CMA: &str = "Hansen, Niederberger, Guzzella and Koumoutsakos 2009, pycma 3.0.3";
pub(super) const NEVERGRAD: &str = "Rapin and Teytaud 2018, nevergrad 0.4.2.post5";
pub(super) const CMAES: &str = "Nomura, Akimoto and Ono 2023, cmaes 0.13.0";
pub(super) const CRFMNES: &str = "Nomura and Ono 2022, crfmnes 1.0.0";
pub(super) const PYPOP7: &str = "Loshchilov, Glasmachers and Beyer 2017, pypop7 0.0.82";
pub(super) const XDREAM: &str = "Xiao and Kreiman 2020, XDream";
