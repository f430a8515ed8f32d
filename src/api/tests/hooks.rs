//! Hooks that are commands ask the engine over a socket, and deny whatever goes wrong.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use super::{Echo, Engine, EngineOptions, Request, engine_of, gate_question, is_notice};
use crate::event::{EventKind, Outcome};
use crate::message::Message;
use crate::process::landlock_abi;
use crate::provider::{Start, hooks};

/// Says `ready`, and for each prompt what its hook came to: `METHOD REQUEST`.
const AGENT: &str = r#"
while read -r method request; do
    case $method in
        asks) said=$(printf '%s' "$request" | sh -c "$HOOK" 2>/dev/null) ;;
        lies) said=$(printf '%s' "$request" | sh -c "$LIE" 2>/dev/null) ;;
        has-no-hook) said=$(printf '%s' "$request" | sh -c "$MISSING" 2>/dev/null) ;;
        *) echo "$method"; continue ;;
    esac
    echo "hook ended with $?: $said"
done
"#;

pub(super) fn variables(start: &Start<'_>) -> Vec<(&'static str, OsString)> {
    let (Some(directory), Some(address)) = (start.engine_dir, start.hooks) else {
        return Vec::new();
    };
    let path = directory.join(hooks::NAME).display().to_string();
    let stranger = hooks::command(
        &path,
        &crate::provider::HookAddress {
            secret: "wrong",
            ..address
        },
        10,
    );
    let variables = [
        ("HOOK", hooks::command(&path, &address, 10)),
        ("LIE", stranger),
        ("MISSING", hooks::command("/nowhere/hook", &address, 10)),
    ];
    variables.map(|(name, value)| (name, value.into())).into()
}

pub(super) fn asked(id: &str, request: &str, messages: &mut Vec<Message>) -> Option<String> {
    let name: String = serde_json::from_str(request).ok()?;
    if name == "hello" {
        return Some("hello yourself".to_owned());
    }
    messages.push(Message::GateAsked(Box::new(gate_question(id, &name))));
    None
}

/// An engine with a place of its own, gone with the value.
struct Scene {
    directory: PathBuf,
    engine: Option<Engine>,
}

impl Scene {
    fn new() -> Scene {
        let directory = std::env::temp_dir().join(format!("hp-{}", uuid::Uuid::new_v4().simple()));
        fs::create_dir_all(directory.join("work")).unwrap();
        let agent = Echo {
            script: Some(AGENT),
        };
        let state = directory.join("state");
        let engine = engine_of(agent, EngineOptions::default(), landlock_abi(), state).unwrap();
        Scene {
            engine: Some(engine),
            directory,
        }
    }

    /// What the agent answers, and the events before it.
    fn ask(&self, prompt: &str) -> (String, Vec<EventKind>) {
        let request = Request::new("a", self.directory.join("work"), prompt);
        let turn = self.engine.as_ref().unwrap().execute(request).unwrap();
        let mut events: Vec<EventKind> = turn.map(|event| event.kind).collect();
        let answer = events
            .iter()
            .position(|kind| matches!(kind, EventKind::Answer(_)));
        let answer = answer.unwrap_or_else(|| panic!("{prompt}: no answer in {events:?}"));
        let EventKind::Answer(text) = events.remove(answer) else {
            unreachable!()
        };
        (text, events)
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.engine = None;
        let _ = fs::remove_dir_all(&self.directory);
    }
}

#[test]
fn a_command_hook_is_answered_and_denies_whatever_goes_wrong() {
    let scene = Scene::new();
    let rows = [
        (r#"asks "harmless""#, "hook ended with 0: allowed"),
        (r#"asks "hello""#, "hook ended with 0: hello yourself"),
        (r#"asks "any""#, "hook ended with 0: Denied by hotplex."),
        (r#"asks "panic""#, "hook ended with 0: Denied by hotplex."),
        (r#"lies "harmless""#, "hook ended with 2: "),
        ("asks no JSON", "hook ended with 2: "),
        (r#"has-no-hook "harmless""#, "hook ended with 2: "),
        (r#"asks "harmless""#, "hook ended with 0: allowed"),
    ];
    for (prompt, expected) in rows {
        let (answer, _) = scene.ask(prompt);
        assert!(answer.starts_with(expected), "{prompt}: {answer}");
    }
}

#[test]
fn a_stranger_on_the_socket_is_told_once() {
    let scene = Scene::new();
    let told = |prompt: &str| {
        let (_, events) = scene.ask(prompt);
        let refusals = events.iter().filter(|kind| is_notice(kind, "hook_refused"));
        refusals.count()
    };
    assert_eq!(told(r#"asks "harmless""#), 0);
    assert_eq!(told(r#"lies "harmless""#), 1);
    assert_eq!(told(r#"lies "harmless""#), 0);
}

#[test]
fn a_gate_that_its_jail_could_replace_is_refused() {
    let scene = Scene::new();
    let request = Request::new("above", &scene.directory, r#"asks "harmless""#);
    let end = scene
        .engine
        .as_ref()
        .unwrap()
        .execute(request)
        .unwrap()
        .wait();
    let held = landlock_abi() > 0;
    assert_eq!(end.outcome == Outcome::Failed, held, "{end:?}");
    let error = end.error.map(|error| error.to_string()).unwrap_or_default();
    assert_eq!(error.contains("lets it write"), held, "{error}");
}
