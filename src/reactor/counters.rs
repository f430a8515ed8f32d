//! What an engine has done since it was opened.

/// What the loop counts.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) spawned: u64,
    pub(crate) turns_completed: u64,
    pub(crate) turns_not_completed: u64,
    pub(crate) spare_hits: u64,
    pub(crate) spare_misses: u64,
    pub(crate) hibernated: u64,
    pub(crate) lost_background_events: u64,
}
