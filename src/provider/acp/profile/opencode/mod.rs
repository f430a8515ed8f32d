//! OpenCode behind ACP: its own questions leave holes, so a plugin of ours asks before each call.
//!
//! Measured with 1.18.33. By itself it asks about hardly anything; told to ask about everything it
//! still empties files by a redirection alone, and drops what a sub-agent asks, which hangs the turn.
//! A hook of a plugin is called before each call of a tool, of servers and sub-agents too, with the
//! whole input. A plugin that cannot be loaded is passed over in silence: so nothing is written to an
//! agent whose plugin has not greeted since its session was asked for.

mod state;

use std::borrow::Cow;
use std::ffi::OsString;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Plugin, Profile, SystemPromptBy, Tools, Words};
use crate::project::{Project, ProjectFiles};
use crate::provider::{EngineFile, Start};
use crate::stats::ToolGate;

pub(super) const PROFILE: Profile = Profile {
    name: "opencode",
    program: "opencode",
    arguments: &["acp"],
    engine_files: &[],
    // Bun, which is in it, takes paths of modules from the `tsconfig.json` of the directory where it is
    // started: a project's file was run in place of a module at each start (measured with 1.18.33).
    starts_beside: true,
    has_git_of_its_own: true,
    start_arguments: |start| {
        vec![
            "--cwd".to_owned(),
            start.work_dir.to_string_lossy().into_owned(),
        ]
    },
    file_arguments: &[],
    tested: &["1.18.33"],
    gate: ToolGate::EveryCall,
    plugin: Some(&Plugin {
        words: Words::OpenCode,
        probe: "",
        must_greet: true,
        files,
        variables,
    }),
    mode: None,
    plan_mode: Some("plan"),
    plans_unpinned: false,
    meta: |_| Value::Null,
    system_prompt: SystemPromptBy::FirstPrompt,
    tools: Tools::OpenCode,
    outlives_input: false,
    swallows_commands: true,
    works_on_after_errors: false,
    // It does not say why it cannot take one up.
    no_conversation: &["OpenCode service failure"],
    // Its first start makes a database. Of three first starts at once up to two fail (1 time in 6).
    contended: &["database is locked", "Failed query:"],
    project_files: PROJECT_FILES,
    removed: &[
        // Without plugins there is no gate.
        "OPENCODE_PURE",
        // Wins over what is set here.
        "OPENCODE_PERMISSION",
    ],
    told_last: None,
    set: &[],
    pinned: |project| match project {
        Project::Trusted => &[],
        _ => PINNED,
    },
    held_empty: &[],
    obstacles: &[],
    begun_in_minute: |_, _| None,
    state: state::of,
    own_directory: ".local/share/opencode",
};

const PINNED: &[(&str, &str)] = &[
    // A project's settings win over what is set here: agents with permissions of their own, servers,
    // plugins, commands.
    ("OPENCODE_DISABLE_PROJECT_CONFIG", "1"),
    // Skills below the work directory are commands, whose templates run programs.
    ("OPENCODE_DISABLE_EXTERNAL_SKILLS", "1"),
];

const PROJECT_FILES: ProjectFiles = ProjectFiles {
    instructions: &["AGENTS.md", "CLAUDE.md", "CONTEXT.md"],
    others: &[
        ("opencode.json", "settings, servers, permissions"),
        ("opencode.jsonc", "settings, servers, permissions"),
        (".opencode", "settings, plugins, agents, commands, tools"),
        (".claude/skills", "skills"),
        (".agents/skills", "skills"),
    ],
    above: &[
        ("AGENTS.md", "instructions"),
        ("CLAUDE.md", "instructions"),
        ("opencode.json", "settings, servers, permissions"),
        (".opencode", "settings, plugins, agents, commands, tools"),
    ],
    skills: &[],
    // The plugin reads them too.
    opened: &[
        "opencode.json",
        "opencode.jsonc",
        ".opencode/opencode.json",
        ".opencode/opencode.jsonc",
    ],
};

const GUARD: &str = "guard.js";

fn files(start: &Start<'_>) -> Vec<EngineFile> {
    let Some(hooks) = start.hooks else {
        return Vec::new();
    };
    let (socket, secret) = (json!(hooks.socket.to_string_lossy()), json!(hooks.secret));
    let text = |text: &OsString| text.to_string_lossy().into_owned();
    let tools = start.tools.iter();
    let tools: Map<_, _> = tools
        .map(|(name, value)| (text(name), json!(text(value))))
        .collect();
    let content = format!(
        "const SOCKET = {socket}\nconst SECRET = {secret}\nconst TOOLS = {}\n{}",
        Value::from(tools),
        include_str!("guard.js")
    );
    vec![EngineFile {
        name: GUARD,
        content: Cow::Owned(content.into_bytes()),
        executable: false,
    }]
}

/// Settings that win over the user's, and what is to be known to this process alone.
fn variables(start: &Start<'_>) -> Vec<(&'static str, OsString)> {
    // It listens on a port of the loopback interface, where a command could be run past the gate.
    let password = Uuid::new_v4().simple().to_string();
    let mut variables = vec![
        ("OPENCODE_CONFIG_CONTENT", settings(start).into()),
        ("OPENCODE_SERVER_PASSWORD", password.into()),
        // A session waits until a package for plugins is installed in the user's settings, if it is not
        // there: without a network for a minute.
        ("npm_config_fetch_retries", "0".into()),
    ];
    if start.jailed {
        let database = state::database(start.real_work_dir);
        variables.push(("OPENCODE_DB", database.into()));
    }
    variables
}

fn settings(start: &Start<'_>) -> String {
    let mut settings = Map::new();
    let mut set = |name: &str, value: Value| settings.insert(name.to_owned(), value);
    set("autoupdate", json!(false));
    set("share", json!("disabled"));
    if start.project != Project::Trusted {
        // Both are programs of the project's, run by themselves after an edit.
        set("formatter", json!(false));
        set("lsp", json!(false));
    }
    if let Some(directory) = start.engine_dir {
        let plugin = format!(
            "file://{}",
            address(&directory.join(GUARD).to_string_lossy())
        );
        set("plugin", json!([plugin]));
    }
    Value::Object(settings).to_string()
}

/// A path as a part of an address.
fn address(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    let part = |byte: u8| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    path.bytes().map(part).collect()
}

#[cfg(test)]
mod tests;
