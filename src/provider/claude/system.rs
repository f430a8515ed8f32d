//! What the program says of itself: how the conversation begins, retries, refusals, tasks.

use serde_json::from_str;

use super::line::{Denied, Init, Retry, SystemKind, Task, TaskNotification, Tasks};
use super::line::{Read, Unknown};
use super::protocol::ClaudeProtocol;
use crate::event::{EventKind, SessionStart};
use crate::message::{Message, TaskChange};
use crate::notice::NoticeCode;
use crate::stats::BackgroundTask;

/// How `system/init` begins in all versions. It comes again with every turn and has up to 18 KB,
/// so that once it was told no more of it is read than the name of its conversation.
const INIT: &str = r#"{"type":"system","subtype":"init","#;

/// Before the name of the conversation. Within a text the quotes would be escaped.
const CONVERSATION: &str = r#""session_id":""#;

/// The capability of a version that tells by `command_lifecycle` which prompt it begins.
const NAMES_PROMPTS: &str = "msg_lifecycle_v1";

impl ClaudeProtocol {
    pub(super) fn system(&mut self, line: &str, messages: &mut Vec<Message>) -> Read {
        if line.starts_with(INIT) && self.is_told(conversation_at_a_glance(line)) {
            messages.push(Message::TurnStarted(None));
            return Ok(());
        }
        let kind: SystemKind = from_str(line)?;
        match kind.subtype.as_str() {
            "init" => self.init(line, messages)?,
            "api_retry" => messages.push(info(NoticeCode::ApiRetry, retry(from_str(line)?))),
            "permission_denied" => {
                messages.push(info(NoticeCode::PermissionDenied, denied(from_str(line)?)))
            }
            "task_notification" => task_notification(from_str(line)?, messages),
            "task_started" => task_started(from_str(line)?, messages),
            "background_tasks_changed" => {
                let Tasks { tasks } = from_str(line)?;
                let tasks = tasks.into_iter().map(background_task).collect();
                messages.push(Message::Tasks(TaskChange::All(tasks)));
            }
            // What goes on within a turn, told better by its events; or how far a task is, whose
            // end `task_notification` tells.
            "status"
            | "thinking_tokens"
            | "session_state_changed"
            | "task_progress"
            | "task_updated" => {}
            _ => return Err(Unknown),
        }
        Ok(())
    }

    /// `/clear` goes over to another conversation, which introduces itself in the same process.
    fn init(&mut self, line: &str, messages: &mut Vec<Message>) -> Read {
        let init: Init = from_str(line)?;
        if init.capabilities.iter().any(|name| name == NAMES_PROMPTS) {
            messages.push(Message::NamesTurns);
        }
        if !self.is_told(Some(&init.session_id)) {
            self.conversation_told = Some(init.session_id.clone());
            messages.extend(
                init.claude_code_version
                    .clone()
                    .map(Message::ProgramVersion),
            );
            messages.push(Message::SessionStart(Box::new(session_start(init))));
        }
        messages.push(Message::TurnStarted(None));
        Ok(())
    }

    fn is_told(&self, conversation: Option<&str>) -> bool {
        self.conversation_told.is_some() && self.conversation_told.as_deref() == conversation
    }
}

fn conversation_at_a_glance(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once(CONVERSATION)?;
    rest.split_once('"').map(|(name, _)| name)
}

fn session_start(init: Init) -> SessionStart {
    SessionStart {
        agent_session_id: init.session_id,
        model: init.model,
        tools: init.tools,
        cwd: init.cwd,
        // The session knows these: it had the process started.
        resumed: false,
        pid: None,
    }
}

fn info(code: NoticeCode, text: String) -> Message {
    Message::Event(EventKind::info(code, text))
}

fn retry(retry: Retry) -> String {
    let status = retry
        .error_status
        .map_or(String::new(), |status| format!(", status {status}"));
    let error = retry
        .error
        .map_or(String::new(), |error| format!(" ({})", error.as_str()));
    let Retry {
        attempt,
        max_retries,
        retry_delay_ms,
        ..
    } = retry;
    format!("attempt {attempt} of {max_retries}{status}{error}, next try in {retry_delay_ms:.0} ms")
}

fn denied(denied: Denied) -> String {
    format!("{}: {}", denied.tool_name.as_str(), denied.message.as_str())
}

fn task_notification(task: TaskNotification, messages: &mut Vec<Message>) {
    if let Some(id) = task.task_id {
        messages.push(Message::Tasks(TaskChange::Ended(id)));
    }
    let text = format!("{}: {}", task.status.as_str(), task.summary.as_str());
    messages.push(info(NoticeCode::TaskNotification, text));
}

/// A tool that its turn waits for is announced as well.
fn task_started(task: Task, messages: &mut Vec<Message>) {
    if task.is_backgrounded != Some(false) {
        let task = background_task(task);
        messages.push(Message::Tasks(TaskChange::Began(task)));
    }
}

fn background_task(task: Task) -> BackgroundTask {
    BackgroundTask {
        id: task.task_id,
        kind: task.task_type.unwrap_or_default(),
        description: task.description.unwrap_or_default(),
    }
}
