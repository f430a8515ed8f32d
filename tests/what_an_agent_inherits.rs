//! An agent gets the environment that was asked for, its work directory, and no descriptor of the
//! host's but three pipes.

mod common;
#[path = "common/processes.rs"]
mod processes;

use common::Stage;
use hotplex::{EngineBuilder, EngineOptions, InheritEnv};
use processes::{alone, alone_below};

/// A host with variables to pass on, and with those that an outer agent leaves to its tools.
const HOST: [&str; 5] = [
    "env",
    "FIRST=of the host",
    "SECOND=of the host",
    "CLAUDECODE=1",
    "HOTPLEX_SPAWN_ID=outer.1",
];

/// What a caller says on top.
type Change = fn(EngineBuilder) -> EngineBuilder;

#[test]
fn no_descriptor_but_the_three_streams() {
    // What a shell opens has no close-on-exec, as with a careless host.
    let host = ["sh", "-c", "exec \"$@\" 7</etc/passwd 9</dev/zero", "sh"];
    alone_below(&host, || {
        assert!(
            std::fs::read_link("/proc/self/fd/7").is_ok(),
            "the host must have it"
        );
        let stage = Stage::new();
        let engine = stage.engine();
        for session in ["a", "b"] {
            let played = stage.play(&engine, session, "!fds");
            let answers = played.answers().join("\n");
            let numbers: Vec<_> = answers.lines().map(|line| &line[..1]).collect();
            assert_eq!(numbers, ["0", "1", "2"], "{answers}");
        }
    });
}

/// Then the engine's own pipes get the numbers 0 to 2, which the child's streams must have.
#[test]
fn a_host_without_standard_streams_is_served_as_any_other() {
    let host = ["sh", "-c", "exec \"$@\" <&- 2>&-", "sh"];
    alone_below(&host, || {
        let stage = Stage::new();
        let engine = stage.engine();
        for session in ["a", "b"] {
            stage.echo(&engine, session, "hello");
        }
    });
}

#[test]
fn variables_are_inherited_set_and_removed() {
    alone_below(&HOST, || {
        let both = InheritEnv::Named(vec!["FIRST".to_owned(), "NEVER_SET".to_owned()]);
        let none = InheritEnv::Named(Vec::new());
        // how, what FIRST and SECOND are
        let table: [(Change, InheritEnv, [Option<&str>; 2]); 6] = [
            (|plain| plain, InheritEnv::All, [Some("of the host"); 2]),
            (|plain| plain, both.clone(), [Some("of the host"), None]),
            (|plain| plain, none.clone(), [None, None]),
            (|plain| plain.env("FIRST", "set"), none, [Some("set"), None]),
            (
                |plain| plain.env("FIRST", "set").env_remove("SECOND"),
                InheritEnv::All,
                [Some("set"), None],
            ),
            (|plain| plain.env("FIRST", ""), both, [Some(""), None]),
        ];
        for (how, inherit, expected) in table {
            let stage = Stage::new();
            let builder = how(stage.builder().inherit_env(inherit.clone()));
            let names = ["FIRST", "SECOND"];
            let seen = variables(&stage, builder, &names);
            let expected = names.iter().zip(expected).map(|(name, value)| match value {
                Some(value) => format!("{name}={value}"),
                None => format!("{name} is unset"),
            });
            assert_eq!(seen, expected.collect::<Vec<_>>(), "{inherit:?}");
        }
    });
}

#[test]
fn what_an_outer_agent_left_in_the_environment_is_not_passed_on() {
    alone_below(&HOST, || {
        let stage = Stage::new();
        let seen = variables(&stage, stage.builder(), &["CLAUDECODE", "HOTPLEX_SPAWN_ID"]);
        assert_eq!(seen[0], "CLAUDECODE is unset");
        assert_ne!(seen[1], "HOTPLEX_SPAWN_ID=outer.1");
        assert_ne!(seen[1], "HOTPLEX_SPAWN_ID is unset");
    });
}

#[test]
fn the_same_said_as_json() {
    alone_below(&HOST, || {
        let table = [
            ("true", ["FIRST=of the host", "SECOND=set"]),
            ("false", ["FIRST is unset", "SECOND=set"]),
            (r#"["FIRST"]"#, ["FIRST=of the host", "SECOND=set"]),
        ];
        for (inherit, expected) in table {
            let stage = Stage::new();
            let json = format!(r#"{{"inherit_env":{inherit},"env":{{"SECOND":"set"}}}}"#);
            let options = EngineOptions::from_json(&json).expect("good options");
            let builder = EngineBuilder::from(options).state_dir(stage.path("state"));
            let builder = builder.program(env!("CARGO_BIN_EXE_stand-in-agent"));
            let builder = builder.env("HOME", stage.home().display().to_string());
            assert_eq!(
                variables(&stage, builder, &["FIRST", "SECOND"]),
                expected,
                "{inherit}"
            );
        }
    });
}

/// The work directory is made, entered, and told in `PWD`, whatever the host's own is.
#[test]
fn the_work_directory() {
    alone(|| {
        let stage = Stage::new();
        let engine = stage.engine();
        let directory = stage.path("deep/er").join("with blanks");
        let request = |prompt| hotplex::Request::new("a", &directory, prompt);
        let ask = |prompt| {
            let turn = engine.execute(request(prompt)).expect("accepted");
            turn.answer().expect("answered")
        };
        assert_eq!(ask("!cwd"), directory.display().to_string());
        assert_eq!(
            ask("!print-env PWD"),
            format!("PWD={}", directory.display())
        );
    });
}

fn variables(stage: &Stage, builder: EngineBuilder, names: &[&str]) -> Vec<String> {
    let engine = builder.open().expect("an engine");
    let script: Vec<_> = names
        .iter()
        .map(|name| format!("!print-env {name}"))
        .collect();
    let played = stage.play(&engine, "a", &script.join("\n"));
    played
        .answers()
        .iter()
        .map(|&answer| answer.to_owned())
        .collect()
}
