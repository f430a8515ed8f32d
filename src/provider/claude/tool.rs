//! Calls of tools: what they are about, in a line, and which ones are under way.

use std::collections::VecDeque;

use serde_json::Value;

use crate::event::ToolUse;
use crate::provider::summary::summary;

pub(super) fn call(id: String, name: String, input: Value) -> ToolUse {
    ToolUse {
        id,
        summary: summary(&input),
        changes_file: changed_file(&name, &input).map(str::to_owned),
        name,
        input,
        parent: None,
    }
}

fn changed_file<'a>(tool: &str, input: &'a Value) -> Option<&'a str> {
    match tool {
        "Write" | "Edit" | "MultiEdit" => input.get("file_path")?.as_str(),
        "NotebookEdit" => input.get("notebook_path")?.as_str(),
        _ => None,
    }
}

/// Calls that have no result yet, for their names: a result names its call by number only.
#[derive(Default)]
pub(super) struct Calls(VecDeque<(String, String)>);

impl Calls {
    /// Calls that an interrupt swept away never get a result, and must not add up.
    const AT_MOST: usize = 256;

    pub(super) fn began(&mut self, call: &ToolUse) {
        if self.0.len() == Calls::AT_MOST {
            self.0.pop_front();
        }
        self.0.push_back((call.id.clone(), call.name.clone()));
    }

    /// The name of the call with that number; empty if it was not seen.
    pub(super) fn answered(&mut self, id: &str) -> String {
        let at = self.0.iter().rposition(|(call, _)| call == id);
        let call = at.and_then(|at| self.0.remove(at));
        call.map(|(_, name)| name).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_tools_that_write_change_a_file() {
        let input = json!({"file_path": "/w/a", "notebook_path": "/w/n"});
        let table = [
            ("Write", Some("/w/a")),
            ("Edit", Some("/w/a")),
            ("MultiEdit", Some("/w/a")),
            ("NotebookEdit", Some("/w/n")),
            ("Read", None),
        ];
        for (name, expected) in table {
            assert_eq!(changed_file(name, &input), expected, "{name}");
        }
    }

    #[test]
    fn calls_without_a_result_do_not_add_up() {
        let mut calls = Calls::default();
        for number in 0..1000 {
            calls.began(&call(number.to_string(), "Bash".to_owned(), json!({})));
        }
        assert_eq!(calls.0.len(), Calls::AT_MOST);
        assert_eq!(
            (calls.answered("999"), calls.answered("0")),
            ("Bash".to_owned(), String::new())
        );
    }
}
