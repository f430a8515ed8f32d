//! A turn: as it is wanted, and as the hub knows it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hotplex::TurnId;

use super::log::Prompt;
use crate::access::Principal;
use crate::engines::Served;

/// What is to be done with the questions of a turn's agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Ask {
    #[default]
    Client,
    Deny,
}

/// A turn that a client wants.
#[derive(Debug, Default)]
pub(crate) struct Execute {
    /// The client's name of the session.
    pub(crate) session: String,
    pub(crate) prompt: String,
    pub(crate) work_dir: Option<String>,
    pub(crate) instructions: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) engine: Option<String>,
    pub(crate) timeout: Option<Duration>,
    /// The turn goes on when its client leaves.
    pub(crate) detach: bool,
    pub(crate) ask: Ask,
    pub(crate) request_id: Option<u64>,
}

/// A turn that was accepted, or is about to be.
pub(super) struct Turn {
    pub(super) session: Arc<str>,
    pub(super) served: Arc<Served>,
    /// The engine's number of it, once it is known.
    pub(super) id: Option<TurnId>,
    pub(super) principal: Arc<Principal>,
    /// Who is owed its events.
    pub(super) feed: Option<u64>,
    pub(super) detach: bool,
    pub(super) ask: Ask,
    /// To be cancelled as soon as the engine's number is known.
    pub(super) cancelled: bool,
    /// What is told of its begin; taken when it is.
    pub(super) prompt: Option<Prompt>,
    pub(super) began: Instant,
    pub(super) is_silent: bool,
}
