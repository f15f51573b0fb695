//! Arbitrary options and arbitrary sequences of calls, over every registered method.
//!
//! What must hold: nothing panics; asked codes are finite and of the method's dimension; asking again gives
//! the same bits and the same state; a refused call changes nothing; a valid `tell` is accepted; a restored
//! state asks what the original asks.
#![no_main]

use arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use optim_core::{AnyOptimizer, Method, MethodInfo, Optimizer, Population, Stream, registry, stream_rng};

const MOST_CALLS: usize = 60;
const MOST_CODES: usize = 8;
/// Methods may change their ways with the dimension, the diagonal CMA-ES above 299.
const LARGE_DIM: usize = 301;

fuzz_target!(|data: &[u8]| {
    // Running out of bytes ends a sequence.
    let _ = sequence(&mut Unstructured::new(data));
});

fn sequence(u: &mut Unstructured) -> Result<()> {
    let Some((what, info, optimizer)) = build(u)? else { return Ok(()) };
    let (codes, seed) = (Population::new(optimizer.dim()), u.arbitrary()?);
    let mut session = Session { what, info, codes, asked: false, optimizer, seed };
    for _ in 0..MOST_CALLS {
        if u.is_empty() {
            break;
        }
        match u.int_in_range(0..=9)? {
            0 => session.start_from(u)?,
            1 => session.ask_twice(),
            2 => session.tell_anything(u)?,
            3 => session.tell_changed(u)?,
            4 => session.restore(),
            5 => session.look(),
            6 => session.ask(),
            _ => session.generation(u)?,
        }
    }
    session.generation(u)
}

/// A method with options, valid or not, and what it is in words; none if they were refused.
fn build(u: &mut Unstructured) -> Result<Option<(String, &'static MethodInfo, AnyOptimizer)>> {
    let info = registry()[u.choose_index(registry().len())?];
    let dim = if u.ratio(1, 24)? { LARGE_DIM } else { u.int_in_range(0..=12)? };
    let mut options = vec![(info.size_option.to_owned(), u.int_in_range(0..=12)?.to_string())];
    for _ in 0..u.int_in_range(0..=4)? {
        let name = u.choose(info.options)?.name;
        options.push((name.to_owned(), value(u)?));
    }
    let Ok(method) = Method::with_options(info.name, &options) else { return Ok(None) };
    let method = if u.arbitrary()? { method.for_generations(u.int_in_range(0..=80)?) } else { method };
    let norm = if u.ratio(1, 4)? { Some(u.arbitrary::<f64>()?) } else { None };
    let Ok(method) = norm.map_or(Ok(method.clone()), |norm| method.with_norm(norm, dim)) else { return Ok(None) };
    let what = format!("{} N={dim} {options:?} norm {norm:?}", info.name);
    Ok(method.build(dim).ok().map(|optimizer| (what, info, optimizer)))
}

/// An option's value as text. Whole numbers stay small: a population of 10^9 is a valid one.
fn value(u: &mut Unstructured) -> Result<String> {
    Ok(match u.int_in_range(0..=7)? {
        0 => u.int_in_range(-3..=50)?.to_string(),
        1 => format!("{:?}", f64::from(u.int_in_range(-8..=40)?) / 8.0),
        2 => format!("{:?}", f64::from_bits(u.arbitrary()?)),
        3 => (*u.choose(&["1e-300", "1e300", "5e-324", "1.7976931348623157e308", "-0.0", "1e100"])?).to_owned(),
        4 => "none".to_owned(),
        5 => u.arbitrary::<bool>()?.to_string(),
        6 => format!("{:?},{:?}", real(u)?, real(u)?),
        _ => (*u.choose(&["exp", "inv", "lin", "", "[]", "{}", "[1,2,3]"])?).to_owned(),
    })
}

/// A number: of usual size, extreme, or any bits.
fn real(u: &mut Unstructured) -> Result<f64> {
    const EXTREMES: [f64; 10] =
        [0.0, -0.0, 1e-300, 5e-324, 1e150, -1e150, f64::MAX, f64::MIN, f64::INFINITY, f64::NEG_INFINITY];
    Ok(match u.int_in_range(0..=5)? {
        0..=2 => f64::from(u.arbitrary::<i16>()?) / 256.0,
        3 => *u.choose(&EXTREMES)?,
        4 => f64::NAN,
        _ => f64::from_bits(u.arbitrary()?),
    })
}

fn reals(u: &mut Unstructured, n: usize) -> Result<Vec<f64>> {
    (0..n).map(|_| real(u)).collect()
}

struct Session {
    what: String,
    info: &'static MethodInfo,
    optimizer: AnyOptimizer,
    seed: u64,
    /// The codes asked last.
    codes: Population,
    /// Whether they wait to be told.
    asked: bool,
}

impl Session {
    fn state(&self) -> Vec<u8> {
        postcard::to_stdvec(&self.optimizer).expect("every state is serialisable")
    }

    fn ask(&mut self) {
        let mut rng = stream_rng(self.seed, Stream::Method, self.optimizer.generation());
        self.optimizer.ask(&mut rng, &mut self.codes);
        self.asked = true;
        assert_eq!(self.codes.dim(), self.optimizer.dim());
        assert!(!self.codes.is_empty(), "{}: no codes", self.what);
        let finite = self.codes.as_slice().iter().all(|x| x.is_finite());
        assert!(finite, "{}: codes that are not finite in generation {}", self.what, self.optimizer.generation());
    }

    fn ask_twice(&mut self) {
        self.ask();
        let (state, codes) = (self.state(), self.codes.clone());
        self.ask();
        assert_eq!(bits(&codes), bits(&self.codes), "{}: asking again gives other codes", self.what);
        assert_eq!(state, self.state(), "{}: asking again gives another state", self.what);
    }

    fn generation(&mut self, u: &mut Unstructured) -> Result<()> {
        self.ask();
        let codes = self.codes.clone();
        let scores = scores(u, &codes)?;
        self.tell(&codes, &scores);
        Ok(())
    }

    /// Tells, and checks what the contract says of it.
    fn tell(&mut self, codes: &Population, scores: &[f64]) {
        let (before, generation) = (self.state(), self.optimizer.generation());
        let valid = self.asked
            && codes.matrix().shape() == self.codes.matrix().shape()
            && scores.len() == codes.len()
            && (self.info.carries_all_nan || scores.iter().any(|s| !s.is_nan()))
            && codes.as_slice().iter().all(|x| x.is_finite());
        match self.optimizer.tell(codes, scores) {
            Ok(()) => {
                assert!(valid, "{}: a tell that does not fit was accepted", self.what);
                assert_eq!(self.optimizer.generation(), generation + 1);
                self.asked = false;
                self.look();
            }
            Err(error) => {
                assert!(!valid, "{}: a valid tell was refused: {error}", self.what);
                assert_eq!(before, self.state(), "{}: a refused tell changed the state", self.what);
            }
        }
    }

    /// Codes and scores of any shape, with or without having asked.
    fn tell_anything(&mut self, u: &mut Unstructured) -> Result<()> {
        let dim = if u.arbitrary()? { self.codes.dim() } else { u.int_in_range(1..=4)? };
        let n = u.int_in_range(0..=MOST_CODES)?;
        let codes = if u.arbitrary()? { self.codes.clone() } else { Population::zeros(dim, n) };
        let m = if u.arbitrary()? { codes.len() } else { u.int_in_range(0..=MOST_CODES)? };
        let scores = reals(u, m)?;
        self.tell(&codes, &scores);
        Ok(())
    }

    /// The asked codes with a few values put in their place: rounded, clipped, broken.
    fn tell_changed(&mut self, u: &mut Unstructured) -> Result<()> {
        self.ask();
        let mut codes = self.codes.clone();
        if u.ratio(1, 4)? {
            codes.as_mut_slice().iter_mut().for_each(|x| *x = x.round());
        }
        if u.ratio(1, 8)? {
            let all = real(u)?;
            codes.as_mut_slice().fill(all);
        }
        for _ in 0..u.int_in_range(0..=3)? {
            let place = u.choose_index(codes.as_slice().len())?;
            codes.as_mut_slice()[place] = real(u)?;
        }
        let scores = scores(u, &codes)?;
        self.tell(&codes, &scores);
        Ok(())
    }

    fn start_from(&mut self, u: &mut Unstructured) -> Result<()> {
        let dim = if u.ratio(7, 8)? { self.optimizer.dim() } else { u.int_in_range(1..=4)? };
        let n = u.int_in_range(0..=MOST_CODES)?;
        let values = reals(u, dim.min(16) * n)?;
        let mut codes = Population::zeros(dim, n);
        for (slot, value) in codes.as_mut_slice().iter_mut().zip(values) {
            *slot = value;
        }
        let before = self.state();
        if self.optimizer.start_from(&codes).is_err() {
            assert_eq!(before, self.state(), "{}: refused initial codes changed the state", self.what);
        } else {
            assert!(
                codes.as_slice().iter().all(|x| x.is_finite()),
                "{}: initial codes that are not finite were taken",
                self.what
            );
        }
        Ok(())
    }

    /// Goes on with a restored copy, which must ask what the original asks.
    fn restore(&mut self) {
        let state = self.state();
        let restored: AnyOptimizer = postcard::from_bytes(&state).expect("a saved state is restored");
        let mut original = std::mem::replace(&mut self.optimizer, restored);
        assert_eq!(state, self.state(), "{}: a restored state differs", self.what);
        if !self.asked {
            self.ask();
            let mut codes = Population::new(original.dim());
            original.ask(&mut stream_rng(self.seed, Stream::Method, original.generation()), &mut codes);
            assert_eq!(bits(&codes), bits(&self.codes), "{}: a restored state asks for other codes", self.what);
        }
    }

    fn look(&self) {
        let recommended = self.optimizer.recommend();
        assert_eq!(recommended.len(), self.optimizer.dim());
        assert!(recommended.iter().all(|x| x.is_finite()), "{}: a recommendation that is not finite", self.what);
        let told = self.optimizer.generation() > 0;
        let unknown = self.info.carries_all_nan && told;
        assert!(unknown || self.optimizer.incumbent().is_some() == told, "{}: incumbent", self.what);
        let _ = self.optimizer.diagnostics();
    }
}

/// Scores that follow the codes, tie, or are anything.
fn scores(u: &mut Unstructured, codes: &Population) -> Result<Vec<f64>> {
    let scale = f64::from(i8::arbitrary(u)?);
    let linear = |z: &[f64]| z.iter().zip(1..).map(|(x, k)| x * f64::from(k).cos()).sum::<f64>();
    Ok(match u.int_in_range(0..=4)? {
        0 => codes.iter().map(|z| scale * linear(z)).collect(),
        1 => codes.iter().map(|z| 1e300 * scale * linear(z)).collect(),
        2 => codes.iter().map(|z| z.iter().map(|x| (x - 1.0) * (1.0 - x)).sum()).collect(),
        3 => vec![scale; codes.len()],
        _ => reals(u, codes.len())?,
    })
}

fn bits(codes: &Population) -> Vec<u64> {
    codes.as_slice().iter().map(|x| x.to_bits()).collect()
}
