//! How far the handshake with an agent is.

use serde_json::Value;

/// How far the handshake is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing was written.
    Silent,
    Initializing(u64),
    /// The session is asked for, or, if `true`, an earlier one.
    Opening(u64, bool),
    /// The session is there, but its earlier turns are still told. These settings are to follow.
    Retelling(Vec<Setting>),
    /// A setting of the session is on its way; these are to follow.
    Setting(u64, Vec<Setting>),
    /// Prompts may be written.
    Up,
    /// It will not come to that.
    Failed,
}

/// Something that is set once the session is there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) method: &'static str,
    pub(super) params: Value,
}

impl Stage {
    /// True if this request is the one that is waited for.
    pub(super) fn awaits(&self, request: u64) -> bool {
        match self {
            Stage::Initializing(awaited)
            | Stage::Opening(awaited, _)
            | Stage::Setting(awaited, _) => *awaited == request,
            Stage::Silent | Stage::Retelling(_) | Stage::Up | Stage::Failed => false,
        }
    }

    /// What the agent tells before that is of an earlier turn: a replay.
    pub(super) fn is_up(&self) -> bool {
        matches!(self, Stage::Up)
    }
}
