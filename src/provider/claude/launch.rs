//! How Claude Code is started: arguments, environment, names of conversations.
//!
//! Knows nothing of what is said after the start. Called by callers' threads (to check options)
//! and by the spawn thread (to start an agent).

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::protocol::ClaudeProtocol;
use super::state;
use super::tool_variables;
use crate::agent_files::AgentFiles;
use crate::error::Error;
use crate::event::ToolUse;
use crate::message::{Conversation, ExitCause};
use crate::project::{Project, ProjectFiles};
use crate::provider::options::ProviderOptions;
use crate::provider::system_prompt;
use crate::provider::{EngineFile, Protocol, Provider, Start, SystemPrompt, User};
use crate::stats::{Capabilities, ToolGate};
use hotplex_guard::ToolEffect;

/// Modes that Claude Code 2.1.330 takes (2.0.76 has no `auto`). Checked here because it refuses
/// others only when it starts, and a caller should learn of a misspelt option when setting it.
const PERMISSION_MODES: [&str; 6] = [
    "default",
    "acceptEdits",
    "plan",
    "bypassPermissions",
    "dontAsk",
    "auto",
];

/// Linux takes no single argument of 128 KiB or more; the flag's own name needs room as well.
const LONGEST_VALUE: usize = 128 * 1024 - 64;

/// What Claude Code tells its own tools about itself. A host that was started as such a tool would
/// pass these on, and the agent would take itself for a nested session of that other one.
pub(in crate::provider) const INHERITED_FROM_AN_OUTER_AGENT: [&str; 6] = [
    "CLAUDECODE",
    "CLAUDE_CODE_ENTRYPOINT",
    "CLAUDE_CODE_SESSION_ID",
    "CLAUDE_CODE_MESSAGING_SOCKET",
    "CLAUDE_CODE_MESSAGING_TOKEN",
    "CLAUDE_PID",
];

/// Claude Code's own names, and `AGENTS.md`, which others read. Of what is above a work directory it
/// reads as much as of what is inside; the instructions there are given to nobody, since another
/// than the project's author may have put them there.
pub(in crate::provider) const PROJECT_FILES: ProjectFiles = ProjectFiles {
    instructions: &[
        "CLAUDE.md",
        ".claude/CLAUDE.md",
        "AGENTS.md",
        "CLAUDE.local.md",
        ".claude/rules/",
    ],
    others: &[
        (
            ".claude/settings.json",
            "settings, hooks, environment, permissions",
        ),
        (
            ".claude/settings.local.json",
            "settings, hooks, environment, permissions",
        ),
        (".mcp.json", "servers"),
        (".claude/agents", "agents"),
        (".claude/commands", "commands"),
        (".claude/skills", "skills"),
        (".claude/plugins", "plugins"),
        (".claude/hooks", "hooks"),
        (".claude/output-styles", "output styles"),
        (".claude/workflows", "workflows"),
        (".claude/loop.md", "schedules"),
        (".claude/scheduled_tasks.json", "schedules"),
        (".claude-plugin", "plugins"),
        (".lsp.json", "language servers"),
    ],
    above: &[
        ("CLAUDE.md", "instructions"),
        ("AGENTS.md", "instructions"),
        (".claude", "settings, hooks, agents, commands, skills"),
        (".mcp.json", "servers"),
    ],
    skills: &[],
    opened: &[],
};

/// 2.1.330 reads `.claude/scheduled_tasks.json` whatever the sources of its settings are, and puts
/// what is overdue into the next turn (measured). Without the scheduler it has no tools for it either.
pub(in crate::provider) const PINNED: &[(&str, &str)] = &[("CLAUDE_CODE_DISABLE_CRON", "1")];

/// Claude Code with the options of one engine.
#[derive(Debug)]
pub(crate) struct ClaudeCode {
    options: ProviderOptions,
}

impl ClaudeCode {
    /// Checks the options, so that a start cannot fail because of them.
    pub(crate) fn new(mut options: ProviderOptions) -> Result<ClaudeCode, Error> {
        if let Some(mode) = &mut options.permission_mode {
            *mode = known_mode(mode)?.to_owned();
        }
        check_tools("allowed_tools", &options.allowed_tools)?;
        check_tools("disallowed_tools", &options.disallowed_tools)?;
        if options
            .base_system_prompt
            .as_ref()
            .is_some_and(|prompt| prompt.contains('\0'))
        {
            return Err(Error::invalid("base_system_prompt has a NUL character"));
        }
        Ok(ClaudeCode { options })
    }

    /// Whether a call is judged once more as it runs: hooks of a trusted project may replace it after
    /// ours has heard of it. In the other modes the user would be asked about each call then.
    fn is_to_ask_again(&self, project: Project) -> bool {
        let mode = self.options.permission_mode.as_deref();
        project == Project::Trusted && mode == Some("bypassPermissions")
    }
}

fn known_mode(mode: &str) -> Result<&'static str, Error> {
    // The Go hotplex and its documentation spell this one mode with a hyphen.
    let name = if mode == "bypass-permissions" {
        "bypassPermissions"
    } else {
        mode
    };
    let known = PERMISSION_MODES.into_iter().find(|known| *known == name);
    known.ok_or_else(|| {
        let modes = PERMISSION_MODES.join(", ");
        Error::invalid(format!(
            "permission_mode {mode:?} is unknown, known are {modes}"
        ))
    })
}

fn check_tools(option: &str, tools: &[String]) -> Result<(), Error> {
    if tools.iter().any(|tool| tool.trim().is_empty()) {
        return Err(Error::invalid(format!("{option} has an empty name")));
    }
    check_value(option, &tools.join(","))
}

fn check_value(option: &str, value: &str) -> Result<(), Error> {
    if value.contains('\0') {
        return Err(Error::invalid(format!("{option} has a NUL character")));
    }
    if value.len() > LONGEST_VALUE {
        let length = value.len();
        let message =
            format!("{option} has {length} bytes, at most {LONGEST_VALUE} fit an argument");
        return Err(Error::invalid(message));
    }
    Ok(())
}

/// Two arguments, as the Go hotplex writes them and as wrappers around the agent expect them; but a
/// value that begins with `-` goes into one with its flag, where it stays a value.
fn flag(arguments: &mut Vec<String>, name: &str, value: &str) {
    if value.starts_with('-') {
        arguments.push(format!("{name}={value}"));
    } else if !value.is_empty() {
        arguments.extend([name.to_owned(), value.to_owned()]);
    }
}

impl Provider for ClaudeCode {
    fn name(&self) -> &'static str {
        "claude-code"
    }

    fn default_program(&self) -> &'static str {
        "claude"
    }

    fn tested_versions(&self) -> &'static [&'static str] {
        &["1.0.128", "2.0.76", "2.1.197", "2.1.330"]
    }

    fn system_prompt(&self, instructions: &str) -> String {
        system_prompt::compose(self.options.base_system_prompt.as_deref(), instructions)
    }

    fn arguments(&self, start: &Start<'_>) -> Vec<String> {
        let mut arguments: Vec<String> = [
            "--print",
            "--verbose",
            "--output-format",
            "stream-json",
            "--input-format",
            "stream-json",
            // Without it a tool that needs leave is refused without a question.
            "--permission-prompt-tool",
            "stdio",
        ]
        .map(str::to_owned)
        .into();
        match start.conversation {
            Conversation::New(id) => flag(&mut arguments, "--session-id", id),
            Conversation::Resume(id) => flag(&mut arguments, "--resume", id),
        }
        let options = &self.options;
        let mode = options.permission_mode.as_deref().unwrap_or_default();
        flag(&mut arguments, "--permission-mode", mode);
        flag(
            &mut arguments,
            "--allowed-tools",
            &options.allowed_tools.join(","),
        );
        flag(
            &mut arguments,
            "--disallowed-tools",
            &options.disallowed_tools.join(","),
        );
        match start.system_prompt {
            SystemPrompt::Given(text) => flag(&mut arguments, "--append-system-prompt", text),
            // 2.0.76 and 2.1.330 have it, and read the file once, at their start (measured).
            SystemPrompt::InFile(path) => {
                flag(&mut arguments, "--append-system-prompt-file", path);
            }
        }
        flag(&mut arguments, "--model", start.model.unwrap_or_default());
        if start.project == Project::Trusted {
            // 2.0.76 calls no hook of ours where a project switches all hooks off; 2.1.330 does (measured).
            // What is given here goes before what the project says.
            let settings = r#"{"disableAllHooks":false}"#;
            arguments.extend(["--settings", settings].map(str::to_owned));
        } else {
            // Of the three sources of settings the user's alone. Measured with 2.1.330 and 2.0.76:
            // the project's settings, servers, agents, commands, skills, rules and CLAUDE.md, also
            // those above and below the work directory, are not loaded then; the user's are.
            arguments.extend(["--setting-sources", "user"].map(str::to_owned));
        }
        if options.partial_messages {
            arguments.push("--include-partial-messages".to_owned());
        }
        arguments
    }

    fn has_engine_files(&self, tools_differ: bool) -> bool {
        tools_differ
    }

    fn engine_files(&self, start: &Start<'_>) -> Vec<EngineFile> {
        tool_variables::file(start).into_iter().collect()
    }

    fn has_git_of_its_own(&self) -> bool {
        true
    }

    fn process_variables(&self, start: &Start<'_>) -> Vec<(&'static str, OsString)> {
        tool_variables::variables(start)
    }

    fn project_files(&self) -> ProjectFiles {
        PROJECT_FILES
    }

    fn environment(&self) -> Vec<(&'static str, Option<&'static str>)> {
        INHERITED_FROM_AN_OUTER_AGENT
            .map(|name| (name, None))
            .into()
    }

    fn pinned(&self, project: Project) -> &'static [(&'static str, &'static str)] {
        match project {
            Project::Trusted => &[],
            _ => PINNED,
        }
    }

    fn state(&self, user: &User<'_>) -> Option<AgentFiles> {
        state::of(user)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            provider: self.name(),
            tool_gate: true,
            gate: ToolGate::EveryCall,
            denial_reason: true,
            updated_input: true,
            interrupt: true,
            resume: true,
            deltas: true,
        }
    }

    fn effects(&self, tool: &ToolUse) -> Result<Vec<ToolEffect>, String> {
        hotplex_guard::claude_code::effects(&tool.name, &tool.input)
    }

    fn scratch_dirs(&self) -> &'static [&'static str] {
        // Not the whole of its directory: the settings there name commands that it runs.
        &["plans", "projects", "tasks", "todos"]
    }

    fn own_directory(&self, home: &Path) -> PathBuf {
        home.join(".claude")
    }

    fn protocol(&self, start: &Start<'_>) -> Box<dyn Protocol> {
        let mut protocol = ClaudeProtocol::new(start.max_line_bytes);
        if self.is_to_ask_again(start.project) {
            protocol.ask_again();
        }
        if start.project == Project::Trusted {
            protocol.follow();
        }
        Box::new(protocol)
    }

    fn exit_cause(&self, stderr: &str) -> ExitCause {
        if stderr.contains(super::outcome::NO_CONVERSATION) {
            ExitCause::NoConversation
        } else if stderr.contains("is already in use") {
            ExitCause::NameInUse
        } else {
            ExitCause::Other
        }
    }
}
