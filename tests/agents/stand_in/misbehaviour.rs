//! Everything an agent should not do, on request.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Command, exit};
use std::time::{Duration, Instant};

use crate::agent::{Agent, Postponed, PostponedKind};
use crate::speech::{self, filler, numbers};
use crate::turn::{Step, Turn};
use crate::{background, fail, json_rpc};

pub(crate) fn carry_out(agent: &mut Agent, turn: &mut Turn, word: &str, rest: &str) -> Step {
    match word {
        "!raw" => agent.output.push(&[rest, "\n"]),
        "!bytes" => agent.output.buffer.extend(from_hexadecimal(rest)),
        "!file" => agent.output.buffer.extend(file(rest)),
        "!stderr" => fill_stderr(rest),
        "!stderr-line" => fill_stderr(&format!("1 {rest}")),
        "!retry" => announce_retries(agent, numbers(rest)[0]),
        "!late" => return late(agent, turn, rest),
        "!late-after-result" => return late_after_result(agent, rest),
        "!self-turn" => postpone(agent, numbers(rest)[0], PostponedKind::OwnTurn),
        "!background" => background::begin_task(agent, rest),
        "!ask-later" => background::ask_later(agent, rest),
        "!clear" => background::clear(agent),
        "!double-result" => turn.ends_twice = true,
        "!die-after" => turn.dies_after = true,
        "!ends-as" => rest.clone_into(&mut turn.subtype),
        "!mangle-end" => rest.clone_into(&mut turn.mangled),
        "!mangle-asks" => rest.clone_into(&mut agent.habits.mangles_asks),
        "!ends-unterminated" => turn.is_unterminated = true,
        "!re-exec" => turn.starts_anew = true,
        "!stop-reading" => agent.habits.stops_reading = true,
        "!ignore-term" => agent.habits.ignores_term = true,
        "!no-exit-on-eof" => agent.habits.stays_at_end_of_input = true,
        _ => end_at_once(agent, word, rest),
    }
    Ok(())
}

/// The ways not to come to the end of the turn. What was said before them is written first.
fn end_at_once(agent: &mut Agent, word: &str, rest: &str) {
    agent.output.flush();
    match word {
        "!hang" => stay_for_ever(),
        "!re-exec-now" => re_exec("", std::env::args().skip(1).map(named_once)),
        "!die" => exit(rest.trim().parse().unwrap_or(1)),
        "!signal" => {
            // Rust's runtime takes the first SIGSEGV and gives the second one back its default.
            signal_self(rest.trim());
            signal_self(rest.trim());
        }
        "!close-stdout" => json_rpc::faults::become_deaf_and("exec 1>&-"),
        "!leave-group" => json_rpc::faults::leave_group(),
        "!sigstop" => signal_self("STOP"),
        "!half" => {
            agent
                .output
                .assistant(&[r#"{"type":"text","text":"half a li"#], "");
            let half = agent.output.buffer.len() / 2;
            agent.output.buffer.truncate(half);
            agent.output.flush();
            exit(1)
        }
        _ => fail(&format!("stand-in: unknown command {word}")),
    }
}

/// The end of a turn that is told in another way than others are.
pub(crate) fn end_of_turn(agent: &mut Agent, turn: &Turn) {
    let said = String::from_utf8_lossy(&agent.output.buffer).into_owned();
    if turn.starts_anew {
        re_exec(&said, std::env::args().skip(1).map(named_once));
    }
    if turn.is_unterminated {
        agent.output.buffer = said.trim_end().as_bytes().to_vec();
        agent.output.flush();
        exit(0);
    }
}

/// What a turn set up for the time after it.
pub(crate) fn after_turn(agent: &mut Agent, turn: &Turn) {
    if turn.dies_after {
        exit(0);
    }
    if agent.habits.ignores_term {
        become_deaf_to_term(std::env::args().skip(1).map(named_once));
    }
    if agent.habits.stops_reading {
        agent.input.stop_reading();
        stay_for_ever();
    }
}

/// Does nothing more, for ever.
pub(crate) fn stay_for_ever() -> ! {
    loop {
        std::thread::park();
    }
}

/// Sends a signal to this process, through a shell because that needs no unsafe code.
pub(crate) fn signal_self(signal: &str) {
    let script = format!("kill -{signal} $PPID");
    let _ = Command::new("/bin/sh").args(["-c", &script]).status();
}

/// After a turn the name of the conversation is in use.
fn named_once(argument: String) -> String {
    argument.replace("--session-id", "--resume")
}

/// Starts this program anew in its own place, and says this in between, when nobody reads.
pub(crate) fn re_exec(said: &str, arguments: impl Iterator<Item = String>) -> ! {
    let Ok(program) = std::env::current_exe() else {
        fail("stand-in: its own program is gone")
    };
    let script = "printf %s \"$STAND_IN_SAYS\"; exec \"$0\" \"$@\"";
    let error = Command::new("/bin/sh")
        .args(["-c", script])
        .arg(program)
        .args(arguments)
        .env("STAND_IN_SAYS", said)
        .exec();
    fail(&format!("stand-in: {error}"))
}

/// Starts this program again in the same process with SIGTERM ignored, which survives an exec.
///
/// After a turn the arguments have to resume: the name of the conversation is in use by then. Only
/// the running totals of cost and tokens begin anew.
pub(crate) fn become_deaf_to_term(arguments: impl Iterator<Item = String>) {
    let Ok(program) = std::env::current_exe() else {
        fail("stand-in: its own program is gone")
    };
    let error = Command::new("/bin/sh")
        .args(["-c", "trap '' TERM; exec \"$0\" \"$@\""])
        .arg(program)
        .args(arguments)
        .env_remove("STAND_IN_IGNORE_TERM")
        .exec();
    fail(&format!("stand-in: {error}"))
}

/// Waits for an interrupt, and answers long after it, but still in the same turn.
fn late(agent: &mut Agent, turn: &mut Turn, rest: &str) -> Step {
    let (milliseconds, text) = delay_and_text(rest);
    let cut = speech::wait_or_cut(agent, None);
    let until = Instant::now() + Duration::from_millis(milliseconds as u64);
    let _ = speech::wait_or_cut(agent, Some(until));
    speech::answer(agent, turn, text);
    cut
}

/// Waits for an interrupt, ends the turn, and answers after that.
fn late_after_result(agent: &mut Agent, rest: &str) -> Step {
    let (milliseconds, text) = delay_and_text(rest);
    let cut = speech::wait_or_cut(agent, None);
    postpone(
        agent,
        milliseconds,
        PostponedKind::LateAnswer(text.to_owned()),
    );
    cut
}

fn delay_and_text(rest: &str) -> (usize, &str) {
    let (delay, text) = rest.split_once(' ').unwrap_or((rest, "late"));
    (numbers(delay)[0], text)
}

fn postpone(agent: &mut Agent, milliseconds: usize, kind: PostponedKind) {
    let due = Instant::now() + Duration::from_millis(milliseconds as u64);
    agent.postponed.push_back(Postponed { due, kind });
}

pub(crate) fn fill_stderr(rest: &str) {
    let [count, bytes, _] = numbers(rest);
    let line = filler(bytes) + "\n";
    let mut stderr = std::io::BufWriter::new(std::io::stderr().lock());
    for _ in 0..count {
        let _ = stderr.write_all(line.as_bytes());
    }
}

fn announce_retries(agent: &mut Agent, count: usize) {
    for attempt in 1..=count {
        let line = format!(
            r#"{{"type":"system","subtype":"api_retry","attempt":{attempt},"max_retries":{count},"retry_delay_ms":612,"error_status":529,"error":"overloaded","#
        );
        agent.output.push(&[&line]);
        agent.output.sign("");
    }
}

/// Bytes from pairs of digits; blanks between them are allowed.
pub(crate) fn from_hexadecimal(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let value = |digit: u8| (digit as char).to_digit(16).unwrap_or(0) as u8;
    digits
        .chunks_exact(2)
        .map(|pair| value(pair[0]) << 4 | value(pair[1]))
        .collect()
}

/// What is in the file of this name.
pub(crate) fn file(path: &str) -> Vec<u8> {
    std::fs::read(path).expect("the file is there")
}

/// Whether the file that the variable names has no byte more; otherwise there is one less.
pub(crate) fn is_enough_of_it(variable: &str) -> bool {
    let Some(path) = std::env::var_os(variable) else {
        return false;
    };
    let left = std::fs::read(&path).unwrap_or_default();
    let Some((_, rest)) = left.split_first() else {
        return true;
    };
    std::fs::write(&path, rest).expect("the file is written");
    false
}
