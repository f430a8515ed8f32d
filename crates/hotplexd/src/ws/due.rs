//! What waits to be sent to one client, and how long it may.

use axum::extract::ws::{Message, WebSocket};
use futures_util::SinkExt;
use futures_util::stream::SplitSink;

/// What the reader has for the writer. There is room for few: a client that sends and takes nothing
/// is not read any more.
pub(super) enum Reply {
    Frame(String),
    /// A pong waits to be sent.
    Pong,
}

/// Lets the engine, its agent and every other process that is ready have this core once, then the other tasks.
///
/// An agent that answers at once has answered by then, if there is one core; with more of them this costs
/// nothing to speak of. A timer would be three system calls: as much as it saves.
pub(super) async fn others_first() {
    std::thread::yield_now();
    tokio::task::yield_now().await;
}

/// What is to be sent next.
#[derive(Default)]
pub(super) struct Due {
    frames: Vec<Message>,
    pong: bool,
    /// Something of it is more than the begin of a turn.
    is_urgent: bool,
    /// It has waited for more.
    has_waited: bool,
}

impl Due {
    pub(super) fn add(&mut self, reply: Reply) {
        match reply {
            Reply::Frame(text) => self.add_now(text.into()),
            Reply::Pong => {
                self.pong = true;
                self.is_urgent = true;
            }
        }
    }

    pub(super) fn add_now(&mut self, message: Message) {
        self.frames.push(message);
        self.is_urgent = true;
    }

    /// Frames of one event, which may wait if it is the begin of a turn.
    pub(super) fn add_told(&mut self, frames: Vec<String>, is_of_begin: bool) {
        if frames.is_empty() {
            return;
        }
        self.frames.extend(frames.into_iter().map(Message::from));
        self.is_urgent |= !is_of_begin;
    }

    pub(super) fn is_something(&self) -> bool {
        self.pong || !self.frames.is_empty()
    }

    /// True once: what begins a turn goes out with what follows it at once. A write over TCP costs a tenth
    /// of what a turn does whose agent does nothing.
    pub(super) fn may_wait(&mut self) -> bool {
        let waits = !self.frames.is_empty() && !self.is_urgent && !self.has_waited;
        self.has_waited |= waits;
        waits
    }

    /// Returns when the client has taken it, or at least the kernel for it.
    pub(super) async fn send(
        &mut self,
        sink: &mut SplitSink<WebSocket, Message>,
    ) -> Result<(), axum::Error> {
        for frame in std::mem::take(self).frames {
            sink.feed(frame).await?;
        }
        sink.flush().await
    }
}
