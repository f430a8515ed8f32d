//! How Claude Code is started.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use crate::error::ErrorKind;
use crate::message::{Conversation, ExitCause};
use crate::project::Project;
use crate::provider::claude::ClaudeCode;
use crate::provider::registry::ProviderOptions;
use crate::provider::{Provider, Start, SystemPrompt};

/// A start with nothing but a conversation.
fn start(conversation: &Conversation) -> Start<'_> {
    Start {
        conversation,
        work_dir: Path::new("/w"),
        real_work_dir: Path::new("/w"),
        jailed: true,
        skills: None,
        max_line_bytes: 1 << 24,
        engine_dir: None,
        hooks: None,
        tools: &[],
        environment: &[],
        model: None,
        project: Project::default(),
        system_prompt: SystemPrompt::Given(""),
    }
}

fn claude(options: ProviderOptions) -> ClaudeCode {
    ClaudeCode::new(options).unwrap()
}

#[test]
fn options_become_arguments_that_no_value_can_escape() {
    let options = ProviderOptions {
        names_program: false,
        permission_mode: Some("bypass-permissions".to_owned()),
        allowed_tools: vec!["Bash(git log:*)".to_owned(), "--dangerous".to_owned()],
        disallowed_tools: vec!["-x".to_owned()],
        base_system_prompt: Some("-p\nis not an option".to_owned()),
        partial_messages: true,
    };
    let conversation = Conversation::Resume("--help".to_owned());
    let claude = claude(options);
    let arguments = claude.arguments(&Start {
        model: Some("-m"),
        system_prompt: SystemPrompt::Given(&claude.system_prompt("")),
        ..start(&conversation)
    });
    let expected = [
        "--print",
        "--verbose",
        "--output-format",
        "stream-json",
        "--input-format",
        "stream-json",
        "--permission-prompt-tool",
        "stdio",
        "--resume=--help",
        "--permission-mode",
        "bypassPermissions",
        "--allowed-tools",
        "Bash(git log:*),--dangerous",
        "--disallowed-tools=-x",
        "--append-system-prompt=-p\nis not an option",
        "--model=-m",
        "--setting-sources",
        "user",
        "--include-partial-messages",
    ];
    assert_eq!(arguments, expected);
}

#[test]
fn what_is_not_asked_for_is_left_to_the_agent() {
    let conversation = Conversation::New("an-id".to_owned());
    let arguments = claude(ProviderOptions::default()).arguments(&Start {
        project: Project::Trusted,
        ..start(&conversation)
    });
    let pinned = r#"{"disableAllHooks":false}"#;
    assert_eq!(
        arguments[8..],
        ["--session-id", "an-id", "--settings", pinned]
    );
}

#[test]
fn the_project_is_loaded_by_the_agent_only_when_it_is_trusted() {
    let conversation = Conversation::New("an-id".to_owned());
    let levels = [
        (Project::Instructions, true),
        (Project::None, true),
        (Project::Trusted, false),
    ];
    for (project, is_shut_out) in levels {
        let arguments = claude(ProviderOptions::default()).arguments(&Start {
            project,
            ..start(&conversation)
        });
        let pair = ["--setting-sources".to_owned(), "user".to_owned()];
        let found = arguments.windows(2).any(|two| two == pair);
        assert_eq!(found, is_shut_out, "{project:?}");
        // A project that is loaded may not switch our hook off with all others.
        let is_pinned = arguments.contains(&"--settings".to_owned());
        assert_eq!(is_pinned, !is_shut_out, "{project:?}");
    }
}

#[test]
fn the_projects_words_come_after_the_callers() {
    let table = [
        (None, "", ""),
        (Some("base"), "", "base"),
        (None, "text", "# Instructions of the project"),
        (
            Some("base"),
            "text",
            "base\n\n# Instructions of the project",
        ),
    ];
    for (base, instructions, begin) in table {
        let options = ProviderOptions {
            base_system_prompt: base.map(str::to_owned),
            ..ProviderOptions::default()
        };
        let prompt = claude(options).system_prompt(instructions);
        assert!(prompt.starts_with(begin), "{prompt}");
        assert!(prompt.ends_with(instructions), "{prompt}");
        assert_eq!(prompt.is_empty(), begin.is_empty());
    }
}

#[test]
fn the_system_prompt_is_an_argument_or_in_a_file() {
    let conversation = Conversation::New("an-id".to_owned());
    let table = [
        (SystemPrompt::Given(""), None),
        (
            SystemPrompt::Given("be brief"),
            Some(("--append-system-prompt", "be brief")),
        ),
        (
            SystemPrompt::InFile("/state/a file"),
            Some(("--append-system-prompt-file", "/state/a file")),
        ),
    ];
    for (system_prompt, expected) in table {
        let arguments = claude(ProviderOptions::default()).arguments(&Start {
            system_prompt,
            ..start(&conversation)
        });
        let is_flag = |flag: &&[String]| flag[0].starts_with("--append-system-prompt");
        let found = arguments.windows(2).find(is_flag);
        let found = found.map(|pair| (pair[0].as_str(), pair[1].as_str()));
        assert_eq!(found, expected);
    }
}

#[test]
fn options_that_can_never_work_are_refused() {
    let mode = |mode: &str| ProviderOptions {
        permission_mode: Some(mode.to_owned()),
        ..ProviderOptions::default()
    };
    let prompt = |prompt: String| ProviderOptions {
        base_system_prompt: Some(prompt),
        ..ProviderOptions::default()
    };
    let tool = |tool: &str| ProviderOptions {
        allowed_tools: vec![tool.to_owned()],
        ..ProviderOptions::default()
    };
    let table = [
        (
            mode("yolo"),
            "permission_mode \"yolo\" is unknown, known are default, acceptEdits",
        ),
        (
            prompt("a\0b".to_owned()),
            "base_system_prompt has a NUL character",
        ),
        (tool(" "), "allowed_tools has an empty name"),
    ];
    for (options, message) in table {
        let error = ClaudeCode::new(options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.message().starts_with(message), "{error}");
    }
    for known in [
        "default",
        "acceptEdits",
        "plan",
        "bypassPermissions",
        "dontAsk",
        "auto",
    ] {
        assert!(ClaudeCode::new(mode(known)).is_ok(), "{known}");
    }
}

#[test]
fn an_outer_agent_is_not_passed_on() {
    let environment = claude(ProviderOptions::default()).environment();
    assert!(environment.contains(&("CLAUDECODE", None)));
    assert!(environment.iter().all(|(_, value)| value.is_none()));
}

#[test]
fn conversations_are_named_as_the_go_hotplex_names_them() {
    let table = [
        (
            "default",
            "user-123",
            "b7c3c461-c85f-5ee3-87bc-5534b12e4e9a",
        ),
        (
            "default",
            "ws-full-demo-session",
            "a7cc7fdf-e134-5cb7-ab5a-6e3281b7b102",
        ),
        (
            "demo_app",
            "conversation:44",
            "6e5788bf-98b5-5a38-9afc-35542c03b385",
        ),
        (
            "demo_lifecycle",
            "persistent-task-42",
            "258d18f4-ec3d-558e-bd42-1fb12e15ca08",
        ),
    ];
    let claude = claude(ProviderOptions::default());
    for (namespace, session, id) in table {
        assert_eq!(claude.conversation_id(namespace, session), id);
    }
    assert_ne!(
        claude.fresh_conversation_id(),
        claude.fresh_conversation_id()
    );
}

/// Two tenants whose names, put together, read the same are two tenants all the same.
#[test]
fn no_two_pairs_of_names_are_one_conversation() {
    let parts = [
        "a",
        ":",
        "session",
        ":session:",
        "x:session",
        "session:x",
        "1:a",
        "",
    ];
    let names: Vec<String> = parts
        .iter()
        .flat_map(|one| parts.map(|other| format!("{one}{other}")))
        .collect();
    let names: HashSet<&str> = names.iter().map(String::as_str).collect();
    let claude = claude(ProviderOptions::default());
    let mut known = HashMap::new();
    for namespace in &names {
        for session in &names {
            let id = claude.conversation_id(namespace, session);
            let earlier = known.insert(id, (namespace, session));
            assert_eq!(earlier, None, "{namespace:?} with {session:?}");
        }
    }
}

#[test]
fn the_reason_of_an_early_exit_is_read_from_stderr() {
    let table = [
        (
            "No conversation found with session ID: 1-2",
            ExitCause::NoConversation,
        ),
        (
            "Error: Session ID 1-2 is already in use.",
            ExitCause::NameInUse,
        ),
        ("Segmentation fault", ExitCause::Other),
        ("", ExitCause::Other),
    ];
    let claude = claude(ProviderOptions::default());
    for (stderr, cause) in table {
        assert_eq!(claude.exit_cause(stderr), cause, "{stderr}");
    }
}

#[test]
fn schedules_of_the_project_are_for_trusted_projects_alone() {
    let claude = claude(ProviderOptions::default());
    for level in [Project::Instructions, Project::None] {
        assert_eq!(claude.pinned(level), [("CLAUDE_CODE_DISABLE_CRON", "1")]);
    }
    assert!(claude.pinned(Project::Trusted).is_empty());
}

/// What keeps its own git from a repository's programs is not for its tools, which find what the host's
/// own file says as well.
#[test]
fn tools_find_variables_of_their_own() {
    let conversation = Conversation::New("an-id".to_owned());
    let claude = claude(ProviderOptions::default());
    let same = start(&conversation);
    assert!(claude.engine_files(&same).is_empty() && claude.process_variables(&same).is_empty());
    assert!(!claude.has_engine_files(false) && claude.has_engine_files(true));
    let pair = |name: &str, value: &str| (name.into(), value.into());
    let differ = Start {
        tools: &[
            pair("GIT_CONFIG_COUNT", "1"),
            pair("GIT_CONFIG_VALUE_0", "an'na"),
        ],
        environment: &[pair("CLAUDE_ENV_FILE", "/host's/env")],
        engine_dir: Some(Path::new("/engine")),
        ..same
    };
    let files = claude.engine_files(&differ);
    assert_eq!(files.len(), 1);
    let text = String::from_utf8_lossy(&files[0].content);
    let lines: Vec<_> = text.lines().collect();
    let expected = [
        r"[ ! -e '/host'\''s/env' ] || . '/host'\''s/env'",
        "export GIT_CONFIG_COUNT='1'",
        r"export GIT_CONFIG_VALUE_0='an'\''na'",
    ];
    assert_eq!(lines, expected);
    let variables = claude.process_variables(&differ);
    let file = variables
        .iter()
        .find(|(name, _)| *name == "CLAUDE_ENV_FILE");
    let file = file.map(|(_, file)| Path::new(file).to_owned());
    assert_eq!(file, Some(Path::new("/engine").join(files[0].name)));
}
