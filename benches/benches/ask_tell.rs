//! Cost of ask + tell a generation at N = 4096 (and 512), averaged over a run of 75 generations,
//! beside the bare drawing of the 40 N normals of a generation.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use optim_core::{Method, Optimizer, Population, Stream, registry, stream_rng};
use rand_distr::{Distribution, StandardNormal};

const GENERATIONS: u64 = 75;
const LAMBDA: usize = 40;

/// One whole run on a linear objective that costs next to nothing.
fn run(method: &Method, dim: usize, codes: &mut Population, scores: &mut Vec<f64>) {
    let mut optimizer = method.build(dim).expect("default options are in range");
    for generation in 0..GENERATIONS {
        optimizer.ask(&mut stream_rng(1, Stream::Method, generation), codes);
        scores.clear();
        scores.extend(codes.iter().map(|z| z[0] + 0.5 * z[1]));
        optimizer.tell(codes, scores).expect("finite scores are accepted");
    }
}

fn draw(dim: usize, out: &mut [f64]) {
    for generation in 0..GENERATIONS {
        let mut rng = stream_rng(1, Stream::Method, generation);
        for x in &mut out[..dim * LAMBDA] {
            *x = StandardNormal.sample(&mut rng);
        }
        std::hint::black_box(&out);
    }
}

fn bench(criterion: &mut Criterion) {
    for dim in [512, 4096] {
        let mut group = criterion.benchmark_group(format!("75 generations, N = {dim}"));
        group.sample_size(20);
        let mut normals = vec![0.0; dim * LAMBDA];
        group.bench_function("bare draws", |b| b.iter(|| draw(dim, &mut normals)));
        for info in registry() {
            let method = Method::from_name(info.name).expect("registered");
            let (mut codes, mut scores) = (Population::new(dim), Vec::new());
            group.bench_function(BenchmarkId::from_parameter(info.name), |b| {
                b.iter(|| run(&method, dim, &mut codes, &mut scores));
            });
        }
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
