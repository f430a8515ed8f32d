//! What a session does, told as scripts: what happens on the left, what it asks for on the right.

use std::time::{Duration, Instant, SystemTime};

mod background;
mod directories;
mod endings;
mod exploration;
mod ownership;
mod questions;
mod random_walk;
mod turns;

use super::turn::QueuedTurn;
use super::{Action, Asked, Ended, Limits, Session, StopReason};
use crate::error::{Error, ErrorKind};
use crate::event::{
    Decision, EventKind, Outcome, PermissionRequest, SessionId, SessionStart, ToolUse, TurnId,
};
use crate::inode::SeenDir;
use crate::message::{Conversation, ExitCause, Message, TurnResult};
use crate::stats::SessionState;

const GRACE: u64 = 4000;

/// The directory that all scripts but those about directories play in.
const HERE: SeenDir = SeenDir::numbered(7);

/// A session, a clock and what was asked for so far.
struct Script {
    session: Session,
    start: Instant,
    now: Instant,
    actions: Vec<Action>,
    /// Whoever does not care about directories finds them as they were.
    finds_all_as_it_was: bool,
}

impl Script {
    fn new() -> Script {
        Script::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Limits)) -> Script {
        let start = Instant::now();
        let mut limits = Limits {
            start: Some(Duration::from_secs(30)),
            idle: Some(Duration::from_secs(1800)),
            silence: None,
            approval: None,
            background: Some(Duration::from_secs(14_400)),
            grace: Duration::from_millis(GRACE),
            outlives_input: false,
            calendar: |_| SystemTime::UNIX_EPOCH,
        };
        change(&mut limits);
        let id = SessionId::new("s").unwrap();
        let conversation = Conversation::New("derived".to_owned());
        Script {
            session: Session::new(id, conversation, limits, start),
            start,
            now: start,
            actions: Vec::new(),
            finds_all_as_it_was: true,
        }
    }

    /// A session whose process has answered its handshake.
    fn ready() -> Script {
        let mut script = Script::new();
        script.session.warm_up(script.now, &mut script.actions);
        script.launched();
        script.say(Message::Ready);
        script.actions.clear();
        script
    }

    /// A session that has ended one turn with an agent that names the turns it begins.
    fn hot() -> Script {
        let mut script = Script::ready();
        script.prompt(1);
        script.begin(1);
        script.result("one");
        script.actions.clear();
        script
    }

    fn prompt(&mut self, turn: u64) {
        self.limited_prompt(turn, Some(300_000));
    }

    fn limited_prompt(&mut self, turn: u64, limit_ms: Option<u64>) {
        let queued = QueuedTurn {
            turn: TurnId(turn),
            prompt: format!("prompt {turn}").into(),
            limit: limit_ms.map(Duration::from_millis),
            work_dir: Some(HERE),
            retried: false,
        };
        self.session.prompt(queued, self.now, &mut self.actions);
    }

    fn launched(&mut self) {
        self.session.launched(42, HERE, self.now, &mut self.actions);
    }

    fn say(&mut self, message: Message) {
        self.session.message(message, self.now, &mut self.actions);
        let is_look = |action: &Action| matches!(action, Action::LookUpWorkDir);
        if self.finds_all_as_it_was && self.actions.iter().any(is_look) {
            self.actions.retain(|action| !is_look(action));
            let (now, actions) = (self.now, &mut self.actions);
            self.session.work_dir_found(Some(HERE), now, actions);
        }
    }

    fn answer(&mut self, text: &str) {
        self.say(Message::Event(EventKind::Answer(text.to_owned())));
    }

    /// What Claude Code 2.1.330 says when it begins a prompt.
    fn begin(&mut self, turn: u64) {
        self.say(Message::TurnStarted(Some(TurnId(turn))));
        self.say(Message::TurnStarted(None));
    }

    fn result(&mut self, text: &str) {
        self.say(Message::TurnResult(Box::new(TurnResult {
            text: Some(text.to_owned()),
            ..TurnResult::default()
        })));
    }

    fn ask(&mut self, request_id: &str) {
        self.say(Message::ApprovalAsked(Box::new(PermissionRequest {
            request_id: request_id.to_owned(),
            tool: ToolUse {
                id: "t".to_owned(),
                name: "Bash".to_owned(),
                input: serde_json::Value::Null,
                summary: String::new(),
                changes_file: None,
                parent: None,
            },
            reason: None,
        })));
    }

    fn cancel(&mut self, turn: u64) -> bool {
        self.session
            .cancel(TurnId(turn), self.now, &mut self.actions)
    }

    fn decide(&mut self, request_id: &str, decision: Decision) -> bool {
        self.decide_as(Asked::InTurn(TurnId(2)), request_id, decision)
    }

    fn decide_as(&mut self, asked: Asked, request_id: &str, decision: Decision) -> bool {
        let (now, actions) = (self.now, &mut self.actions);
        self.session
            .decide(asked, request_id, decision, now, actions)
    }

    fn stop(&mut self) {
        let reason = StopReason::Requested("enough".to_owned());
        self.session.stop(&reason, self.now, &mut self.actions);
    }

    fn ended(&mut self, cause: ExitCause) {
        let ended = Ended {
            how: "exited with status 3".to_owned(),
            stderr: "noise\nInvalid API key\n".to_owned(),
            cause,
            fresh_name: "fresh".to_owned(),
        };
        self.session.ended(&ended, self.now, &mut self.actions);
    }

    /// Lets time pass up to this many milliseconds after the start, waking the session when it
    /// wants to be woken.
    fn until(&mut self, ms: u64) {
        let end = self.start + Duration::from_millis(ms);
        while let Some(due) = self.session.deadline().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.session.on_time(self.now, &mut self.actions);
        }
        self.now = end;
    }

    /// Everything asked for since the last look, in words.
    fn asked_for(&mut self) -> Vec<String> {
        self.actions
            .drain(..)
            .map(|action| words(&action))
            .collect()
    }
}

fn words(action: &Action) -> String {
    match action {
        Action::Launch(Conversation::New(id)) => format!("launch new {id}"),
        Action::Launch(Conversation::Resume(id)) => format!("launch resume {id}"),
        Action::WritePrompt(turn, prompt) => format!("write {}: {prompt}", turn.0),
        Action::LookUpWorkDir => "look".to_owned(),
        Action::WriteInterrupt => "interrupt".to_owned(),
        Action::WriteDecision(id, Decision::Allow { .. }) => format!("allow {id}"),
        Action::WriteDecision(id, Decision::Deny { .. }) => format!("deny {id}"),
        Action::Write(_) => "write".to_owned(),
        Action::CloseInput => "close input".to_owned(),
        Action::Terminate => "TERM".to_owned(),
        Action::Kill => "KILL".to_owned(),
        Action::Remember(id) => format!("remember {id}"),
        Action::Deliver(turn, kind) => {
            let whose = turn.map_or("nobody".to_owned(), |turn| turn.0.to_string());
            let code = match kind {
                EventKind::Notice(notice) => notice.code.as_str(),
                kind => kind.text().unwrap_or(kind.as_str()),
            };
            format!("tell {whose}: {code}")
        }
        Action::EndTurn(turn, end) => format!("end {} {}", turn.0, end.outcome.as_str()),
    }
}
