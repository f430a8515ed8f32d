//! What was let pass, to be held against what ran: hooks of a trusted project may answer for the caller
//! and replace a call after it was judged.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};

use serde_json::Value;

/// A call and what stands for its input. Two inputs of one project may not be made to look alike: the
/// numbers are another process's each time.
type Call = (String, u64);

/// The calls of one process.
#[derive(Default)]
pub(super) struct Judged {
    hasher: RandomState,
    /// By the name of the question: asked about, and not answered.
    open: VecDeque<(String, Call)>,
    /// Let pass, and not over.
    passed: VecDeque<Call>,
}

impl Judged {
    /// Far above what runs at once: those that were let pass and never ran must not add up.
    const AT_MOST: usize = 1024;

    pub(super) fn asked(&mut self, request_id: &str, call: &str, input: &Value) {
        let input = self.number(input);
        push(
            &mut self.open,
            (request_id.to_owned(), (call.to_owned(), input)),
        );
    }

    /// A question is answered: by a yes, and with what input if the caller gave another.
    pub(super) fn answered(&mut self, request_id: &str, allowed: bool, updated: Option<&Value>) {
        let at = self.open.iter().position(|(open, _)| open == request_id);
        let Some((_, (call, asked))) = at.and_then(|at| self.open.remove(at)) else {
            return;
        };
        if allowed {
            let input = updated.map_or(asked, |input| self.number(input));
            self.passed.retain(|(passed, _)| *passed != call);
            push(&mut self.passed, (call, input));
        }
    }

    /// Whether a call that has run is the one that was let pass last.
    pub(super) fn ran(&mut self, call: &str, input: &Value) -> bool {
        let input = self.number(input);
        let at = self.passed.iter().position(|(passed, _)| passed == call);
        let passed = at.and_then(|at| self.passed.remove(at));
        passed.is_some_and(|(_, passed)| passed == input)
    }

    fn number(&self, input: &Value) -> u64 {
        self.hasher.hash_one(input.to_string())
    }
}

fn push<T>(queue: &mut VecDeque<T>, item: T) {
    if queue.len() == Judged::AT_MOST {
        queue.pop_front();
    }
    queue.push_back(item);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What is asked about a call `t`, as (question, command, whether it is let pass, by the caller's input).
    type Asked = (&'static str, &'static str, bool, Option<&'static str>);

    #[test]
    fn only_what_was_let_pass_last_ran_as_it_was_judged() {
        let input = |command: &str| json!({ "command": command });
        let table: [(&[Asked], &str, bool); 8] = [
            (&[("h", "a", true, None)], "a", true),
            (&[("h", "a", true, None)], "b", false),
            (&[("h", "a", false, None)], "a", false),
            (&[], "a", false),
            (&[("h", "a", true, None), ("r", "b", true, None)], "b", true),
            (
                &[("h", "a", true, None), ("r", "b", false, None)],
                "b",
                false,
            ),
            (
                &[("h", "a", true, None), ("r", "b", false, None)],
                "a",
                true,
            ),
            (&[("r", "a", true, Some("c"))], "c", true),
        ];
        for (asked, ran, expected) in table {
            let mut judged = Judged::default();
            for (question, command, allowed, updated) in asked {
                judged.asked(question, "t", &input(command));
                let updated = updated.map(input);
                judged.answered(question, *allowed, updated.as_ref());
            }
            assert_eq!(judged.ran("t", &input(ran)), expected, "{asked:?} {ran}");
            assert!(!judged.ran("t", &input(ran)), "twice: {asked:?} {ran}");
        }
    }

    #[test]
    fn what_never_ran_does_not_add_up() {
        let mut judged = Judged::default();
        for number in 0..3000 {
            let name = number.to_string();
            judged.asked(&name, &name, &json!({}));
            if number % 2 == 0 {
                judged.answered(&name, true, None);
            }
        }
        assert!(judged.open.len() <= Judged::AT_MOST);
        assert_eq!(judged.passed.len(), Judged::AT_MOST);
    }
}
