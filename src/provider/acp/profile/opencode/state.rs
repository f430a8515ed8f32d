//! What OpenCode keeps, and how a jail lets it have that.
//!
//! Its data directory (`~/.local/share/opencode`, moved by `XDG_DATA_HOME`) holds the login, and a
//! database with conversations beside accounts, whose settings are fetched and obeyed, and permissions
//! that were given for ever. So a jailed process has a data directory of its own, and a database for
//! each work directory, which no other OpenCode reads. Caches hold programs that are run: they and the
//! locks end with the process. The settings of the user are read.

use std::path::Path;

use crate::agent_files::{AgentFiles, Kept, Row};
use crate::provider::{User, conversation};

/// Holds the directory with the agent's data.
const DATA_HOME: &str = "XDG_DATA_HOME";

const DIRECTORY: &str = "opencode";

/// Holds the databases of jailed processes, of the user's directory and of the process's.
const DATABASES: &str = "hotplex";

/// Made anew by each process.
const OWN: [&str; 8] = [
    "bin",
    "log",
    "plans",
    "repos",
    "snapshot",
    "storage",
    "tool-output",
    "worktree",
];

/// The agent makes its own.
const UNLINKED: &[&str] = &[".db", ".db-wal", ".db-shm", ".json", ".lock"];

pub(super) fn of(user: &User<'_>) -> Option<AgentFiles> {
    let below_home = |name: &str| Some((user.variable)("HOME")?.join(name));
    let named = |variable: &str, usual: &str| {
        let directory = (user.variable)(variable).or_else(|| below_home(usual))?;
        Some(directory.join(DIRECTORY))
    };
    let row = |name: &str, kept: Kept| Row {
        name: name.to_owned(),
        kept,
    };
    let mut rows = vec![row("", Kept::Own)];
    rows.extend(OWN.map(|name| row(name, Kept::Own)));
    rows.push(row(DATABASES, Kept::Own));
    let real = user.work_dirs.last()?;
    rows.push(row(&directory_of(real), Kept::Users));
    rows.push(row("auth.json", Kept::Returned));
    rows.push(row("mcp-auth.json", Kept::Returned));
    Some(AgentFiles {
        variable: DATA_HOME,
        below: Some(DIRECTORY),
        users: named(DATA_HOME, ".local/share")?,
        rows,
        unlinked: UNLINKED,
        temporary: &["XDG_CACHE_HOME", "XDG_STATE_HOME"],
        in_place: Vec::new(),
        read: named("XDG_CONFIG_HOME", ".config").into_iter().collect(),
    })
}

/// The database of a jailed process, below the data directory.
pub(super) fn database(real_work_dir: &Path) -> String {
    format!("{}/opencode.db", directory_of(real_work_dir))
}

fn directory_of(real_work_dir: &Path) -> String {
    let name = conversation::name(DIRECTORY, &real_work_dir.to_string_lossy());
    format!("{DATABASES}/{name}")
}
