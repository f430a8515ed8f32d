//! The names of calls whose result was told, so that what an agent adds to one is not taken for another call.

use std::collections::VecDeque;

/// The last of them.
#[derive(Default)]
pub(super) struct EndedCalls(VecDeque<String>);

impl EndedCalls {
    /// Agents add at once what they add.
    const AT_MOST: usize = 256;

    pub(super) fn add(&mut self, id: &str) {
        if self.0.len() == EndedCalls::AT_MOST {
            self.0.pop_front();
        }
        self.0.push_back(id.to_owned());
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.0.iter().any(|ended| ended == id)
    }

    /// Another call has the name now.
    pub(super) fn forget(&mut self, id: &str) {
        self.0.retain(|ended| ended != id);
    }
}
