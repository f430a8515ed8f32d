//! Hooks that are commands: the program that asks the engine, and how an agent is told to run it.

use std::borrow::Cow;
use std::ffi::OsString;

use super::{EngineFile, Start};

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

/// The command for any shell, with the seconds that it waits for the engine, which the agent must allow
/// it. The line that the engine answers is the reason of a denial; an empty one has nothing against the
/// call.
///
/// Agents take a hook that crashes, that is killed, that cannot be started, or that prints what they
/// do not understand for one that has nothing against the call (measured with Codex 0.171 and Claude
/// Code 2.1.330). The shell around it says no then, by a status that no noise on stdout makes void.
///
/// The text is the same for every process, since an agent may trust a hook by a hash of it: what
/// differs is in [`variables`].
macro_rules! command {
    ($seconds:literal) => {
        concat!(
            r#"/bin/sh -c 'said=$("$HOTPLEX_HOOK" "$HOTPLEX_HOOK_SOCKET" "$HOTPLEX_HOOK_SECRET" "#,
            $seconds,
            r#") && [ -z "$said" ] "#,
            r#"|| { printf "%s\n" "${said:-hotplex: the call is denied}" >&2; exit 2; }'"#,
        )
    };
}

/// Waits for the gate, which answers at once, or nearly: 20 seconds.
pub(crate) const COMMAND: &str = command!("20");

/// Waits for the caller's leave as well: a week. No answer for so long is a denial.
pub(crate) const PATIENT_COMMAND: &str = command!("604800");

/// The variables that the command reads, for one process.
pub(crate) fn variables(start: &Start<'_>) -> Vec<(&'static str, OsString)> {
    let Some((directory, address)) = start.engine_dir.zip(start.hooks) else {
        return Vec::new();
    };
    vec![
        ("HOTPLEX_HOOK", directory.join(NAME).into()),
        ("HOTPLEX_HOOK_SOCKET", address.socket.into()),
        ("HOTPLEX_HOOK_SECRET", address.secret.into()),
    ]
}
