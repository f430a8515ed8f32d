//! The calls of tools that items tell of, and those of them that are under way.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use crate::event::ToolUse;
use crate::provider::ended::EndedCalls;
use crate::provider::summary::summary;

/// What a call that concerns sub-agents is called, if nothing names it better.
pub(super) const AGENT: &str = "agent";

/// The calls of tools that have not ended, by the agent's name of the item, and the names of those that
/// ended last.
#[derive(Default)]
pub(super) struct Items {
    open: VecDeque<(String, ToolUse)>,
    ended: EndedCalls,
}

impl Items {
    /// Calls that an interrupt swept away never end, and must not add up.
    const AT_MOST: usize = 256;

    pub(super) fn get(&self, item: &str) -> Option<&ToolUse> {
        let mut items = self.open.iter();
        items.find(|(id, _)| id == item).map(|(_, tool)| tool)
    }

    pub(super) fn began(&mut self, tool: ToolUse) {
        if self.open.len() == Items::AT_MOST {
            self.open.pop_front();
        }
        self.ended.forget(&tool.id);
        self.open.push_back((tool.id.clone(), tool));
    }

    /// The call, if its beginning was told.
    pub(super) fn ended(&mut self, item: &str) -> Option<ToolUse> {
        self.ended.add(item);
        let at = self.open.iter().position(|(id, _)| id == item)?;
        self.open.remove(at).map(|(_, tool)| tool)
    }

    /// Its result was told: what comes is no other call.
    pub(super) fn has_ended(&self, item: &str) -> bool {
        self.ended.has(item)
    }

    /// The turn is over: nothing of it is waited for.
    pub(super) fn forget(&mut self) {
        self.open.clear();
    }
}

/// Which call started which sub-agent, by the agent's name of its thread.
#[derive(Default)]
pub(super) struct SubAgents(VecDeque<(String, String)>);

impl SubAgents {
    /// They go on over the ends of turns, so they are forgotten by their number alone.
    const AT_MOST: usize = 256;

    /// Takes what an item tells of threads that its call began.
    pub(super) fn note(&mut self, item: &Value) {
        if text(item, "tool") != Some("spawnAgent") {
            return;
        }
        let threads = item.get("receiverThreadIds").and_then(Value::as_array);
        let threads = threads.into_iter().flatten().filter_map(Value::as_str);
        for thread in threads {
            if self.0.len() == SubAgents::AT_MOST {
                self.0.pop_front();
            }
            let call = text(item, "id").unwrap_or_default();
            self.0.push_back((thread.to_owned(), call.to_owned()));
        }
    }

    /// The call that started the sub-agent of this thread.
    pub(super) fn parent(&self, thread: Option<&str>) -> Option<String> {
        let mut known = self.0.iter().rev();
        let found = known.find(|(known, _)| Some(known.as_str()) == thread);
        found.map(|(_, call)| call.clone())
    }
}

/// The call of a tool that an item is; `None` if it is none.
pub(super) fn tool(item: &Value) -> Option<ToolUse> {
    let id = text(item, "id")?.to_owned();
    let (name, input) = match text(item, "type")? {
        "commandExecution" => {
            let input = json!({"command": item.get("command"), "cwd": item.get("cwd")});
            ("Bash".to_owned(), input)
        }
        "fileChange" => {
            let input = json!({"changes": item.get("changes")});
            ("apply_patch".to_owned(), input)
        }
        "mcpToolCall" => {
            let (server, tool) = (text(item, "server")?, text(item, "tool")?);
            let input = item.get("arguments").cloned().unwrap_or_default();
            (format!("mcp__{server}__{tool}"), input)
        }
        "webSearch" => {
            let input = json!({"query": item.get("query")});
            ("web_search".to_owned(), input)
        }
        "imageView" => ("view_image".to_owned(), json!({"path": item.get("path")})),
        "collabAgentToolCall" => {
            let input = json!({"tool": item.get("tool"), "prompt": item.get("prompt")});
            (AGENT.to_owned(), input)
        }
        _ => return None,
    };
    Some(call(id, name, input))
}

/// A call with its summary. Its input is an object whatever the agent said.
pub(in crate::provider) fn call(id: String, name: String, input: Value) -> ToolUse {
    let changed = input.pointer("/changes/0/path").and_then(Value::as_str);
    let changed = changed.map(str::to_owned);
    let input = match input {
        Value::Object(_) => input,
        Value::Null => Value::Object(Map::new()),
        other => json!({"input": other}),
    };
    let summary = match &changed {
        Some(path) => path.clone(),
        None => summary(&input),
    };
    ToolUse {
        summary,
        changes_file: changed.filter(|_| name == "apply_patch"),
        parent: None,
        id,
        name,
        input,
    }
}

/// A member that is a text.
pub(super) fn text<'a>(value: &'a Value, member: &str) -> Option<&'a str> {
    value.get(member)?.as_str()
}
