//! The golden files below `schema/`: an example of everything that the library tells, written from
//! the words themselves. Every binding is tested against these files, so that what is new here is
//! missed there.
//!
//! Each example is made with every field set, and no two values are alike; a bare one follows where
//! something may be left out.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::error::{Error, ErrorKind};
use crate::event::*;
use crate::jail::Jail;
use crate::notice::{Notice, NoticeCode, NoticeLevel};
use crate::stats::*;
use hotplex_guard::{Guard, GuardContext, Judgement, Level, Verdict};

/// Holds a file against what the words say, or writes it.
fn hold(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("schema")
        .join(name);
    if std::env::var_os("HOTPLEX_WRITE_SCHEMA").is_some() {
        fs::write(&path, text).expect("the file is written");
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    let advice = "run `make schema`, and give every binding what is new";
    assert!(
        golden == text,
        "schema/{name} is not what is told now: {advice}\n{text}"
    );
}

/// An array with a line for each example.
fn lines(examples: impl IntoIterator<Item = String>) -> String {
    let examples: Vec<_> = examples.into_iter().collect();
    format!("[\n{}\n]\n", examples.join(",\n"))
}

fn date(milliseconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds)
}

fn text(words: &str) -> String {
    words.to_owned()
}

fn tool() -> ToolUse {
    ToolUse {
        id: text("toolu_1"),
        name: text("Bash"),
        input: json!({"command": "ls -l", "timeout": 12.5}),
        summary: text("ls -l in one line"),
        changes_file: None,
        parent: Some(text("toolu_of_the_sub_agent")),
    }
}

fn bare_tool() -> ToolUse {
    ToolUse {
        id: String::new(),
        name: text("Read"),
        input: json!({}),
        summary: String::new(),
        changes_file: None,
        parent: None,
    }
}

fn blocked() -> Verdict {
    let context = GuardContext::new("/home/dev/proj", "/home/dev", "dev");
    let verdict = Guard::default().check_command("git push --force origin main", &context);
    assert!(verdict.level.is_some() && !verdict.suggestions.is_empty());
    verdict
}

fn figures() -> TurnStats {
    TurnStats {
        started: Some(date(1_700_000_001_000)),
        ended: Some(date(1_700_000_009_000)),
        total: Duration::from_millis(8001),
        thinking: Duration::from_millis(2002),
        tools: Duration::from_millis(3003),
        generation: Duration::from_millis(4004),
        usage: Usage {
            input_tokens: 501,
            output_tokens: 602,
            cache_write_tokens: 703,
            cache_read_tokens: 804,
        },
        tool_calls: 9,
        tools_used: vec![text("Edit"), text("Write")],
        file_paths: vec![text("/w/a.rs"), text("/w/b.rs"), text("/w/c.rs")],
        cost_usd: 0.25,
        model: Some(text("claude-model")),
    }
}

/// Which kind it is. The match is exhaustive, so a new kind does not compile before it stands here;
/// it needs an example in [`full`] and in [`bare`].
fn ordinal(kind: &EventKind) -> usize {
    match kind {
        EventKind::SessionStart(_) => 0,
        EventKind::Thinking(_) => 1,
        EventKind::Answer(_) => 2,
        EventKind::ThinkingDelta(_) => 3,
        EventKind::AnswerDelta(_) => 4,
        EventKind::ToolUse(_) => 5,
        EventKind::ToolResult(_) => 6,
        EventKind::PermissionRequest(_) => 7,
        EventKind::DangerBlock(_) => 8,
        EventKind::Notice(_) => 9,
        EventKind::Raw(_) => 10,
        EventKind::TurnEnd(_) => 11,
    }
}

fn full() -> [EventKind; 12] {
    [
        EventKind::SessionStart(Box::new(SessionStart {
            agent_session_id: text("0d5e1c1e-0000-4000-8000-000000000001"),
            resumed: true,
            model: Some(text("claude-model")),
            tools: vec![text("Bash"), text("Read")],
            cwd: Some(text("/home/dev/proj")),
            pid: Some(4321),
        })),
        EventKind::Thinking(text("a thought, \"quoted\"")),
        EventKind::Answer(text("an answer\nof two lines \u{1F600}")),
        EventKind::ThinkingDelta(text("a piece of a thought")),
        EventKind::AnswerDelta(text("a piece of an answer")),
        EventKind::ToolUse(Box::new(tool())),
        EventKind::ToolResult(Box::new(ToolResult {
            id: text("toolu_2"),
            name: text("Grep"),
            text: text("what the tool said"),
            is_error: true,
            duration: Duration::from_millis(345),
        })),
        EventKind::PermissionRequest(Box::new(PermissionRequest {
            request_id: text("request-1"),
            tool: tool(),
            reason: Some(text("why the agent asks")),
        })),
        EventKind::DangerBlock(Box::new(DangerBlock {
            verdict: blocked(),
            tool: Some(tool()),
        })),
        EventKind::Notice(Box::new(Notice::new(
            NoticeLevel::Warning,
            NoticeCode::SessionReset,
            "a line for a person",
        ))),
        EventKind::Raw(text(r#"{"type":"unheard of"}"#)),
        EventKind::TurnEnd(Box::new(TurnEnd {
            outcome: Outcome::Crashed,
            error: Some(Error::new(ErrorKind::Crashed, "the agent was killed")),
            result: None,
            stats: figures(),
        })),
    ]
}

/// An example in which every optional part is left out.
fn bare() -> [EventKind; 5] {
    [
        EventKind::SessionStart(Box::default()),
        EventKind::ToolUse(Box::new(bare_tool())),
        EventKind::PermissionRequest(Box::new(PermissionRequest {
            request_id: text("request-2"),
            tool: bare_tool(),
            reason: None,
        })),
        EventKind::DangerBlock(Box::new(DangerBlock {
            verdict: Verdict::failure("something", "no reason known"),
            tool: None,
        })),
        EventKind::TurnEnd(Box::new(TurnEnd {
            outcome: Outcome::Completed,
            error: None,
            result: None,
            stats: TurnStats::default(),
        })),
    ]
}

fn event(turn: Option<u64>, kind: EventKind) -> String {
    let session = match turn {
        Some(_) => SessionId::new("user-123").expect("a name"),
        None => SessionId::of_no_session(),
    };
    let at = Duration::from_millis(turn.map_or(0, |turn| turn + 1500));
    // Wider than 32 bits, as a caller's address or hash may be.
    let tag = turn.map_or(0, |turn| turn + (1 << 40));
    let turn = turn.map(TurnId);
    let event = Event {
        turn,
        tag,
        session,
        at,
        kind,
    };
    event.to_json()
}

#[test]
fn events() {
    let mut kinds: Vec<_> = full().iter().map(ordinal).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, Vec::from_iter(0..12), "one example of each kind");
    let full = (7..)
        .zip(full())
        .map(|(turn, kind)| event(Some(turn), kind));
    let bare = bare().into_iter().map(|kind| event(None, kind));
    hold("events.json", &lines(full.chain(bare)));
}

#[test]
fn sessions() {
    let full = SessionInfo {
        session_id: text("user-123"),
        agent_session_id: Some(text("0d5e1c1e-0000-4000-8000-000000000001")),
        provider: "claude-code",
        state: SessionState::Waiting,
        pid: Some(4321),
        work_dir: "/home/dev/proj".into(),
        jail: text("write (landlock 7: writing)"),
        git_dirs: vec!["/home/dev/repo/.git/objects".into()],
        created: date(1_700_000_001_001),
        last_active: date(1_700_000_002_002),
        turns: 31,
        queued: 2,
        resident_bytes: 150_000_001,
        buffered_bytes: 65_537,
        spare: true,
        background_tasks: vec![BackgroundTask {
            id: text("b1"),
            kind: text("local_bash"),
            description: text("a build"),
        }],
    };
    let bare = SessionInfo {
        session_id: String::new(),
        agent_session_id: None,
        state: SessionState::Starting,
        pid: None,
        background_tasks: Vec::new(),
        ..full.clone()
    };
    hold("sessions.json", &lines([full, bare].map(|it| it.to_json())));
}

#[test]
fn stats() {
    let usage = Usage {
        input_tokens: 1001,
        output_tokens: 1002,
        cache_write_tokens: 1003,
        cache_read_tokens: 1004,
    };
    let full = SessionStats {
        session_id: text("user-123"),
        turns: 41,
        turns_completed: 40,
        total: Duration::from_millis(60_001),
        usage,
        tool_calls: 77,
        cost_usd: 1.5,
        last_turn: Some(figures()),
    };
    let examples = [full, SessionStats::default()].map(|it| it.to_json());
    hold("session_stats.json", &lines(examples));
    let engine = EngineInfo {
        live_processes: 11,
        sessions: 12,
        ready_spares: 13,
        spawned: 14,
        turns_completed: 15,
        turns_not_completed: 16,
        spare_hits: 17,
        spare_misses: 18,
        hibernated: 19,
        lost_background_events: 20,
    };
    hold("engine_stats.json", &lines([engine.to_json()]));
}

#[test]
fn providers() {
    let full = ProviderInfo {
        name: "claude-code",
        default_program: "claude",
        program: Some("/usr/bin/claude".into()),
        looked_at: Vec::new(),
        version: Some(text("2.1.330")),
        tested_versions: &["2.0.76", "2.1.329"],
        capabilities: Capabilities {
            provider: "claude-code",
            tool_gate: true,
            gate: ToolGate::EveryCall,
            denial_reason: true,
            updated_input: false,
            interrupt: true,
            resume: false,
            deltas: true,
        },
    };
    let bare = ProviderInfo {
        name: "acp",
        default_program: "",
        program: None,
        looked_at: vec!["/bin/agent".into(), "/opt/agent".into()],
        version: None,
        tested_versions: &[],
        capabilities: Capabilities {
            provider: "acp",
            tool_gate: false,
            gate: ToolGate::AsksOnly,
            denial_reason: false,
            updated_input: true,
            interrupt: false,
            resume: true,
            deltas: false,
        },
    };
    hold(
        "providers.json",
        &format!("{}\n", ProviderInfo::list_to_json(&[full, bare])),
    );
}

#[test]
fn verdicts() {
    let flagged = Verdict::failure_passed("an operation", "a reason");
    let examples = [Verdict::allow(), flagged, blocked()];
    hold("verdicts.json", &lines(examples.map(|it| it.to_json())));
}

/// Every closed list of words.
#[test]
fn words() {
    fn list<T: Copy>(all: &[T], spelling: fn(T) -> &'static str) -> Value {
        all.iter().map(|member| spelling(*member)).collect()
    }
    let full = full();
    let types: Value = full.iter().map(EventKind::as_str).collect();
    let words = [
        ("event_types", types),
        ("outcomes", list(Outcome::ALL, Outcome::as_str)),
        ("error_kinds", list(ErrorKind::ALL, ErrorKind::as_str)),
        ("notice_levels", list(NoticeLevel::ALL, NoticeLevel::as_str)),
        ("notice_codes", list(NoticeCode::ALL, NoticeCode::as_str)),
        (
            "session_states",
            list(SessionState::ALL, SessionState::as_str),
        ),
        ("verdicts", list(Judgement::ALL, Judgement::as_str)),
        ("danger_levels", list(Level::ALL, Level::as_str)),
        ("jails", list(Jail::ALL, Jail::as_str)),
        ("tool_gates", list(ToolGate::ALL, ToolGate::as_str)),
    ];
    let lines = words.map(|(name, list)| format!("\"{name}\": {list:#}"));
    hold("words.json", &format!("{{\n{}\n}}\n", lines.join(",\n")));
}
