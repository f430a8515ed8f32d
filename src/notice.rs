//! What is worth knowing and is no part of an answer. Layer 0: imports nothing of ours but the
//! neighbours in layer 0.

use crate::spelled::spelled;

/// Something worth knowing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Notice {
    /// How serious it is.
    pub level: NoticeLevel,
    /// What it is about, for programs.
    pub code: NoticeCode,
    /// A line for a person.
    pub text: String,
}

impl Notice {
    /// As an agent's process, a provider or a session gives it.
    pub(crate) fn new(level: NoticeLevel, code: NoticeCode, text: impl Into<String>) -> Notice {
        let text = text.into();
        Notice { level, code, text }
    }
}

spelled! {
    /// How serious a [`Notice`] is.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum NoticeLevel {
        /// Good to know.
        Info = "info",
        /// Something was not as it should be, and was dealt with.
        Warning = "warning",
    }
}

spelled! {
    /// What a [`Notice`] is about. The one list of them: the README, `schema/` and every binding are
    /// compared with it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum NoticeCode {
        /// The agent's process ended when no turn ran.
        AgentEnded = "agent_ended",
        /// The agent's model could not be asked, and the agent said so in the middle of a turn.
        ApiError = "api_error",
        /// The agent asks its model once more.
        ApiRetry = "api_retry",
        /// What an agent did in the background ended with its process.
        BackgroundEnded = "background_ended",
        /// The agent forgot the conversation and began another one.
        ConversationReset = "conversation_reset",
        /// The guard would rather not have it, and let it run.
        DangerFlag = "danger_flag",
        /// What a `.git` file names is not opened in the jail.
        GitNotOpened = "git_not_opened",
        /// Something asked on the socket of the agent's hooks, and not as a hook of the engine's does.
        HookRefused = "hook_refused",
        /// Instructions of the project that the model does not get, or not whole.
        InstructionsRefused = "instructions_refused",
        /// The kernel cannot hold the jail that is the default; the agent runs without one.
        JailUnavailable = "jail_unavailable",
        /// A line was longer than `max_line_bytes`, or had more values than are taken, and was skipped.
        LineTooLong = "line_too_long",
        /// A line was no JSON where the agent's protocol is JSON.
        NotJson = "not_json",
        /// The agent's own rules denied a tool.
        PermissionDenied = "permission_denied",
        /// A permission request was denied for the caller, who could not be asked.
        PermissionRefused = "permission_refused",
        /// Nobody answered a permission request in time; it was denied.
        PermissionTimedOut = "permission_timed_out",
        /// The agent took a permission request back.
        PermissionWithdrawn = "permission_withdrawn",
        /// The agent's output could not be read to its end.
        PipeBroken = "pipe_broken",
        /// What the project has that the agent was not given.
        ProjectIgnored = "project_ignored",
        /// The repository of the work directory has git start something else than before; the agent was
        /// started again, so that its own git does not.
        RepositoryChanged = "repository_changed",
        /// The conversation could not be taken up again; a new one began.
        SessionReset = "session_reset",
        /// The agent cannot take the conversation up yet; the turn waits, and its limits of time with it.
        StartDelayed = "start_delayed",
        /// The state directory cannot be written; the turn goes on.
        StateUnwritable = "state_unwritable",
        /// Something that the agent did in the background has ended.
        TaskNotification = "task_notification",
        /// The agent sent a result that no turn waits for.
        UnrequestedResult = "unrequested_result",
        /// The agent is of a release with which nothing here was tested; it runs all the same.
        UntestedVersion = "untested_version",
        /// The path of the work directory leads elsewhere; the agent was started again there.
        WorkDirReplaced = "work_dir_replaced",
    }
}

/// For programs that keep codes as text.
impl PartialEq<&str> for NoticeCode {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}
