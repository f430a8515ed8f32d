//! The protocols, each with the stand-in that speaks it.

use std::panic::resume_unwind;
use std::thread;

use hotplex::{Engine, EngineBuilder, EventKind, Turn};

use crate::common::{Stage, next_that};

/// A provider, and what makes the stand-in speak as its program does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Speaker {
    pub(crate) provider: &'static str,
    speak: Option<&'static str>,
}

const SPEAKERS: &[Speaker] = &[
    Speaker {
        provider: "claude-code",
        speak: None,
    },
    Speaker {
        provider: "acp",
        speak: Some("acp"),
    },
    Speaker {
        provider: "opencode",
        speak: Some("opencode"),
    },
    Speaker {
        provider: "codex-acp",
        speak: Some("codex-acp"),
    },
    Speaker {
        provider: "claude-agent-acp",
        speak: Some("claude-agent-acp"),
    },
    Speaker {
        provider: "gemini",
        speak: Some("gemini"),
    },
    Speaker {
        provider: "codex",
        speak: Some("codex"),
    },
    Speaker {
        provider: "aider",
        speak: Some("aider"),
    },
];

impl Speaker {
    /// True for the protocols in which the client opens a conversation, and not the command line.
    pub(crate) fn opens_conversations(self) -> bool {
        self.speak.is_some()
    }

    /// False for one that says what it has begun only in pieces, if they are wanted.
    pub(crate) fn says_what_it_has_begun(self) -> bool {
        self.provider != "claude-code"
    }

    /// False for an agent that writes text for a person: then each line is part of what the model says, unless
    /// it is known for another.
    pub(crate) fn speaks_json(self) -> bool {
        self.provider != "aider"
    }

    /// True for an agent that asks its caller over the protocol alone, with no hook or plugin before.
    pub(crate) fn asks_by_itself(self) -> bool {
        matches!(self.provider, "acp" | "gemini")
    }

    /// An engine to be, whose agents keep their conversations.
    fn builder(self, stage: &Stage) -> EngineBuilder {
        // The engine's own files are no agent's to write.
        let kept = stage.path("kept");
        std::fs::create_dir_all(&kept).expect("a directory");
        let store = kept.join("conversations");
        std::fs::create_dir_all(&store).expect("a directory");
        let mut options = stage.builder().options().clone();
        options.jail_roots = vec![kept];
        let builder = EngineBuilder::from(options)
            .provider(self.provider)
            .partial_messages(true)
            .env("STAND_IN_STORE", store.display().to_string())
            // There the engine's part in aider keeps them.
            .env("XDG_STATE_HOME", store.display().to_string());
        match self.speak {
            Some(speak) => builder.program_args(["--speak", speak]),
            None => builder,
        }
    }
}

/// Plays it with each protocol at the same time, on a stage of its own. Which one failed is the name
/// of the thread that says so.
pub(crate) fn each(play: impl Fn(&Stage, EngineBuilder, Speaker) + Sync) {
    let play = &play;
    let only = std::env::var("HOTPLEX_SPEAKER").ok();
    let is_wanted =
        |speaker: &&Speaker| only.as_deref().is_none_or(|only| only == speaker.provider);
    thread::scope(|scope| {
        let threads = SPEAKERS.iter().filter(is_wanted).map(|speaker| {
            let named = thread::Builder::new().name(speaker.provider.to_owned());
            let run = move || {
                let stage = Stage::new();
                play(&stage, speaker.builder(&stage), *speaker);
            };
            named.spawn_scoped(scope, run).expect("a thread")
        });
        let threads: Vec<_> = threads.collect();
        for thread in threads {
            if let Err(panic) = thread.join() {
                resume_unwind(panic);
            }
        }
    });
}

/// The same with an engine that is open.
pub(crate) fn each_engine(play: impl Fn(&Stage, &Engine) + Sync) {
    each(|stage, builder, _| play(stage, &open(builder)));
}

pub(crate) fn open(builder: EngineBuilder) -> Engine {
    builder.open().expect("an engine with the stand-in")
}

/// Waits until the agent has said this. A protocol without a word for the end of an answer tells the
/// whole of it only when something else comes.
pub(crate) fn await_text(turn: &mut Turn, text: &str) {
    next_that(
        turn,
        |kind| matches!(kind, EventKind::Answer(said) | EventKind::AnswerDelta(said) if said == text),
    );
}
