//! What only a provider that misbehaves on purpose can show: a defect of ours ends one session.
//!
//! The agent is `cat`: whatever the provider writes comes back to it as the agent's word.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::base_dir::BaseDir;
use super::config::EngineOptions;
use super::engine::Engine;
use super::request::Request;
use crate::agent_files::AgentFiles;
use crate::error::{Error, ErrorKind};
use crate::event::{Decision, EventKind, Outcome, ToolUse, TurnId};
use crate::message::{ExitCause, GateQuestion, Message};
use crate::process::{Enforced, EngineMark, Homes, JailPaths, Local, find_program, landlock_abi};
use crate::project::{Project, ProjectFiles};
use crate::provider::lines::{self, LineBuffer, LineProtocol};
use crate::provider::{EngineFile, Interrupt, Protocol, Provider, Start, User};
use crate::reactor::spawn_config::SpawnConfig;
use crate::scratch::Scratch;
use crate::stats::{Capabilities, ToolGate};
use crate::store::{AuditTrail, Holders, StateDir};
use hotplex_guard::ToolEffect;

mod hanging;
mod hooks;
mod launcher;

struct Echo {
    /// For `sh` in place of `cat`: an agent with hooks.
    script: Option<&'static str>,
}

impl Provider for Echo {
    fn name(&self) -> &'static str {
        "echo"
    }

    fn default_program(&self) -> &'static str {
        "cat"
    }

    fn tested_versions(&self) -> &'static [&'static str] {
        &[]
    }

    fn system_prompt(&self, _: &str) -> String {
        String::new()
    }

    fn arguments(&self, _: &Start<'_>) -> Vec<String> {
        let script = self.script.into_iter();
        script
            .flat_map(|script| ["-c", script])
            .map(str::to_owned)
            .collect()
    }

    fn has_engine_files(&self, _: bool) -> bool {
        self.has_hooks()
    }

    fn has_hooks(&self) -> bool {
        self.script.is_some()
    }

    fn engine_files(&self, _: &Start<'_>) -> Vec<EngineFile> {
        hooks::files()
    }

    fn process_variables(&self, start: &Start<'_>) -> Vec<(&'static str, OsString)> {
        hooks::variables(start)
    }

    fn project_files(&self) -> ProjectFiles {
        ProjectFiles::default()
    }

    fn asks_nothing_in(&self, _: &str) -> bool {
        false
    }

    fn environment(&self) -> Vec<(&'static str, Option<&'static str>)> {
        Vec::new()
    }

    fn pinned(&self, _: Project) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    fn state(&self, _: &User<'_>) -> Option<AgentFiles> {
        None
    }

    fn conversation_id(&self, _: &str, session: &str) -> String {
        session.to_owned()
    }

    fn fresh_conversation_id(&self) -> String {
        "fresh".to_owned()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            provider: self.name(),
            tool_gate: false,
            gate: ToolGate::None,
            denial_reason: false,
            updated_input: false,
            interrupt: false,
            resume: false,
            deltas: false,
        }
    }

    fn effects(&self, tool: &ToolUse) -> Result<Vec<ToolEffect>, String> {
        assert_ne!(tool.name, "panic", "a defect, made for this test");
        if tool.name == "harmless" {
            return Ok(Vec::new());
        }
        Err("it is malformed".to_owned())
    }

    fn scratch_dirs(&self) -> &'static [&'static str] {
        &[]
    }

    fn own_directory(&self, home: &Path) -> PathBuf {
        home.join(".echo")
    }

    fn protocol(&self, start: &Start<'_>) -> Box<dyn Protocol> {
        Box::new(EchoProtocol(LineBuffer::new(start.max_line_bytes)))
    }

    fn exit_cause(&self, _: &str) -> ExitCause {
        ExitCause::Other
    }
}

/// Lines as [`Echo`] has them.
struct EchoProtocol(LineBuffer);

impl Protocol for EchoProtocol {
    fn write_handshake(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"ready\n");
    }

    fn write_prompt(&mut self, _: TurnId, text: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(text.as_bytes());
        out.push(b'\n');
    }

    fn interrupt(&mut self, _: &mut Vec<u8>) -> Interrupt {
        Interrupt::Signal
    }

    fn write_gate_answer(&mut self, _: &str, denied: Option<&str>, out: &mut Vec<u8>) {
        out.extend_from_slice(format!("answer {denied:?}\n").as_bytes());
    }

    fn write_decision(&mut self, _: &str, _: &Decision, _: &mut Vec<u8>) {}

    fn hook_asked(
        &mut self,
        id: &str,
        request: &str,
        messages: &mut Vec<Message>,
    ) -> Option<String> {
        hooks::asked(id, request, messages)
    }

    fn hook_answer(&mut self, _: &str, decision: &Decision) -> String {
        match decision {
            Decision::Allow { .. } => String::new(),
            Decision::Deny { message, .. } => message.clone(),
        }
    }

    fn feed(&mut self, chunk: &[u8], messages: &mut Vec<Message>) {
        lines::feed(self, chunk, messages);
    }

    fn finish(&mut self, messages: &mut Vec<Message>) {
        lines::finish(self, messages);
    }
}

impl LineProtocol for EchoProtocol {
    fn buffer(&mut self) -> &mut LineBuffer {
        &mut self.0
    }

    fn decode(&mut self, line: &[u8], messages: &mut Vec<Message>) {
        assert_ne!(line, b"panic", "a defect, made for this test");
        if line == b"ready" {
            return messages.push(Message::Ready);
        }
        let text = String::from_utf8_lossy(line).into_owned();
        if let Some(name) = text.strip_prefix("tool ") {
            return messages.push(Message::GateAsked(Box::new(gate_question("1", name))));
        }
        messages.push(Message::Event(EventKind::Answer(text)));
        messages.push(Message::TurnResult(Box::default()));
    }
}

fn gate_question(request_id: &str, name: &str) -> GateQuestion {
    let tool = ToolUse {
        id: "1".to_owned(),
        name: name.to_owned(),
        input: serde_json::Value::Null,
        summary: String::new(),
        changes_file: None,
        parent: None,
    };
    GateQuestion {
        request_id: request_id.to_owned(),
        tool,
        current_dir: None,
    }
}

fn engine() -> Engine {
    engine_with(EngineOptions::default(), landlock_abi()).unwrap()
}

/// The version of Landlock is what the kernel has, or is said to have.
fn engine_with(options: EngineOptions, abi: i32) -> Result<Engine, Error> {
    engine_of(Echo { script: None }, options, abi, state())
}

/// A place for an engine's state, gone with the test's thread.
fn state() -> PathBuf {
    thread_local!(static STATES: Scratch = Scratch::new());
    STATES.with(|states| states.join(uuid::Uuid::new_v4().to_string()))
}

fn engine_of(
    agent: Echo,
    options: EngineOptions,
    abi: i32,
    state: PathBuf,
) -> Result<Engine, Error> {
    let spawn_config = config_of(agent, &options, abi, state);
    Engine::start(options, BaseDir::here(), Arc::new(spawn_config))
}

fn config_of(agent: Echo, options: &EngineOptions, abi: i32, state: PathBuf) -> SpawnConfig {
    let program = if agent.script.is_some() { "sh" } else { "cat" };
    let path = std::env::var_os("PATH");
    SpawnConfig {
        provider: Box::new(agent),
        launcher: Box::new(Local),
        program: find_program(program, path.as_deref()).unwrap(),
        program_arguments: Vec::new(),
        max_line_bytes: options.max_line_bytes,
        environment: Vec::new(),
        mark: EngineMark::new(),
        home: None,
        private: vec![state.join("run")],
        state: StateDir::new(
            state,
            None,
            crate::process::effective_user(),
            Holders {
                own: "1".to_owned(),
                has_ended: |_| false,
            },
        ),
        audit: AuditTrail::default(),
        repositories: crate::repository::Repositories::new(crate::process::hold),
        homes: Homes::new([]),
        enforced: Enforced::decide(None, abi).unwrap(),
        jail_paths: JailPaths::default(),
    }
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
        let engine = engine_with(EngineOptions::default(), abi).unwrap();
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
fn a_gate_that_fails_denies() {
    let engine = engine();
    for (name, why) in [("panic", "it panicked"), ("any", "it is malformed")] {
        let mut turn = engine
            .execute(Request::new("a", "/tmp", format!("tool {name}")))
            .unwrap();
        let events: Vec<_> = turn.by_ref().collect();
        let EventKind::DangerBlock(block) = &events[0].kind else {
            panic!("no danger event: {events:?}");
        };
        assert_eq!(block.verdict.rule, "guard.failure");
        assert!(block.verdict.reason.contains(why), "{block:?}");
        let EventKind::Answer(answer) = &events[1].kind else {
            panic!("no answer: {events:?}");
        };
        assert!(answer.contains("guard.failure"), "{answer}");
    }
    engine.close(Duration::from_secs(2)).unwrap();
}

#[test]
fn lists_of_tools_are_refused_where_they_could_not_hold() {
    assert!(!engine().capabilities().tool_gate);
    for list in ["allowed_tools", "disallowed_tools"] {
        let options = EngineOptions::from_json(&format!("{{\"{list}\": [\"Read\"]}}"));
        let error = engine_with(options.unwrap(), landlock_abi()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.message().contains("echo does not ask"), "{error}");
    }
}

#[test]
fn handles_go_to_any_thread() {
    fn any_thread<T: Send + Sync>() {}
    any_thread::<Engine>();
    any_thread::<super::turn::Turn>();
    any_thread::<crate::event::Event>();
    any_thread::<crate::channel::Delivery>();
    any_thread::<crate::error::Error>();
}
