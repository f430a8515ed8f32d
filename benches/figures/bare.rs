//! The floor: one agent behind blocking pipes, and nothing between.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::Outcome;
use crate::agent;

/// What the engine writes before the first prompt.
pub(crate) const HANDSHAKE: &str = concat!(
    r#"{"type":"control_request","request_id":"hotplex-1","#,
    r#""request":{"subtype":"initialize","hooks":null}}"#,
    "\n"
);

/// Lines of a turn beside its answers: queued, started, result, completed.
const LINES_AROUND: usize = 4;

/// As much as the engine reads at once.
const READ: usize = 64 * 1024;

/// The line that the engine writes for a prompt, with a name that is new each time: the agent takes
/// a name that it knows for a repetition.
pub(crate) struct UserLine(Vec<u8>);

/// Lines written to any agent.
static WRITTEN: AtomicU64 = AtomicU64::new(0);

impl UserLine {
    const TAIL: &str = "000000000000\"}\n";

    pub(crate) fn new(prompt: &str) -> UserLine {
        let head = r#"{"type":"user","message":{"role":"user","content":[{"type":"text","text":""#;
        let name = r#""}]},"uuid":"6ba7b810-9dad-41d1-80b4-"#;
        UserLine(format!("{head}{prompt}{name}{}", UserLine::TAIL).into_bytes())
    }

    pub(crate) fn next(&mut self) -> &[u8] {
        let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
        let start = self.0.len() - UserLine::TAIL.len();
        for (place, digit) in self.0[start..start + 12].iter_mut().rev().enumerate() {
            *digit = b"0123456789abcdef"[(number >> (4 * place)) as usize & 0xf];
        }
        &self.0
    }
}

/// Lines of a turn with so many answers; the first of a process has `system/init` besides.
pub(crate) fn lines_of_turn(answers: usize, first: bool) -> usize {
    answers + LINES_AROUND + usize::from(first)
}

/// One agent and the buffer its output is read into.
pub(crate) struct Bare {
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
    buffer: Vec<u8>,
    took_turns: bool,
}

impl Bare {
    /// Starts an agent and waits until it has answered the handshake.
    pub(crate) fn start() -> Outcome<Bare> {
        let mut bare = Bare::start_with_buffer(READ)?;
        bare.await_lines(1)?;
        Ok(bare)
    }

    /// Starts an agent and writes the handshake.
    pub(crate) fn start_with_buffer(bytes: usize) -> Outcome<Bare> {
        // Without hooks between fork and exec the standard library uses `posix_spawn`.
        let mut child = Command::new(agent::PROGRAM)
            .args(["--print", "--verbose"])
            .args(["--output-format", "stream-json"])
            .args(["--input-format", "stream-json"])
            .envs(agent::ENVIRONMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut stdin = child.stdin.take().ok_or("no stdin")?;
        stdin.write_all(HANDSHAKE.as_bytes())?;
        Ok(Bare {
            stdin,
            stdout: child.stdout.take().ok_or("no stdout")?,
            child,
            buffer: vec![1; bytes],
            took_turns: false,
        })
    }

    pub(crate) fn pipes(self) -> (Child, ChildStdin, ChildStdout) {
        (self.child, self.stdin, self.stdout)
    }

    /// One whole turn, of which the number of answers is known.
    pub(crate) fn turn(&mut self, line: &mut UserLine, answers: usize) -> Outcome {
        let lines = lines_of_turn(answers, !self.took_turns);
        self.took_turns = true;
        self.stdin.write_all(line.next())?;
        self.await_lines(lines)
    }

    pub(crate) fn await_lines(&mut self, mut lines: usize) -> Outcome {
        while lines > 0 {
            let count = self.stdout.read(&mut self.buffer)?;
            if count == 0 {
                return Err("the bare agent ended".into());
            }
            lines -= memchr::memchr_iter(b'\n', &self.buffer[..count]).count();
        }
        Ok(())
    }

    /// Ends the agent by the end of its input.
    pub(crate) fn end(mut self) -> Outcome {
        drop(self.stdin);
        self.child.wait()?;
        Ok(())
    }
}
