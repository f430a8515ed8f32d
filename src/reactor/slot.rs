//! One session as the io thread holds it: its state machine, its process if it has one, and its open
//! turns.

use std::time::Instant;

use crossbeam_channel::Sender;
use mio::Registry;

use super::child_io::ChildIo;
use super::command::{AcceptedTurn, SpawnKey};
use super::counters::Counters;
use super::judge::JudgeRequest;
use super::keys::{ChildKey, SlotKey};
use super::open_call::GateQueue;
use super::open_turn::OpenTurn;
use super::postponed::Postponed;
use super::record_progress::Recording;
use super::shared::{Shared, date_of};
use super::spawner::Job;
use super::timer::Armed;
use super::untested_version::UntestedVersion;
use crate::channel::{BackgroundSender, TurnSender, Window};
use crate::error::Error;
use crate::event::{EventKind, SessionId};
use crate::message::{Conversation, Message};
use crate::process::Tree;
use crate::session::pool::{PoolEntry, PoolStatus};
use crate::session::{Action, Ended, Session};
use crate::stats::{SessionInfo, SessionState, SessionStats};

/// How much the spawn thread may have to do before stderr is not forwarded any more. A logger that
/// does not keep up must not cost memory without bound, nor delay the start of a session.
const ENOUGH_JOBS: usize = 1000;

/// What a slot needs of the loop to do its work.
pub(crate) struct Context<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) registry: &'a Registry,
    pub(crate) jobs: &'a Sender<Job>,
    pub(crate) to_judge: &'a Sender<JudgeRequest>,
    pub(crate) background: &'a BackgroundSender,
    pub(crate) actions: &'a mut Vec<Action>,
    pub(crate) messages: &'a mut Vec<Message>,
    pub(crate) scratch: &'a mut [u8],
    pub(crate) counters: &'a mut Counters,
    pub(crate) now: Instant,
    /// Ends of turns before this time have asked for `Job::Upkeep`.
    pub(crate) next_upkeep: &'a mut Instant,
}

/// One session.
pub(crate) struct Slot {
    pub(crate) key: SlotKey,
    pub(crate) session: Session,
    pub(crate) spawn_key: SpawnKey,
    /// The name its record is kept under; `None` for a spare.
    pub(crate) record_key: Option<String>,
    pub(crate) child: Option<ChildIo>,
    /// A process is wanted that serves this conversation, and none was asked for yet.
    pub(crate) launch_wanted: Option<Conversation>,
    /// The spawn thread is at work for this slot.
    pub(crate) spawning: bool,
    /// The process that has just ended, until the loop has removed its key.
    pub(crate) reaped: Option<ChildKey>,
    pub(crate) armed: Armed,
    pub(super) postponed: Postponed,
    /// Its pool entry as last recorded.
    pub(crate) pool_entry: PoolEntry,
    /// The slot stands in the list of those to visit.
    pub(crate) listed: bool,
    pub(super) tool_gate: GateQueue,
    pub(super) jail_reported: bool,
    /// Notices about the project for the first turn; `None` once they are delivered.
    pub(super) project_notices: Option<Vec<EventKind>>,
    pub(super) untested_version: UntestedVersion,
    pub(super) recording: Recording,
    created: Instant,
    pub(super) stats: SessionStats,
    pub(super) open_turns: Vec<OpenTurn>,
    pub(super) window: Window,
}

impl Slot {
    pub(crate) fn new(
        key: SlotKey,
        session: Session,
        spawn_key: SpawnKey,
        record_key: Option<String>,
        window: Window,
    ) -> Slot {
        Slot {
            key,
            session,
            spawn_key,
            record_key,
            child: None,
            launch_wanted: None,
            spawning: false,
            reaped: None,
            armed: Armed::default(),
            postponed: Postponed::default(),
            pool_entry: PoolEntry::default(),
            listed: false,
            tool_gate: GateQueue::default(),
            jail_reported: false,
            project_notices: Some(Vec::new()),
            untested_version: UntestedVersion::default(),
            recording: Recording::default(),
            created: Instant::now(),
            stats: SessionStats::default(),
            open_turns: Vec::new(),
            window,
        }
    }

    pub(crate) fn is_spare(&self) -> bool {
        self.record_key.is_none()
    }

    /// A process exists, or is about to.
    pub(crate) fn occupies_process(&self) -> bool {
        self.child.is_some() || self.spawning
    }

    /// What it has for the other sessions, or wants of them.
    pub(crate) fn pool_status(&self) -> PoolStatus {
        if self.launch_wanted.is_some() && !self.spawning {
            PoolStatus::Waiting
        } else if self.session.is_idle() {
            PoolStatus::Idle {
                spare: self.is_spare(),
                since: self.session.last_active(),
            }
        } else if self.occupies_process() && self.session.state() == SessionState::Closing {
            PoolStatus::Leaving
        } else {
            PoolStatus::NotPooled
        }
    }

    /// Takes over the process that was started, or the error if there is none.
    pub(crate) fn connect(&mut self, child: Result<ChildIo, Error>, context: &mut Context<'_>) {
        match child {
            Ok(child) => {
                let (pid, seen, at) = (child.pid(), child.seen_dir, child.handshake_at);
                self.child = Some(child);
                let turns: Vec<_> = self.open_turns.iter().map(|open| open.turn).collect();
                for turn in turns {
                    self.report_wait(turn, context.now);
                }
                // The limit of a start is for the agent, and not for what has to wait for the clock.
                let starts = self.session.state() == SessionState::Starting;
                let begins = at.filter(|_| starts).unwrap_or(context.now);
                self.session.launched(pid, seen, begins, context.actions);
                self.begin_handshake(context);
            }
            Err(error) => self.session.launch_failed(&error, context.actions),
        }
    }

    /// Begins the talk, once it may begin.
    pub(super) fn begin_handshake(&mut self, context: &mut Context<'_>) {
        if let Some(child) = &mut self.child
            && child.handshake_at.is_none_or(|at| at <= context.now)
            && !std::mem::replace(&mut child.handshake_begun, true)
        {
            child.handshake_at = None;
            child.write(context.registry, |protocol, out| {
                protocol.write_handshake(out)
            });
        }
    }

    /// A session that ends before its process was asked for does not need one any more.
    pub(crate) fn cancel_launch(&mut self) {
        if self.launch_wanted.is_some() && self.session.state() == SessionState::Closing {
            self.launch_wanted = None;
            self.session.never_launched();
        }
    }

    /// Takes over a turn that was accepted.
    pub(crate) fn prompt(
        &mut self,
        prompt: AcceptedTurn,
        events: TurnSender,
        context: &mut Context<'_>,
    ) {
        let turn = prompt.queued.turn;
        if self.open_turns.capacity() == 0 {
            self.open_turns.reserve_exact(1);
        }
        self.open_turns.push(OpenTurn::new(&prompt, events));
        self.report_missing_jail(turn, context);
        self.report_project(context.now);
        self.report_version(context.now);
        self.report_wait(turn, context.now);
        self.report_arrival(turn, prompt.notices, context.now);
        self.save_again(context);
        self.session
            .prompt(prompt.queued, context.now, context.actions);
        self.carry_out(context);
    }

    /// Reads, decodes and acts on one budget of what the process said.
    pub(crate) fn visit(&mut self, context: &mut Context<'_>) {
        let Some(child) = &mut self.child else {
            return;
        };
        child.flush(context.registry);
        if let Some(text) = child.input_failure.take() {
            let _ = context.jobs.send(Job::Log(log::Level::Debug, text));
        }
        if child.has_exited() {
            return self.reap(context);
        }
        if child.read(context.scratch, context.messages) {
            self.postponed.last_read = Some(context.now);
        }
        // A call of a tool was told by now, if the agent tells of it before it asks.
        child.read_hooks(context.registry, context.scratch, context.messages);
        if child.has_closed_its_output() {
            self.session.output_closed(context.now);
        }
        forward_stderr(child, self.session.id(), context);
        self.act_on_messages(context);
    }

    /// The turn is about to be ended for the agent: what it has said by then was said.
    pub(super) fn tell_unfinished(&mut self, context: &mut Context<'_>) {
        let Some(child) = &mut self.child else {
            return;
        };
        for kind in child.unfinished() {
            let (now, actions) = (context.now, &mut *context.actions);
            self.session.unfinished(kind, now, actions);
        }
    }

    /// The window has opened again.
    pub(crate) fn resume(&mut self) {
        if let Some(child) = &mut self.child {
            child.paused = false;
        }
    }

    fn reap(&mut self, context: &mut Context<'_>) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        self.reaped = Some(child.child_key);
        self.drop_open_call(context);
        let exit = child.end(context.scratch, context.messages);
        self.act_on_messages(context);
        forward_stderr(&mut child, self.session.id(), context);
        let stderr = child.stderr_log.tail();
        let ended = Ended {
            how: exit.to_string(),
            cause: context.shared.spawn_config.provider.exit_cause(&stderr),
            stderr,
            fresh_name: context.shared.spawn_config.provider.fresh_conversation_id(),
        };
        let _ = context.jobs.send(Job::Sweep(
            child.mark.clone(),
            std::mem::take(&mut child.tree),
        ));
        self.session.ended(&ended, context.now, context.actions);
        self.carry_out(context);
    }

    fn act_on_messages(&mut self, context: &mut Context<'_>) {
        let mut messages = std::mem::take(context.messages);
        for message in messages.drain(..) {
            self.handle_message(message, context);
        }
        *context.messages = messages;
        self.carry_out(context);
    }

    /// Does what the session asked for, in its order.
    pub(crate) fn carry_out(&mut self, context: &mut Context<'_>) {
        let mut actions = std::mem::take(context.actions);
        for action in actions.drain(..) {
            self.perform(action, context);
        }
        *context.actions = actions;
        self.wake_callers();
        self.pause_if_full(context.now);
    }

    /// An agent whose caller does not keep up is not read, unless the turn is over for the caller.
    /// Nor is one whose question is being judged: it waits for the answer. One that takes no answers is
    /// not read either, but that is its own doing, so that its silence counts.
    fn pause_if_full(&mut self, now: Instant) {
        if let Some(child) = &mut self.child {
            let winds_down = self.session.is_winding_down();
            let full = !winds_down && self.window.pause_if_full();
            let held_back = full || self.tool_gate.is_open();
            child.paused = held_back || (!winds_down && child.takes_no_answers());
            self.session.hold_back(held_back, now);
        }
    }

    fn perform(&mut self, action: Action, context: &mut Context<'_>) {
        let registry = context.registry;
        match action {
            Action::Deliver(Some(turn), kind) => self.deliver(turn, kind, context.now),
            Action::Deliver(None, kind) => self.deliver_in_background(kind, context),
            Action::EndTurn(turn, end) => self.end_turn(turn, end, context),
            Action::Launch(conversation) => self.launch_wanted = Some(conversation),
            Action::Remember(id) => self.remember(id, context),
            Action::LookUpWorkDir => self.look_up_work_dir(context),
            Action::WritePrompt(turn, prompt) => {
                self.on_process(|child| child.write_prompt(registry, turn, &prompt));
            }
            Action::WriteInterrupt => self.on_process(|child| child.interrupt(registry)),
            Action::WriteDecision(request_id, decision) => {
                self.on_process(|child| child.decide(registry, &request_id, &decision));
            }
            Action::Write(line) => self.reply(&line, registry),
            Action::CloseInput => self.once_noted(context, |child| {
                child.close_input_when_noted = true;
            }),
            Action::Terminate => self.once_noted(context, |child| {
                child.terminate_when_noted = true;
            }),
            Action::Kill => self.on_process(|child| child.kill()),
        }
    }

    /// An agent that is to end is read to its end. If it takes no answers by then, it gets no more.
    fn reply(&mut self, line: &[u8], registry: &Registry) {
        let winds_down = self.session.is_winding_down();
        self.on_process(|child| {
            if !(winds_down && child.takes_no_answers()) {
                child.write(registry, |_, out| out.extend_from_slice(line));
            }
        });
    }

    /// What is asked of a process that has ended meanwhile needs no doing.
    fn on_process(&mut self, act: impl FnOnce(&mut ChildIo)) {
        if let Some(child) = &mut self.child {
            act(child);
        }
    }

    fn look_up_work_dir(&self, context: &Context<'_>) {
        if let Some(child) = &self.child {
            let work_dir = self.spawn_key.work_dir.clone();
            let _ = context.jobs.send(Job::LookUp(child.child_key, work_dir));
        }
    }

    /// Has the tree below the process noted, and then something done. Noted before the end of its
    /// input, and once more before TERM: an agent that ends by itself takes the parent links with it.
    fn once_noted(&mut self, context: &Context<'_>, then: impl FnOnce(&mut ChildIo)) {
        self.on_process(|child| {
            let job = Job::NoteTree(child.child_key, child.pid());
            let _ = context.jobs.send(job);
            then(child);
        });
    }

    /// The spawn thread has noted what is below the process.
    pub(crate) fn tree_noted(&mut self, tree: Tree, registry: &Registry) {
        let Some(child) = &mut self.child else {
            return;
        };
        if !tree.is_empty() {
            child.tree = tree;
        }
        if std::mem::take(&mut child.close_input_when_noted) {
            child.close_input(registry);
        }
        if std::mem::take(&mut child.terminate_when_noted) {
            child.terminate();
        }
    }

    pub(crate) fn stats(&self) -> SessionStats {
        SessionStats {
            session_id: self.session.id().as_str().to_owned(),
            ..self.stats.clone()
        }
    }

    pub(crate) fn info(&self, shared: &Shared) -> SessionInfo {
        SessionInfo {
            session_id: self.session.id().as_str().to_owned(),
            agent_session_id: Some(self.session.conversation().id().to_owned()),
            provider: shared.spawn_config.provider.name(),
            state: self.session.state(),
            pid: self.child.as_ref().map(ChildIo::pid),
            work_dir: self.spawn_key.work_dir.clone(),
            jail: shared.spawn_config.enforced.to_string(),
            git_dirs: self
                .child
                .as_ref()
                .map(|child| child.git_dirs.clone())
                .unwrap_or_default(),
            created: date_of(self.created),
            last_active: date_of(self.session.last_active()),
            turns: self.session.turns(),
            queued: self.session.queued(),
            // Read on the asker's thread: it is a file.
            resident_bytes: 0,
            buffered_bytes: self.window.outstanding(),
            spare: self.is_spare(),
            background_tasks: self.session.background_tasks().to_vec(),
        }
    }
}

/// Has the spawn thread tell an operator who debugs what the agent says on stderr.
fn forward_stderr(child: &mut ChildIo, session: &SessionId, context: &Context<'_>) {
    if !child.stderr_log.has_lines() {
        return;
    }
    let room = ENOUGH_JOBS.saturating_sub(context.jobs.len());
    let pid = child.pid();
    for line in child.stderr_log.take_lines(room) {
        let text = format!("agent {pid} of session {session} says on stderr: {line}");
        let _ = context.jobs.send(Job::Log(log::Level::Debug, text));
    }
}
