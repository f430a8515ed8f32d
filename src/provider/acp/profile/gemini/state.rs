//! What Gemini keeps in `~/.gemini`, and how a jail lets it have that.
//!
//! Settings, policies, commands, skills, extensions, trusted folders and `GEMINI.md` stand there beside
//! conversations and caches. A jailed process is moved by `GEMINI_CLI_HOME` to a home of its own, in
//! whose `.gemini` the former are links and the latter its own.
//!
//! Conversations are in `tmp/<project>/chats`, and `projects.json` says which project a directory is.
//! It is given with a name for the work directory that depends on nothing else, so that every jailed
//! process finds there what the one before has left. What else is below `tmp` and in `history` is
//! obeyed or run: plans, memory, skills, repositories.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use crate::agent_files::{AgentFiles, Kept, Row};
use crate::message::Conversation;
use crate::provider::{FileOfProject, User, conversation};

/// Names the directory that holds `.gemini` and is the home otherwise.
const HOME: &str = "GEMINI_CLI_HOME";

const DIRECTORY: &str = ".gemini";

fn users(user: &User<'_>) -> Option<PathBuf> {
    let home = (user.variable)(HOME).or_else(|| (user.variable)("HOME"))?;
    Some(home.join(DIRECTORY))
}

pub(super) fn of(user: &User<'_>) -> Option<AgentFiles> {
    let row = |name: &str, kept: Kept| Row {
        name: name.to_owned(),
        kept,
    };
    // It makes files beside those that it replaces.
    let mut rows = vec![row("", Kept::Own)];
    rows.extend(["history", "tmp"].map(|name| row(name, Kept::Own)));
    let mut projects = Map::new();
    for path in user.work_dirs {
        let name = project(path);
        let known = projects.insert(path.to_string_lossy().into_owned(), json!(name));
        if known.is_none() {
            rows.push(row(&format!("tmp/{name}"), Kept::Own));
            rows.push(row(&format!("tmp/{name}/chats"), Kept::Users));
        }
    }
    let projects = json!({"projects": Value::Object(projects)}).to_string();
    rows.push(row("projects.json", Kept::Given(projects)));
    rows.push(row("oauth_creds.json", Kept::Returned));
    Some(AgentFiles {
        variable: HOME,
        below: Some(DIRECTORY),
        users: users(user)?,
        rows,
        unlinked: &[".lock"],
        temporary: &[],
        in_place: Vec::new(),
        read: Vec::new(),
    })
}

/// Small letters, digits and hyphens, as the agent wants it.
fn project(work_dir: &Path) -> String {
    conversation::name("gemini", &work_dir.to_string_lossy())
}

/// The agent names the file of a conversation by the minute in which it was begun. Taking it up it
/// first begins a file for itself, which by that name is the same one in the same minute, and hides
/// the conversation for good.
pub(super) fn begun_in_minute(user: &User<'_>, now: SystemTime) -> Option<FileOfProject> {
    let Conversation::Resume(id) = user.conversation else {
        return None;
    };
    let minute = minute(now);
    let id: String = id.chars().take(8).collect();
    Some(FileOfProject {
        projects: users(user)?.join("tmp"),
        file: format!("chats/session-{minute}-{id}.jsonl"),
    })
}

/// As in `2026-11-28T14-22`, of universal time.
fn minute(now: SystemTime) -> String {
    let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (days, minutes) = (seconds / 86_400, seconds % 86_400 / 60);
    // Years that begin in March, of eras of 400 years: the leap day is the last one.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    let year = year + era * 400 + next;
    let (hour, minute) = (minutes / 60, minutes % 60);
    format!("{year:04}-{month:02}-{date:02}T{hour:02}-{minute:02}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn with_user<T>(conversation: &Conversation, look: impl Fn(&User<'_>) -> T) -> T {
        let variable = |name: &str| (name == "HOME").then(|| PathBuf::from("/h"));
        look(&User {
            variable: &variable,
            work_dirs: &[Path::new("/w"), Path::new("/w")],
            conversation,
        })
    }

    #[test]
    fn a_jailed_process_writes_conversations_and_nothing_that_is_obeyed() {
        let new = Conversation::New("c".to_owned());
        let state = with_user(&new, |user| of(user).unwrap());
        assert_eq!(state.users, Path::new("/h/.gemini"));
        let users = state.rows.iter().filter(|row| row.kept == Kept::Users);
        let users: Vec<_> = users.map(|row| row.name.clone()).collect();
        let name = project(Path::new("/w"));
        assert_eq!(users, [format!("tmp/{name}/chats")]);
        let given = Kept::Given(format!(r#"{{"projects":{{"/w":"{name}"}}}}"#));
        assert!(state.rows.iter().any(|row| row.kept == given), "{state:?}");
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(name.chars().all(plain), "{name}");
    }

    #[test]
    fn minutes_are_named_as_the_agent_names_them() {
        for (seconds, expected) in [
            (0, "1970-01-01T00-00"),
            (951_868_799, "2000-02-29T23-59"),
            (951_868_800, "2000-03-01T00-00"),
            (1_795_875_732, "2026-11-28T14-22"),
            (4_107_542_399, "2100-02-28T23-59"),
            (4_107_542_400, "2100-03-01T00-00"),
        ] {
            assert_eq!(minute(UNIX_EPOCH + Duration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn only_a_conversation_that_is_taken_up_can_be_too_young() {
        let named = |conversation: &Conversation| {
            with_user(conversation, |user| begun_in_minute(user, UNIX_EPOCH))
        };
        assert_eq!(named(&Conversation::New("c".to_owned())), None);
        let resumed = Conversation::Resume("1c3c8ad7-c567-4951-b989-33967331c886".to_owned());
        let expected = FileOfProject {
            projects: "/h/.gemini/tmp".into(),
            file: "chats/session-1970-01-01T00-00-1c3c8ad7.jsonl".to_owned(),
        };
        assert_eq!(named(&resumed), Some(expected));
    }
}
