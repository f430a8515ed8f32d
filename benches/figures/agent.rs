//! The agent that both sides talk to, and what is said to it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The stand-in agent of the tests, built with the same optimisation as the bench.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_stand-in-agent");

/// `system/init` in the first turn only: the bars were set for an agent that does not repeat it.
pub(crate) const ENVIRONMENT: [(&str, &str); 1] = [("STAND_IN_INIT", "once")];

/// A prompt of ten bytes, which the agent echoes.
pub(crate) const ECHO: &str = "0123456789";

/// A prompt that is answered with so many messages of so many bytes, as fast as they are taken.
pub(crate) fn flood(messages: usize, bytes: usize) -> String {
    format!("!flood {messages} {bytes}")
}

/// A directory of one side alone: two engines that shared one would shut each other out of a session.
pub(crate) fn directory() -> PathBuf {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("bench-{}-{number}", std::process::id());
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// The same where no disk is under it, for what a file system adds to a figure.
pub(crate) fn directory_in_memory() -> PathBuf {
    let on_disk = directory();
    PathBuf::from("/dev/shm").join(on_disk.file_name().unwrap_or_default())
}
