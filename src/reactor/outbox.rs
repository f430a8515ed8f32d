//! Bytes on their way to an agent's stdin. Never blocks: what the pipe does not take now, waits.

use std::io::{self, Write};

/// Buffers above this size are given back once they are written.
const KEPT_CAPACITY: usize = 4 * 1024;

/// What is left to write, and whether the pipe is to be closed behind it.
#[derive(Default)]
pub(crate) struct Outbox {
    bytes: Vec<u8>,
    written: usize,
    /// Bytes of answers that were added since all was written last. Prompts are not among them: of those
    /// there is one at a time, and it is the caller's.
    answers: usize,
    pub(crate) close_when_empty: bool,
}

/// An agent that is owed more answers than this is not read, since it would ask for more: two that hold
/// the longest line of its own.
const ANSWERS_AT_MOST: usize = 32 * 1024 * 1024;

impl Outbox {
    /// Where the next lines are appended.
    pub(crate) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Has answers appended.
    pub(crate) fn answer(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let before = self.bytes.len();
        write(&mut self.bytes);
        self.answers += self.bytes.len().saturating_sub(before);
    }

    /// True while the agent does not take what it asked for.
    pub(crate) fn holds_too_many_answers(&self) -> bool {
        self.answers > ANSWERS_AT_MOST
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.written == self.bytes.len()
    }

    /// Writes what the pipe takes. True if all is written, false if the pipe is full.
    ///
    /// # Errors
    /// The pipe's error. What is left is dropped then, since nobody will ever read it.
    pub(crate) fn flush(&mut self, mut pipe: impl Write) -> io::Result<bool> {
        while !self.is_empty() {
            match pipe.write(&self.bytes[self.written..]) {
                Ok(count) => self.written += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.clear();
                    return Err(error);
                }
            }
        }
        self.clear();
        Ok(true)
    }

    fn clear(&mut self) {
        self.written = 0;
        self.answers = 0;
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_CAPACITY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes so much.
    struct Pipe(usize);

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let count = bytes.len().min(self.0);
            self.0 -= count;
            match count {
                0 => Err(io::ErrorKind::WouldBlock.into()),
                count => Ok(count),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn answers_count_until_they_are_written_and_prompts_do_not() {
        let mut outbox = Outbox::default();
        let large = vec![b'x'; ANSWERS_AT_MOST + 1];
        outbox.buffer().extend_from_slice(&large);
        assert!(!outbox.holds_too_many_answers());
        outbox.answer(|out| out.extend_from_slice(&large[1..]));
        assert!(!outbox.holds_too_many_answers());
        outbox.answer(|out| out.push(b'x'));
        assert!(outbox.holds_too_many_answers());
        assert!(!outbox.flush(Pipe(1000)).expect("a pipe"));
        assert!(outbox.holds_too_many_answers());
        assert!(outbox.flush(Pipe(usize::MAX)).expect("a pipe"));
        assert!(!outbox.holds_too_many_answers());
    }
}
