//! Two things at once.

/// Does `work` on this thread and `aside` on another one, or after it where that is not wanted or the
/// system has no thread to give.
pub(crate) fn beside<T>(wanted: bool, work: impl FnOnce() -> T, aside: impl FnOnce() + Send) -> T {
    if !wanted {
        let done = work();
        aside();
        return done;
    }
    let mut aside = Some(aside);
    let done = std::thread::scope(|scope| {
        let aside = &mut aside;
        let run = move || aside.take().into_iter().for_each(|aside| aside());
        let _ = std::thread::Builder::new().name("beside the objective".into()).spawn_scoped(scope, run);
        work()
    });
    aside.into_iter().for_each(|aside| aside());
    done
}

#[cfg(test)]
mod tests {
    use super::beside;

    #[test]
    fn both_are_done_and_the_work_is_returned() {
        for wanted in [false, true] {
            let mut aside = 0;
            assert_eq!(beside(wanted, || 7, || aside += 1), 7);
            assert_eq!(aside, 1, "with a thread: {wanted}");
        }
    }
}
