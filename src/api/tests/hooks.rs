//! Hooks that are commands ask the engine over a socket, and deny whatever goes wrong.

use std::ffi::OsString;
use std::fs;
use std::sync::Arc;

use super::{
    BaseDir, Echo, Engine, EngineOptions, Request, config_of, engine_of, gate_question, is_notice,
};
use crate::event::{EventKind, Outcome};
use crate::message::Message;
use crate::process::landlock_abi;
use crate::provider::{EngineFile, Start, hooks};
use crate::scratch::Scratch;

/// Says `ready`, and for each prompt what its hook came to: `METHOD REQUEST`.
const AGENT: &str = r#"
hook() { printf '%s' "$request" | sh -c "$COMMAND" 2>&1; }
while read -r method request; do
    case $method in
        asks) said=$(hook) ;;
        lies) said=$(HOTPLEX_HOOK_SECRET=wrong; hook) ;;
        has-no-hook) said=$(HOTPLEX_HOOK=/nowhere/hook; hook) ;;
        is-killed) said=$(HOTPLEX_HOOK=$KILLED; hook) ;;
        *) echo "$method"; continue ;;
    esac
    echo "hook ended with $?: $(echo $said)"
done
"#;

/// A hook that says something and is killed.
const KILLED: &str = "#!/bin/sh\necho\nkill -KILL $$\n";

pub(super) fn files() -> Vec<EngineFile> {
    let killed = EngineFile {
        name: "killed",
        content: KILLED.as_bytes().into(),
        executable: true,
    };
    vec![hooks::program(), killed]
}

pub(super) fn variables(start: &Start<'_>) -> Vec<(&'static str, OsString)> {
    let Some(directory) = start.engine_dir else {
        return Vec::new();
    };
    let mut variables = hooks::variables(start);
    variables.push(("COMMAND", hooks::COMMAND.into()));
    variables.push(("KILLED", directory.join("killed").into()));
    variables
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
    engine: Engine,
    directory: Scratch,
}

impl Scene {
    fn new() -> Scene {
        Scene::with_state_in("state")
    }

    fn with_state_in(name: &str) -> Scene {
        let directory = Scratch::named("hp");
        fs::create_dir_all(directory.join("work")).unwrap();
        let agent = Echo {
            script: Some(AGENT),
        };
        let state = directory.join(name);
        let engine = engine_of(agent, EngineOptions::default(), landlock_abi(), state).unwrap();
        Scene { engine, directory }
    }

    /// What the agent answers, and the events before it.
    fn ask(&self, prompt: &str) -> (String, Vec<EventKind>) {
        let request = Request::new("a", self.directory.join("work"), prompt);
        let turn = self.engine.execute(request).unwrap();
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

#[test]
fn a_command_hook_is_answered_and_denies_whatever_goes_wrong() {
    let scene = Scene::new();
    let rows = [
        (r#"asks "harmless""#, "hook ended with 0: "),
        (r#"asks "hello""#, "hook ended with 2: hello yourself"),
        (r#"asks "any""#, "hook ended with 2: Denied by hotplex."),
        (r#"asks "panic""#, "hook ended with 2: Denied by hotplex."),
        (
            r#"lies "harmless""#,
            "hook ended with 2: hotplex could not judge",
        ),
        ("asks no JSON", "hook ended with 2: hotplex could not judge"),
        (r#"has-no-hook "harmless""#, "hook ended with 2: "),
        (r#"is-killed "harmless""#, "hook ended with 2: "),
        (r#"asks "harmless""#, "hook ended with 0: "),
    ];
    for (prompt, expected) in rows {
        let (answer, _) = scene.ask(prompt);
        assert!(answer.starts_with(expected), "{prompt}: {answer}");
        // An agent takes a denial without words for no denial.
        let has_words = answer.trim_end().len() > "hook ended with 2:".len();
        assert_eq!(has_words, expected.contains('2'), "{prompt}: {answer}");
    }
}

/// The address of a Unix socket has a hundred bytes.
#[test]
fn a_hook_asks_however_long_the_path_of_its_socket_is() {
    let scene = Scene::with_state_in(&"long/".repeat(60));
    let (answer, _) = scene.ask(r#"asks "harmless""#);
    assert_eq!(answer.trim_end(), "hook ended with 0:");
    let (answer, _) = scene.ask(r#"asks "any""#);
    assert!(answer.contains("2: Denied by hotplex."), "{answer}");
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
    let request = Request::new("above", &*scene.directory, r#"asks "harmless""#);
    let end = scene.engine.execute(request).unwrap().wait();
    let held = landlock_abi() > 0;
    assert_eq!(end.outcome == Outcome::Failed, held, "{end:?}");
    let error = end.error.map(|error| error.to_string()).unwrap_or_default();
    assert_eq!(error.contains("lets it write"), held, "{error}");
}

#[test]
fn a_gate_that_its_jail_could_replace_through_a_link_is_refused() {
    if landlock_abi() == 0 {
        return;
    }
    let scene = Scene::new();
    let link = scene.directory.join("link");
    std::os::unix::fs::symlink(scene.directory.join("other"), &link).unwrap();
    let agent = Echo {
        script: Some(AGENT),
    };
    let options = EngineOptions::default();
    let state = scene.directory.join("other/state");
    let mut config = config_of(agent, &options, landlock_abi(), state);
    config.jail_paths.writable.push(link);
    let engine = Engine::start(options, BaseDir::here(), Arc::new(config)).unwrap();
    let request = Request::new("a", scene.directory.join("work"), "hello");
    let end = engine.execute(request).unwrap().wait();
    let error = end.error.map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains("lets it write"), "{error}");
}
