//! Where a command would run: from the arguments, else from this process.

use std::env;

use hotplex_guard::GuardContext;

use super::Failure;
use super::arguments::CheckOptions;

pub(crate) fn context(options: &CheckOptions) -> Result<GuardContext, Failure> {
    let work_dir = match &options.work_dir {
        Some(directory) => directory.clone(),
        None => current_dir()?,
    };
    let home = options.home.clone().or_else(|| variable("HOME"));
    let user = options.user.clone().or_else(|| variable("USER"));
    of(work_dir, home, user)
}

/// The location of a hook: the agent says where it is and where its project lies.
pub(crate) fn of_hook(current_dir: &str) -> Result<GuardContext, Failure> {
    let project = variable("CLAUDE_PROJECT_DIR").filter(|path| path.starts_with('/'));
    let work_dir = project.unwrap_or_else(|| current_dir.to_owned());
    let mut context = of(work_dir, variable("HOME"), variable("USER"))?;
    context.current_dir = Some(current_dir.to_owned());
    Ok(context)
}

fn of(
    work_dir: String,
    home: Option<String>,
    user: Option<String>,
) -> Result<GuardContext, Failure> {
    if !work_dir.starts_with('/') {
        return Err(format!("the work directory {work_dir:?} is not absolute").into());
    }
    let (home, user) = (home.unwrap_or_default(), user.unwrap_or_default());
    let mut context = GuardContext::new(work_dir, home, user);
    let own_temporary = variable("TMPDIR").filter(|path| path.starts_with('/'));
    context.temp_dirs.extend(own_temporary);
    Ok(context)
}

fn current_dir() -> Result<String, Failure> {
    let directory = env::current_dir().map_err(|error| format!("current directory: {error}"))?;
    Ok(directory.display().to_string())
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
