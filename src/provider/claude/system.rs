//! What the program says of itself: how the conversation begins, retries, refusals, tasks.

use serde_json::from_str;

use super::dialogue::ClaudeDialogue;
use super::line::{Denied, Init, Retry, SystemKind, TaskNotification};
use super::line::{Read, Unknown};
use crate::event::{EventKind, SessionStart};
use crate::message::Message;
use crate::notice::NoticeCode;

/// How `system/init` begins in all versions. It comes again with every turn and has up to 18 KB,
/// so that once it was told these bytes are all that is read of it.
const INIT: &str = r#"{"type":"system","subtype":"init","#;

impl ClaudeDialogue {
    pub(super) fn system(&mut self, line: &str, messages: &mut Vec<Message>) -> Read {
        if self.session_told && line.starts_with(INIT) {
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
            "task_notification" => {
                messages.push(info(NoticeCode::TaskNotification, task(from_str(line)?)))
            }
            // What goes on within a turn, told better by its events; or the standing of tasks,
            // whose end `task_notification` tells.
            "status"
            | "thinking_tokens"
            | "session_state_changed"
            | "task_started"
            | "task_progress"
            | "task_updated"
            | "background_tasks_changed" => {}
            _ => return Err(Unknown),
        }
        Ok(())
    }

    fn init(&mut self, line: &str, messages: &mut Vec<Message>) -> Read {
        let init: Init = from_str(line)?;
        if !self.session_told {
            self.session_told = true;
            messages.push(Message::SessionStart(Box::new(session_start(init))));
        }
        messages.push(Message::TurnStarted(None));
        Ok(())
    }
}

fn session_start(init: Init) -> SessionStart {
    SessionStart {
        agent_session_id: init.session_id,
        model: init.model,
        tools: init.tools,
        cwd: init.cwd,
        // Known to whoever started the process.
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

fn task(task: TaskNotification) -> String {
    format!("{}: {}", task.status.as_str(), task.summary.as_str())
}
