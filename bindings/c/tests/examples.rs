//! The examples are built by their own Makefile, and do what they say.

mod common;

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use common::{Stage, all_of, built, compile, directory, done, root};

/// Where the examples are, built.
fn examples() -> &'static PathBuf {
    static EXAMPLES: OnceLock<PathBuf> = OnceLock::new();
    EXAMPLES.get_or_init(|| {
        let out = directory("examples");
        let mut make = Command::new("make");
        make.arg("-C").arg(root().join("bindings/c/examples"));
        make.arg(format!("TARGET={}", built().display()));
        done(make.arg(format!("OUT={}", out.display())));
        out
    })
}

/// What an example says to the stand-in agent.
fn run(name: &str, arguments: &[&str]) -> String {
    let stage = Stage::new(name);
    let mut command = stage.command(examples().join(name));
    // Where the real agent keeps the conversations of this work directory, and the jail lets it.
    let store = stage
        .directory
        .join("home/.claude/projects/-tmp-hotplex-examples");
    std::fs::create_dir_all(&store).expect("where the agent keeps conversations");
    command.env("STAND_IN_STORE", store);
    command.arg(built().join("stand-in-agent")).args(arguments);
    let output = stage.run(&mut command);
    assert!(output.status.success(), "{name}: {}", all_of(&output));
    String::from_utf8(output.stdout).expect("text")
}

/// The agent is looked for under the name of the provider's program.
#[test]
fn another_provider_is_named_by_an_argument_or_by_a_variable() {
    for arguments in [["--provider", "codex"].as_slice(), &[]] {
        let stage = Stage::new("provider");
        let speaks = format!(
            "#!/bin/sh\nexec '{}' --speak codex \"$@\"\n",
            built().join("stand-in-agent").display()
        );
        let agent = stage.directory.join("codex");
        std::fs::write(&agent, speaks).expect("a file");
        std::fs::set_permissions(&agent, Permissions::from_mode(0o755)).expect("it is ours");
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = stage.command(examples().join("hello"));
        command.env("PATH", format!("{}:{path}", stage.directory.display()));
        command.args(arguments);
        if arguments.is_empty() {
            command.env("HOTPLEX_PROVIDER", "codex");
        }
        let output = stage.run(&mut command);
        assert!(output.status.success(), "{}", all_of(&output));
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(said, "[new]\necho: say hello\n");
    }
}

/// The program in the README, with an agent of the name it looks for.
#[test]
fn the_readme_asks_and_prints() {
    let readme = include_str!("../README.md");
    let program = readme.split("```c\n").nth(1).expect("a program");
    let program = program.split("```").next().unwrap_or_default();
    let stage = Stage::new("readme");
    let source = stage.directory.join("readme.c");
    std::fs::write(&source, program).expect("the program");
    let built_program = stage.directory.join("readme");
    compile("cc", &["-std=c99", "-Wall"], &[source], &built_program);
    let agent = built().join("stand-in-agent");
    std::os::unix::fs::symlink(agent, stage.directory.join("claude")).expect("an agent");
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = stage.command(built_program);
    command.env("PATH", format!("{}:{path}", stage.directory.display()));
    let output = stage.run(&mut command);
    assert!(output.status.success(), "{}", all_of(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "echo: say hello\n");
}

#[test]
fn hello_asks_and_prints() {
    assert_eq!(run("hello", &["good day"]), "[new]\necho: good day\n");
}

#[test]
fn basic_keeps_its_session() {
    let said = run("basic", &[]);
    let starts = said.matches("[new]").count() + said.matches("[resumed]").count();
    assert_eq!(starts, 1, "{said}");
    assert_eq!(said.matches("echo: ").count(), 2, "{said}");
    assert!(said.contains("\"turns\":2"), "{said}");
}

#[test]
fn full_takes_its_conversation_up_again() {
    let said = run("full", &[]);
    let starts = said.lines().filter(|line| line.starts_with('['));
    assert_eq!(
        starts.collect::<Vec<_>>(),
        ["[new]", "[resumed]", "[resumed]"],
        "{said}"
    );
    assert_eq!(said.matches("echo: ").count(), 3, "{said}");
}

#[test]
fn many_sessions_are_told_apart() {
    let said = run("many_sessions", &["5"]);
    for session in 0..5 {
        let line = format!("many-{session}: 1 answers, completed");
        assert!(said.contains(&line), "{said}");
    }
}

#[test]
fn poll_loop_answers_what_is_typed() {
    let stage = Stage::new("poll_loop");
    let mut command = stage.command(examples().join("poll_loop"));
    command.arg(built().join("stand-in-agent"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut typed = child.stdin.take().expect("its stdin");
    typed.write_all(b"one\ntwo\n").expect("it reads");
    drop(typed);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", all_of(&output));
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said, "echo: one\necho: two\n");
}
