//! No text panics or hangs the guard: `make fuzz`, or `cargo +nightly fuzz run --fuzz-dir crates/guard/fuzz guard`.

#![no_main]

use std::sync::LazyLock;

use hotplex_guard::{Guard, GuardContext, PathAccess};
use libfuzzer_sys::fuzz_target;

static GUARD: LazyLock<Guard> = LazyLock::new(Guard::default);
static CONTEXT: LazyLock<GuardContext> =
    LazyLock::new(|| GuardContext::new("/home/dev/proj", "/home/dev", "dev"));

fuzz_target!(|text: &str| {
    GUARD.check_command(text, &CONTEXT);
    GUARD.check_prompt(text, &CONTEXT);
    GUARD.check_path(text, PathAccess::Write, &CONTEXT);
    GUARD.check_path(text, PathAccess::Read, &CONTEXT);
});
