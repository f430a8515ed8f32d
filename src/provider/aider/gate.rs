//! What the audit hook asks before a file is written or a program started, and what it is answered.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::event::{Decision, EventKind, ToolResult, ToolUse};
use crate::message::Message;
use crate::notice::NoticeCode;
use crate::provider::permission::{Leave, Policy};
use crate::provider::summary::summary;

/// So many files of a turn are known by their names. About others is asked each time.
const FILES_AT_MOST: usize = 10_000;

/// So many calls of a turn wait for a word of aider's about their result.
const RUNNING_AT_MOST: usize = 256;

/// What the hook writes.
#[derive(Deserialize)]
#[serde(untagged)]
enum HookQuestion {
    /// Nothing: it is there.
    Greeting { hello: String },
    /// A file is about to be written, or something done to it.
    Write { write: String, exists: bool },
    /// A file outside of the work directory is about to be read for the model.
    Read { read: String },
    /// A program is about to be started.
    Run { run: String },
}

/// A call that waits for its answer.
struct Open {
    tool: ToolUse,
    /// No caller can allow it: it is denied whatever the gate says.
    denied: bool,
}

/// The questions of one process.
#[derive(Default)]
pub(super) struct HookGate {
    pub(super) has_greeted: bool,
    calls: u64,
    open: HashMap<String, Open>,
    /// Those of this turn that were let pass and have no result yet.
    running: Vec<ToolUse>,
    /// Files that this turn was let write: aider opens one several times for one edit.
    written: HashSet<String>,
    /// What this turn was denied, and why: aider tries a file again and again.
    refused: HashMap<String, String>,
}

/// The hook takes this for a yes, and all else for a no.
fn allowed() -> String {
    json!({"allow": true}).to_string()
}

fn denied(why: &str) -> String {
    json!({"deny": why}).to_string()
}

impl HookGate {
    /// Takes a question; a line answers it at once, without one it is answered later. Before the process
    /// is `ready` nobody is there to be asked.
    pub(super) fn asked(
        &mut self,
        id: &str,
        request: &str,
        ready: bool,
        policy: &Policy,
        work_dir: &Path,
        messages: &mut Vec<Message>,
    ) -> Option<String> {
        let (name, kind, input) = match serde_json::from_str(request) {
            Ok(HookQuestion::Greeting { hello }) => {
                log::debug!("the audit hook is loaded in Python {hello}");
                self.has_greeted = true;
                return Some(allowed());
            }
            Ok(HookQuestion::Write { write, .. }) if self.written.contains(&write) => {
                return Some(allowed());
            }
            Ok(HookQuestion::Write { write, .. }) if self.refused.contains_key(&write) => {
                return Some(denied(&self.refused[&write]));
            }
            Ok(HookQuestion::Write { write, exists }) => {
                let name = if exists { "Edit" } else { "Write" };
                (name, "edit", json!({"file_path": write}))
            }
            Ok(HookQuestion::Read { read }) if self.refused.contains_key(&read) => {
                return Some(denied(&self.refused[&read]));
            }
            Ok(HookQuestion::Read { read }) => ("Read", "read", json!({"file_path": read})),
            Ok(HookQuestion::Run { run }) => ("Bash", "execute", json!({"command": run})),
            Err(_) => {
                let text = "what aider's audit hook asks cannot be read, and is denied";
                let kind = EventKind::warning(NoticeCode::PermissionRefused, text);
                messages.push(Message::Event(kind));
                return Some(denied("hotplex: the question cannot be read"));
            }
        };
        if !ready {
            log::warn!("aider is denied {name} {input} before its first prompt");
            return Some(denied(
                "hotplex: nothing is written or run before the first prompt",
            ));
        }
        self.calls += 1;
        let tool = ToolUse {
            id: format!("aider-{}", self.calls),
            name: name.to_owned(),
            parent: None,
            summary: summary(&input),
            changes_file: (kind == "edit").then(|| file_of(&input)).flatten(),
            input,
        };
        let paths: Vec<String> = file_of(&tool.input).into_iter().collect();
        let leave = policy.leave(kind, &paths, work_dir);
        messages.push(Message::Event(EventKind::ToolUse(Box::new(tool.clone()))));
        messages.push(leave.question(id.to_owned(), tool.clone(), None, None));
        let denied = leave == Leave::Denied;
        self.open.insert(id.to_owned(), Open { tool, denied });
        None
    }

    /// The line that answers; what is to be told besides goes to `told`.
    pub(super) fn answer(
        &mut self,
        id: &str,
        decision: &Decision,
        told: &mut Vec<Message>,
    ) -> String {
        let Some(Open {
            tool,
            denied: nobody,
        }) = self.open.remove(id)
        else {
            return denied("nobody waits for this call any more");
        };
        let mut ends = false;
        let why = match decision {
            Decision::Deny { message, interrupt } => {
                ends = *interrupt;
                message.clone()
            }
            Decision::Allow { .. } if nobody => {
                let text = "a call was denied: nobody is asked in this permission mode";
                let kind = EventKind::info(NoticeCode::PermissionDenied, text);
                told.push(Message::Event(kind));
                text.to_owned()
            }
            Decision::Allow {
                updated_input: None,
            } => {
                if self.written.len() < FILES_AT_MOST {
                    self.written.extend(tool.changes_file.clone());
                }
                // One that is not the last has run long since.
                if self.running.len() == RUNNING_AT_MOST {
                    told.push(result(self.running.remove(0), "", false));
                }
                self.running.push(tool);
                return allowed();
            }
            // What was not meant to run must not.
            Decision::Allow { .. } => {
                let text = format!(
                    "permission request {id} is denied: this agent does what it asked for or nothing"
                );
                let kind = EventKind::warning(NoticeCode::PermissionRefused, text.as_str());
                told.push(Message::Event(kind));
                text
            }
        };
        let file = file_of(&tool.input);
        if self.refused.len() < FILES_AT_MOST {
            self.refused.extend(file.map(|file| (file, why.clone())));
        }
        told.push(result(tool, &why, true));
        match ends {
            true => json!({"deny": why, "interrupt": true}).to_string(),
            false => denied(&why),
        }
    }

    /// aider says that it has changed a file.
    pub(super) fn applied(&mut self, file: &str, line: &str) -> Option<Message> {
        let is_it = |tool: &ToolUse| {
            let path = tool.changes_file.as_deref().map(Path::new);
            path.is_some_and(|path| path.ends_with(file))
        };
        let at = self.running.iter().position(is_it)?;
        Some(result(self.running.remove(at), line, false))
    }

    /// The turn is over: what was let pass has run, and nobody waits any more.
    pub(super) fn end_turn(&mut self, messages: &mut Vec<Message>) {
        let running = self.running.drain(..);
        messages.extend(running.map(|tool| result(tool, "", false)));
        let open = self.open.drain();
        messages.extend(open.map(|(id, _)| Message::ApprovalWithdrawn(id)));
        self.written.clear();
        self.refused.clear();
    }
}

fn file_of(input: &Value) -> Option<String> {
    input["file_path"].as_str().map(str::to_owned)
}

fn result(tool: ToolUse, text: &str, is_error: bool) -> Message {
    Message::Event(EventKind::ToolResult(Box::new(ToolResult {
        id: tool.id,
        name: tool.name,
        text: text.to_owned(),
        is_error,
        duration: Duration::ZERO,
    })))
}
