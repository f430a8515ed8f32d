//! One client's share of what happens: the turns it began and the sessions it follows.
//!
//! Nothing is queued for a client: it has a place in each log and takes from there. So a client that
//! does not read costs nothing but the log itself.

use std::sync::Arc;

use tokio::sync::Notify;

pub(crate) use super::follow::FeedItem;
use super::follow::{FeedState, Follow};
use super::log::Activity;
use super::state::{Hub, HubState};
use crate::refusal::Refusal;

/// Sessions that one client follows at once; each is looked at whenever it takes something.
const MOST_FOLLOWED: usize = 1000;

/// A client's end. Dropping it is leaving: its turns are cancelled, unless they were to go on.
pub(crate) struct Feed {
    hub: Arc<Hub>,
    id: u64,
    wake: Arc<Notify>,
}

/// Where a subscription begins.
pub(crate) struct Subscribed {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) state: Activity,
    pub(crate) queued: usize,
}

impl Feed {
    pub(crate) fn new(hub: &Arc<Hub>) -> Feed {
        let wake = Arc::new(Notify::new());
        let mut state = hub.state();
        state.last_feed += 1;
        let id = state.last_feed;
        let feed = FeedState {
            wake: Arc::clone(&wake),
            follows: Vec::new(),
        };
        state.feeds.insert(id, feed);
        drop(state);
        Feed {
            hub: Arc::clone(hub),
            id,
            wake,
        }
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// Rings when there may be something to take.
    pub(crate) fn wake(&self) -> &Arc<Notify> {
        &self.wake
    }

    /// True while a turn of this client is under way, or its end was not taken.
    pub(crate) fn is_owed(&self) -> bool {
        let state = self.hub.state();
        let feed = state.feeds.get(&self.id);
        feed.is_some_and(FeedState::is_owed)
    }

    /// Follows a session from now on, after what is held beyond `after`.
    ///
    /// # Errors
    /// The client follows too many.
    pub(crate) fn subscribe(&self, key: &str, after: Option<u64>) -> Result<Subscribed, Refusal> {
        let key: Arc<str> = key.into();
        let mut state = self.hub.state();
        if !state.may_follow(self.id, &key) {
            let why = format!("this connection follows {MOST_FOLLOWED} sessions already");
            return Err(Refusal::new("busy", why));
        }
        let session = state.session(&key);
        let (place, gap) = match after {
            Some(after) => session.log.place(after),
            None => (session.log.last(), None),
        };
        let subscribed = Subscribed {
            first: session.log.first(),
            last: session.log.last(),
            state: session.state(),
            queued: session.queued(),
        };
        if let Some(follow) = state.follow(self.id, &key) {
            // What a turn of this client is owed must not be passed over.
            let keeps_place = after.is_none() && !follow.turns.is_empty();
            if !keeps_place {
                follow.place = place;
            }
            follow.gap = gap;
            follow.subscribed = true;
        }
        self.hub.relieve(&mut state, &key);
        self.wake.notify_one();
        Ok(subscribed)
    }

    pub(crate) fn unsubscribe(&self, key: &str) {
        let mut state = self.hub.state();
        if let Some(feed) = state.feeds.get_mut(&self.id) {
            for follow in feed
                .follows
                .iter_mut()
                .filter(|follow| *follow.session == *key)
            {
                follow.subscribed = false;
                follow.gap = None;
            }
        }
        state.drop_follows_of_nothing(self.id);
    }

    /// Takes what there is, about `bytes` of it at most.
    pub(crate) fn take(&self, bytes: usize) -> Vec<FeedItem> {
        let mut told = Vec::new();
        let mut state = self.hub.state();
        let state = &mut *state;
        let mut moved = Vec::new();
        let Some(feed) = state.feeds.get_mut(&self.id) else {
            return told;
        };
        let mut room = bytes;
        for follow in &mut feed.follows {
            let Some(session) = state.sessions.get(&follow.session) else {
                continue;
            };
            let before = follow.place;
            room = follow.take(&session.log, room, &mut told);
            if follow.place != before {
                moved.push(Arc::clone(&follow.session));
            }
            if room == 0 {
                // The others come first the next time.
                break;
            }
        }
        if !feed.follows.is_empty() && room == 0 {
            feed.follows.rotate_left(1);
            self.wake.notify_one();
        }
        if !moved.is_empty() {
            state.drop_follows_of_nothing(self.id);
        }
        for key in moved {
            self.hub.relieve(state, &key);
        }
        told
    }
}

impl HubState {
    /// The client's place in a session, made if there is none; `None` if the client has left.
    fn follow(&mut self, feed: u64, key: &Arc<str>) -> Option<&mut Follow> {
        let session = self.session(key);
        let last = session.log.last();
        let feed_state = self.feeds.get_mut(&feed)?;
        let found = feed_state
            .follows
            .iter()
            .position(|follow| follow.session == *key);
        let at = match found {
            Some(at) => at,
            None => {
                feed_state.follows.push(Follow {
                    session: Arc::clone(key),
                    place: last,
                    subscribed: false,
                    turns: Vec::new(),
                    gap: None,
                });
                self.sessions.get_mut(key)?.followers.push(feed);
                feed_state.follows.len() - 1
            }
        };
        feed_state.follows.get_mut(at)
    }

    fn may_follow(&self, feed: u64, key: &Arc<str>) -> bool {
        let feed = self.feeds.get(&feed);
        feed.is_none_or(|feed| {
            let mut follows = feed.follows.iter();
            feed.follows.len() < MOST_FOLLOWED || follows.any(|follow| follow.session == *key)
        })
    }

    /// A client does not follow a session any more. One that was only asked about is forgotten.
    fn let_go(&mut self, feed: u64, key: &Arc<str>) {
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        session.followers.retain(|one| *one != feed);
        if session.engine.is_none() && session.is_idle() {
            self.held_bytes -= session.log.bytes();
            self.sessions.remove(key);
        }
    }

    pub(super) fn follow_turn(
        &mut self,
        feed: u64,
        key: &Arc<str>,
        turn: u64,
        request_id: Option<u64>,
    ) {
        if let Some(follow) = self.follow(feed, key) {
            follow.turns.push((turn, request_id));
        }
    }

    pub(super) fn unfollow_turn(&mut self, feed: u64, key: &Arc<str>, turn: u64) {
        if let Some(feed) = self.feeds.get_mut(&feed) {
            for follow in feed
                .follows
                .iter_mut()
                .filter(|follow| follow.session == *key)
            {
                follow.turns.retain(|(one, _)| *one != turn);
            }
        }
        self.drop_follows_of_nothing(feed);
    }

    fn drop_follows_of_nothing(&mut self, feed: u64) {
        let Some(feed_state) = self.feeds.get_mut(&feed) else {
            return;
        };
        let is_nothing = |follow: &mut Follow| !follow.subscribed && follow.turns.is_empty();
        let dropped: Vec<_> = feed_state.follows.extract_if(.., is_nothing).collect();
        for follow in dropped {
            self.let_go(feed, &follow.session);
        }
    }

    /// The number up to which all who began a turn of the session have taken everything; `None` if
    /// no client is owed anything.
    pub(super) fn owed(&self, key: &Arc<str>) -> Option<u64> {
        let session = self.sessions.get(key)?;
        let feeds = session
            .followers
            .iter()
            .filter_map(|feed| self.feeds.get(feed));
        let follows = feeds.flat_map(|feed| &feed.follows);
        let owed = follows.filter(|follow| follow.session == *key && !follow.turns.is_empty());
        owed.map(|follow| follow.place).min()
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        let mut state = self.hub.state();
        let Some(feed) = state.feeds.remove(&self.id) else {
            return;
        };
        let mut orders = Vec::new();
        for follow in feed.follows {
            state.let_go(self.id, &follow.session);
            for (turn, _) in follow.turns {
                let Some(entry) = state.turns.get_mut(&turn) else {
                    continue;
                };
                entry.feed = None;
                if !entry.detach {
                    orders.extend(state.cancel(turn).flatten());
                }
            }
            self.hub.relieve(&mut state, &follow.session);
        }
        drop(state);
        for (engine, id) in orders {
            // A turn that is over needs no cancelling.
            let _ = engine.cancel(id);
        }
    }
}
