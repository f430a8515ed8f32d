//! The engine's side: an engine over the stand-in agent, and turns as a caller takes them.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use hotplex::{Engine, EngineBuilder, EventKind, Outcome as TurnOutcome, Request, Turn};

use crate::Outcome;
use crate::agent;

/// An engine with a directory of its own; both are gone when it is dropped.
pub(crate) struct Bench {
    pub(crate) engine: Engine,
    directory: PathBuf,
}

impl Bench {
    pub(crate) fn open() -> Outcome<Bench> {
        Bench::open_with(|options| options)
    }

    /// With everything that the engine keeps on a file system in memory.
    pub(crate) fn open_in_memory() -> Outcome<Bench> {
        Bench::open_in(agent::directory_in_memory(), |options| options)
    }

    pub(crate) fn open_with(more: impl FnOnce(EngineBuilder) -> EngineBuilder) -> Outcome<Bench> {
        Bench::open_in(agent::directory(), more)
    }

    fn open_in(
        directory: PathBuf,
        more: impl FnOnce(EngineBuilder) -> EngineBuilder,
    ) -> Outcome<Bench> {
        let mut options = Engine::builder()
            .program(agent::PROGRAM)
            .state_dir(directory.join("state"))
            .env("HOME", directory.display().to_string());
        for (name, value) in agent::ENVIRONMENT {
            options = options.env(name, value);
        }
        Ok(Bench {
            engine: more(options).open()?,
            directory,
        })
    }

    pub(crate) fn work_dir(&self) -> PathBuf {
        self.directory.join("work")
    }

    /// Sends a prompt.
    pub(crate) fn send(&self, session: &str, prompt: &str) -> Outcome<Turn> {
        let request = Request::new(session, self.work_dir(), prompt);
        Ok(self.engine.execute(request)?)
    }

    /// One whole turn; gives the number of its answers.
    pub(crate) fn turn(&self, session: &str, prompt: &str) -> Outcome<usize> {
        finish(self.send(session, prompt)?)
    }

    /// One echo turn.
    pub(crate) fn echo(&self, session: &str) -> Outcome {
        self.turn(session, agent::ECHO).map(drop)
    }

    pub(crate) fn close(self) -> Outcome {
        Ok(self.engine.close(Duration::from_secs(5))?)
    }
}

/// Takes every event of a turn; gives the number of its answers.
pub(crate) fn finish(turn: Turn) -> Outcome<usize> {
    let mut answers = 0;
    for event in turn {
        match event.kind {
            EventKind::Answer(text) => {
                answers += 1;
                std::hint::black_box(text);
            }
            EventKind::TurnEnd(end) if end.outcome != TurnOutcome::Completed => {
                return Err(format!("a turn ended as {:?}: {:?}", end.outcome, end.error).into());
            }
            _ => {}
        }
    }
    Ok(answers)
}

impl Drop for Bench {
    fn drop(&mut self) {
        // A directory that is left behind lies in the target directory and does no harm.
        let _ = self.engine.close(Duration::from_secs(5));
        let _ = fs::remove_dir_all(&self.directory);
    }
}
