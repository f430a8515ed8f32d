//! What only a provider that misbehaves on purpose can show: a defect of ours ends one session.
//!
//! The agent is `cat`: whatever the provider writes comes back to it as the agent's word.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::config::EngineOptions;
use super::engine::Engine;
use super::request::Request;
use crate::error::ErrorKind;
use crate::event::{Decision, EventKind, Outcome, TurnId};
use crate::io::spawner::Surroundings;
use crate::message::{Conversation, ExitCause, Message};
use crate::process::{Enforced, EngineMark, Homes, Reach, find_program, landlock_abi};
use crate::provider::{Dialogue, Provider, State};
use crate::record::Records;

struct Echo;

impl Provider for Echo {
    fn name(&self) -> &'static str {
        "echo"
    }

    fn default_program(&self) -> &'static str {
        "cat"
    }

    fn arguments(&self, _: &Conversation, _: Option<&str>) -> Vec<String> {
        Vec::new()
    }

    fn environment(&self) -> Vec<(&'static str, Option<&'static str>)> {
        Vec::new()
    }

    fn state(&self, _: &dyn Fn(&str) -> Option<PathBuf>) -> State {
        State::default()
    }

    fn conversation_id(&self, _: &str, session: &str) -> String {
        session.to_owned()
    }

    fn fresh_conversation_id(&self) -> String {
        "fresh".to_owned()
    }

    fn dialogue(&self) -> Box<dyn Dialogue> {
        Box::new(Echo)
    }

    fn exit_cause(&self, _: &str) -> ExitCause {
        ExitCause::Other
    }
}

impl Dialogue for Echo {
    fn write_handshake(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"ready\n");
    }

    fn write_prompt(&mut self, _: TurnId, text: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(text.as_bytes());
        out.push(b'\n');
    }

    fn write_interrupt(&mut self, _: &mut Vec<u8>) {}

    fn write_decision(&mut self, _: &str, _: &Decision, _: &mut Vec<u8>) {}

    fn decode(&mut self, line: &[u8], messages: &mut Vec<Message>) {
        assert_ne!(line, b"panic", "a defect, made for this test");
        if line == b"ready" {
            return messages.push(Message::Ready);
        }
        let text = String::from_utf8_lossy(line).into_owned();
        messages.push(Message::Event(EventKind::Answer(text)));
        messages.push(Message::TurnResult(Box::default()));
    }
}

fn engine() -> Engine {
    engine_of_a_kernel_with(landlock_abi())
}

/// The version of Landlock is what the kernel has, or is said to have.
fn engine_of_a_kernel_with(abi: i32) -> Engine {
    let state = std::env::temp_dir().join(format!("hotplex-{}", uuid::Uuid::new_v4()));
    let path = std::env::var_os("PATH");
    let surroundings = Surroundings {
        provider: Box::new(Echo),
        program: find_program("cat", path.as_deref()).unwrap(),
        program_arguments: Vec::new(),
        environment: Vec::new(),
        mark: EngineMark::new(),
        records: Records::new(&state, None),
        homes: Homes::new([]),
        enforced: Enforced::decide(None, abi).unwrap(),
        reach: Reach::default(),
    };
    Engine::start(EngineOptions::default(), Arc::new(surroundings)).unwrap()
}

fn ask(engine: &Engine, session: &str, prompt: &str) -> crate::event::TurnEnd {
    engine
        .execute(Request::new(session, "/tmp", prompt))
        .unwrap()
        .wait()
}

#[test]
fn a_defect_while_one_session_is_served_ends_that_session_and_no_other() {
    let engine = engine();
    assert_eq!(ask(&engine, "well", "one").outcome, Outcome::Completed);
    let end = ask(&engine, "ill", "panic");
    assert_eq!(end.outcome, Outcome::Failed);
    assert_eq!(end.error.unwrap().kind(), ErrorKind::Internal);
    assert_eq!(ask(&engine, "well", "two").outcome, Outcome::Completed);
    assert_eq!(ask(&engine, "ill", "three").outcome, Outcome::Completed);
    let info = engine.info().unwrap();
    assert_eq!((info.live_processes, info.sessions), (2, 2));
    engine.close(Duration::from_secs(2)).unwrap();
}

/// Without Landlock the default gives way, and the first turn says so; a spare's does, too.
#[test]
fn a_missing_jail_is_told_once_a_session() {
    for (abi, expected) in [(0, [1, 0]), (landlock_abi(), [0, 0])] {
        let engine = engine_of_a_kernel_with(abi);
        let told = ["one", "two"].map(|prompt| {
            let turn = engine.execute(Request::new("a", "/tmp", prompt)).unwrap();
            turn.filter(|event| is_notice(&event.kind, "jail_unavailable"))
                .count()
        });
        assert_eq!(told, expected, "Landlock {abi}");
        let listed = engine.sessions().unwrap().remove(0).jail;
        assert_eq!(listed == "off", abi == 0, "{listed}");
        engine.close(Duration::from_secs(2)).unwrap();
    }
}

fn is_notice(kind: &EventKind, code: &str) -> bool {
    matches!(kind, EventKind::Notice(notice) if notice.code == code)
}

#[test]
fn handles_go_to_any_thread() {
    fn any_thread<T: Send + Sync>() {}
    any_thread::<Engine>();
    any_thread::<super::turn::Turn>();
    any_thread::<crate::event::Event>();
    any_thread::<crate::flow::Delivery>();
    any_thread::<crate::error::Error>();
}
