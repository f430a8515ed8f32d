use std::path::{Path, PathBuf};

use super::*;
use crate::agent_files::Kept;
use crate::message::Conversation;
use crate::provider::Provider;
use crate::provider::acp::AcpAgent;
use crate::provider::options::ProviderOptions;
use crate::provider::{HookAddress, SystemPrompt, User};

fn start(conversation: &Conversation, project: Project) -> Start<'_> {
    Start {
        conversation,
        work_dir: Path::new("/w"),
        real_work_dir: Path::new("/real"),
        jailed: true,
        model: None,
        project,
        system_prompt: SystemPrompt::Given(""),
        skills: None,
        tools: &[],
        environment: &[],
        max_line_bytes: 1024,
        engine_dir: Some(Path::new("/e/a b")),
        hooks: Some(HookAddress {
            socket: Path::new("/e/\"s"),
            secret: "pw",
        }),
    }
}

fn variable(start: &Start<'_>, name: &str) -> String {
    let variables = variables(start);
    let found = variables.into_iter().find(|(set, _)| *set == name);
    found.unwrap().1.into_string().unwrap()
}

#[test]
fn the_plugin_is_told_where_to_ask_and_the_settings_name_it() {
    let new = Conversation::New("n".to_owned());
    let start = start(&new, Project::Instructions);
    let files = files(&start);
    let text = String::from_utf8(files[0].content.to_vec()).unwrap();
    assert!(text.starts_with("const SOCKET = \"/e/\\\"s\"\nconst SECRET = \"pw\"\n"));
    let settings: Value =
        serde_json::from_str(&variable(&start, "OPENCODE_CONFIG_CONTENT")).unwrap();
    assert_eq!(settings["plugin"], json!(["file:///e/a%20b/guard.js"]));
    for name in ["autoupdate", "formatter", "lsp"] {
        assert_eq!(settings[name], json!(false), "{name}");
    }
}

/// The plugin gives them to whatever a tool starts.
#[test]
fn tools_find_variables_of_their_own() {
    let new = Conversation::New("n".to_owned());
    let tools = [("GIT_CONFIG_VALUE_0".into(), "an\"na".into())];
    let differ = Start {
        tools: &tools,
        ..start(&new, Project::Instructions)
    };
    for (start, expected) in [
        (start(&new, Project::Instructions), "const TOOLS = {}"),
        (differ, r#"const TOOLS = {"GIT_CONFIG_VALUE_0":"an\"na"}"#),
    ] {
        let content = files(&start)[0].content.to_vec();
        let text = String::from_utf8(content).unwrap();
        assert_eq!(text.lines().nth(2), Some(expected));
    }
}

#[test]
fn each_process_has_a_password_of_its_own() {
    let new = Conversation::New("n".to_owned());
    let start = start(&new, Project::Instructions);
    let [one, other] = [(); 2].map(|()| variable(&start, "OPENCODE_SERVER_PASSWORD"));
    assert!(one.len() >= 32 && one != other);
}

#[test]
fn a_trusted_project_has_its_formatters() {
    let new = Conversation::New("n".to_owned());
    let settings = settings(&start(&new, Project::Trusted));
    assert!(!settings.contains("formatter"), "{settings}");
}

#[test]
fn a_jailed_process_has_a_database_for_its_work_directory() {
    let new = Conversation::New("n".to_owned());
    let home = |name: &str| (name == "HOME").then(|| PathBuf::from("/h"));
    let state = super::state::of(&User {
        variable: &home,
        work_dirs: &[Path::new("/w"), Path::new("/real")],
        conversation: &new,
    });
    let state = state.unwrap();
    assert_eq!(state.users, Path::new("/h/.local/share/opencode"));
    assert_eq!(state.read, [Path::new("/h/.config/opencode")]);
    let users: Vec<_> = state
        .rows
        .iter()
        .filter(|row| row.kept == Kept::Users)
        .collect();
    let database = variable(&start(&new, Project::Instructions), "OPENCODE_DB");
    assert_eq!(users.len(), 1, "nothing else of the user's is written");
    assert_eq!(database, format!("{}/opencode.db", users[0].name));
}

/// Where a project's `tsconfig.json` is not, unless the project is trusted.
#[test]
fn its_runtime_starts_beside_the_work_directory() {
    let new = Conversation::New("n".to_owned());
    let opencode = AcpAgent::new(&PROFILE, ProviderOptions::default()).unwrap();
    let beside = |project| {
        opencode
            .start_dir(&start(&new, project))
            .map(Path::to_owned)
    };
    assert_eq!(beside(Project::Instructions), Some("/e/a b".into()));
    assert_eq!(beside(Project::None), Some("/e/a b".into()));
    assert_eq!(beside(Project::Trusted), None);
    let arguments = opencode.arguments(&start(&new, Project::Instructions));
    assert_eq!(arguments, ["acp", "--cwd", "/w"]);
}
