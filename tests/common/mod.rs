//! What the fault tests share: a stage for the stand-in agent, and turns played to their end.
//!
//! Each test file is a program of its own and uses a part of this, hence the allowance.
#![allow(dead_code)]

pub(crate) mod skipped;

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use hotplex::{
    DangerBlock, Engine, EngineBuilder, ErrorKind, Event, EventKind, GuardConfig, Outcome, Request,
    SessionInfo, Turn, TurnEnd,
};

/// Long enough for anything on a busy machine, short enough to end a test that hangs.
/// A conversation of Gemini's may have to wait a minute for the clock before anything comes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// Carries the mark of the test in the environment of every process below its engines.
const MARK_VARIABLE: &str = "HOTPLEX_TEST";

/// Names the directory in which tests keep theirs, where it is not the one that cargo gives.
pub(crate) const SCRATCH_VARIABLE: &str = "HOTPLEX_TEST_SCRATCH";

/// Where one test plays: directories of its own, and a mark by which its processes are known.
///
/// Make it before the engines: when it goes, it proves that no process of theirs is left.
pub(crate) struct Stage {
    directory: PathBuf,
    mark: String,
}

/// Process numbers will not do: in namespaces of their own, tests have the same ones.
pub(crate) fn nobody_elses_number() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(Instant::now())
}

impl Stage {
    pub(crate) fn new() -> Stage {
        Stage::below(&scratch()).expect("directories for the test")
    }

    /// A stage in no place that is everybody's, wherever the repository lies: what a jail must hold
    /// an agent off cannot be tried in `/dev/shm`, to which every agent may write, nor in `/opt` outside
    /// of a home, which every agent may read. `None`, and said, where there is no such place.
    pub(crate) fn out_of_reach() -> Option<Stage> {
        let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".hotplex-tests"));
        let places = [Some(scratch()), home].into_iter().flatten();
        let stage = places
            .filter(|place| place.is_absolute() && !is_everybodys(place))
            .find_map(|place| Stage::below(&place).ok());
        if stage.is_none() {
            skipped::skip(
                "the repository and the home both lie in a directory of everybody's, such as /opt",
            );
        }
        stage
    }

    fn below(place: &Path) -> io::Result<Stage> {
        let mark = format!("{}-{}", program_name(), nobody_elses_number());
        let directory = place.join(&mark);
        fs::create_dir_all(directory.join("home"))?;
        Ok(Stage { directory, mark })
    }

    /// A path of the test's own; nothing is there yet.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Where the sessions of the test work; the engine makes it.
    pub(crate) fn work_dir(&self) -> PathBuf {
        self.path("work")
    }

    /// The home of the agents, lest a test touch that of the developer.
    pub(crate) fn home(&self) -> PathBuf {
        self.path("home")
    }

    /// An engine to be: the stand-in agent, the test's directories, limits in which no healthy turn
    /// gets caught. Agents may write everywhere on the stage, where the tests have them keep their
    /// conversations.
    pub(crate) fn builder(&self) -> EngineBuilder {
        Engine::builder()
            .program(env!("CARGO_BIN_EXE_stand-in-agent"))
            .state_dir(self.path("state"))
            .env(MARK_VARIABLE, &self.mark)
            .guard(self.guard())
            .env("HOME", self.home().display().to_string())
            .jail_roots([&self.directory])
            .kill_grace(Duration::from_secs(2))
    }

    /// The same with agents that keep their conversations, as the real ones do.
    pub(crate) fn builder_with_store(&self) -> EngineBuilder {
        let store = self.path("store");
        fs::create_dir_all(&store).expect("a directory");
        self.builder()
            .env("STAND_IN_STORE", store.display().to_string())
    }

    /// The guard as it is by default, but that everything of the stage may be written to.
    pub(crate) fn guard(&self) -> GuardConfig {
        GuardConfig {
            extra_roots: vec![self.directory.clone()],
            ..GuardConfig::default()
        }
    }

    pub(crate) fn engine(&self) -> Engine {
        self.builder().open().expect("an engine with the stand-in")
    }

    /// Engines to be, whose agents have the habits of Claude Code 2.1, which says which prompt it
    /// begins, and of 2.0, which only says that it begins one.
    pub(crate) fn generations(&self) -> [EngineBuilder; 2] {
        let new = self.builder();
        [new.clone(), new.env("STAND_IN_LIFECYCLE", "0")]
    }

    /// An engine for each generation of agents.
    pub(crate) fn engines(&self) -> [Engine; 2] {
        let builders = self.generations();
        builders.map(|builder| builder.open().expect("an engine with the stand-in"))
    }

    pub(crate) fn request(&self, session: &str, prompt: &str) -> Request {
        Request::new(session, self.work_dir(), prompt)
    }

    pub(crate) fn execute(&self, engine: &Engine, session: &str, prompt: &str) -> Turn {
        let accepted = engine.execute(self.request(session, prompt));
        accepted.expect("the turn is accepted")
    }

    /// A whole turn.
    pub(crate) fn play(&self, engine: &Engine, session: &str, prompt: &str) -> Played {
        finish(self.execute(engine, session, prompt))
    }

    /// A turn that must be answered with an echo of the prompt and nothing else.
    pub(crate) fn echo(&self, engine: &Engine, session: &str, prompt: &str) {
        let played = self.play(engine, session, prompt);
        played.assert_completed();
        assert_eq!(played.answers(), [format!("echo: {prompt}")]);
    }

    /// The processes that carry the test's mark, zombies not among them.
    pub(crate) fn living(&self) -> Vec<u32> {
        let entry = format!("{MARK_VARIABLE}={}", self.mark);
        let carries = |pid: &u32| {
            let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environment
                .split(|byte| *byte == 0)
                .any(|variable| variable == entry.as_bytes())
        };
        processes().filter(carries).collect()
    }
}

/// What these processes run, for a person.
pub(crate) fn command_lines(pids: &[u32]) -> Vec<String> {
    let told = pids.iter().map(|pid| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        format!(
            "{pid}: {}",
            String::from_utf8_lossy(&line).replace('\0', " ")
        )
    });
    told.collect()
}

impl Drop for Stage {
    fn drop(&mut self) {
        let gone = until(PATIENCE, || self.living().is_empty());
        let _ = fs::remove_dir_all(&self.directory);
        // What was made in a home goes with the last that uses it.
        if self
            .directory
            .parent()
            .is_some_and(|place| place.ends_with(".hotplex-tests"))
        {
            let _ = self.directory.parent().map(fs::remove_dir);
        }
        if !std::thread::panicking() {
            let left = command_lines(&self.living());
            assert!(gone, "processes are left: {left:?}");
        }
    }
}

/// Where tests put their directories: where cargo says, or where their namespace has room of its own.
fn scratch() -> PathBuf {
    let of_namespace = std::env::var_os(SCRATCH_VARIABLE);
    of_namespace.map_or_else(|| env!("CARGO_TARGET_TMPDIR").into(), PathBuf::from)
}

/// Every jail lets an agent write to the first, and the strict one lets it read programs.
fn is_everybodys(place: &Path) -> bool {
    let mut above = place.ancestors();
    let real = above.find_map(|path| fs::canonicalize(path).ok());
    let everybodys = ["/dev/shm", "/opt", "/usr"];
    real.is_none_or(|real| everybodys.iter().any(|path| real.starts_with(path)))
}

/// One word of a shell, whatever is in it.
pub(crate) fn quoted(word: impl AsRef<OsStr>) -> String {
    let word = word.as_ref().to_string_lossy();
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn program_name() -> String {
    let program = std::env::current_exe().expect("the test's own program");
    let name = program.file_stem().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The numbers of all processes.
pub(crate) fn processes() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").expect("/proc");
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// Waits until it is so, at most this long; says whether it came to be.
pub(crate) fn until(limit: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    while !is_so() {
        if Instant::now() >= end {
            return false;
        }
        std::thread::park_timeout(Duration::from_millis(5));
    }
    true
}

/// A prompt with these lines for the stand-in. The first line keeps the guard from taking the whole for
/// a command itself.
pub(crate) fn script<Line: AsRef<str>>(lines: &[Line]) -> String {
    let lines = lines.iter().map(|line| format!("\n{}", line.as_ref()));
    format!(
        "This is a script that you play.{}",
        lines.collect::<String>()
    )
}

/// A turn that has ended, with all that was said in it.
#[derive(Debug)]
pub(crate) struct Played {
    /// Every event but the end.
    pub(crate) events: Vec<Event>,
    pub(crate) end: TurnEnd,
}

/// Takes all of a turn; one that does not end fails the test.
pub(crate) fn finish(mut turn: Turn) -> Played {
    let mut events = Vec::new();
    let end = loop {
        let event = next(&mut turn);
        match event.kind {
            EventKind::TurnEnd(end) => break *end,
            _ => events.push(event),
        }
    };
    assert!(turn.recv().is_none(), "nothing follows the end");
    Played { events, end }
}

/// The next event, which must come.
pub(crate) fn next(turn: &mut Turn) -> Event {
    let event = turn.recv_timeout(PATIENCE);
    event.unwrap_or_else(|| panic!("nothing came for {PATIENCE:?} in {turn:?}"))
}

/// Takes events until one fits, and gives that.
pub(crate) fn next_that(turn: &mut Turn, mut fits: impl FnMut(&EventKind) -> bool) -> EventKind {
    loop {
        let event = next(turn);
        if fits(&event.kind) {
            return event.kind;
        }
        assert!(!turn.has_ended(), "the turn ended before: {event:?}");
    }
}

/// Waits until the turn has answered with this text.
pub(crate) fn await_answer(turn: &mut Turn, text: &str) {
    next_that(
        turn,
        |kind| matches!(kind, EventKind::Answer(answer) if answer == text),
    );
}

impl Played {
    pub(crate) fn kinds(&self) -> impl Iterator<Item = &EventKind> {
        self.events.iter().map(|event| &event.kind)
    }

    pub(crate) fn answers(&self) -> Vec<&str> {
        self.kinds()
            .filter_map(|kind| match kind {
                EventKind::Answer(text) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    /// The texts of the notices with this code.
    pub(crate) fn notices(&self, code: &str) -> Vec<&str> {
        self.kinds()
            .filter_map(|kind| match kind {
                EventKind::Notice(notice) if notice.code == code => Some(notice.text.as_str()),
                _ => None,
            })
            .collect()
    }

    /// What the guard did not let run.
    pub(crate) fn blocks(&self) -> Vec<&DangerBlock> {
        let blocks = self.kinds().filter_map(|kind| match kind {
            EventKind::DangerBlock(block) => Some(&**block),
            _ => None,
        });
        blocks.collect()
    }

    /// The rules that forbade it.
    pub(crate) fn blocking_rules(&self) -> Vec<&str> {
        let blocks = self.blocks().into_iter();
        blocks.map(|block| block.verdict.rule.as_str()).collect()
    }

    /// The error's text; empty without one.
    pub(crate) fn error(&self) -> &str {
        self.end.error.as_ref().map_or("", |error| error.message())
    }

    pub(crate) fn error_kind(&self) -> Option<ErrorKind> {
        self.end.error.as_ref().map(|error| error.kind())
    }

    pub(crate) fn assert_completed(&self) {
        self.assert_outcome(Outcome::Completed);
        assert!(self.end.error.is_none(), "{:?}", self.end);
    }

    pub(crate) fn assert_outcome(&self, outcome: Outcome) {
        assert_eq!(self.end.outcome, outcome, "{self:?}");
    }
}

/// What the pool says of a session, if it holds it.
pub(crate) fn session(engine: &Engine, session: &str) -> Option<SessionInfo> {
    let sessions = engine.sessions().expect("a list of sessions");
    sessions.into_iter().find(|info| info.session_id == session)
}

/// The number of a session's process, which must be there.
pub(crate) fn pid(engine: &Engine, name: &str) -> u32 {
    let pid = session(engine, name).and_then(|session| session.pid);
    pid.expect("the session has a process")
}

/// Sends a signal to one process that a test's engine started.
pub(crate) fn signal(name: &str, pid: u32) {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &pid.to_string()])
        .status();
    assert!(sent.expect("kill runs").success(), "kill -{name} {pid}");
}

/// Waits for an event of no turn that fits, and gives it.
pub(crate) fn background(engine: &Engine, mut fits: impl FnMut(&EventKind) -> bool) -> Event {
    loop {
        let event = engine.background_events().recv_timeout(PATIENCE);
        let event = event.expect("an event of no turn that fits");
        if fits(&event.kind) {
            return event;
        }
    }
}

/// True for a notice with this code.
pub(crate) fn is_notice(kind: &EventKind, code: &str) -> bool {
    matches!(kind, EventKind::Notice(notice) if notice.code == code)
}
