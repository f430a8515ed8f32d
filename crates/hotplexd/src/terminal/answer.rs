//! A line that somebody types while other things go on.

use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{QueueSelector, tcflush};
use tokio::task::JoinHandle;

/// How soon a reader sees that nobody wants its line any more.
const LOOK: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 50_000_000,
};

/// Reads one line of stdin, a terminal, on a thread of its own. Dropped, it takes none.
pub(crate) struct Answer {
    unwanted: Arc<AtomicBool>,
    reading: JoinHandle<Option<String>>,
}

impl Answer {
    /// Begins to read. What was typed before counts for nothing: it answers no question that came
    /// later.
    pub(crate) fn begin() -> Answer {
        // Not a terminal any more: then there is no line either.
        let _ = tcflush(std::io::stdin(), QueueSelector::IFlush);
        let unwanted = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&unwanted);
        Answer {
            unwanted,
            reading: tokio::task::spawn_blocking(move || read(&seen)),
        }
    }

    /// The line; `None` at the end of input. Cancelling it loses nothing.
    pub(crate) async fn line(&mut self) -> Option<String> {
        (&mut self.reading).await.ok().flatten()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.unwanted.store(true, Ordering::Relaxed);
    }
}

fn read(unwanted: &AtomicBool) -> Option<String> {
    let stdin = std::io::stdin();
    while !unwanted.load(Ordering::Relaxed) {
        let mut ready = [PollFd::from_borrowed_fd(stdin.as_fd(), PollFlags::IN)];
        match poll(&mut ready, Some(&LOOK)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => continue,
            Ok(_) => {}
            Err(_) => return None,
        }
        // A terminal gives a line at a time.
        let mut line = [0; 4096];
        return match rustix::io::read(stdin.as_fd(), &mut line) {
            Ok(0) | Err(_) => None,
            Ok(length) => Some(String::from_utf8_lossy(&line[..length]).trim().to_owned()),
        };
    }
    None
}
