//! The stderr of one process: the last of it is kept for error messages, and its lines are forwarded
//! to the log at debug level.

use super::ring_buffer::RingBuffer;
use crate::provider::lines::{Line, LineBuffer};

/// Longest line that is forwarded. Codex writes lines of some hundred bytes; a log is read by people.
const LONGEST_LINE: usize = 8 * 1024;

/// The stderr of one process.
pub(crate) struct StderrLog {
    tail: RingBuffer,
    lines: LineBuffer,
    pending: Vec<String>,
    left_out: usize,
}

impl StderrLog {
    pub(crate) fn new() -> StderrLog {
        StderrLog {
            tail: RingBuffer::default(),
            lines: LineBuffer::new(LONGEST_LINE),
            pending: Vec::new(),
            left_out: 0,
        }
    }

    pub(crate) fn push(&mut self, chunk: &[u8]) {
        self.tail.push(chunk);
        // A number of the `log` crate. To ask the logger itself would be to run foreign code.
        if log::max_level() >= log::Level::Debug {
            self.lines.feed(chunk, |line| note(&mut self.pending, line));
        }
    }

    /// The stream is over: what stands behind its last newline is a line as well.
    pub(crate) fn finish(&mut self) {
        self.lines.finish(|line| note(&mut self.pending, line));
    }

    /// The last of it all.
    pub(crate) fn tail(&self) -> String {
        self.tail.text()
    }

    pub(crate) fn has_lines(&self) -> bool {
        !self.pending.is_empty()
    }

    /// The lines to forward, at most `room`. More than that is left out, and the next lines say how
    /// many.
    pub(crate) fn take_lines(&mut self, room: usize) -> Vec<String> {
        let mut lines = std::mem::take(&mut self.pending);
        let over = lines.len().saturating_sub(room);
        lines.truncate(room);
        if self.left_out > 0 && room > 0 {
            let left_out = std::mem::take(&mut self.left_out);
            lines.insert(0, format!("({left_out} lines are left out)"));
        }
        self.left_out += over;
        lines
    }
}

fn note(lines: &mut Vec<String>, line: Line<'_>) {
    match line {
        Line::Whole(bytes) if bytes.trim_ascii().is_empty() => {}
        // Colours and cursor movements are meant for a terminal, and could forge lines of a log.
        Line::Whole(bytes) => {
            let text = String::from_utf8_lossy(bytes.trim_ascii_end());
            lines.push(text.replace(char::is_control, " "));
        }
        Line::TooLong(bytes, _) => lines.push(format!("(a line of {bytes} bytes is left out)")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stderr_log(text: &str) -> StderrLog {
        let mut stderr_log = StderrLog::new();
        let pending = &mut stderr_log.pending;
        stderr_log
            .lines
            .feed(text.as_bytes(), |line| note(pending, line));
        stderr_log
    }

    #[test]
    fn lines_are_said_without_what_could_forge_others() {
        let long = format!("{}\nb", "x".repeat(9000));
        for (text, expected) in [
            ("a\n\n  \r\nb\r\n", ["a", "b"]),
            ("\u{1b}[31mred\na\rb", [" [31mred", "a b"]),
            (&long, ["(a line of 9000 bytes is left out)", "b"]),
        ] {
            let mut stderr_log = stderr_log(text);
            stderr_log.finish();
            assert_eq!(stderr_log.take_lines(9), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_left_out_is_told_when_there_is_room_again() {
        let mut stderr_log = stderr_log("a\nb\nc\n");
        assert_eq!(stderr_log.take_lines(1), ["a"]);
        assert!(stderr_log.take_lines(0).is_empty());
        stderr_log
            .lines
            .feed(b"d\n", |line| note(&mut stderr_log.pending, line));
        assert_eq!(stderr_log.take_lines(1), ["(2 lines are left out)", "d"]);
        assert!(stderr_log.take_lines(1).is_empty());
    }
}
