//! What Claude Code keeps in `~/.claude` and beside it, and how a jail lets it have that.
//!
//! Settings, hooks, agents, commands, skills, plugins and `CLAUDE.md` stand there beside transcripts
//! and caches, and `.claude.json` holds servers and trusted folders beside counters. Whatever writes
//! one of the former has its program run by the next Claude Code without a jail. So a jailed one is
//! moved by `CLAUDE_CONFIG_DIR` to a directory in which the former are links and the latter its own.
//!
//! Measured with 2.1.330 and 2.0.76: both work in a directory that is itself not writable if those
//! below are there; they write `.claude.json` in place then, which no other process reads.

use std::path::Path;

use crate::agent_files::{AgentFiles, Kept, Row};
use crate::message::Conversation;
use crate::provider::User;

/// Names the directory that is `~/.claude` otherwise.
const CONFIG_DIR: &str = "CLAUDE_CONFIG_DIR";

/// Moves what 2.1.330 has in `/tmp/claude-<uid>`.
const TEMPORARY: &[&str] = &["CLAUDE_CODE_TMPDIR"];

/// What a process writes and nobody needs when it is gone. Snapshots of a shell are sourced by the
/// next command, and plans are obeyed when they are read again.
const OWN: [&str; 17] = [
    "backups",
    "cache",
    "debug",
    "file-history",
    "ide",
    "jobs",
    "locks",
    "paste-cache",
    "plans",
    "projects",
    "session-env",
    "sessions",
    "shell-snapshots",
    "statsig",
    "tasks",
    "telemetry",
    "uploads",
];

/// The longest name below `projects`: longer ones are shortened.
const LONGEST_NAME: usize = 200;

pub(in crate::provider) fn of(user: &User<'_>) -> Option<AgentFiles> {
    let home = (user.variable)("HOME");
    let named = (user.variable)(CONFIG_DIR);
    let users = named
        .clone()
        .or_else(|| Some(home.as_ref()?.join(".claude")))?;
    // Without the variable the file stands beside the directory.
    let beside = home.as_ref().filter(|_| named.is_none());
    let settings = beside.map(|home| home.join(".claude.json"));
    let settings = settings.into_iter().chain([users.join(".claude.json")]);
    let copy = Kept::Copy(settings.collect());
    let mut rows: Vec<Row> = OWN.map(|name| row(name, Kept::Own)).into();
    rows.push(row(".claude.json", copy));
    rows.push(row(".credentials.json", Kept::Returned));
    // Lists of what is to be done, by 2.0.76 in one directory for all conversations.
    rows.push(row("todos", Kept::Users));
    let id = user.conversation.id();
    for kind in ["tasks", "file-history"] {
        rows.push(row(&format!("{kind}/{id}"), Kept::Users));
    }
    rows.extend(transcripts(user));
    let locks = home.map(|home| home.join(".local/state/claude/locks"));
    Some(AgentFiles {
        variable: CONFIG_DIR,
        below: None,
        users,
        rows,
        unlinked: &[],
        temporary: TEMPORARY,
        in_place: locks.into_iter().collect(),
        read: Vec::new(),
    })
}

fn row(name: &str, kept: Kept) -> Row {
    Row {
        name: name.to_owned(),
        kept,
    }
}

/// Those of the work directory, and wherever the conversation to be taken up has begun.
fn transcripts(user: &User<'_>) -> Vec<Row> {
    let mut names: Vec<String> = user
        .work_dirs
        .iter()
        .flat_map(|path| names_of(path))
        .collect();
    names.sort();
    names.dedup();
    let of_name = |name: String| row(&format!("projects/{name}"), Kept::Users);
    let mut rows: Vec<Row> = names.into_iter().map(of_name).collect();
    if let Conversation::Resume(id) = user.conversation {
        rows.push(row("projects", Kept::Holding(format!("{id}.jsonl"))));
    }
    rows
}

/// How a directory is called below `projects`: letters and digits stay. A long name is cut and gets
/// a hash in 2.1.330, and stays as it is in 2.0.76.
fn names_of(path: &Path) -> Vec<String> {
    let text = path.to_string_lossy();
    let plain = |unit: u16| match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii_alphanumeric() => char::from(byte),
        _ => '-',
    };
    let name: String = text.encode_utf16().map(plain).collect();
    if name.len() <= LONGEST_NAME {
        return vec![name];
    }
    let short = format!("{}-{}", &name[..LONGEST_NAME], hash(&text));
    vec![short, name]
}

/// The string hash that JavaScript programs use, in base 36.
fn hash(text: &str) -> String {
    let step = |hash: i32, unit: u16| hash.wrapping_mul(31).wrapping_add(i32::from(unit));
    let mut rest = text.encode_utf16().fold(0_i32, step).unsigned_abs();
    let mut digits = Vec::new();
    while rest > 0 || digits.is_empty() {
        digits.push(char::from_digit(rest % 36, 36).unwrap_or('0'));
        rest /= 36;
    }
    digits.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn state(variables: &[(&str, &str)], conversation: &Conversation) -> Option<AgentFiles> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| PathBuf::from(value))
        };
        of(&User {
            variable: &variable,
            work_dirs: &[Path::new("/srv/a b"), Path::new("/real")],
            conversation,
        })
    }

    fn kept<'a>(state: &'a AgentFiles, name: &str) -> Vec<&'a Kept> {
        let rows = state.rows.iter().filter(|row| row.name == name);
        rows.map(|row| &row.kept).collect()
    }

    #[test]
    fn nothing_that_a_program_obeys_is_in_the_table() {
        let new = Conversation::New("id".to_owned());
        let state = state(&[("HOME", "/h")], &new).unwrap();
        assert_eq!(state.users, Path::new("/h/.claude"));
        for name in [
            "settings.json",
            "settings.local.json",
            "CLAUDE.md",
            "hooks",
            "plugins",
            "agents",
            "skills",
            "commands",
            "rules",
            "output-styles",
            "remote-settings.json",
        ] {
            assert!(kept(&state, name).is_empty(), "{name}");
        }
        let private = ["shell-snapshots", "plans", "projects", "tasks"];
        for name in private {
            assert_eq!(kept(&state, name), [&Kept::Own], "{name}");
        }
        let users: Vec<_> = state
            .rows
            .iter()
            .filter(|row| row.kept == Kept::Users)
            .collect();
        let users: Vec<_> = users.iter().map(|row| row.name.as_str()).collect();
        let expected = [
            "todos",
            "tasks/id",
            "file-history/id",
            "projects/-real",
            "projects/-srv-a-b",
        ];
        assert_eq!(users, expected);
        assert_eq!(kept(&state, ".credentials.json"), [&Kept::Returned]);
    }

    #[test]
    fn the_servers_and_trusted_folders_are_a_copy_of_where_the_user_has_them() {
        let new = Conversation::New("id".to_owned());
        let usual = state(&[("HOME", "/h")], &new).unwrap();
        let both = vec!["/h/.claude.json".into(), "/h/.claude/.claude.json".into()];
        assert_eq!(kept(&usual, ".claude.json"), [&Kept::Copy(both)]);
        let moved = state(&[("HOME", "/h"), (CONFIG_DIR, "/c")], &new).unwrap();
        assert_eq!(moved.users, Path::new("/c"));
        let moved_along = vec!["/c/.claude.json".into()];
        assert_eq!(kept(&moved, ".claude.json"), [&Kept::Copy(moved_along)]);
        assert_eq!(state(&[], &new), None);
    }

    #[test]
    fn a_conversation_is_found_wherever_it_began() {
        let resumed = Conversation::Resume("id".to_owned());
        let state = state(&[("HOME", "/h")], &resumed).unwrap();
        let elsewhere = Kept::Holding("id.jsonl".to_owned());
        assert!(kept(&state, "projects").contains(&&elsewhere), "{state:?}");
    }

    #[test]
    fn directories_are_named_as_the_agent_names_them() {
        let long = format!("/{}", "x".repeat(250));
        let table = [
            ("/srv/my.app_1", vec!["-srv-my-app-1".to_owned()]),
            ("/é/\u{1f600}", vec!["------".to_owned()[..5].to_owned()]),
            (
                &*long,
                vec![
                    format!("-{}-{}", "x".repeat(199), hash(&long)),
                    format!("-{}", "x".repeat(250)),
                ],
            ),
        ];
        for (path, names) in table {
            assert_eq!(names_of(Path::new(path)), names, "{path}");
        }
        assert_eq!(hash("a"), "2p");
        assert_eq!(hash(""), "0");
    }
}
