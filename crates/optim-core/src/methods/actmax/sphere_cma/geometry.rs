//! Steps on a sphere around the origin.

use crate::linalg::{axpy, dot, norm, scale};

/// Replaces a normal vector `u` by the point of the sphere around 0 through `base` that lies in the
/// direction of `mu u`, projected to the tangent space at `base`, at the distance of its length.
pub(super) fn exponential_map(base: &[f64], base_norm: f64, mu: f64, u: &mut [f64]) {
    let along = dot(u, base) / (base_norm * base_norm);
    axpy(-along, base, u);
    scale(mu, u);
    let angle = norm(u);
    if angle == 0.0 {
        u.copy_from_slice(base);
        return;
    }
    let (sin, cos) = angle.sin_cos();
    let (toward_base, toward_u) = (cos, base_norm * sin / angle);
    for (x, b) in u.iter_mut().zip(base) {
        *x = toward_base * b + toward_u * *x;
    }
}

/// Spherical interpolation from `from` (t = 0) through `to` (t = 1); `to` where they span no circle.
pub(super) fn slerp(from: &[f64], to: &[f64], t: f64, out: &mut [f64]) {
    let cosine = dot(from, to) / (norm(from) * norm(to));
    let angle = cosine.clamp(-1.0, 1.0).acos();
    let sine = angle.sin();
    // At an angle of pi the sine is a rounding error, and every circle through both would do.
    if sine <= 1e-12 || sine.is_nan() {
        out.copy_from_slice(to);
        return;
    }
    let (a, b) = (((1.0 - t) * angle).sin() / sine, (t * angle).sin() / sine);
    for ((x, f), g) in out.iter_mut().zip(from).zip(to) {
        *x = a * f + b * g;
    }
}
