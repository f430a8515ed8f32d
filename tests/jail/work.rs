//! Ordinary work in a jail: a stage for it, and commands that are run there.

use std::path::Path;
use std::process::Command;

use crate::common::Stage;
use crate::common::skipped::skip;
use hotplex::{EventKind, InheritEnv, Jail, Request};

pub(crate) fn has(program: &str) -> bool {
    let answers = |argument| Command::new(program).arg(argument).output().is_ok();
    answers("--version") || answers("version")
}

/// Runs a command in the jail, with these variables; whether it went well, and what it said.
pub(crate) fn run(
    stage: &Stage,
    variables: &[(&str, &str)],
    work_dir: &Path,
    command: &str,
) -> (bool, String) {
    run_in(stage, Jail::Write, variables, work_dir, command)
}

/// The same in any jail.
pub(crate) fn run_in(
    stage: &Stage,
    jail: Jail,
    variables: &[(&str, &str)],
    work_dir: &Path,
    command: &str,
) -> (bool, String) {
    let mut options = stage.builder().options().clone();
    options.jail_roots.clear();
    options.jail = Some(jail);
    // The jail has to hold by itself.
    options.guard.enabled = false;
    options.permission_mode = Some("bypassPermissions".to_owned());
    let inherited = ["PATH", "RUSTUP_TOOLCHAIN"].map(str::to_owned);
    options.inherit_env = InheritEnv::Named(inherited.to_vec());
    let toolchains = std::env::var("RUSTUP_HOME").ok().or_else(|| {
        let home = std::env::var("HOME").ok()?;
        Some(format!("{home}/.rustup"))
    });
    options.env.insert("RUSTUP_HOME".to_owned(), toolchains);
    for (name, value) in variables {
        options
            .env
            .insert((*name).to_owned(), Some((*value).to_owned()));
    }
    let engine = options.open().expect("an engine");
    let request = Request::new("s", work_dir, format!("!bash {command}"));
    let played = crate::common::finish(engine.execute(request).expect("it is accepted"));
    let result = played.kinds().find_map(|kind| match kind {
        EventKind::ToolResult(result) => Some((!result.is_error, result.text.clone())),
        _ => None,
    });
    result.unwrap_or_else(|| panic!("no result of a tool: {played:?}"))
}

/// `None`, and said, where the kernel has no jail or nothing is outside of it.
pub(crate) fn stage() -> Option<Stage> {
    if let Err(error) = Stage::new().builder().jail(Jail::Write).open() {
        skip(error.message());
        return None;
    }
    Stage::out_of_reach()
}
