//! What methods there are.

use crate::methods::actmax::{AngleSchedule, SphereCmaConfig, cholesky_cmaes, genetic, random_search, sphere_cma};
use crate::methods::cmaes;
use crate::methods::crfmnes;
use crate::methods::evosax::open_es;
use crate::methods::nevergrad::{self, Crossover, NgCmaConfig, NgDeConfig};
use crate::methods::polar_es;
use crate::methods::pycma::{cma, diagonal_cma, uh_cma};
use crate::methods::{pypop7, xdream};
use crate::{Method, MethodInfo};

/// The registry, and the methods with their default options.
macro_rules! registered {
    ($($info:expr => $variant:ident($options:expr),)*) => {
        static REGISTRY: &[&MethodInfo] = &[$(&$info,)*];
        static DEFAULTS: &[fn() -> Method] = &[$(|| Method::$variant($options),)*];
    };
}

registered! {
    cholesky_cmaes::INFO => CholeskyCmaes(Default::default()),
    sphere_cma::EXP => SphereCma(SphereCmaConfig::with_schedule(AngleSchedule::Exp)),
    sphere_cma::INV => SphereCma(SphereCmaConfig::with_schedule(AngleSchedule::Inv)),
    sphere_cma::LIN => SphereCma(SphereCmaConfig::with_schedule(AngleSchedule::Lin)),
    polar_es::INFO => PolarEs(Default::default()),
    polar_es::SAVAGE => PolarEsSavage(Default::default()),
    crfmnes::INFO => CrFmNes(Default::default()),
    open_es::INFO => OpenEs(Default::default()),
    pypop7::INFO => LmMaEs(Default::default()),
    genetic::INFO => Genetic(Default::default()),
    cma::INFO => Cma(Default::default()),
    diagonal_cma::INFO => DiagonalCma(Default::default()),
    uh_cma::INFO => UhCma(Default::default()),
    cmaes::INFO => LraCma(Default::default()),
    random_search::INFO => RandomSearch(Default::default()),
    nevergrad::de::DE => NgDe(Default::default()),
    nevergrad::de::TWO_POINTS_DE => NgDe(NgDeConfig { crossover: Crossover::TwoPoints, ..NgDeConfig::default() }),
    nevergrad::es::INFO => NgEs(Default::default()),
    nevergrad::pso::INFO => NgPso(Default::default()),
    nevergrad::one_plus_one::INFO => NgOnePlusOne(Default::default()),
    nevergrad::tbpsa::INFO => NgTbpsa(Default::default()),
    nevergrad::random_search::INFO => NgRandomSearch(Default::default()),
    nevergrad::ngopt::INFO => NgNgopt(Default::default()),
    nevergrad::cma::CMA => NgCma(Default::default()),
    nevergrad::cma::DIAGONAL_CMA => NgCma(NgCmaConfig { diagonal: true, ..NgCmaConfig::default() }),
    nevergrad::rescaled_cma::INFO => NgRescaledCma(Default::default()),
    nevergrad::sqpcma::INFO => NgSqpcma(Default::default()),
    xdream::genetic::INFO => XdreamGenetic(Default::default()),
    xdream::fdgd::INFO => XdreamFdgd(Default::default()),
    xdream::nes::INFO => XdreamNes(Default::default()),
}

/// All methods, in the order in which they are listed to users.
#[must_use]
pub fn registry() -> &'static [&'static MethodInfo] {
    REGISTRY
}

/// The method of that name or alias with its default options.
pub(crate) fn default_method(name: &str) -> Option<Method> {
    let is = |info: &&MethodInfo| info.name == name || info.aliases.contains(&name);
    REGISTRY.iter().position(is).map(|index| DEFAULTS[index]())
}
