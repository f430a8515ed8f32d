//! A list that is mostly of one, which then needs no memory of its own.

use std::ops::Deref;

#[derive(Debug)]
pub(crate) enum Few<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Few::Many(Vec::new())
    }
}

impl<T> From<T> for Few<T> {
    fn from(only: T) -> Self {
        Few::One(only)
    }
}

impl<T> From<Vec<T>> for Few<T> {
    fn from(all: Vec<T>) -> Self {
        Few::Many(all)
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Few::One(only) => std::slice::from_ref(only),
            Few::Many(all) => all,
        }
    }
}

impl<T> Few<T> {
    pub(super) fn push(&mut self, more: T) {
        match self {
            Few::Many(all) if all.is_empty() => *self = Few::One(more),
            Few::Many(all) => all.push(more),
            Few::One(_) => {
                if let Few::One(first) = std::mem::take(self) {
                    *self = Few::Many(vec![first, more]);
                }
            }
        }
    }

    pub(super) fn last_mut(&mut self) -> Option<&mut T> {
        match self {
            Few::One(only) => Some(only),
            Few::Many(all) => all.last_mut(),
        }
    }

    pub(super) fn into_vec(self) -> Vec<T> {
        match self {
            Few::One(only) => vec![only],
            Few::Many(all) => all,
        }
    }

    pub(super) fn extend(&mut self, more: Few<T>) {
        match more {
            Few::One(only) => self.push(only),
            Few::Many(all) => all.into_iter().for_each(|one| self.push(one)),
        }
    }
}
