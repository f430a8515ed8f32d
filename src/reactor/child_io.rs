//! The pipes of one process: its stdin behind an outbox, its stdout decoded by its protocol,
//! its stderr kept and forwarded to the log, and its exit.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::time::Instant;

use mio::unix::SourceFd;
use mio::{Interest, Registry};

use super::command::Spawned;
use super::hook_socket::HookSocket;
use super::keys::{ChildFd, ChildKey};
use super::outbox::Outbox;
use super::stderr::StderrLog;
use crate::event::{Decision, EventKind, TurnId};
use crate::inode::SeenDir;
use crate::message::Message;
use crate::notice::NoticeCode;
use crate::process::{Exit, Mark, ProcessGroup, Tree, Unshared};
use crate::provider::{Interrupt, Protocol};
use crate::repository::Watching;

/// How much is read of one stream before the next slot has its turn.
pub(crate) const READ_BUDGET: usize = 64 * 1024;

/// At an exit all that is left in a pipe is read: at most what a pipe can hold at its largest. The
/// bound matters when another process has inherited the pipe and keeps writing.
const LARGEST_PIPE: usize = 1024 * 1024;

/// A pipe to read from.
struct ReadPipe {
    pipe: Option<Unshared<File>>,
    /// The pipe may hold bytes: no read has come up short since the last event.
    ready: bool,
    /// The other end is closed: after a short read the end of file is still to come, and no
    /// further event will tell of it.
    hung_up: bool,
    failure: Option<String>,
}

impl ReadPipe {
    fn new(pipe: Unshared<File>) -> ReadPipe {
        ReadPipe {
            pipe: Some(pipe),
            ready: false,
            hung_up: false,
            failure: None,
        }
    }

    fn wake(&mut self, hung_up: bool) {
        self.ready = self.pipe.is_some();
        self.hung_up |= hung_up;
    }

    /// Reads once. A pipe gives less than was asked for only when it is empty, which saves the
    /// second read that would say so.
    fn read<'a>(&mut self, scratch: &'a mut [u8]) -> &'a [u8] {
        let Some(pipe) = &mut self.pipe else {
            return &[];
        };
        let wanted = scratch.len();
        match pipe.read(scratch) {
            Ok(0) => self.close(),
            Ok(count) => {
                self.ready = count == wanted || self.hung_up;
                return &scratch[..count];
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => self.ready = false,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                self.failure = Some(format!("a pipe of the agent cannot be read: {error}"));
                self.close();
            }
        }
        &[]
    }

    /// Dropping the pipe takes it out of the poll as well: no other descriptor stands for it.
    fn close(&mut self) {
        self.pipe = None;
        self.ready = false;
    }
}

/// One process and the talk with it.
pub(crate) struct ChildIo {
    pub(crate) child_key: ChildKey,
    pub(crate) mark: Mark,
    /// Where the process works, without symbolic links.
    pub(crate) work_dir: PathBuf,
    /// Where it may write of what git keeps outside of the work directory.
    pub(crate) git_dirs: Vec<PathBuf>,
    /// What that was at its start.
    pub(crate) seen_dir: SeenDir,
    /// Watched for as long as the process lives.
    _repository: Option<Watching>,
    /// What the process alone has in its jail.
    pub(crate) private: Option<PathBuf>,
    /// What was below the process when it was last signalled.
    pub(crate) tree: Tree,
    /// The end of input is due as soon as the tree is noted.
    pub(crate) close_input_when_noted: bool,
    /// TERM is due as soon as the tree is noted.
    pub(crate) terminate_when_noted: bool,
    group: Box<dyn ProcessGroup>,
    stdin: Option<Unshared<File>>,
    awaits_room: bool,
    /// Why the agent does not take input any more. An agent that is about to end refuses it first,
    /// and its end says more, so this is for the log alone.
    pub(crate) input_failure: Option<String>,
    outbox: Outbox,
    stdout: ReadPipe,
    stderr: ReadPipe,
    pub(crate) stderr_log: StderrLog,
    hooks: Option<HookSocket>,
    protocol: Box<dyn Protocol>,
    /// When the handshake is due, if it has to wait.
    pub(super) handshake_at: Option<Instant>,
    pub(super) handshake_begun: bool,
    exited: bool,
    /// The caller has to take events before stdout is read again.
    pub(crate) paused: bool,
}

impl ChildIo {
    /// Takes over a process and puts it into the poll.
    pub(crate) fn new(
        spawned: Spawned,
        child_key: ChildKey,
        registry: &Registry,
    ) -> io::Result<ChildIo> {
        let Spawned {
            child,
            work_dir,
            seen_dir,
            repository,
            private,
            mark,
            git_dirs,
            protocol,
            hooks,
            handshake_at,
            notices: _,
        } = spawned;
        let readable = |fd: i32, stream| {
            registry.register(&mut SourceFd(&fd), child_key.of(stream), Interest::READABLE)
        };
        readable(child.stdout.as_raw_fd(), ChildFd::Stdout)?;
        readable(child.stderr.as_raw_fd(), ChildFd::Stderr)?;
        readable(child.group.exit_descriptor(), ChildFd::Exit)?;
        let token = child_key.of(ChildFd::Hooks);
        let hooks = hooks.map(|listener| HookSocket::new(listener, token, registry));
        let hooks = hooks.transpose()?;
        Ok(ChildIo {
            child_key,
            mark,
            work_dir,
            git_dirs,
            seen_dir,
            _repository: repository,
            private,
            tree: Tree::default(),
            close_input_when_noted: false,
            terminate_when_noted: false,
            group: child.group,
            stdin: Some(child.stdin),
            awaits_room: false,
            input_failure: None,
            outbox: Outbox::default(),
            stdout: ReadPipe::new(child.stdout),
            stderr: ReadPipe::new(child.stderr),
            stderr_log: StderrLog::new(),
            hooks,
            protocol,
            handshake_at,
            handshake_begun: false,
            exited: false,
            paused: false,
        })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.group.pid()
    }

    /// True if the agent can say nothing any more.
    pub(crate) fn has_closed_its_output(&self) -> bool {
        self.stdout.pipe.is_none()
    }

    /// What has come of an answer that is not whole.
    pub(crate) fn unfinished(&mut self) -> Vec<EventKind> {
        self.protocol.unfinished()
    }

    /// Notes that the poll has something to say about a stream.
    pub(crate) fn wake(&mut self, stream: ChildFd, hung_up: bool) {
        match stream {
            ChildFd::Stdout => self.stdout.wake(hung_up),
            ChildFd::Stderr => self.stderr.wake(hung_up),
            ChildFd::Exit => self.exited = true,
            ChildFd::Hooks => self.hooks.iter_mut().for_each(HookSocket::wake),
            // The outbox is flushed at every visit.
            ChildFd::Stdin => {}
        }
    }

    /// True if a visit has something to do.
    pub(crate) fn is_ready(&self) -> bool {
        let readable = self.stderr.ready || (self.stdout.ready && !self.paused);
        self.exited || readable || self.hook_asks() || self.input_failure.is_some()
    }

    /// True if the agent has said something that was not read yet.
    pub(crate) fn has_output(&self) -> bool {
        self.exited || self.hook_asks() || (self.stdout.ready && !self.paused)
    }

    fn hook_asks(&self) -> bool {
        self.hooks.as_ref().is_some_and(HookSocket::is_ready)
    }

    /// True if the process has ended. Its number stands until [`ChildIo::end`].
    pub(crate) fn has_exited(&self) -> bool {
        self.exited
    }

    /// Writes what the agent is owed with the protocol's help, as far as the pipe takes it.
    pub(crate) fn write(
        &mut self,
        registry: &Registry,
        lines: impl FnOnce(&mut dyn Protocol, &mut Vec<u8>),
    ) {
        let protocol = self.protocol.as_mut();
        self.outbox.answer(|out| lines(protocol, out));
        self.flush(registry);
    }

    pub(crate) fn write_prompt(&mut self, registry: &Registry, turn: TurnId, prompt: &str) {
        let out = self.outbox.buffer();
        self.protocol.write_prompt(turn, prompt, out);
        self.flush(registry);
    }

    /// True if the agent asks and asks, and does not take its answers.
    pub(crate) fn takes_no_answers(&self) -> bool {
        self.outbox.holds_too_many_answers()
    }

    /// Answers a request for permission, in the way that it came.
    pub(crate) fn decide(&mut self, registry: &Registry, request_id: &str, decision: &Decision) {
        if !self.answer_hook(request_id, decision) {
            return self.write(registry, |protocol, out| {
                protocol.write_decision(request_id, decision, out);
            });
        }
        // A hook is told of the call alone.
        if let Decision::Deny {
            interrupt: true, ..
        } = decision
        {
            self.interrupt(registry);
        }
    }

    /// Answers a question of the gate, in the way that it came: a text denies.
    pub(crate) fn answer_gate(
        &mut self,
        registry: &Registry,
        request_id: &str,
        denied: Option<&str>,
    ) {
        let decision = denied.map_or_else(Decision::allow, Decision::deny);
        if !self.answer_hook(request_id, &decision) {
            self.write(registry, |protocol, out| {
                protocol.write_gate_answer(request_id, denied, out);
            });
        }
    }

    /// True if a hook waited for this.
    fn answer_hook(&mut self, request_id: &str, decision: &Decision) -> bool {
        let hooks = self.hooks.as_mut().filter(|hooks| hooks.asked(request_id));
        let Some(hooks) = hooks else {
            return false;
        };
        let line = self.protocol.hook_answer(request_id, decision);
        hooks.answer(request_id, &line);
        true
    }

    /// Hears the hooks. What they ask about has not been done yet.
    pub(crate) fn read_hooks(
        &mut self,
        registry: &Registry,
        scratch: &mut [u8],
        messages: &mut Vec<Message>,
    ) {
        if let Some(hooks) = &mut self.hooks {
            hooks.read(registry, scratch, self.protocol.as_mut(), messages);
        }
    }

    /// Asks the agent to let go of its turn, in the way that it understands.
    pub(crate) fn interrupt(&mut self, registry: &Registry) {
        match self.protocol.interrupt(self.outbox.buffer()) {
            Interrupt::Written => self.flush(registry),
            Interrupt::Signal => self.group.interrupt(),
        }
    }

    /// Closes stdin once everything is written.
    pub(crate) fn close_input(&mut self, registry: &Registry) {
        self.outbox.close_when_empty = true;
        self.flush(registry);
    }

    /// Writes on. The poll is asked for room only while there is none: a pipe in the poll wakes
    /// the loop each time the agent reads.
    pub(crate) fn flush(&mut self, registry: &Registry) {
        let Some(stdin) = &self.stdin else {
            return;
        };
        let fd = stdin.as_raw_fd();
        match self.outbox.flush(&**stdin) {
            Ok(true) => {
                if std::mem::take(&mut self.awaits_room) {
                    let _ = registry.deregister(&mut SourceFd(&fd));
                }
                if self.outbox.close_when_empty {
                    self.stdin = None;
                }
            }
            Ok(false) if self.awaits_room => {}
            Ok(false) => {
                let child_key = self.child_key.of(ChildFd::Stdin);
                let registered =
                    registry.register(&mut SourceFd(&fd), child_key, Interest::WRITABLE);
                self.awaits_room = registered.is_ok();
            }
            // A dead pipe is not an exit: the exit itself, or the turn's limit, ends the turn.
            Err(error) => {
                let pid = self.pid();
                self.input_failure = Some(format!("agent {pid} takes no more input: {error}"));
                self.stdin = None;
            }
        }
    }

    /// Reads one budget of both streams. Empty streams cost nothing. True if the agent said something.
    pub(crate) fn read(&mut self, scratch: &mut [u8], messages: &mut Vec<Message>) -> bool {
        self.report_failures(messages);
        if self.stderr.ready {
            self.stderr_log.push(self.stderr.read(scratch));
        }
        if self.stdout.ready && !self.paused {
            let chunk = self.stdout.read(scratch);
            let heard = !chunk.is_empty();
            self.protocol.feed(chunk, messages);
            if self.stdout.pipe.is_none() {
                self.protocol.finish(messages);
            }
            return heard;
        }
        false
    }

    /// What is to be done once the process has ended, in this order: kill what is left of the
    /// group, read what the pipes still hold, and only then let go of the number.
    pub(crate) fn end(&mut self, scratch: &mut [u8], messages: &mut Vec<Message>) -> Exit {
        self.group.kill();
        self.stderr.wake(true);
        self.stdout.wake(true);
        let mut left = LARGEST_PIPE;
        while self.stderr.ready && left > 0 {
            let chunk = self.stderr.read(scratch);
            left = left.saturating_sub(chunk.len());
            self.stderr_log.push(chunk);
        }
        self.stderr_log.finish();
        let mut left = LARGEST_PIPE;
        while self.stdout.ready && left > 0 {
            let chunk = self.stdout.read(scratch);
            left = left.saturating_sub(chunk.len());
            self.protocol.feed(chunk, messages);
        }
        self.protocol.finish(messages);
        self.group.reap()
    }

    pub(crate) fn terminate(&self) {
        self.group.terminate();
    }

    pub(crate) fn kill(&self) {
        self.group.kill();
    }

    /// Lets go of a process that has not ended, after a wait until then at most.
    pub(crate) fn end_by(&mut self, until: Instant) {
        self.group.end_by(until);
    }

    fn report_failures(&mut self, messages: &mut Vec<Message>) {
        let failures = [&mut self.stdout.failure, &mut self.stderr.failure];
        for text in failures.into_iter().filter_map(Option::take) {
            messages.push(Message::Event(EventKind::warning(
                NoticeCode::PipeBroken,
                text,
            )));
        }
    }
}
