//! What a run leaves out, and why. The test harness knows no skipped tests, so they are noted in a
//! file whose lines `make test` prints at its end; without such a file they are said at once.

use std::fs::OpenOptions;
use std::io::Write;

/// Names the file.
const REPORT: &str = "HOTPLEX_SKIPPED";

/// Says that the test that runs proves nothing here. In CI that is a failure, lest nobody notices.
pub(crate) fn skip(why: &str) {
    let thread = std::thread::current();
    skip_test(thread.name().unwrap_or("a test"), why);
}

/// As [`skip`], for a test by its name.
pub(crate) fn skip_test(test: &str, why: &str) {
    let wanted = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!wanted, "{test} cannot run, and must with CI=true: {why}");
    note(test, why);
}

/// Says that a row of the test that runs is left out, in CI as well: a program that hardly anybody
/// has need not be had for it.
pub(crate) fn skip_row(why: &str) {
    let thread = std::thread::current();
    note(thread.name().unwrap_or("a test"), why);
}

fn note(test: &str, why: &str) {
    let why = why.trim().replace('\n', " ");
    let line = format!("{test}: {why}\n");
    let report = std::env::var_os(REPORT);
    let noted = report.is_some_and(|path| {
        let file = OpenOptions::new().create(true).append(true).open(path);
        // One write, so that the lines of programs that run at once stay whole.
        file.and_then(|mut file| file.write_all(line.as_bytes()))
            .is_ok()
    });
    if !noted {
        say(&format!("skipped: {line}"));
    }
}

/// Past the harness, which keeps what a passed test prints.
pub(crate) fn say(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}
