//! What ordinary work needs of a home and of the system: the programs on the search path.

use std::ffi::OsString;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::process::effective_user;

/// The environment that agents will see.
pub(super) struct Variables<'a>(pub(super) &'a [(OsString, OsString)]);

impl Variables<'_> {
    /// The value of a variable as a path; an empty one counts as not set, as it does for shells.
    /// Without a `HOME` programs ask the system for that of their user (Node and Go do), so it
    /// counts as said.
    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        let value = self.value(name).filter(|value| !value.is_empty());
        let value = value.map(PathBuf::from);
        // Agents are in another directory than the host: what is relative means nothing to both.
        let value = value.filter(|value| name == "PATH" || value.is_absolute());
        value.or_else(|| (name == "HOME").then(home_of_user)?)
    }

    /// The value of a variable, if it is text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.value(name)?.to_str()
    }

    fn value(&self, name: &str) -> Option<&OsString> {
        let found = self.0.iter().find(|(set, _)| is_variable(set, name));
        found.map(|(_, value)| value)
    }

    /// What is below a directory that a variable names, or that has its usual place in the home.
    fn places(&self, variable: &str, usual: &str, below: &[&str]) -> Vec<PathBuf> {
        let home = || self.path("HOME").filter(|home| home.is_dir());
        let directory = self.path(variable);
        let directory = directory.or_else(|| Some(home()?.join(usual)));
        let below_it = |directory: PathBuf| below.iter().map(move |name| joined(&directory, name));
        directory.into_iter().flat_map(below_it).collect()
    }
}

/// Joined with nothing, a path would get a slash, which no file may have.
pub(super) fn joined(directory: &Path, name: &str) -> PathBuf {
    match name {
        "" => directory.to_owned(),
        name => directory.join(name),
    }
}

/// True if a variable is the one that a tool reads under this name.
pub(super) fn is_variable(variable: &OsString, name: &str) -> bool {
    variable == name || name.starts_with(ANY_CASE) && variable.eq_ignore_ascii_case(name)
}

fn home_of_user() -> Option<PathBuf> {
    home_in(&fs::read_to_string("/etc/passwd").ok()?, effective_user())
}

/// The home of a user in a list like that of `/etc/passwd`.
fn home_in(users: &str, user: u32) -> Option<PathBuf> {
    let user = user.to_string();
    let mut entries = users.lines().map(|line| line.split(':'));
    let mut own = entries.find(|entry| entry.clone().nth(2) == Some(&*user))?;
    own.nth(5).map(PathBuf::from)
}

/// The prefix of npm's and pnpm's variables, which both read in any case.
pub(super) const ANY_CASE: &str = "npm_config_";

/// What programs read where reading is restricted: toolchains, by their variable or usual place, and
/// settings without which `git` gives up. Settings that hold tokens are not among them.
const TOOLS: [(&str, &str, &[&str]); 12] = [
    ("RUSTUP_HOME", ".rustup", &[""]),
    ("CARGO_HOME", ".cargo", &["bin", "config.toml", "env"]),
    ("NVM_DIR", ".nvm", &[""]),
    ("VOLTA_HOME", ".volta", &[""]),
    ("BUN_INSTALL", ".bun", &[""]),
    ("DENO_INSTALL", ".deno", &[""]),
    ("PYENV_ROOT", ".pyenv", &[""]),
    ("RBENV_ROOT", ".rbenv", &[""]),
    ("SDKMAN_DIR", ".sdkman", &[""]),
    (
        "XDG_CONFIG_HOME",
        ".config",
        &["git/config", "git/ignore", "git/attributes"],
    ),
    ("XDG_DATA_HOME", ".local/share", &["claude"]),
    ("GIT_CONFIG_GLOBAL", ".gitconfig", &[""]),
];

/// Variables that name a toolchain or certificates wherever they are.
const NAMED: [&str; 5] = [
    "GOROOT",
    "JAVA_HOME",
    "NODE_EXTRA_CA_CERTS",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// The directories of the search path, and what the programs there need.
pub(super) fn tools(variables: &Variables<'_>) -> Vec<PathBuf> {
    let path = variables.path("PATH").unwrap_or_default();
    let programs = std::env::split_paths(&path).filter(|entry| entry.is_absolute());
    let needs = TOOLS
        .iter()
        .flat_map(|(variable, usual, below)| variables.places(variable, usual, below));
    let named = NAMED.iter().filter_map(|name| variables.path(name));
    programs.chain(needs).chain(named).collect()
}

/// The agent's program, what it leads to, and the packages they are part of. Of the arguments,
/// those that name a file: a script is as much the program as its interpreter.
pub(super) fn installation(program: &Path, arguments: &[String]) -> Vec<PathBuf> {
    let files = arguments.iter().map(Path::new);
    let files = files.filter(|file| file.is_absolute()).chain([program]);
    let real = files.filter_map(|file| fs::canonicalize(file).ok());
    real.flat_map(|real| [package_of(&real), real]).collect()
}

/// The outermost `node_modules` that a file is in, or else the file alone: what else is in its directory
/// may be anything.
fn package_of(file: &Path) -> PathBuf {
    let above = file.ancestors();
    let packages = above.filter(|directory| directory.ends_with("node_modules"));
    packages.last().unwrap_or(file).to_owned()
}

/// A directory that its owner alone can look into. One that cannot be made is missed by who needs it.
pub(super) fn make_private(directory: &Path) {
    let made = DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory);
    if let Err(error) = made {
        log::debug!("{} could not be made: {error}", directory.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| (name.into(), value.into()))
            .collect()
    }

    #[test]
    fn the_home_of_a_user_is_found_in_the_list() {
        let users = "root:x:0:0:root:/root:/bin/sh\nbroken\nanna:x:1000:7::/srv/anna:/bin/sh\n";
        let cases = [(0, Some("/root")), (1000, Some("/srv/anna")), (7, None)];
        for (user, home) in cases {
            assert_eq!(home_in(users, user), home.map(PathBuf::from), "{user}");
        }
    }

    #[test]
    fn the_package_of_a_program_is_the_outermost_and_never_a_home() {
        let cases = [
            ("/home/a/claude", "/home/a/claude"),
            ("/usr/bin/node", "/usr/bin/node"),
            (
                "/home/a/lib/node_modules/@x/y/node_modules/z/cli.js",
                "/home/a/lib/node_modules",
            ),
        ];
        for (program, package) in cases {
            assert_eq!(package_of(Path::new(program)), Path::new(package));
        }
    }

    /// A file whose name ends with a slash cannot be opened.
    #[test]
    fn a_variable_wins_over_the_usual_place_and_nothing_is_added_to_it() {
        let environment = variables(&[
            ("HOME", "/"),
            ("GIT_CONFIG_GLOBAL", "/x/git"),
            ("E", ""),
            ("NPM_Config_Cache", "/x/npm"),
            ("GOPATH", "/x/go"),
        ]);
        let variables = Variables(&environment);
        let cases = [
            ("GIT_CONFIG_GLOBAL", "", "/x/git"),
            ("GIT_CONFIG_GLOBAL", "below", "/x/git/below"),
            ("NOT_SET", "", "/usual"),
            ("E", "below", "/usual/below"),
            ("npm_config_cache", "", "/x/npm"),
            ("gopath", "", "/usual"),
        ];
        for (variable, below, expected) in cases {
            let places = variables.places(variable, "usual", &[below]);
            let texts: Vec<_> = places.iter().map(|place| place.as_os_str()).collect();
            assert_eq!(texts, [expected], "{variable} {below}");
        }
    }
}
