//! How the work of a judgement grows with its text, in time of a processor: a busy machine stretches the
//! hours of a clock, and not what this thread computes.

use std::time::Duration;

use hotplex_guard::{Guard, GuardContext};
use rustix::time::{ClockId, clock_gettime};

/// What takes less is not measured: it is the clock's own grain, and first uses.
const GRAIN: Duration = Duration::from_millis(if cfg!(debug_assertions) { 20 } else { 2 });

/// Eight times the text may take thirty-two times as long: less than a square, and more than any noise.
const LONGER: usize = 8;
const FAIR: u32 = 32;

fn of_this_thread() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec.unsigned_abs() as u32)
}

/// What both judgements of a text take, the least of a few times.
pub(crate) fn effort(guard: &Guard, text: &str) -> Duration {
    let context = GuardContext::new("/home/dev/proj", "/home/dev", "dev");
    let times = (0..3).map(|_| {
        let before = of_this_thread();
        guard.check_command(text, &context);
        guard.check_prompt(text, &context);
        of_this_thread() - before
    });
    times.min().unwrap_or_default()
}

/// Makes a text of a size and another of eight times that, and says if the longer one takes more than its
/// share. What seems slow is asked again: other programs share the caches.
pub(crate) fn unfair(guard: &Guard, size: usize, text: impl Fn(usize) -> String) -> Option<String> {
    let (short, long) = (text(size), text(LONGER * size));
    let mut seen = Vec::new();
    let is_fair = (0..5).any(|_| {
        let once = effort(guard, &short).max(GRAIN / LONGER as u32);
        let taken = effort(guard, &long);
        seen.push((once, taken));
        taken <= FAIR * once
    });
    (!is_fair).then(|| format!("{} and {} bytes: {seen:?}", short.len(), long.len()))
}
