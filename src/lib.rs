//! Keeps AI command-line agents hot: pooled processes, sessions by id, typed events over channels.
//!
//! Starting an agent costs from half a second to five, each time. An [`Engine`] keeps the processes
//! alive, sends each prompt to its session's process and gives back typed [`Event`]s, so that every
//! further turn costs what the model costs.
//!
//! ```no_run
//! use hotplex::{Engine, EventKind, Request};
//!
//! let engine = Engine::builder().open()?;
//! for event in engine.execute(Request::new("user-123", "/tmp/work", "say hello"))? {
//!     match event.kind {
//!         EventKind::Answer(text) => println!("{text}"),
//!         EventKind::TurnEnd(end) => println!("{:?} in {:?}", end.outcome, end.stats.total),
//!         _ => {}
//!     }
//! }
//! # Ok::<(), hotplex::Error>(())
//! ```
//!
//! # The map
//!
//! | room | owns | thread |
//! |---|---|---|
//! | `api` | [`Engine`], [`Turn`], [`EventStream`], [`Request`], [`EngineOptions`] | callers' |
//! | `reactor` | the poll loop, pipes, timers; `reactor::spawner` starts and sweeps processes; `reactor::judge` judges what is long or names files | `hotplex-io`, `hotplex-spawn`, `hotplex-judge` |
//! | `session` | what to do next: session states, turns, pool, admission; pure | `hotplex-io`, admission also callers' |
//! | `provider` | how an agent is launched and spoken to; pure | `hotplex-io`, `hotplex-spawn` |
//! | `process` | the launcher: spawn, process groups, jail, exit, sweep, the host's watchdog; the only `unsafe` | all of ours |
//! | `instructions` | what a project tells its agents, read so that nothing leads out | `hotplex-spawn` |
//! | `repository` | what a repository has git start, and by which settings it does not | `hotplex-spawn`, callers' |
//! | `private` | what one jailed process has to itself: its agent's directory, its temporary files | `hotplex-spawn` |
//! | `store` | what outlives the host: records of sessions and their locks, the audit | callers', `hotplex-spawn` |
//! | `error`, `event`, `notice`, `message`, `stats`, `jail`, `project`, `agent_files`, `inode`, `channel`, `spelled`, `json`, `lock`, `unseen` | the words all others use | any |
//!
//! May this command run, does this prompt order destruction: that is the business of the crate
//! `hotplex-guard` (`crates/guard`), which is pure and knows nothing of this one.
//!
//! Imports point one way: `api` → `reactor` → { `session`, `provider`, `process`, `instructions`, `repository`,
//! `private`, `store` } → words. The rooms of the third layer do not know each other; `reactor` is where they meet.
//!
//! To follow one prompt: `Engine::execute` (`api/engine.rs`) admits it and sends a command;
//! `Loop::prompt` (`reactor/scheduler.rs`) finds its slot; `Session::prompt` (`session/directory.rs`)
//! decides that it is to be written; `Slot::perform` (`reactor/slot.rs`) has the `Protocol` (`provider`)
//! encode it and the `ChildIo` (`reactor/child_io.rs`) write it to the child. The answer comes back
//! through `ChildIo::read`, `Protocol::feed`, `Session::message` and `Slot::deliver`
//! (`reactor/delivery.rs`) into the channel that [`Turn`] reads. `docs/architecture.md` has both walks step
//! by step, and `docs/glossary.md` the words.
//!
//! # Invariants
//!
//! 1. The io thread calls nothing that can block and runs no foreign code.
//! 2. Names in the poll are never used again: a stale event cannot hit a new child.
//! 3. Our threads block every signal and no handler is installed: the host owns its signals.
//!    Children get an empty mask and default dispositions.
//! 4. Every descriptor of ours is close-on-exec.
//! 5. A panic while one session is served ends that session; a panic of the loop ends every turn
//!    and kills every group.
//! 6. The library owns no global: no logger, no handler, no exit, no output.
//! 7. Each accepted turn ends in exactly one terminal state, whatever happens to the child, the
//!    engine or the caller.
//! 8. A jailed agent is in its jail before its program begins, and no thread that outlives its start
//!    is in any.

#[cfg(not(target_os = "linux"))]
compile_error!(
    "hotplex supports Linux only for now: process rooms of other systems are not written"
);

mod agent_files;
mod api;
mod channel;
mod error;
mod event;
mod inode;
mod instructions;
mod jail;
mod json;
mod lock;
mod message;
mod notice;
mod payload;
mod private;
mod process;
mod project;
mod provider;
mod reactor;
mod repository;
#[cfg(test)]
mod scratch;
mod session;
mod spelled;
mod stats;
mod store;
mod unseen;

pub use api::builder::EngineBuilder;
pub use api::check::{Check, CheckKind};
pub use api::config::{EngineOptions, GuardConfig, InheritEnv};
pub use api::engine::Engine;
pub use api::providers::{providers, providers_within};
pub use api::request::{Request, WarmUp};
pub use api::stream::EventStream;
pub use api::turn::Turn;
pub use channel::Delivery;
pub use error::{Error, ErrorKind};
pub use event::{
    DangerBlock, Decision, Event, EventKind, Outcome, PermissionRequest, SessionId, SessionStart,
    ToolResult, ToolUse, TurnEnd, TurnId,
};
pub use hotplex_guard::{
    Error as GuardError, Guard, GuardContext, GuardOptions, Judgement, Level, Links, PathAccess,
    Rule, Verdict,
};
pub use jail::Jail;
pub use notice::{Notice, NoticeCode, NoticeLevel};
pub use project::Project;
pub use stats::{
    BackgroundTask, Capabilities, EngineInfo, ProviderInfo, SessionInfo, SessionState,
    SessionStats, ToolGate, TurnStats, Usage,
};
pub use unseen::is_unseen;

/// The snippets in the documents are compiled with the documentation's, so that they stay true.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../README.md")]
    struct ReadMe;

    #[doc = include_str!("../docs/guide.md")]
    struct Guide;

    #[doc = include_str!("../docs/safety.md")]
    struct Safety;
}
