//! Handles: a slot and a number, written as a pointer that nobody follows.
//!
//! A stale handle, one freed twice or one that never was is told apart from a live one by a look
//! into a table, so that it is an answer and not a crash. The look costs about 20 ns.
//!
//! A child of `fork` begins with an empty table, and leaves its parent's alone: a thread that it does
//! not have may hold the lock of that one. Numbers are counted over all handles and on through
//! forks, so a handle of the parent is told by its number.

use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::status::{Failure, Status};

/// A quarter of a handle is the slot, the rest the number.
const SLOT_BITS: u32 = usize::BITS / 4;

/// Slots are counted from 1, so that no handle is NULL.
const MOST_SLOTS: usize = (1 << SLOT_BITS) - 2;

struct Slot<T> {
    number: usize,
    held: Option<Arc<T>>,
}

type Table<T> = RwLock<Vec<Slot<T>>>;

/// Things by handle. Any thread.
pub(crate) struct Registry<T> {
    /// Made when it is first needed in this process.
    table: AtomicPtr<Table<T>>,
    /// The number given last, in this process or one that it descends from.
    last: AtomicUsize,
    /// The last number that was given before this process was forked.
    inherited: AtomicUsize,
}

/// Why there is nothing behind a handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// It was freed, or never was one.
    Stale,
    /// It is a handle of a process that this one was forked from.
    Inherited,
}

impl<T> Registry<T> {
    pub(crate) const fn new() -> Registry<T> {
        Registry {
            table: AtomicPtr::new(std::ptr::null_mut()),
            last: AtomicUsize::new(0),
            inherited: AtomicUsize::new(0),
        }
    }

    /// In a child of `fork`, before anything else runs there: begins afresh.
    pub(crate) fn leave_to_parent(&self) {
        let last = self.last.load(Ordering::Relaxed);
        self.inherited.store(last, Ordering::Relaxed);
        self.table.store(std::ptr::null_mut(), Ordering::Release);
    }

    fn table(&self) -> &Table<T> {
        let mut table = self.table.load(Ordering::Acquire);
        if table.is_null() {
            table = self.make_table();
        }
        // SAFETY: a table that was put here is never freed.
        unsafe { &*table }
    }

    fn make_table(&self) -> *mut Table<T> {
        let made = Box::into_raw(Box::new(RwLock::new(Vec::new())));
        let null = std::ptr::null_mut();
        let put = self
            .table
            .compare_exchange(null, made, Ordering::AcqRel, Ordering::Acquire);
        put.map_or_else(
            |present| {
                // SAFETY: it was made above and nobody else has seen it.
                drop(unsafe { Box::from_raw(made) });
                present
            },
            |_| made,
        )
    }

    /// Takes something in and gives its handle, which was never given before.
    pub(crate) fn insert(&self, thing: Arc<T>) -> Result<usize, Failure> {
        let mut slots = self.table().write().unwrap_or_else(PoisonError::into_inner);
        let number = self.last.load(Ordering::Relaxed) + 1;
        let place = slots.iter().position(|slot| slot.held.is_none());
        let place = place.unwrap_or(slots.len());
        if place >= MOST_SLOTS || number >> (usize::BITS - SLOT_BITS) != 0 {
            return Err(Failure::new(Status::BUSY, "there are too many engines"));
        }
        self.last.store(number, Ordering::Relaxed);
        let held = Some(thing);
        match slots.get_mut(place) {
            Some(slot) => *slot = Slot { number, held },
            None => slots.push(Slot { number, held }),
        }
        Ok(number << SLOT_BITS | (place + 1))
    }

    /// What stands behind a handle, if it is a live one.
    pub(crate) fn get(&self, handle: usize) -> Result<Arc<T>, Missing> {
        let number = handle >> SLOT_BITS;
        if number != 0 && number <= self.inherited.load(Ordering::Relaxed) {
            return Err(Missing::Inherited);
        }
        let slots = self.table().read().unwrap_or_else(PoisonError::into_inner);
        let slot = place(handle).and_then(|place| slots.get(place));
        let slot = slot.filter(|slot| slot.number == number);
        let held = slot.and_then(|slot| slot.held.as_ref());
        held.map(Arc::clone).ok_or(Missing::Stale)
    }

    /// Makes a handle stale. What stood behind it lives for those that use it now.
    pub(crate) fn remove(&self, handle: usize) {
        let mut slots = self.table().write().unwrap_or_else(PoisonError::into_inner);
        let slot = place(handle).and_then(|place| slots.get_mut(place));
        if let Some(slot) = slot.filter(|slot| slot.number == handle >> SLOT_BITS) {
            let held = slot.held.take();
            // What is dropped may take long, and other engines need the table.
            drop(slots);
            drop(held);
        }
    }
}

fn place(handle: usize) -> Option<usize> {
    (handle & ((1 << SLOT_BITS) - 1)).checked_sub(1)
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
            (Err(Missing::Stale), Ok("second"), Ok("third"))
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
            assert_eq!(registry.get(handle), Err(Missing::Stale), "{handle:x}");
            registry.remove(handle);
        }
        assert!(registry.get(live).is_ok());
    }

    #[test]
    fn a_child_knows_the_handles_of_its_parent_and_gives_none_of_them_again() {
        let registry = Registry::new();
        let freed = registry.insert(Arc::new(1)).unwrap();
        registry.remove(freed);
        let parents = registry.insert(Arc::new(2)).unwrap();
        // A thread that the child does not have holds the table.
        let table = registry.table().write().unwrap();
        registry.leave_to_parent();
        assert_eq!(registry.get(parents), Err(Missing::Inherited));
        assert_eq!(registry.get(freed), Err(Missing::Inherited));
        let own = registry.insert(Arc::new(3)).unwrap();
        assert_eq!(registry.get(own).as_deref(), Ok(&3));
        assert!(own != parents && own != freed);
        registry.remove(parents);
        assert_eq!(registry.get(own).as_deref(), Ok(&3));
        drop(table);
    }
}
