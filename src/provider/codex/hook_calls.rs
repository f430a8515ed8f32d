//! The calls that our hook has asked about.

use std::collections::VecDeque;

use serde_json::Value;

use super::calls::{AGENT, call, text};
use crate::event::ToolUse;

/// A call about which the hook has asked.
struct HookCall {
    /// The name of the question.
    question: String,
    tool: ToolUse,
    /// `None` until it is decided.
    allowed: Option<bool>,
}

/// The calls of one process that our hook has asked about.
#[derive(Default)]
pub(in crate::provider) struct HookCalls {
    calls: VecDeque<HookCall>,
    /// A call got past the gate: nothing is allowed any more.
    pub(in crate::provider) failed: bool,
}

impl HookCalls {
    /// Sub-agents go on over the ends of turns, so calls are forgotten by their number alone. One that
    /// is forgotten counts as one that was not asked about.
    const AT_MOST: usize = 1024;

    pub(in crate::provider) fn add(&mut self, question: &str, tool: ToolUse) {
        if self.calls.len() == HookCalls::AT_MOST {
            self.calls.pop_front();
        }
        self.calls.push_back(HookCall {
            question: question.to_owned(),
            tool,
            allowed: None,
        });
    }

    pub(in crate::provider) fn decide(&mut self, question: &str, allowed: bool) {
        let mut calls = self.calls.iter_mut();
        if let Some(call) = calls.find(|call| call.question == question) {
            call.allowed = Some(allowed);
        }
    }

    /// The call that this question is about.
    pub(in crate::provider) fn asked_by(&self, question: &str) -> Option<&ToolUse> {
        let mut calls = self.calls.iter();
        let call = calls.find(|call| call.question == question);
        call.map(|call| &call.tool)
    }

    /// The call of this name, as its hook told it last.
    pub(in crate::provider) fn asked(&self, id: &str) -> Option<&ToolUse> {
        let mut calls = self.calls.iter().rev();
        let call = calls.find(|call| call.tool.id == id);
        call.map(|call| &call.tool)
    }

    pub(super) fn take(&mut self, id: &str) -> Option<ToolUse> {
        let at = self.calls.iter().position(|call| call.tool.id == id)?;
        self.calls.remove(at).map(|call| call.tool)
    }

    /// True if our answer let the call of this name pass.
    pub(in crate::provider) fn has_allowed(&self, id: &str) -> bool {
        let mut calls = self.calls.iter().rev();
        let call = calls.find(|call| call.tool.id == id);
        call.is_some_and(|call| call.allowed == Some(true))
    }

    /// A call in the words of its hook, where that has better ones: the command without the shell that
    /// runs it, and the name of a call that concerns sub-agents. Lists of tools go by these.
    pub(super) fn as_asked(&self, tool: ToolUse) -> ToolUse {
        let Some(asked) = self.asked(&tool.id) else {
            return tool;
        };
        let command = |tool: &ToolUse| Some(text(&tool.input, "command")?.to_owned());
        match (command(&tool), command(asked)) {
            _ if tool.name == AGENT => ToolUse {
                name: asked.name.clone(),
                ..tool
            },
            (Some(told), Some(plain)) if tool.name == asked.name && runs(&told, &plain) => {
                let mut input = tool.input;
                input["command"] = plain.into();
                ToolUse {
                    parent: tool.parent,
                    ..call(tool.id, tool.name, input)
                }
            }
            _ => tool,
        }
    }

    /// True if it let this call pass or, for a question about a server's tool, which does not name its
    /// call, one like it.
    pub(super) fn has_allowed_like(&self, tool: &ToolUse) -> bool {
        let is_like = |call: &HookCall| {
            call.tool.id == tool.id
                || (call.tool.name == tool.name && call.tool.input == tool.input)
        };
        let mut calls = self.calls.iter();
        calls.any(|call| call.allowed == Some(true) && is_like(call))
    }
}

/// True if the first is the second in a shell, like `/bin/bash -lc 'ls'` for `ls`.
fn runs(told: &str, plain: &str) -> bool {
    let unquoted = |text: &str| text.replace(['\'', '"', '\\'], "");
    let (told, plain) = (unquoted(told), unquoted(plain));
    let Some(shell) = told.strip_suffix(plain.as_str()) else {
        return false;
    };
    let words: Vec<&str> = shell.split(' ').collect();
    matches!(words[..], [""] | [_, "-lc" | "-c", ""])
}

/// The call that a hook asks about, and where it would run.
pub(in crate::provider) fn call_of(asked: &Value) -> Option<(ToolUse, Option<String>)> {
    if text(asked, "hook_event_name")? != "PreToolUse" {
        return None;
    }
    let id = text(asked, "tool_use_id").filter(|id| !id.is_empty())?;
    let name = text(asked, "tool_name").filter(|name| !name.is_empty())?;
    let input = asked.get("tool_input")?.clone();
    let tool = call(id.to_owned(), name.to_owned(), input);
    Some((tool, text(asked, "cwd").map(str::to_owned)))
}
