//! What the commands do, up to the engine's end.

use std::time::Duration;

use crossbeam_channel::TryRecvError;

use super::command::{Asker, Command};
use super::event_loop::{Closing, Loop};
use super::keys::SlotKey;
use super::slot::Slot;
use super::spawner::Job;
use crate::event::{Decision, TurnId};
use crate::session::{Asked, StopReason};

impl Loop {
    pub(super) fn take_commands(&mut self) {
        loop {
            match self.commands.try_recv() {
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
            Command::TreeNoted(child_key, tree) => {
                if let Some(&slot) = self.by_child.get(&child_key) {
                    self.with_slot(slot, |slot, context| {
                        slot.tree_noted(tree, context.registry)
                    });
                }
            }
            Command::WorkDirFound(child_key, found) => {
                if let Some(&slot) = self.by_child.get(&child_key) {
                    self.with_slot(slot, |slot, context| {
                        let session = &mut slot.session;
                        session.work_dir_found(found, context.now, context.actions);
                    });
                }
            }
            Command::RecordSaved(session, outcome) => {
                if let Some(&slot) = self.by_session.get(&session) {
                    self.with_slot(slot, |slot, context| slot.record_saved(outcome, context));
                }
            }
            Command::Swept(living) => {
                self.left_alive = living;
                self.closing = Closing::Done;
            }
            Command::Close(grace) => self.close(grace),
            command => self.answer(command),
        }
    }

    /// Commands whose sender waits for an answer; one that went away does not matter.
    fn answer(&mut self, command: Command) {
        match command {
            Command::Cancel(turn, answer) => {
                let found = self.cancel(turn);
                let _ = answer.map(|answer| answer.send(found));
            }
            Command::Decide {
                asker,
                request_id,
                decision,
                answer,
            } => {
                let found = self.decide(&asker, &request_id, decision);
                let _ = answer.send(found);
            }
            Command::Stop {
                session,
                reason,
                answer,
            } => {
                let slot = self.by_session.get(&session).copied();
                if let Some(slot) = slot {
                    self.stop(slot, &StopReason::Requested(reason));
                }
                let _ = answer.send(slot.is_some());
            }
            Command::ListSessions(answer) => {
                let list = self
                    .slots
                    .values()
                    .map(|slot| slot.info(&self.shared))
                    .collect();
                let _ = answer.send(list);
            }
            Command::InformOfSession(session, answer) => {
                let slot = self.by_session.get(&session);
                let slot = slot.and_then(|slot| self.slots.get(slot));
                let _ = answer.send(slot.map(Slot::stats));
            }
            Command::Inform(answer) => {
                let _ = answer.send(self.info());
            }
            _ => {}
        }
    }

    fn decide(&mut self, asker: &Asker, request_id: &str, decision: Decision) -> bool {
        let (slot, asked) = match asker {
            Asker::Turn(turn) => (self.slot_of_turn(*turn), Asked::InTurn(*turn)),
            Asker::Session(session) => (self.by_session.get(session).copied(), Asked::InSession),
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
            slot.session.stop(reason, context.now, context.actions)
        });
    }

    /// Turns are few and are asked for by number only when something is wrong with them.
    fn slot_of_turn(&self, turn: TurnId) -> Option<SlotKey> {
        let mut slots = self.slots.iter();
        slots
            .find(|(_, slot)| slot.has_turn(turn))
            .map(|(key, _)| *key)
    }

    pub(super) fn close(&mut self, grace: Duration) {
        self.shared.admission.lock().close();
        let until = self.now + grace;
        self.closing = match self.closing {
            Closing::No => Closing::Sessions(until),
            Closing::Sessions(earlier) => Closing::Sessions(earlier.min(until)),
            later => return self.closing = later,
        };
        for key in self.slots.keys().copied().collect::<Vec<_>>() {
            self.stop(key, &StopReason::EngineCloses(grace));
        }
        self.reconcile();
    }

    /// The end of the engine: when the last session is gone, the last sweep; when that is done,
    /// the loop.
    pub(super) fn continue_closing(&mut self) {
        let Closing::Sessions(until) = self.closing else {
            return;
        };
        if self.slots.is_empty() {
            // The sweep is worth its time even if the grace is spent: it is what makes sure.
            let limit = until.max(self.now + Duration::from_secs(1));
            self.closing = Closing::Sweep;
            if self.jobs.send(Job::SweepAll(limit)).is_err() {
                self.closing = Closing::Done;
            }
        }
    }
}
