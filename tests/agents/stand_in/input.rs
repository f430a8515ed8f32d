//! Stdin: one line after the other, read where it costs least.
//!
//! An agent that only echoes reads on its one thread. The first command that has to notice an
//! interrupt while it works moves the reading to a thread of its own, for good.

use std::io::{BufRead, StdinLock};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Instant;

/// What wakes the agent up.
pub(crate) enum Incoming {
    Line(Vec<u8>),
    EndOfInput,
    /// A command started by `!bash` ended, with its output.
    ToolEnded {
        output: String,
        succeeded: bool,
    },
}

pub(crate) struct Input {
    source: Source,
    deaf: Arc<AtomicBool>,
}

enum Source {
    Direct(StdinLock<'static>),
    Threaded {
        incoming: Receiver<Incoming>,
        sender: Sender<Incoming>,
    },
}

impl Input {
    pub(crate) fn new() -> Input {
        Input {
            source: Source::Direct(std::io::stdin().lock()),
            deaf: Arc::default(),
        }
    }

    /// Reads the next line into `line` where that needs no thread; false if it needs one, or at
    /// the end of input.
    pub(crate) fn read_direct(&mut self, line: &mut Vec<u8>) -> Option<bool> {
        let Source::Direct(stdin) = &mut self.source else {
            return None;
        };
        line.clear();
        let length = stdin.read_until(b'\n', line).unwrap_or(0);
        strip_newline(line);
        Some(length > 0)
    }

    /// The next thing that happens, at the latest at `until`; `None` is that time passed.
    pub(crate) fn next(&mut self, until: Option<Instant>) -> Option<Incoming> {
        let (incoming, _) = self.threaded();
        match until {
            None => Some(incoming.recv().unwrap_or(Incoming::EndOfInput)),
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now());
                match incoming.recv_timeout(left) {
                    Ok(incoming) => Some(incoming),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => Some(Incoming::EndOfInput),
                }
            }
        }
    }

    /// Something that has already happened.
    pub(crate) fn at_hand(&mut self) -> Option<Incoming> {
        self.threaded().0.try_recv().ok()
    }

    /// Where a thread of ours reports to.
    pub(crate) fn sender(&mut self) -> Sender<Incoming> {
        self.threaded().1.clone()
    }

    /// Never reads stdin again. What a running read takes is the last of it.
    pub(crate) fn stop_reading(&mut self) {
        self.deaf.store(true, Ordering::Relaxed);
    }

    fn threaded(&mut self) -> (&Receiver<Incoming>, &Sender<Incoming>) {
        if matches!(self.source, Source::Direct(_)) {
            let (sender, incoming) = channel();
            // The lock of the old source falls here; the thread waits for it.
            self.source = Source::Threaded {
                incoming,
                sender: sender.clone(),
            };
            let deaf = Arc::clone(&self.deaf);
            thread::spawn(move || read_lines(&sender, &deaf));
        }
        match &self.source {
            Source::Threaded { incoming, sender } => (incoming, sender),
            Source::Direct(_) => unreachable!("the source was replaced above"),
        }
    }
}

fn read_lines(sender: &Sender<Incoming>, deaf: &AtomicBool) {
    let mut stdin = std::io::stdin().lock();
    while !deaf.load(Ordering::Relaxed) {
        let mut line = Vec::new();
        if stdin.read_until(b'\n', &mut line).unwrap_or(0) == 0 {
            let _ = sender.send(Incoming::EndOfInput);
            return;
        }
        strip_newline(&mut line);
        let _ = sender.send(Incoming::Line(line));
    }
}

fn strip_newline(line: &mut Vec<u8>) {
    if line.last() == Some(&b'\n') {
        line.pop();
    }
}
