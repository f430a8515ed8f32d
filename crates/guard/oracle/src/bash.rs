//! bash as the judge of whether a script is one at all. It reads and never runs.

use std::io::Write;
use std::process::{Command, Stdio};

/// Whether bash can read a script that was generated. Lines of the guard's corpora never go here.
pub(crate) fn reads(text: &str) -> std::io::Result<bool> {
    let mut bash = Command::new("bash")
        .args(["--norc", "--noprofile", "-O", "extglob", "-n"])
        .env_clear()
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    if let Some(mut input) = bash.stdin.take() {
        // A script that ends early for bash leaves the rest unread.
        let _ = input.write_all(text.as_bytes());
    }
    Ok(bash.wait()?.success())
}
