//! The loop's bookkeeping: whatever happens to a slot goes through [`Loop::with_slot`], and
//! [`Loop::reconcile`] brings the lists, timers and names in line with it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use super::child_io::ChildIo;
use super::event_loop::Loop;
use super::keys::SlotKey;
use super::loop_state::{DEATH_TAKES, list};
use super::slot::{Context, Slot};
use super::spawner::Job;
use crate::process::Tree;
use crate::stats::EngineInfo;

impl Loop {
    /// Lets something happen to a slot and carries out what its session asks for. A panic ends
    /// this session and no other.
    pub(super) fn with_slot<T: Default>(
        &mut self,
        key: SlotKey,
        visit: impl FnOnce(&mut Slot, &mut Context<'_>) -> T,
    ) -> T {
        let Loop { resources, state } = self;
        let Some(slot) = state.slots.get_mut(&key) else {
            return T::default();
        };
        let mut context = resources.context(&mut state.counters);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let result = visit(slot, &mut context);
            slot.carry_out(&mut context);
            result
        }));
        self.state.touched.push(key);
        outcome.unwrap_or_else(|_| {
            self.abort_session(key);
            T::default()
        })
    }

    /// Has the spawn thread say it: a logger is foreign code.
    pub(super) fn log(&self, level: log::Level, text: String) {
        let _ = self.resources.jobs.send(Job::Log(level, text));
    }

    /// Ends a session whose state cannot be trusted. Dropping its link kills its group.
    fn abort_session(&mut self, key: SlotKey) {
        let text = "a defect of hotplex ends a session; the engine goes on";
        self.log(log::Level::Error, text.to_owned());
        self.resources.actions.clear();
        self.resources.messages.clear();
        if let Some(mut slot) = self.state.slots.remove(&key) {
            self.state.live_processes -= usize::from(slot.child.is_some() || slot.reaped.is_some());
            if let Some(child) = &slot.child {
                child.kill();
                let _ = self
                    .resources
                    .jobs
                    .send(Job::Sweep(child.mark.clone(), Tree::default()));
            }
            self.fail(&mut slot);
            if self
                .resources
                .shared
                .admission
                .lock()
                .release(slot.session.id())
            {
                self.release_lock(&slot);
            }
            self.forget_names(key, &slot);
        }
    }

    fn fail(&mut self, slot: &mut Slot) {
        let mut context = self.resources.context(&mut self.state.counters);
        slot.fail("a defect of hotplex ended the session", &mut context);
    }

    /// Ends every turn first, as callers wait for that, and then all processes together: one that no
    /// signal ends must not make each other wait.
    pub(super) fn fail_everything(&mut self) {
        let mut slots = std::mem::take(&mut self.state.slots);
        slots.values_mut().for_each(|slot| self.fail(slot));
        let children = slots.values_mut().filter_map(|slot| slot.child.as_mut());
        let mut children: Vec<_> = children.collect();
        children.iter().for_each(|child| child.kill());
        let until = Instant::now() + DEATH_TAKES;
        children.iter_mut().for_each(|child| child.end_by(until));
    }

    /// Brings the loop's lists, timers and names in line with what happened to slots in this pass.
    pub(super) fn reconcile(&mut self) {
        // In the order of events: those that want a process are served as they came.
        let mut touched = std::mem::take(&mut self.state.touched);
        for key in touched.drain(..) {
            self.reconcile_slot(key);
        }
        // Its memory serves the next pass.
        self.state.touched = touched;
    }

    pub(super) fn reconcile_slot(&mut self, key: SlotKey) {
        let Some(slot) = self.state.slots.get_mut(&key) else {
            return;
        };
        if let Some(child_key) = slot.reaped.take() {
            self.state.by_child.remove(&child_key);
            self.state.live_processes -= 1;
        }
        slot.cancel_launch();
        let pool_status = slot.pool_status();
        self.state
            .pool
            .update(key, &mut slot.pool_entry, pool_status);
        let deadline = slot.deadline();
        self.state.timers.arm(key, &mut slot.armed, deadline);
        if slot.child.as_ref().is_some_and(ChildIo::is_ready) {
            list(&mut self.state.ready, key, slot);
        }
        if slot.session.is_over() && !slot.occupies_process() && !slot.awaits_record() {
            self.forget(key);
        }
    }

    /// Drops a session that has neither a process nor a turn, unless a turn is on its way.
    fn forget(&mut self, key: SlotKey) {
        let Some(slot) = self.state.slots.get(&key) else {
            return;
        };
        let free = slot.is_spare()
            || self
                .resources
                .shared
                .admission
                .lock()
                .release(slot.session.id());
        if free && let Some(slot) = self.state.slots.remove(&key) {
            self.release_lock(&slot);
            self.forget_names(key, &slot);
        }
    }

    /// Another engine may use the session from now on.
    fn release_lock(&self, slot: &Slot) {
        if let Some(key) = &slot.record_key {
            let _ = self.resources.jobs.send(Job::ReleaseLock(key.clone()));
        }
    }

    fn forget_names(&mut self, key: SlotKey, slot: &Slot) {
        self.state.pool.remove(key, slot.pool_entry);
        if !slot.is_spare() {
            self.state.by_session.remove(slot.session.id());
        }
        self.state.spares.retain(|spare| *spare != key);
        self.state.by_child.retain(|_, owner| *owner != key);
    }

    pub(super) fn info(&self) -> EngineInfo {
        let ready = |key: &&SlotKey| {
            self.state
                .slots
                .get(key)
                .is_some_and(|slot| slot.session.is_idle())
        };
        EngineInfo {
            live_processes: self.state.live_processes,
            sessions: self.state.by_session.len(),
            ready_spares: self.state.spares.iter().filter(ready).count(),
            spawned: self.state.counters.spawned,
            turns_completed: self.state.counters.turns_completed,
            turns_not_completed: self.state.counters.turns_not_completed,
            spare_hits: self.state.counters.spare_hits,
            spare_misses: self.state.counters.spare_misses,
            hibernated: self.state.counters.hibernated,
            lost_background_events: self.state.counters.lost_background_events,
        }
    }
}
