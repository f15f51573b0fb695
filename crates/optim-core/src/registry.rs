//! What methods there are: names, aliases, options, sources.

use strsim::levenshtein;

/// One entry of the [`registry`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MethodInfo {
    /// Name on the command line, in configurations and journals.
    pub name: &'static str,
    /// Published names, case-sensitive.
    pub aliases: &'static [&'static str],
    /// What it is, in one line.
    pub about: &'static str,
    /// Author, year, code base.
    pub source: &'static str,
    /// Its options; defaults are those of the configuration.
    pub options: &'static [OptionInfo],
    /// Whether the method uses nothing of the scores but their order.
    pub rank_based: bool,
}

/// An option of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionInfo {
    /// Name, as in the reference.
    pub name: &'static str,
    /// What it sets.
    pub about: &'static str,
}

const fn option(name: &'static str, about: &'static str) -> OptionInfo {
    OptionInfo { name, about }
}

const POPULATION: OptionInfo = option("population_size", "codes a generation");

const CHOLESKY: &[OptionInfo] = &[
    POPULATION,
    option("init_sigma", "initial step size"),
    option(
        "Aupdate_freq",
        "generations that must have passed before the factor is updated (10: every 11th); none: from c1",
    ),
    option("cc", "learning rate of the evolution path; none: 4 / (N + 4)"),
    option("cs", "learning rate of the step-size path; none: from mueff and N"),
    option("c1", "learning rate of the covariance; none: 2 / (N + sqrt 2)^2"),
];

const SPHERE: &[OptionInfo] = &[
    POPULATION,
    option("select_size", "best samples that are recombined; none: half the population"),
    option("lr", "step along the great circle to the recombined mean; 1 lands on it"),
    option("sphere_norm", "radius of the sphere of codes"),
    option("schedule_mode", "schedule of angles: exp, inv or lin"),
    option("n_gen", "length of the schedule in generations; none: the length of the run"),
    option("lim", "first and last angle of exp and lin, in degrees"),
    option("rankbasis", "rank the base point too"),
    option("rankweight", "weights by rank; false: by score difference"),
];

const GENETIC: &[OptionInfo] = &[
    POPULATION,
    option("mutation_rate", "probability that a gene mutates"),
    option("mutation_size", "standard deviation of a mutation"),
    option("kT_multiplier", "selection temperature in standard deviations of the scores"),
    option("parental_skew", "probability that a gene comes from the first parent"),
    option("n_conserve", "best codes that pass on unchanged; none: a quarter of the population"),
];

const RANDOM: &[OptionInfo] = &[POPULATION, option("norm", "norm of every code")];

const ACTMAX: &str = "Wang and Ponce 2022, ActMax-Optimizer-Dev";

const REGISTRY: &[MethodInfo] = &[
    MethodInfo {
        name: "cholesky-cmaes",
        aliases: &["CholeskyCMAES"],
        about: "CMA-ES with a Cholesky factor, step-size adaptation and rank-one updates",
        source: ACTMAX,
        options: CHOLESKY,
        rank_based: true,
    },
    MethodInfo {
        name: "sphere-cma",
        aliases: &["SphereCMA", "ZOHA_Sphere_exp"],
        about: "evolution strategy on a sphere of codes, angles shrinking exponentially",
        source: ACTMAX,
        options: SPHERE,
        rank_based: true,
    },
    MethodInfo {
        name: "sphere-cma-inv",
        aliases: &["ZOHA_Sphere_inv"],
        about: "evolution strategy on a sphere of codes, angles shrinking as 1/generation",
        source: ACTMAX,
        options: SPHERE,
        rank_based: true,
    },
    MethodInfo {
        name: "sphere-cma-lin",
        aliases: &["ZOHA_Sphere_lin"],
        about: "evolution strategy on a sphere of codes, angles shrinking linearly",
        source: ACTMAX,
        options: SPHERE,
        rank_based: true,
    },
    MethodInfo {
        name: "genetic",
        aliases: &["Genetic"],
        about: "genetic algorithm with conserved best codes",
        source: "Xiao and Kreiman 2020; Wang and Ponce 2022, ActMax-Optimizer-Dev",
        options: GENETIC,
        rank_based: false,
    },
    MethodInfo {
        name: "random-search",
        aliases: &[],
        about: "independent random directions at a fixed norm, the control",
        source: "own",
        options: RANDOM,
        rank_based: true,
    },
];

/// All methods, in the order in which they are listed to users.
#[must_use]
pub fn registry() -> &'static [MethodInfo] {
    REGISTRY
}

/// The entry of that name or alias.
pub(crate) fn find(name: &str) -> Option<&'static MethodInfo> {
    REGISTRY.iter().find(|info| info.name == name || info.aliases.contains(&name))
}

/// Up to three of `known` that resemble `name`, most similar first.
pub(crate) fn nearest(name: &str, known: &[String]) -> Vec<String> {
    let wanted = name.to_lowercase();
    let mut close: Vec<(usize, &String)> = known.iter().map(|k| (levenshtein(&wanted, &k.to_lowercase()), k)).collect();
    close.retain(|(distance, k)| {
        *distance <= wanted.len().max(k.len()).div_ceil(2).min(4) || k.to_lowercase().starts_with(&wanted)
    });
    close.sort();
    close.into_iter().take(3).map(|(_, k)| k.clone()).collect()
}
