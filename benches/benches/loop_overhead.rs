//! What the evolution loop costs beside the objective: whole runs of 75 generations at N = 4096 on an
//! objective that costs next to nothing, with and without a journal, all codes kept.

use std::convert::Infallible;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use experiments::{Evolver, Goal, Journal, Keep, Noise, ObjectiveSpec, Provenance, RunSpec, StopRules};
use optim_core::{Method, Objective, Population};

const DIM: usize = 4096;

struct First;

impl Objective for First {
    type Error = Infallible;

    fn dim(&self) -> usize {
        DIM
    }

    fn evaluate(&mut self, codes: &Population, scores: &mut Vec<f64>) -> Result<(), Infallible> {
        scores.clear();
        scores.extend(codes.iter().map(|code| code[0]));
        Ok(())
    }
}

fn spec(method: &str) -> RunSpec {
    RunSpec {
        method: Method::from_name(method).expect("registered"),
        dim: DIM,
        seed: 1,
        generations: 75,
        noise: Noise::Multiplicative { level: 0.2 },
        goal: Goal::Maximize,
        objective: ObjectiveSpec::default(),
        initial_codes_sha256: None,
        reps: 1,
        stop: StopRules::default(),
        initial_norm: None,
    }
}

fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("75 generations, N = 4096");
    group.sample_size(10);
    let folder = tempfile::tempdir().expect("a temporary folder");
    for method in ["cholesky-cmaes", "sphere-cma"] {
        let spec = spec(method);
        let evolver = || Evolver::new(spec.optimizer(None).expect("defaults"), spec.plan()).expect("a valid plan");
        group.bench_function(BenchmarkId::new("no journal", method), |b| {
            b.iter_batched(evolver, |evolver| evolver.run(&mut First).expect("runs"), BatchSize::PerIteration);
        });
        let journal = folder.path().join("journal.jsonl");
        let with_journal = || {
            let _ = std::fs::remove_file(&journal);
            evolver()
                .with_journal(Journal::create(&journal, &spec, Keep::All, &Provenance::here()).expect("a new file"))
        };
        group.bench_function(BenchmarkId::new("journal", method), |b| {
            b.iter_batched(with_journal, |evolver| evolver.run(&mut First).expect("runs"), BatchSize::PerIteration);
        });
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
