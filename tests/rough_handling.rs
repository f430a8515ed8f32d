//! Many callers who do everything at once, to agents that misbehave in every way, whatever protocol they
//! speak: each turn that was accepted ends once, with its own words and nobody else's; no thread of the
//! engine panics, and no process and no descriptor is left.
//!
//! `HOTPLEX_SOAK_SECONDS=N` goes on for so long, each round with other choices (`make soak`).

mod common;

use std::fs;
use std::io::Write;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::Stage;
use hotplex::{
    Decision, Engine, EngineBuilder, ErrorKind, Event, EventKind, Outcome, Turn, WarmUp,
};

static PANICS: AtomicUsize = AtomicUsize::new(0);

/// What every agent does when asked; `@` is where the word stands that no other turn has.
const SHARED: [&str; 12] = [
    "@",
    "!text @",
    "!text @\n!die 1",
    "!text @\n!half",
    "!text @\n!hang-soft",
    "!text @\n!hang",
    "!text @\n!signal KILL",
    "!text @\n!double-result",
    "!delta 20 1\n!text @",
    "!text @\n!flood 2000 300\n!text @",
    "!text @\n!sleep 20\n!text @",
    "!text @\n!sleep 5",
];

/// What only one that speaks as Claude Code does.
const CLAUDE: [&str; 8] = [
    "!text @\n!die-after",
    "!text @\n!late 20 @",
    "!text @\n!late-after-result 20 @",
    "!text @\n!self-turn 5",
    "!text @\n!tool Write {\"file_path\":\"/tmp/a\"}\n!text @",
    "!text @\n!withdraw",
    "!text @\n!raw {\"type\":\"result\"}",
    "!text @\n!background 5\n!text @",
];

/// What those of JSON-RPC do.
const JSON_RPC: [&str; 4] = [
    "!text @\n!bash ls\n!text @",
    "!text @\n!bash rm -rf /\n!text @",
    "!text @\n!raw {\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}",
    "!text @\n!raw not json at all",
];

/// One protocol: the engine's options for it, and what may be asked.
struct Protocol {
    name: &'static str,
    prompts: Vec<&'static str>,
}

fn protocols() -> [Protocol; 3] {
    let with = |name, more: &[&'static str]| Protocol {
        name,
        prompts: [&SHARED, more].concat(),
    };
    [
        with("claude-code", &CLAUDE),
        with("acp", &JSON_RPC),
        with("codex", &JSON_RPC),
    ]
}

/// The same choices for the same seed; what differs from run to run is how the threads meet.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

#[test]
fn every_accepted_turn_ends_once_with_its_own_words_and_nothing_panics() {
    let earlier = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        PANICS.fetch_add(1, Ordering::SeqCst);
        earlier(panic);
    }));
    let seconds = std::env::var("HOTPLEX_SOAK_SECONDS")
        .map_or(0, |text| text.parse().expect("a number of seconds"));
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut round = 0;
    let mut turns = 0;
    while round == 0 || Instant::now() < until {
        for protocol in protocols() {
            turns += play(&protocol, round);
        }
        round += 1;
    }
    let _ = writeln!(std::io::stdout(), "{turns} turns in {round} rounds");
}

/// One engine from its opening to its end; how many turns it accepted.
fn play(protocol: &Protocol, round: u64) -> u64 {
    let descriptors = open_descriptors();
    let stage = Stage::new();
    let engine = builder(&stage, protocol.name)
        .open()
        .expect("an engine with the stand-in");
    let accepted: u64 = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..6)
            .map(|number| {
                let mut caller = Caller {
                    stage: &stage,
                    engine: engine.clone(),
                    protocol,
                    dice: Dice(0x9e37_79b9_7f4a_7c15 ^ (round * 6 + number + 1)),
                };
                scope.spawn(move || caller.handle_roughly())
            })
            .collect();
        let callers = callers
            .into_iter()
            .map(|caller| caller.join().expect("a caller that did not panic"));
        callers.sum()
    });
    let counted = || {
        let info = engine.info().expect("figures");
        info.turns_completed + info.turns_not_completed
    };
    let all = common::until(common::PATIENCE, || counted() == accepted);
    assert!(all, "{}: {} of {accepted}", protocol.name, counted());
    for session in 0..4 {
        stage.echo(&engine, &format!("s{session}"), "at last");
    }
    engine
        .close(Duration::from_millis(500))
        .expect("an orderly end");
    drop(engine);
    assert_eq!(PANICS.load(Ordering::SeqCst), 0);
    let as_before = common::until(common::PATIENCE, || open_descriptors() <= descriptors);
    let now = open_descriptors();
    assert!(as_before, "{}: {descriptors} are {now}", protocol.name);
    accepted
}

fn builder(stage: &Stage, protocol: &str) -> EngineBuilder {
    // The files of an engine that has hooks are no agent's to write.
    let kept = stage.path("kept");
    fs::create_dir_all(&kept).expect("a directory");
    let mut options = stage.builder().options().clone();
    options.jail_roots = vec![kept.clone()];
    let builder = EngineBuilder::from(options)
        .env("STAND_IN_STORE", kept.display().to_string())
        .kill_grace(Duration::from_millis(100))
        .turn_timeout(Duration::from_millis(300))
        .window_bytes(16 * 1024)
        .queue_turns(4)
        .approval_timeout(Duration::from_millis(100))
        .max_processes(5);
    match protocol {
        "claude-code" => builder,
        name => builder.provider(name).program_args(["--speak", name]),
    }
}

fn open_descriptors() -> usize {
    fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

/// One thread of the host.
struct Caller<'a> {
    stage: &'a Stage,
    engine: Engine,
    protocol: &'a Protocol,
    dice: Dice,
}

impl Caller<'_> {
    /// How many turns were accepted.
    fn handle_roughly(&mut self) -> u64 {
        let mut accepted = 0;
        for _ in 0..60 {
            let session = format!("s{}", self.dice.below(8));
            match self.dice.below(20) {
                0 => drop(self.engine.stop_session(&session, "rough")),
                1 => self
                    .engine
                    .prewarm(&WarmUp::new(self.stage.work_dir()), 1)
                    .expect("an engine that is open"),
                2 => drop(self.engine.sessions().expect("an answer of the engine")),
                _ => accepted += u64::from(self.ask(&session)),
            }
        }
        accepted
    }

    /// True if the turn was accepted; then it has ended, or was let go.
    fn ask(&mut self, session: &str) -> bool {
        static ASKED: AtomicU64 = AtomicU64::new(0);
        let prompts = &self.protocol.prompts;
        let script = prompts[self.dice.below(prompts.len())];
        let word = format!("word{}.", ASKED.fetch_add(1, Ordering::Relaxed));
        let prompt = script.replace('@', &word);
        match self.engine.execute(self.stage.request(session, &prompt)) {
            Ok(turn) => {
                self.treat(turn, script, &word);
                true
            }
            Err(error) if error.kind() == ErrorKind::Blocked => false,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Busy, "{error}");
                false
            }
        }
    }

    fn treat(&mut self, mut turn: Turn, script: &str, word: &str) {
        let mut heard = Heard::default();
        match self.dice.below(6) {
            0 => return drop(turn),
            1 => turn.cancel(),
            2 => turn
                .try_recv()
                .into_iter()
                .for_each(|event| heard.take(event)),
            _ => {}
        }
        while let Some(event) = turn.recv_timeout(common::PATIENCE) {
            if let EventKind::PermissionRequest(asked) = &event.kind {
                let decision = match self.dice.below(3) {
                    0 => Some(Decision::allow()),
                    1 => Some(Decision::deny("no")),
                    // It is denied after its time.
                    _ => None,
                };
                // Another caller may have stopped the session meanwhile.
                let _ = decision.map(|decision| turn.respond(&asked.request_id, decision));
            }
            heard.take(event);
        }
        assert!(turn.has_ended(), "{turn:?}");
        heard.check(self.protocol.name, script, word);
    }
}

/// What one turn told.
#[derive(Debug, Default)]
struct Heard {
    answers: Vec<String>,
    ends: Vec<Outcome>,
    errors: Vec<String>,
}

impl Heard {
    fn take(&mut self, event: Event) {
        match event.kind {
            EventKind::Answer(text) => self.answers.push(text),
            EventKind::TurnEnd(end) => {
                let kind = end.error.as_ref().map(|error| error.kind());
                assert_ne!(kind, Some(ErrorKind::Internal), "{:?}", end.error);
                self.ends.push(end.outcome);
                self.errors.extend(end.error.map(|error| error.to_string()));
            }
            _ => {}
        }
    }

    /// One end; no words of another turn; and of a turn that is called complete all its own.
    fn check(&self, protocol: &str, script: &str, word: &str) {
        let about = || format!("{protocol}, {script:?}, {word}: {self:?}");
        assert_eq!(self.ends.len(), 1, "{}", about());
        let text = self.answers.concat();
        let foreign = text
            .split("word")
            .skip(1)
            .any(|rest| !format!("word{rest}").starts_with(word));
        assert!(!foreign, "{}", about());
        if self.ends == [Outcome::Completed] {
            let promised = script
                .split('\n')
                .filter(|line| line.contains('@') && !line.starts_with("!late"));
            assert!(
                text.matches(word).count() >= promised.count(),
                "{}",
                about()
            );
        }
    }
}
