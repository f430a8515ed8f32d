//! What the commands do, up to the engine's end.

use std::time::Duration;

use crossbeam_channel::{Sender, TryRecvError};

use super::command::{Asker, Command};
use super::event_loop::Loop;
use super::keys::{ChildKey, SlotKey};
use super::loop_state::Closing;
use super::slot::{Context, Slot};
use super::spawner::Job;
use crate::event::{Decision, SessionId, TurnId};
use crate::session::{Asked, StopReason};
use crate::stats::{SessionInfo, SessionStats};

impl Loop {
    pub(super) fn take_commands(&mut self) {
        loop {
            match self.resources.commands.try_recv() {
                Ok(command) => self.dispatch(command),
                // The loop holds a sender itself, so the queue is never disconnected.
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return,
            }
        }
    }

    fn dispatch(&mut self, command: Command) {
        match command {
            Command::Prompt(prompt, events) => self.prompt(*prompt, events),
            Command::WarmUp(spawn_key, count) => self.warm_up(&spawn_key, count),
            Command::Resume(slot) => self.with_slot(slot, |slot, _| slot.resume()),
            Command::Spawned(slot, result) => self.spawned(slot, *result),
            Command::Judged(slot, number, verdict) => self.with_slot(slot, |slot, context| {
                slot.judged(number, *verdict, context);
            }),
            Command::TreeNoted(child_key, tree) => self.with_process(child_key, |slot, context| {
                slot.tree_noted(tree, context.registry)
            }),
            Command::WorkDirFound(child_key, found) => {
                self.with_process(child_key, |slot, context| {
                    let session = &mut slot.session;
                    session.work_dir_found(found, context.now, context.actions);
                });
            }
            Command::RecordSaved(session, outcome) => {
                if let Some(&slot) = self.state.by_session.get(&session) {
                    self.with_slot(slot, |slot, context| slot.record_saved(outcome, context));
                }
            }
            Command::Swept(living) => {
                self.state.left_alive = living;
                self.state.closing = Closing::Done;
            }
            Command::Close(grace) => self.close(grace),
            Command::Cancel(turn, answer) => {
                let found = self.cancel(turn);
                answer.into_iter().for_each(|answer| tell(&answer, found));
            }
            Command::Decide {
                asker,
                request_id,
                decision,
                answer,
            } => tell(&answer, self.decide(&asker, &request_id, decision)),
            Command::Stop {
                session,
                reason,
                answer,
            } => tell(&answer, self.stop_session(&session, reason)),
            Command::ListSessions(answer) => tell(&answer, self.list_sessions()),
            Command::InformOfSession(session, answer) => {
                tell(&answer, self.session_stats(&session))
            }
            Command::Inform(answer) => tell(&answer, self.info()),
        }
    }

    /// The spawn thread's answers about a process; nobody waits for one about a process that has ended.
    fn with_process(
        &mut self,
        child_key: ChildKey,
        visit: impl FnOnce(&mut Slot, &mut Context<'_>),
    ) {
        if let Some(&slot) = self.state.by_child.get(&child_key) {
            self.with_slot(slot, visit);
        }
    }

    fn stop_session(&mut self, session: &SessionId, reason: String) -> bool {
        let slot = self.state.by_session.get(session).copied();
        if let Some(slot) = slot {
            self.stop(slot, &StopReason::Requested(reason));
        }
        slot.is_some()
    }

    fn list_sessions(&self) -> Vec<SessionInfo> {
        let slots = self.state.slots.values();
        slots
            .map(|slot| slot.info(&self.resources.shared))
            .collect()
    }

    fn session_stats(&self, session: &SessionId) -> Option<SessionStats> {
        let slot = self.state.by_session.get(session);
        slot.and_then(|slot| self.state.slots.get(slot))
            .map(|slot| slot.stats())
    }

    fn decide(&mut self, asker: &Asker, request_id: &str, decision: Decision) -> bool {
        let (slot, asked) = match asker {
            Asker::Turn(turn) => (self.slot_of_turn(*turn), Asked::InTurn(*turn)),
            Asker::Session(session) => (
                self.state.by_session.get(session).copied(),
                Asked::InSession,
            ),
        };
        slot.is_some_and(|slot| {
            self.with_slot(slot, |slot, context| {
                let session = &mut slot.session;
                session.decide(asked, request_id, decision, context.now, context.actions)
            })
        })
    }

    fn cancel(&mut self, turn: TurnId) -> bool {
        self.slot_of_turn(turn).is_some_and(|slot| {
            self.with_slot(slot, |slot, context| {
                slot.session.cancel(turn, context.now, context.actions)
            })
        })
    }

    pub(super) fn stop(&mut self, slot: SlotKey, reason: &StopReason) {
        self.with_slot(slot, |slot, context| {
            slot.tell_unfinished(context);
            slot.session.stop(reason, context.now, context.actions)
        });
    }

    /// Turns are few and are asked for by number only when something is wrong with them.
    fn slot_of_turn(&self, turn: TurnId) -> Option<SlotKey> {
        let mut slots = self.state.slots.iter();
        slots
            .find(|(_, slot)| slot.has_turn(turn))
            .map(|(key, _)| *key)
    }

    pub(super) fn close(&mut self, grace: Duration) {
        self.resources.shared.admission.lock().close();
        let until = self.resources.now + grace;
        self.state.closing = match self.state.closing {
            Closing::No => Closing::Sessions(until),
            Closing::Sessions(earlier) => Closing::Sessions(earlier.min(until)),
            later => return self.state.closing = later,
        };
        for key in self.state.slots.keys().copied().collect::<Vec<_>>() {
            self.stop(key, &StopReason::EngineCloses(grace));
        }
        self.reconcile();
    }

    /// The end of the engine: when the last session is gone, the last sweep; when that is done, the loop.
    ///
    /// What hangs in the kernel is not waited for: a process that survives KILL, a spawn thread on a file
    /// system that does not answer. The events of an engine would never end then.
    pub(super) fn continue_closing(&mut self) {
        let now = self.resources.now;
        let is_due = self.state.closing.due().is_some_and(|due| due <= now);
        match self.state.closing {
            Closing::Sessions(until) if is_due || self.state.slots.is_empty() => {
                // The sweep is worth its time even if the grace is spent: it is what makes sure.
                let limit = until.max(now + Duration::from_secs(1));
                self.state.closing = match self.resources.jobs.send(Job::SweepAll(limit)) {
                    Ok(()) => Closing::Sweep(limit),
                    Err(_) => Closing::Done,
                };
            }
            Closing::Sweep(_) if is_due => self.state.closing = Closing::Done,
            _ => {}
        }
    }

    /// What no kill has ended: it goes to the caller by its number.
    pub(super) fn leave_alive(&mut self) {
        let children = self
            .state
            .slots
            .values()
            .filter_map(|slot| slot.child.as_ref());
        for pid in children.map(|child| child.pid()) {
            if !self.state.left_alive.contains(&pid) {
                self.state.left_alive.push(pid);
            }
        }
        self.fail_everything();
    }
}

/// Answers a waiting caller; if it has gone, the answer is dropped.
fn tell<T>(answer: &Sender<T>, value: T) {
    let _ = answer.send(value);
}
