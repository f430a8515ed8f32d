//! What the loop works with: the poll, its channels, and memory that is used again and again.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender};
use mio::{Events, Poll};

use super::child_io::READ_BUDGET;
use super::command::{Command, CommandSender, LoopWaker};
use super::counters::Counters;
use super::judge::JudgeRequest;
use super::shared::Shared;
use super::slot::Context;
use super::spawner::Job;
use crate::channel::BackgroundSender;
use crate::message::Message;
use crate::session::{Action, Limits};

/// How many events one poll gives at most.
pub(super) const MOST_EVENTS: usize = 1024;

/// Wakes the loop for commands.
const WAKER: mio::Token = mio::Token(0);

/// The options that the loop itself goes by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LoopOptions {
    pub(crate) limits: Limits,
    pub(crate) max_processes: usize,
    pub(crate) window_bytes: u64,
}

/// What the loop is made from.
pub(crate) struct Parts {
    pub(crate) poll: Poll,
    pub(crate) waker: Arc<LoopWaker>,
    pub(crate) commands: Receiver<Command>,
    pub(crate) sender: CommandSender,
    pub(crate) jobs: Sender<Job>,
    pub(crate) to_judge: Sender<JudgeRequest>,
    pub(crate) background: BackgroundSender,
    pub(crate) shared: Arc<Shared>,
    pub(crate) options: LoopOptions,
}

/// A poll and what wakes it.
pub(crate) fn new_poll() -> io::Result<(Poll, Arc<LoopWaker>)> {
    let poll = Poll::new()?;
    let waker = mio::Waker::new(poll.registry(), WAKER)?;
    Ok((poll, Arc::new(LoopWaker::new(waker))))
}

/// All of it. Nothing here is of one session.
pub(super) struct Resources {
    pub(super) poll: Poll,
    pub(super) events: Events,
    pub(super) waker: Arc<LoopWaker>,
    pub(super) commands: Receiver<Command>,
    pub(super) sender: CommandSender,
    pub(super) jobs: Sender<Job>,
    pub(super) to_judge: Sender<JudgeRequest>,
    pub(super) background: BackgroundSender,
    pub(super) shared: Arc<Shared>,
    pub(super) options: LoopOptions,
    pub(super) scratch: Vec<u8>,
    pub(super) actions: Vec<Action>,
    pub(super) messages: Vec<Message>,
    pub(super) now: Instant,
    pub(super) next_upkeep: Instant,
}

impl Resources {
    pub(super) fn new(parts: Parts) -> Resources {
        Resources {
            poll: parts.poll,
            events: Events::with_capacity(MOST_EVENTS),
            waker: parts.waker,
            commands: parts.commands,
            sender: parts.sender,
            jobs: parts.jobs,
            to_judge: parts.to_judge,
            background: parts.background,
            shared: parts.shared,
            options: parts.options,
            scratch: vec![0; READ_BUDGET],
            actions: Vec::new(),
            messages: Vec::new(),
            now: Instant::now(),
            next_upkeep: Instant::now(),
        }
    }

    /// What a slot needs to do its work.
    pub(super) fn context<'a>(&'a mut self, counters: &'a mut Counters) -> Context<'a> {
        Context {
            shared: &self.shared,
            registry: self.poll.registry(),
            jobs: &self.jobs,
            to_judge: &self.to_judge,
            background: &self.background,
            actions: &mut self.actions,
            messages: &mut self.messages,
            scratch: &mut self.scratch,
            counters,
            now: self.now,
            next_upkeep: &mut self.next_upkeep,
        }
    }
}
