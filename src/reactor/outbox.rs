//! Bytes on their way to an agent's stdin. Never blocks: what the pipe does not take now, waits.

use std::io::{self, Write};

/// Buffers above this size are given back once they are written.
const KEPT_CAPACITY: usize = 4 * 1024;

/// What is left to write, and whether the pipe is to be closed behind it.
#[derive(Default)]
pub(crate) struct Outbox {
    bytes: Vec<u8>,
    written: usize,
    pub(crate) close_when_empty: bool,
}

impl Outbox {
    /// Where the next lines are appended.
    pub(crate) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
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
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_CAPACITY);
    }
}
