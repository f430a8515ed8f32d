//! The stand-in as aider: a script in Python, since the engine's part is loaded into aider's.
//!
//! It knows the commands of [`json_rpc`](crate::json_rpc) but `!late`, `!cwd` and `!print-env`, and the same
//! variables but `STAND_IN_STORE` and `STAND_IN_NO_HOOKS`. It keeps its conversations where the engine's part
//! says, and with `STAND_IN_REFUSE_HOOKS` its Python does not find that.

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::is_set;

const SCRIPT: &str = include_str!("aider.py");

pub(crate) fn is_wanted(arguments: impl Iterator<Item = String>) -> bool {
    let mut arguments = arguments.skip_while(|argument| argument != "--speak");
    arguments.nth(1).as_deref() == Some("aider")
}

/// Goes on as that script in the same process.
pub(crate) fn become_it() -> ! {
    let mut python = Command::new("python3");
    python.args(["-c", SCRIPT]).args(std::env::args().skip(1));
    if is_set("STAND_IN_REFUSE_HOOKS") {
        python.env_remove("PYTHONPATH");
    }
    crate::fail(&format!("stand-in: python3: {}", python.exec()))
}
