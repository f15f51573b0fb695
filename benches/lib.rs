//! Benchmarks of the optimizers and of the evolution loop; see `benches/`.
