//! A client's place in the logs that it follows: pure, without lock and sockets.

use std::sync::Arc;

use tokio::sync::Notify;

use super::log::{Activity, Entry, Gap, Log, What};

pub(super) struct FeedState {
    pub(super) wake: Arc<Notify>,
    pub(super) follows: Vec<Follow>,
}

impl FeedState {
    pub(super) fn is_owed(&self) -> bool {
        self.follows.iter().any(|follow| !follow.turns.is_empty())
    }
}

/// A client's place in one session.
pub(super) struct Follow {
    pub(super) session: Arc<str>,
    /// Everything up to here was taken.
    pub(super) place: u64,
    /// Everything of the session is wanted, not only the turns below.
    pub(super) subscribed: bool,
    /// Turns of this client whose end was not taken yet.
    pub(super) turns: Vec<(u64, Option<u64>)>,
    pub(super) gap: Option<Gap>,
}

/// One thing that a client is told.
pub(crate) enum FeedItem {
    Gap {
        session: Arc<str>,
        gap: Gap,
    },
    Event {
        session: Arc<str>,
        entry: Arc<Entry>,
        /// It belongs to a turn of this client.
        mine: bool,
        request_id: Option<u64>,
        subscribed: bool,
    },
}

impl FeedItem {
    /// It says that a turn has begun, or what the session does since then, and nothing else.
    pub(crate) fn is_of_begin(&self) -> bool {
        let FeedItem::Event { entry, .. } = self else {
            return false;
        };
        let begun = [Activity::Starting, Activity::Working];
        match &entry.what {
            What::Prompt(_) => true,
            What::State { state, .. } => begun.contains(state),
            _ => false,
        }
    }
}

impl Follow {
    /// Takes from a log until there is nothing more or no room; the room that is left.
    pub(super) fn take(&mut self, log: &Log, mut room: usize, told: &mut Vec<FeedItem>) -> usize {
        let fell_out = self.subscribed.then(|| log.place(self.place).1).flatten();
        if let Some(gap) = self.gap.take().or(fell_out) {
            self.place = self.place.max(log.first() - 1);
            told.push(FeedItem::Gap {
                session: Arc::clone(&self.session),
                gap,
            });
        }
        for (entry, weight) in log.after(self.place) {
            self.place = entry.seq;
            let own = self
                .turns
                .iter()
                .position(|(turn, _)| *turn == entry.turn && entry.turn != 0);
            if own.is_none() && !self.subscribed {
                continue;
            }
            told.push(FeedItem::Event {
                session: Arc::clone(&self.session),
                entry: Arc::clone(entry),
                mine: own.is_some(),
                request_id: own.and_then(|at| self.turns[at].1),
                subscribed: self.subscribed,
            });
            if let (Some(at), What::End(_)) = (own, &entry.what) {
                self.turns.remove(at);
            }
            room = room.saturating_sub(*weight);
            if room == 0 {
                break;
            }
        }
        room
    }
}
