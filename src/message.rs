//! What an agent said, in the engine's words. Layer 0: providers decode lines into it, sessions act on it.

use crate::event::{EventKind, PermissionRequest, SessionStart, ToolUse, TurnId};
use crate::stats::{BackgroundTask, Usage};

/// One thing an agent said. A line of output gives none, one or several.
#[derive(Debug)]
pub(crate) enum Message {
    /// The handshake was answered: prompts may be written from now on.
    Ready,
    /// The agent will name each prompt that it begins: what it begins without a name is no prompt.
    NamesTurns,
    /// An interrupt that is written behind a prompt reaches the agent behind it: it need not wait
    /// until the agent has begun.
    InterruptsInOrder,
    /// The conversation that was to be taken up is not there, for this reason: the process begins
    /// another.
    ConversationLost(String),
    /// The agent has a prompt and will say when it begins it.
    TurnQueued(TurnId),
    /// Work on a prompt begins. The turn is named where the protocol names it.
    TurnStarted(Option<TurnId>),
    /// The agent is through with a prompt. Its result may still come: a prompt that was taken into
    /// other work is through before that work is.
    TurnOver(TurnId),
    /// The agent says which release of its program it is.
    ProgramVersion(String),
    /// The agent described its conversation: once a process, and again when it went over to another.
    SessionStart(Box<SessionStart>),
    /// A background task has started or ended.
    Tasks(TaskChange),
    /// Something for the caller.
    Event(EventKind),
    /// The agent is about to run a tool, whatever its permissions say, and waits for the gate.
    GateAsked(Box<GateQuestion>),
    /// The agent asks once more about a call that the gate was asked about: what has changed is judged,
    /// and what is the same is not told twice.
    GateAskedAgain(Box<GateQuestion>),
    /// A call has run that is not the one that was let pass, or was never judged. It is judged now, to be
    /// told of; nobody waits for an answer.
    RanUnjudged(Box<GateQuestion>),
    /// A call has run, or may run, that the gate did not let through, for this reason.
    GateFailed(String),
    /// The process knows nothing of its conversation any more, as one that has started itself anew in its
    /// own place. What it had of a turn is lost.
    Forgotten(String),
    /// The agent said or asked something without which it cannot go on, and which nobody can read.
    ProtocolFailed(String),
    /// The agent refuses the handshake that would have set the gate up.
    HandshakeRefused(String),
    /// The agent waits for leave to run a tool.
    ApprovalAsked(Box<PermissionRequest>),
    /// The agent does not wait for that leave any more.
    ApprovalWithdrawn(String),
    /// Work on a prompt ended.
    TurnResult(Box<TurnResult>),
    /// A reply that the protocol itself requires; one whole line to write.
    Reply(Vec<u8>),
}

/// What changed about the tasks that the agent runs in the background.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TaskChange {
    /// These are all there are.
    All(Vec<BackgroundTask>),
    Began(BackgroundTask),
    /// The one of this name does not run any more.
    Ended(String),
}

/// What a result says about the work that it ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Nothing.
    #[default]
    Unsaid,
    /// The prompts of these turns, whatever else there was.
    Turns(Vec<TurnId>),
    /// Something that the agent began by itself.
    Itself,
}

/// A tool that is about to run.
#[derive(Debug)]
pub(crate) struct GateQuestion {
    /// Name of the question; goes into the answer.
    pub(crate) request_id: String,
    pub(crate) tool: ToolUse,
    /// Where the agent is now, which commands may have changed.
    pub(crate) current_dir: Option<String>,
}

/// How the agent says its work on a prompt ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TurnResult {
    /// True if the agent calls it a failure.
    pub(crate) is_error: bool,
    /// True if it ended because it was interrupted.
    pub(crate) interrupted: bool,
    /// The closing text.
    pub(crate) text: Option<String>,
    /// What went wrong, in one line, if `is_error`.
    pub(crate) error: Option<String>,
    /// Tokens of this turn.
    pub(crate) usage: Usage,
    /// Cost of this turn in US dollars, not the running total.
    pub(crate) cost_usd: f64,
    /// The model that answered.
    pub(crate) model: Option<String>,
    /// The conversation that was to be resumed does not exist.
    pub(crate) cannot_resume: bool,
    /// Whose end it is.
    pub(crate) origin: Origin,
}

/// Why a process gave up at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitCause {
    /// There is no conversation of that name.
    NoConversation,
    /// The agent knows a conversation of the name that the new one was to have.
    NameInUse,
    /// Another process of the agent's was making the files that all of them share.
    StateContended,
    /// Anything else.
    Other,
}

/// Which conversation a process serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Conversation {
    /// A new one under this name.
    New(String),
    /// An earlier one goes on.
    Resume(String),
}

impl Conversation {
    /// The agent's name of the conversation.
    pub(crate) fn id(&self) -> &str {
        match self {
            Conversation::New(id) | Conversation::Resume(id) => id,
        }
    }
}
