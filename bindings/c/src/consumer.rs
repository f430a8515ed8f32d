//! What takes the events of an engine: one thread at a time.

use std::time::Duration;

use hotplex::EventStream;

use crate::event::Event;
use crate::status::{Failure, Status};

/// The stream of an engine, and the event that was taken from it but not handed out.
pub(crate) struct Consumer {
    stream: EventStream,
    /// Taken, and too long for the buffer it was meant for.
    held_over: Option<hotplex::Event>,
    /// The line that is being written.
    line: Vec<u8>,
}

impl Consumer {
    pub(crate) fn new(stream: EventStream) -> Consumer {
        Consumer {
            stream,
            held_over: None,
            line: Vec::new(),
        }
    }

    /// True if nothing is left and nothing can come.
    pub(crate) fn is_over(&self) -> bool {
        self.held_over.is_none() && self.stream.is_over()
    }

    /// What is there now, or comes in `timeout_ms` (negative: however long that takes), up to so
    /// many. At least one.
    pub(crate) fn take(
        &mut self,
        most: usize,
        timeout_ms: i32,
        mut put: impl FnMut(Box<Event>),
    ) -> Result<i64, Failure> {
        let first = match self.held_over.take() {
            Some(event) => event,
            None => self.wait(timeout_ms)?,
        };
        put(Event::new(first));
        let mut count = 1;
        while count < most
            && let Some(event) = self.stream.pop()
        {
            put(Event::new(event));
            count += 1;
        }
        Ok(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// One event; why there is none otherwise.
    fn wait(&mut self, timeout_ms: i32) -> Result<hotplex::Event, Failure> {
        let event = match u64::try_from(timeout_ms) {
            Ok(timeout) => self.stream.recv_timeout(Duration::from_millis(timeout)),
            Err(_) => self.stream.recv(),
        };
        event.ok_or_else(|| match self.stream.is_over() {
            true => Failure::new(Status::CLOSED, "the engine has ended"),
            false => Failure::new(Status::TIMEOUT, "nothing came in time"),
        })
    }

    /// Puts as many lines of JSON into so many bytes as there is room for; how many bytes that are,
    /// and how many the next line needs if it is known.
    pub(crate) fn write_lines(
        &mut self,
        size: usize,
        mut put: impl FnMut(usize, &[u8]),
    ) -> Result<(usize, usize), Failure> {
        let mut written = 0;
        let mut next = match self.held_over.take() {
            Some(event) => Some(event),
            None => Some(self.wait(0)?),
        };
        while let Some(event) = next {
            self.render(&event)?;
            let end = written + self.line.len();
            if end > size {
                self.held_over = Some(event);
                return Ok((written, self.line.len()));
            }
            put(written, &self.line);
            written = end;
            next = self.stream.pop();
        }
        Ok((written, 0))
    }

    fn render(&mut self, event: &hotplex::Event) -> Result<(), Failure> {
        self.line.clear();
        let rendered = serde_json::to_writer(&mut self.line, event);
        rendered.map_err(|error| Failure::new(Status::INTERNAL, error.to_string()))?;
        self.line.push(b'\n');
        Ok(())
    }
}
