//! Variables for what tools start, where they differ from those of Claude Code itself.
//!
//! What is in the file that `CLAUDE_ENV_FILE` names goes before each command of its shell, joined by `&&`
//! (2.0.76 and 2.1.330; it is read once).

use std::borrow::Cow;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use crate::provider::{EngineFile, Start};

const VARIABLE: &str = "CLAUDE_ENV_FILE";

/// What the file is called below [`Start::engine_dir`].
const NAME: &str = "tools.sh";

/// The file, if tools are to find anything else than the agent. What a file of the host's says stays.
pub(in crate::provider) fn file(start: &Start<'_>) -> Option<EngineFile> {
    if start.tools.is_empty() {
        return None;
    }
    let hosts = start.environment.iter();
    let hosts = hosts.filter(|(name, value)| name == VARIABLE && !value.is_empty());
    let hosts =
        hosts.map(|(_, file)| [b"[ ! -e ", &quoted(file)[..], b" ] || . ", &quoted(file)].concat());
    let tools = start.tools.iter();
    let tools = tools.map(|(name, value)| {
        let name = name.as_bytes();
        [b"export ", name, b"=", &quoted(value)].concat()
    });
    let lines: Vec<Vec<u8>> = hosts.chain(tools).collect();
    Some(EngineFile {
        name: NAME,
        content: Cow::Owned(lines.join(&b"\n"[..])),
        executable: false,
    })
}

/// By which Claude Code finds it, and asks git for no status to show its model. The Claude Code in
/// `claude-agent-acp` 0.101.0 takes what git is told out of the environment before it asks, and has no
/// filter held off; 2.1.330 holds them off itself, 2.0.76 does not know the second variable.
pub(in crate::provider) fn variables(start: &Start<'_>) -> Vec<(&'static str, OsString)> {
    let Some(directory) = start.engine_dir.filter(|_| !start.tools.is_empty()) else {
        return Vec::new();
    };
    vec![
        (VARIABLE, directory.join(NAME).into()),
        ("CLAUDE_CODE_DISABLE_GIT_INSTRUCTIONS", "1".into()),
    ]
}

/// As a shell has to read it.
fn quoted(text: &OsString) -> Vec<u8> {
    let mut quoted = vec![b'\''];
    for &byte in text.as_bytes() {
        match byte {
            b'\'' => quoted.extend(b"'\\''"),
            byte => quoted.push(byte),
        }
    }
    quoted.push(b'\'');
    quoted
}
