//! Gemini CLI. What is said of it was measured with 0.61.0, or read in its source.
//!
//! **The gate** is a policy of the highest tier. It is given by `--admin-policy`: settings of the
//! system, which could name it as well, are passed over without a word unless root owns their file and
//! every directory above it and nobody else may write there (`isFileAndDirectorySecureSync`): as an
//! ordinary user, and as root below `/tmp`, a command that wrote a file was asked about by the flag and
//! not by the settings. The machine's own policies would switch the flag off; then no process starts.
//!
//! **The project**: in a folder that is not trusted the agent loads none of its settings, servers,
//! hooks, commands, skills and policies, and no mode holds but `default`. Of a project's `.env` it
//! takes keys all the same, if nobody has set them.

mod state;

use serde_json::Value;

use super::{Profile, SystemPromptBy, Tools};
use crate::project::{Project, ProjectFiles};
use crate::provider::Obstacle;
use crate::stats::ToolGate;

pub(super) const PROFILE: Profile = Profile {
    name: "gemini",
    program: "gemini",
    arguments: &["--acp", "--approval-mode", "default"],
    engine_files: &[(POLICY_FILE, POLICY)],
    starts_beside: false,
    has_git_of_its_own: false,
    start_arguments: |_| Vec::new(),
    file_arguments: &[("--admin-policy", POLICY_FILE)],
    tested: &["0.61.0"],
    gate: ToolGate::EveryCall,
    plugin: None,
    // The flag sets it; in a folder that is not trusted there is no other, that for plans included.
    mode: None,
    plan_mode: None,
    plans_unpinned: false,
    meta: |_| Value::Null,
    system_prompt: SystemPromptBy::FirstPrompt,
    tools: Tools::Gemini,
    outlives_input: false,
    swallows_commands: false,
    works_on_after_errors: false,
    no_conversation: &[
        "No previous sessions",
        "Invalid session identifier",
        "Failed to load session",
    ],
    // The earlier turns come after the answer to `session/load`.
    told_last: Some("available_commands_update"),
    contended: &[],
    project_files: PROJECT_FILES,
    removed: &[
        "GEMINI_CLI_SYSTEM_SETTINGS_PATH",
        "GEMINI_CLI_TRUST_WORKSPACE",
        "GEMINI_CLI_INTEGRATION_TEST",
        "GEMINI_CLI_IDE_WORKSPACE_PATH",
        "SANDBOX",
        "VITEST",
    ],
    set: &[
        // By itself it starts itself again with more memory, and passes on no signal.
        ("GEMINI_CLI_NO_RELAUNCH", "true"),
        // What a command said on a terminal is not told over the protocol.
        ("GEMINI_PTY_INFO", "child_process"),
    ],
    pinned: |project| match project {
        Project::Trusted => &[("GEMINI_CLI_TRUST_WORKSPACE", "true"), NO_CONTAINER],
        _ => &[("GEMINI_CLI_TRUST_WORKSPACE", "false"), NO_CONTAINER],
    },
    held_empty: &[
        "GEMINI_API_KEY",
        "GOOGLE_API_KEY",
        "GOOGLE_CLOUD_PROJECT",
        "GOOGLE_CLOUD_LOCATION",
    ],
    obstacles: &[Obstacle {
        directory: "/etc/gemini-cli/policies",
        ending: ".toml",
        why: "with policies of the machine Gemini takes none of the engine's, and does not ask before each call",
    }],
    begun_in_minute: state::begun_in_minute,
    state: state::of,
    own_directory: ".gemini",
};

/// In the container that the user's settings may ask for there is no file of ours, and so no gate.
const NO_CONTAINER: (&str, &str) = ("GEMINI_SANDBOX", "false");

const POLICY_FILE: &str = "policy.toml";

/// Asks about everything. A rule for commands by their text is what keeps the agent from letting
/// through by itself those that it knows to be harmless, `uniq a b` among them. Sub-agents and the
/// ways into and out of the mode for plans it cannot ask about over this protocol.
const POLICY: &str = r#"[[rule]]
toolName = "*"
decision = "ask_user"
priority = 998

[[rule]]
toolName = "run_shell_command"
commandRegex = ".*"
decision = "ask_user"
priority = 999

[[rule]]
toolName = ["invoke_agent", "enter_plan_mode", "exit_plan_mode"]
decision = "deny"
priority = 999
"#;

const PROJECT_FILES: ProjectFiles = ProjectFiles {
    instructions: &["GEMINI.md", "AGENTS.md"],
    others: &[
        (".gemini/settings.json", "settings, servers, hooks"),
        (".gemini/.env", "environment"),
        (".gemini/commands", "commands"),
        (".gemini/policies", "permissions"),
        (".gemini/extensions", "extensions"),
        (".gemini/skills", "skills"),
        (".gemini/agents", "agents"),
        (".agents/skills", "skills"),
        (".env", "environment"),
    ],
    above: &[(".env", "environment")],
    skills: &[],
    opened: &[
        ".gemini/settings.json",
        ".gemini/.env",
        ".env",
        ".geminiignore",
    ],
};
