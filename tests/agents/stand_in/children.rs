//! Processes that the stand-in leaves behind. None of them is ever waited for.

use std::process::{Command, Stdio};

/// A child in the agent's own group.
pub(crate) fn in_group(script: &str) {
    leave(shell(script).stdout(Stdio::null()));
}

/// A child that keeps the agent's stdout open.
pub(crate) fn holding_stdout(script: &str) {
    leave(&mut shell(script));
}

/// A child that no signal to the agent's group reaches.
pub(crate) fn in_own_session(script: &str) {
    let mut command = Command::new("setsid");
    command.args(["/bin/sh", "-c", script]).stdin(Stdio::null());
    leave(command.stdout(Stdio::null()).stderr(Stdio::null()));
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script]);
    command.stdin(Stdio::null()).stderr(Stdio::null());
    command
}

fn leave(command: &mut Command) {
    if let Err(error) = command.spawn() {
        crate::fail(&format!("stand-in: cannot start a child: {error}"));
    }
}
