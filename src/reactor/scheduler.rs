//! The scheduler: which session gets which process, the spares, the bound on live processes, and the
//! steps from a launch that is wanted to a process in the poll.

use super::child_io::ChildIo;
use super::command::{AcceptedTurn, Command, CommandSender, SpawnKey, Spawned};
use super::event_loop::{Loop, closed};
use super::keys::{ChildKey, SlotKey};
use super::loop_state::Closing;
use super::slot::Slot;
use super::spawner::Job;
use crate::channel::{TurnSender, Window};
use crate::error::{Error, ErrorKind};
use crate::event::SessionId;
use crate::message::Conversation;
use crate::session::{Session, StopReason};
use crate::stats::SessionState;
use crate::store::Remembered;

impl Loop {
    /// An accepted turn goes to its session, which is found or made.
    pub(super) fn prompt(&mut self, prompt: AcceptedTurn, events: TurnSender) {
        let key = match self.state.by_session.get(&prompt.session) {
            Some(&key) => key,
            None => self.open_slot(&prompt),
        };
        self.with_slot(key, |slot, context| slot.prompt(prompt, events, context));
        if self.state.closing != Closing::No {
            self.stop(key, &StopReason::EngineCloses(std::time::Duration::ZERO));
        }
    }

    fn open_slot(&mut self, prompt: &AcceptedTurn) -> SlotKey {
        let (id, spawn_key) = (&prompt.session, &prompt.spawn_key);
        let provider = &self.resources.shared.spawn_config.provider;
        let derived = provider.conversation_id(&self.resources.shared.namespace, id.as_str());
        let remembered = self.resources.shared.admission.lock().arrival(id).cloned();
        let conversation = match remembered.unwrap_or(Remembered::Nothing) {
            Remembered::Conversation(known) => Conversation::Resume(known),
            // The agent knows better than a record that cannot be read: if it has a conversation of
            // this name it says so, and that is resumed.
            Remembered::Damaged => Conversation::New(derived.clone()),
            remembered => {
                if let Some(spare) = self.take_spare(id, spawn_key, &derived) {
                    return spare;
                }
                // What goes by the derived name of a foreign record may be another session's.
                let foreign = remembered == Remembered::Foreign;
                let fresh = || {
                    self.resources
                        .shared
                        .spawn_config
                        .provider
                        .fresh_conversation_id()
                };
                Conversation::New(if foreign { fresh() } else { derived.clone() })
            }
        };
        let key = self.add_slot(id.clone(), spawn_key.clone(), conversation, Some(derived));
        self.state.by_session.insert(id.clone(), key);
        key
    }

    fn add_slot(
        &mut self,
        id: SessionId,
        spawn_key: SpawnKey,
        conversation: Conversation,
        record_key: Option<String>,
    ) -> SlotKey {
        let key = SlotKey(self.new_name());
        let session = Session::new(
            id,
            conversation,
            self.resources.options.limits,
            self.resources.now,
        );
        let window = Window::new(
            self.resources.options.window_bytes,
            resume(self.resources.sender.clone(), key),
        );
        let slot = Slot::new(key, session, spawn_key, record_key, window);
        self.state.slots.insert(key, Box::new(slot));
        key
    }

    fn new_name(&mut self) -> u64 {
        self.state.next_name += 1;
        self.state.next_name
    }

    /// Gives a spare with the very same setting to a new session, if there is one.
    fn take_spare(
        &mut self,
        id: &SessionId,
        spawn_key: &SpawnKey,
        derived: &str,
    ) -> Option<SlotKey> {
        let fits = |key: &SlotKey| {
            let slot = self.state.slots.get(key);
            slot.is_some_and(|slot| slot.spawn_key == *spawn_key && is_usable(slot))
        };
        // One that has answered its handshake is better than one that has not.
        let idle = |key: &SlotKey| {
            self.state
                .slots
                .get(key)
                .is_some_and(|slot| slot.session.is_idle())
        };
        let candidates = self.state.spares.iter().copied().filter(fits);
        let Some(key) = candidates.max_by_key(idle) else {
            self.state.counters.spare_misses += u64::from(!self.state.spares.is_empty());
            return None;
        };
        self.state.counters.spare_hits += 1;
        self.state.spares.retain(|spare| *spare != key);
        self.state.by_session.insert(id.clone(), key);
        let now = self.resources.now;
        if let Some(slot) = self.state.slots.get_mut(&key) {
            slot.record_key = Some(derived.to_owned());
            slot.session.adopt(id.clone(), now);
        }
        Some(key)
    }

    /// Starts spares, as far as there is room for them: a spare never costs a session its process.
    pub(super) fn warm_up(&mut self, spawn_key: &SpawnKey, count: usize) {
        for _ in 0..count {
            if self.state.closing != Closing::No
                || !self.state.pool.has_room(self.state.live_processes)
            {
                let live = self.state.live_processes;
                self.log(
                    log::Level::Info,
                    format!("no room for more spares: {live} processes live"),
                );
                return;
            }
            let fresh = self
                .resources
                .shared
                .spawn_config
                .provider
                .fresh_conversation_id();
            let id = SessionId::of_no_session();
            let key = self.add_slot(id, spawn_key.clone(), Conversation::New(fresh), None);
            self.state.spares.push(key);
            self.with_slot(key, |slot, context| {
                slot.session.warm_up(context.now, context.actions)
            });
            self.spawn(key);
        }
    }

    /// Finds processes for those that wait, first come, first served.
    pub(super) fn start_waiting(&mut self) {
        for key in self.state.pool.to_start(self.state.live_processes) {
            self.spawn(key);
            self.reconcile_slot(key);
        }
        // The end of each brings the loop here again.
        for victim in self.state.pool.to_evict() {
            self.evict(victim);
        }
    }

    fn evict(&mut self, victim: SlotKey) {
        self.state.counters.hibernated += 1;
        self.stop(victim, &StopReason::Hibernate);
        self.reconcile_slot(victim);
    }

    fn spawn(&mut self, key: SlotKey) {
        let Some(slot) = self.state.slots.get_mut(&key) else {
            return;
        };
        let Some(conversation) = slot.launch_wanted.take() else {
            return;
        };
        slot.spawning = true;
        self.state.live_processes += 1;
        let job = Job::Spawn(key, slot.spawn_key.clone(), conversation);
        if self.resources.jobs.send(job).is_err() {
            self.spawned(key, Err(closed()));
        }
    }

    /// The spawn thread has an answer.
    pub(super) fn spawned(&mut self, key: SlotKey, result: Result<Spawned, Error>) {
        let mut notices = Vec::new();
        let child = result.and_then(|mut spawned| {
            notices = std::mem::take(&mut spawned.notices);
            self.connect(spawned)
        });
        let child_key = child.as_ref().ok().map(|child| child.child_key);
        match (child_key, self.state.slots.contains_key(&key)) {
            (Some(child_key), true) => {
                self.state.counters.spawned += 1;
                self.state.by_child.insert(child_key, key);
            }
            // Without a slot the link is dropped below, and its process with it.
            _ => self.state.live_processes -= 1,
        }
        self.with_slot(key, |slot, context| {
            slot.spawning = false;
            slot.note_project(notices, context.now);
            slot.connect(child, context);
        });
    }

    fn connect(&mut self, spawned: Spawned) -> Result<ChildIo, Error> {
        let child_key = ChildKey(self.new_name());
        ChildIo::new(spawned, child_key, self.resources.poll.registry()).map_err(|error| {
            let message = format!("the agent's pipes cannot be watched: {error}");
            Error::new(ErrorKind::SpawnFailed, message).because(error)
        })
    }
}

/// Called on a caller's thread.
fn resume(sender: CommandSender, key: SlotKey) -> impl Fn() + Send + Sync {
    move || {
        let _ = sender.send(Command::Resume(key));
    }
}

fn is_usable(slot: &Slot) -> bool {
    matches!(
        slot.session.state(),
        SessionState::Starting | SessionState::Ready
    )
}
