//! Whose leave a call of a tool takes, in each permission mode.
//!
//! An agent that is made to ask about everything asks about reading, too. Whoever set a permission
//! mode means something else: so the modes are ours, and the agent's own mode stays the one in which
//! it asks.

use std::path::{Component, Path};

use crate::error::Error;
use crate::event::{PermissionRequest, ToolUse};
use crate::message::{GateQuestion, Message};
use crate::stats::ToolGate;

/// The modes that are taken. Others of Claude Code's would leave the decision to the agent.
const MODES: [(&str, Mode); 5] = [
    ("default", Mode::Default),
    ("acceptEdits", Mode::AcceptEdits),
    ("plan", Mode::Plan),
    ("bypassPermissions", Mode::Bypass),
    ("dontAsk", Mode::DontAsk),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Default,
    AcceptEdits,
    Plan,
    Bypass,
    DontAsk,
}

impl Mode {
    /// # Errors
    /// `InvalidArgument` for a mode that would not be held.
    pub(super) fn named(provider: &str, name: Option<&str>) -> Result<Mode, Error> {
        // The Go hotplex and its documentation spell this one mode with a hyphen.
        let name = match name.unwrap_or("default") {
            "bypass-permissions" => "bypassPermissions",
            name => name,
        };
        let known = MODES.into_iter().find(|(known, _)| *known == name);
        known.map(|(_, mode)| mode).ok_or_else(|| {
            let modes = MODES.map(|(known, _)| known).join(", ");
            let message =
                format!("permission_mode {name:?} cannot be held by {provider}; it has {modes}");
            Error::invalid(message)
        })
    }
}

/// Who has to agree, after the guard and the lists of tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leave {
    /// No one else.
    Guard,
    Caller,
    /// Nobody is there to agree: it does not run.
    Denied,
}

impl Leave {
    /// What is asked about a call: of the gate, which comes first even where nobody else can agree, or of
    /// the caller.
    pub(super) fn question(
        self,
        request_id: String,
        tool: ToolUse,
        current_dir: Option<String>,
        reason: Option<String>,
    ) -> Message {
        match self {
            Leave::Guard | Leave::Denied => Message::GateAsked(Box::new(GateQuestion {
                request_id,
                tool,
                current_dir,
            })),
            Leave::Caller => Message::ApprovalAsked(Box::new(PermissionRequest {
                request_id,
                tool,
                reason,
            })),
        }
    }
}

/// What decides that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy {
    pub(super) mode: Mode,
    pub(super) gate: ToolGate,
    /// There is a list of allowed tools: what passes it runs without a question.
    pub(super) has_allow_list: bool,
}

impl Policy {
    /// For a call of this kind, as the Agent Client Protocol names kinds, that names these files.
    pub(super) fn leave(&self, kind: &str, paths: &[String], work_dir: &Path) -> Leave {
        let is_below = are_below(paths, work_dir);
        let reads = matches!(kind, "read" | "search") && is_below;
        let thinks = kind == "think";
        let edits = kind == "edit" && !paths.is_empty() && is_below;
        // An agent that asks by itself has a reason to ask about reading.
        let is_harmless = self.gate == ToolGate::EveryCall && (reads || thinks);
        match self.mode {
            _ if self.has_allow_list => Leave::Guard,
            Mode::Bypass => Leave::Guard,
            Mode::DontAsk if is_harmless => Leave::Guard,
            Mode::DontAsk => Leave::Denied,
            Mode::AcceptEdits if edits || is_harmless => Leave::Guard,
            Mode::Default | Mode::Plan if is_harmless => Leave::Guard,
            Mode::AcceptEdits | Mode::Default | Mode::Plan => Leave::Caller,
        }
    }
}

/// True if all these are below the work directory, by name. Where links lead is the gate's business.
fn are_below(paths: &[String], work_dir: &Path) -> bool {
    let leads_out = |path: &Path| {
        let goes_up = path.components().any(|part| part == Component::ParentDir);
        goes_up || path.to_string_lossy().starts_with('~')
    };
    let mut paths = paths.iter().map(Path::new);
    paths.all(|path| !leads_out(path) && (path.is_relative() || path.starts_with(work_dir)))
}
