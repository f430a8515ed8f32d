//! What an agent that speaks JSON-RPC should not do, on request.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Command, exit};

use crate::{children, misbehaviour};

/// Carries out a word that needs nothing of the turn; `false` if it is none of those.
pub(super) fn carry_out(word: &str, rest: &str) -> bool {
    match word {
        "!raw" => write(format!("{rest}\n").as_bytes()),
        "!bytes" => write(&misbehaviour::from_hexadecimal(rest)),
        "!file" => write(&misbehaviour::file(rest)),
        "!stderr" => misbehaviour::fill_stderr(rest),
        "!stderr-line" => misbehaviour::fill_stderr(&format!("1 {rest}")),
        "!child" => children::in_group(rest),
        "!child-stdout" => children::holding_stdout(rest),
        "!setsid" => children::in_own_session(rest),
        "!close-stdout" => become_deaf_and("exec 1>&-"),
        "!leave-group" => leave_group(),
        "!sigstop" => misbehaviour::signal_self("STOP"),
        "!hang" => misbehaviour::stay_for_ever(),
        "!die" => exit(rest.trim().parse().unwrap_or(1)),
        "!signal" => {
            // Rust's runtime takes the first SIGSEGV and gives the second one back its default.
            misbehaviour::signal_self(rest.trim());
            misbehaviour::signal_self(rest.trim());
        }
        "!half" => {
            write(b"{\"jsonrpc\":\"2.0\",\"method\":\"sess");
            exit(1)
        }
        _ => return false,
    }
    true
}

pub(super) fn write(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(bytes);
    let _ = out.flush();
}

/// Goes on in the same process as one that says and hears nothing.
pub(crate) fn become_deaf_and(command: &str) -> ! {
    let script = format!("{command}; exec sleep 3600");
    let error = Command::new("/bin/sh").args(["-c", &script]).exec();
    crate::fail(&format!("stand-in: {error}"))
}

/// Goes on in the same process, in another process group than the one that it leads, where a child stays.
pub(crate) fn leave_group() -> ! {
    let error = Command::new("python3").args(["-c", LEAVE_GROUP]).exec();
    crate::fail(&format!("stand-in: python3: {error}"))
}

const LEAVE_GROUP: &str = "
import os, time
if os.fork() == 0: time.sleep(3600)
other = os.fork()
if other == 0: time.sleep(3600)
os.setpgid(other, other)
os.setpgid(0, other)
time.sleep(3600)
";
