//! The calls of tools that a process waits with: the one that is being judged, and what was said
//! behind it.

use std::collections::VecDeque;
use std::time::Instant;

use crate::event::{PermissionRequest, ToolUse};
use crate::message::{GateQuestion, Message};

/// Something that asks whether a tool may run.
pub(super) enum ToolQuestion {
    Gate(Box<GateQuestion>),
    /// The same once more, about a call that a hook asked about.
    Again(Box<GateQuestion>),
    /// A call that has run otherwise than it was judged, or unjudged: nobody waits for a verdict.
    Ran(Box<GateQuestion>),
    /// The gate was asked about the same call before, by an agent that asks twice; a flag was reported
    /// then, and a block is worth checking twice.
    Approval(Box<PermissionRequest>),
}

impl ToolQuestion {
    pub(super) fn tool(&self) -> &ToolUse {
        match self {
            ToolQuestion::Gate(question)
            | ToolQuestion::Again(question)
            | ToolQuestion::Ran(question) => &question.tool,
            ToolQuestion::Approval(request) => &request.tool,
        }
    }

    pub(super) fn current_dir(&self) -> Option<&str> {
        match self {
            ToolQuestion::Gate(question)
            | ToolQuestion::Again(question)
            | ToolQuestion::Ran(question) => question.current_dir.as_deref(),
            ToolQuestion::Approval(_) => None,
        }
    }
}

/// The call that is with the judge thread.
pub(super) struct OpenCall {
    pub(super) number: u64,
    pub(super) call: ToolQuestion,
    pub(super) until: Instant,
}

/// What one process has asked and waits for.
#[derive(Default)]
pub(super) struct GateQueue {
    pub(super) open: Option<OpenCall>,
    /// What the agent said since: at most one budget of reading, and what its hooks may ask at once.
    pub(super) deferred: VecDeque<Message>,
    pub(super) asked: u64,
}

impl GateQueue {
    /// True while a call is with the judge thread.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// When the verdict is overdue.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.open.as_ref().map(|open| open.until)
    }

    pub(super) fn take_open(
        &mut self,
        fits: impl FnOnce(&OpenCall) -> bool,
    ) -> Option<ToolQuestion> {
        self.open.take_if(|open| fits(open)).map(|open| open.call)
    }
}
