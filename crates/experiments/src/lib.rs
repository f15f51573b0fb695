//! The evolution loop: budgets, noise, observers, run records.
