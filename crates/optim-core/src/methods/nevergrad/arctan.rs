//! The arctangent coordinates of nevergrad's PSO, by kernels without branches that the compiler vectorises: the
//! library's functions, called number by number, would take most of a generation's time.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

/// `y = 1/2 + atan(x) / pi`, within 2e-15 of the exact value.
pub(super) fn to_unit(x: &[f64], y: &mut [f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = 0.5 + arctan(*x) / PI;
    }
}

/// `y` in [0, 1] becomes `tan(pi (y - 1/2))`, in place; the ends become infinities.
pub(super) fn from_unit(y: &mut [f64]) {
    for y in y {
        *y = tan_pi(*y - 0.5);
    }
}

/// Arctangent: reduced to `|t| <= 0.66` by `atan(a) = pi/4 + atan((a - 1) / (a + 1)) = pi/2 - atan(1 / a)`, then the
/// rational approximation of the Cephes library (Moshier 1989).
fn arctan(x: f64) -> f64 {
    const P: [f64; 5] = [
        -8.750_608_600_031_904e-1,
        -1.615_753_718_733_365e1,
        -7.500_855_792_314_705e1,
        -1.228_866_684_490_136_1e2,
        -6.485_021_904_942_025e1,
    ];
    const Q: [f64; 6] = [
        1.0,
        2.485_846_490_142_306_4e1,
        1.650_270_098_316_988_6e2,
        4.328_810_604_912_903e2,
        4.853_903_996_359_137e2,
        1.945_506_571_482_614e2,
    ];
    let a = x.abs();
    let (large, middle) = (a > 2.414_213_562_373_095, a > 0.66);
    let numerator = if large {
        -1.0
    } else if middle {
        a - 1.0
    } else {
        a
    };
    let denominator = if large {
        a
    } else if middle {
        a + 1.0
    } else {
        1.0
    };
    let offset = if large {
        FRAC_PI_2
    } else if middle {
        FRAC_PI_4
    } else {
        0.0
    };
    let t = numerator / denominator;
    let z = t * t;
    (offset + (t + t * (z * horner(z, &P) / horner(z, &Q)))).copysign(x)
}

/// `tan(pi u)` for `|u| <= 1/2`: sine over cosine on the first eighth of a turn, cosine over sine on the second, with the
/// polynomials of fdlibm (Sun Microsystems 1993).
fn tan_pi(u: f64) -> f64 {
    const S: [f64; 6] = [
        1.589_690_995_211_55e-10,
        -2.505_076_025_340_686_3e-8,
        2.755_731_370_707_006_8e-6,
        -1.984_126_982_985_795e-4,
        8.333_333_333_322_49e-3,
        -1.666_666_666_666_663_2e-1,
    ];
    const C: [f64; 6] = [
        -1.135_964_755_778_819_5e-11,
        2.087_572_321_298_175e-9,
        -2.755_731_435_139_066_3e-7,
        2.480_158_728_947_673e-5,
        -1.388_888_888_887_411e-3,
        4.166_666_666_666_66e-2,
    ];
    let turns = u.abs();
    let steep = turns > 0.25;
    let angle = PI * if steep { 0.5 - turns } else { turns };
    let z = angle * angle;
    let sine = angle + angle * z * horner(z, &S);
    let cosine = 1.0 - 0.5 * z + z * z * horner(z, &C);
    let (numerator, denominator) = if steep { (cosine, sine) } else { (sine, cosine) };
    (numerator / denominator).copysign(u)
}

/// A polynomial, highest power first.
#[inline(always)]
fn horner<const N: usize>(x: f64, coefficients: &[f64; N]) -> f64 {
    let mut sum = coefficients[0];
    for coefficient in &coefficients[1..] {
        sum = sum * x + coefficient;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::{arctan, from_unit, tan_pi, to_unit};

    #[test]
    fn the_arctangent_is_that_of_the_library() {
        let near = (0..200_000).map(|i| f64::from(i) * 1e-4);
        let far = (0..700).flat_map(|i| [10f64.powf(f64::from(i) / 10.0 - 60.0), 10f64.powi(i - 320)]);
        for x in near.chain(far).chain([0.0, f64::MAX, 0.66, 2.414_213_562_373_095]) {
            for x in [x, -x] {
                assert!((arctan(x) - x.atan()).abs() <= 4e-16 * x.atan().abs(), "{x}: {}", arctan(x));
            }
        }
    }

    #[test]
    fn the_tangent_is_that_of_the_library() {
        for i in -4900..=4900 {
            let u = f64::from(i) * 1e-4;
            let expected = (u * std::f64::consts::PI).tan();
            // The library's argument is rounded: near the pole its error grows with the tangent.
            let allowed = 4e-16 * expected.abs() * (2.0 + expected.abs());
            assert!((tan_pi(u) - expected).abs() <= allowed, "{u}: {} {expected}", tan_pi(u));
        }
        assert_eq!((tan_pi(0.5), tan_pi(-0.5), tan_pi(0.0)), (f64::INFINITY, f64::NEG_INFINITY, 0.0));
    }

    #[test]
    fn there_and_back_is_where_it_was() {
        let x: Vec<f64> = (-600..=600).map(|i| f64::from(i) / 100.0).collect();
        let mut y = x.clone();
        to_unit(&x, &mut y);
        assert!(y.iter().all(|y| (0.05..0.95).contains(y)));
        from_unit(&mut y);
        assert!(x.iter().zip(&y).all(|(x, y)| (x - y).abs() <= 2e-14 * x.abs() + 4e-16), "{y:?}");
    }
}
