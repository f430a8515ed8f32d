//! Which session gets a process when there are not enough. Pure: figures in, a decision out.

use std::time::Instant;

/// What is to be done for a session that needs a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room<K> {
    /// There is room: start one.
    Start,
    /// End the process of this one first, then look again.
    Evict(K),
    /// Every process is at work (or already on its way out): wait for one.
    Wait,
}

/// A session with a process, as far as the pool cares.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate<K> {
    pub(crate) key: K,
    /// It waits for a prompt and none is on its way.
    pub(crate) idle: bool,
    /// A prewarmed process that belongs to nobody yet.
    pub(crate) spare: bool,
    pub(crate) last_active: Instant,
}

/// Finds room for one more process.
///
/// `live` counts every process, also those that are starting or on their way out, `leaving` those
/// on their way out that no other session counts on yet, `limit` is 0 for no bound. A spare goes
/// before any session, then the one idle for longest; a busy one is never a victim.
pub(crate) fn find_room<K: Copy>(
    live: usize,
    leaving: usize,
    limit: usize,
    candidates: impl Iterator<Item = Candidate<K>>,
) -> Room<K> {
    if limit == 0 || live < limit {
        return Room::Start;
    }
    if leaving > 0 {
        return Room::Wait;
    }
    candidates
        .filter(|candidate| candidate.idle)
        .min_by_key(|candidate| (!candidate.spare, candidate.last_active))
        .map_or(Room::Wait, |victim| Room::Evict(victim.key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Who is there, how many live and leave, the limit, and what is to be done.
    type Case<'a> = (&'a [Candidate<&'a str>], usize, usize, usize, Room<&'a str>);

    #[test]
    fn a_spare_goes_first_then_the_one_idle_for_longest_and_never_a_busy_one() {
        let start = Instant::now();
        let candidate = |key, idle, spare, age| Candidate {
            key,
            idle,
            spare,
            last_active: start - Duration::from_secs(age),
        };
        let busy = candidate("busy", false, false, 900);
        let old = candidate("old", true, false, 60);
        let new = candidate("new", true, false, 1);
        let spare = candidate("spare", true, true, 0);
        let table: [Case<'_>; 7] = [
            (&[busy, old], 2, 0, 0, Room::Start),
            (&[busy, old], 2, 0, 3, Room::Start),
            (&[busy, new, old], 3, 0, 3, Room::Evict("old")),
            (&[busy, new, old, spare], 4, 0, 4, Room::Evict("spare")),
            (&[busy], 1, 0, 1, Room::Wait),
            (&[busy, old], 2, 1, 2, Room::Wait),
            (&[], 0, 0, 1, Room::Start),
        ];
        for (candidates, live, leaving, limit, expected) in table {
            let room = find_room(live, leaving, limit, candidates.iter().copied());
            assert_eq!(room, expected, "{live} of {limit}");
        }
    }
}
