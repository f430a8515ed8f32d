//! Permission requests between the agent's question and the caller's answer.

use std::collections::VecDeque;

use serde_json::value::RawValue;

/// Permission requests that wait for the caller, with the input each one asks about exactly as the
/// agent wrote it: what is allowed is what was asked, to the last digit.
#[derive(Default)]
pub(super) struct Approvals(VecDeque<(String, Box<RawValue>)>);

impl Approvals {
    /// Far above what an agent asks at once. An agent that forgets its requests without a word
    /// must not make us grow.
    const AT_MOST: usize = 256;

    /// Keeps a request; gives back the oldest one if there is no room for it any more.
    pub(super) fn add(&mut self, request_id: String, input: Box<RawValue>) -> Option<String> {
        let oldest = (self.0.len() == Approvals::AT_MOST)
            .then(|| self.0.pop_front())
            .flatten();
        self.0.push_back((request_id, input));
        oldest.map(|(request_id, _)| request_id)
    }

    pub(super) fn take(&mut self, request_id: &str) -> Option<Box<RawValue>> {
        let at = self.0.iter().position(|(id, _)| id == request_id)?;
        self.0.remove(at).map(|(_, input)| input)
    }
}
