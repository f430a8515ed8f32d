//! A line that the user types while other things go on.

use std::io::{PipeReader, PipeWriter};
use std::os::fd::AsFd;
use std::thread::JoinHandle;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::termios::{QueueSelector, tcflush};
use tokio::sync::oneshot;

/// Reads one line of stdin, a terminal, on a thread of its own. Dropped, it takes none.
pub(crate) struct Answer {
    line: oneshot::Receiver<String>,
    reading: Option<LineReader>,
}

/// The thread, which sees the end of its pipe when its line is not wanted any more.
struct LineReader {
    wanted: PipeWriter,
    thread: JoinHandle<()>,
}

impl Answer {
    /// Begins to read. What was typed before counts for nothing: it answers no question that came
    /// later.
    pub(crate) fn begin() -> Answer {
        // Not a terminal any more: then there is no line either.
        let _ = tcflush(std::io::stdin(), QueueSelector::IFlush);
        let (sender, line) = oneshot::channel();
        let reading = LineReader::begin(sender).inspect_err(|error| {
            tracing::warn!(%error, "no answer can be read");
        });
        Answer {
            line,
            reading: reading.ok(),
        }
    }

    /// The line; `None` at the end of input. Cancelling it loses nothing.
    pub(crate) async fn line(&mut self) -> Option<String> {
        (&mut self.line).await.ok()
    }
}

impl LineReader {
    fn begin(sender: oneshot::Sender<String>) -> std::io::Result<LineReader> {
        let (unwanted, wanted) = std::io::pipe()?;
        let thread = std::thread::Builder::new().name("answer".to_owned());
        let thread = thread.spawn(move || {
            if let Some(line) = read(&unwanted) {
                // It is not wanted any more.
                let _ = sender.send(line);
            }
        })?;
        Ok(LineReader { wanted, thread })
    }
}

/// The thread has ended before another reads the terminal: of two who wait for one line, the
/// second would take the next.
impl Drop for Answer {
    fn drop(&mut self) {
        if let Some(LineReader { wanted, thread }) = self.reading.take() {
            drop(wanted);
            let _ = thread.join();
        }
    }
}

fn read(unwanted: &PipeReader) -> Option<String> {
    let stdin = std::io::stdin();
    loop {
        let mut ready = [
            PollFd::from_borrowed_fd(unwanted.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(stdin.as_fd(), PollFlags::IN),
        ];
        match poll(&mut ready, None) {
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => return None,
            Ok(_) if !ready[0].revents().is_empty() => return None,
            Ok(_) => {}
        }
        // A terminal gives a line at a time.
        let mut line = [0; 4096];
        return match rustix::io::read(stdin.as_fd(), &mut line) {
            Ok(0) | Err(_) => None,
            Ok(length) => Some(String::from_utf8_lossy(&line[..length]).trim().to_owned()),
        };
    }
}
