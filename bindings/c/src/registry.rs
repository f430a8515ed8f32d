//! Handles: a slot and its generation, written as a pointer that nobody follows.
//!
//! A stale handle, one freed twice or one that never was is told apart from a live one by a look
//! into a table, so that it is an answer and not a crash. The look costs about 20 ns.

use std::sync::{Arc, PoisonError, RwLock};

use crate::status::{Failure, Status};

/// A handle is half slot, half generation.
const HALF: u32 = usize::BITS / 2;

/// Slots are counted from 1, so that no handle is NULL.
const MOST_SLOTS: usize = (1 << HALF) - 2;

struct Slot<T> {
    generation: usize,
    held: Option<Arc<T>>,
}

/// Things by handle. Any thread.
pub(crate) struct Registry<T> {
    slots: RwLock<Vec<Slot<T>>>,
}

impl<T> Registry<T> {
    pub(crate) const fn new() -> Registry<T> {
        Registry {
            slots: RwLock::new(Vec::new()),
        }
    }

    /// Takes something in and gives its handle, which was never given before.
    pub(crate) fn insert(&self, thing: Arc<T>) -> Result<usize, Failure> {
        let mut slots = self.slots.write().unwrap_or_else(PoisonError::into_inner);
        // A slot whose generations are used up stays empty.
        let free = |slot: &Slot<T>| slot.held.is_none() && slot.generation < (1 << HALF) - 1;
        let place = slots.iter().position(free).unwrap_or(slots.len());
        if place == slots.len() {
            if place >= MOST_SLOTS {
                return Err(Failure::new(Status::BUSY, "there are too many engines"));
            }
            slots.push(Slot {
                generation: 0,
                held: None,
            });
        }
        let slot = &mut slots[place];
        slot.generation += 1;
        slot.held = Some(thing);
        Ok(slot.generation << HALF | (place + 1))
    }

    /// What stands behind a handle, if it is a live one.
    pub(crate) fn get(&self, handle: usize) -> Option<Arc<T>> {
        let slots = self.slots.read().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.get(place(handle)?)?;
        let held = slot.held.as_ref()?;
        (slot.generation == handle >> HALF).then(|| Arc::clone(held))
    }

    /// Makes a handle stale. What stood behind it lives for those that use it now.
    pub(crate) fn remove(&self, handle: usize) {
        let mut slots = self.slots.write().unwrap_or_else(PoisonError::into_inner);
        let slot = place(handle).and_then(|place| slots.get_mut(place));
        if let Some(slot) = slot.filter(|slot| slot.generation == handle >> HALF) {
            let held = slot.held.take();
            // What is dropped may take long, and other engines need the table.
            drop(slots);
            drop(held);
        }
    }
}

fn place(handle: usize) -> Option<usize> {
    (handle & ((1 << HALF) - 1)).checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_good_from_insert_to_remove_and_never_again() {
        let registry = Registry::new();
        let first = registry.insert(Arc::new("first")).unwrap();
        let second = registry.insert(Arc::new("second")).unwrap();
        registry.remove(first);
        let third = registry.insert(Arc::new("third")).unwrap();
        assert_eq!(third & 0xffff, first & 0xffff, "the slot is used again");
        registry.remove(first);
        let at = |handle| registry.get(handle).map(|held| *held);
        assert_eq!(
            (at(first), at(second), at(third)),
            (None, Some("second"), Some("third"))
        );
    }

    #[test]
    fn what_was_never_a_handle_finds_nothing() {
        let registry = Registry::new();
        let live = registry.insert(Arc::new(())).unwrap();
        let wrong = [
            0,
            1,
            2,
            usize::MAX,
            live + 1,
            live | 1 << (usize::BITS - 1),
            &raw const live as usize,
        ];
        for handle in wrong {
            assert!(registry.get(handle).is_none(), "{handle:x}");
            registry.remove(handle);
        }
        assert!(registry.get(live).is_some());
    }
}
