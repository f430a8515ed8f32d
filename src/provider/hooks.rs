//! Hooks that are commands: the program that asks the engine, and how an agent is told to run it.

use std::borrow::Cow;

use super::{EngineFile, HookAddress};

/// Built by `build.rs` from `hook_program/main.rs`.
static PROGRAM: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/hook"));

/// What the program is called below [`Start::engine_dir`](super::Start::engine_dir).
pub(crate) const NAME: &str = "hook";

/// The program as a file of the engine's.
pub(crate) fn program() -> EngineFile {
    EngineFile {
        name: NAME,
        content: Cow::Borrowed(PROGRAM),
        executable: true,
    }
}

/// The command for a shell that runs the program at `path`. It must be through within `seconds`.
///
/// Agents take a hook that crashes, that is killed or that cannot be started for one that has nothing
/// against the call (measured with Codex 0.171 and Claude Code 2.1.330). The shell behind it says no
/// then.
pub(crate) fn command(path: &str, address: &HookAddress<'_>, seconds: u32) -> String {
    let socket = quoted(&address.socket.to_string_lossy());
    let (path, secret) = (quoted(path), quoted(address.secret));
    format!(
        "{path} {socket} {secret} {seconds} || {{ echo 'hotplex: the call is denied' >&2; exit 2; }}"
    )
}

/// As one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
