//! Conversations that outlive their process, their engine and their record.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use hotplex::{Engine, Outcome};

use crate::common::Played;
use crate::site::Site;
use crate::talk::session_start;

pub(crate) fn a_killed_agent_takes_the_conversation_up_again(site: &Site) {
    let engine = site.engine();
    let first = site.ask(&engine, "a", "MODEL:text before", "before");
    let length = site.count_messages(&engine, "a");
    kill_agent(&engine);
    let next = site.ask(&engine, "a", "MODEL:text after", "after");
    assert_resumed(&first, &next);
    assert!(
        site.count_messages(&engine, "a") > length,
        "the model was sent the earlier turns"
    );
}

pub(crate) fn another_engine_takes_the_conversation_up_again(site: &Site) {
    let engine = site.engine();
    let first = site.ask(&engine, "a", "MODEL:text before", "before");
    engine.close(Duration::from_secs(3)).expect("a clean end");
    let engine = site.engine();
    let next = site.ask(&engine, "a", "MODEL:text after", "after");
    assert_resumed(&first, &next);
    assert!(
        site.count_messages(&engine, "a") >= 5,
        "two turns and the count itself"
    );
}

/// Without its record a session is new to the engine, but not for the agent, which says that the
/// name is in use.
pub(crate) fn a_lost_record_is_no_loss(site: &Site) {
    let first = talk_and_lose(site, "state");
    let engine = site.engine();
    let next = site.ask(&engine, "a", "MODEL:text after", "after");
    assert!(next.notices("session_reset").is_empty(), "{next:?}");
    assert_resumed(&first, &next);
    assert!(
        site.count_messages(&engine, "a") >= 5,
        "two turns and the count itself"
    );
}

pub(crate) fn a_lost_conversation_costs_itself_and_a_notice(site: &Site) {
    let first = talk_and_lose(site, conversations(site));
    let engine = site.engine();
    let next = site.ask(&engine, "a", "MODEL:text after", "after");
    assert_eq!(next.notices("session_reset").len(), 1, "{next:?}");
    assert!(!is_resumed(&next), "{next:?}");
    // The name of a conversation of aider's is the engine's.
    assert_eq!(
        name(&next) == name(&first),
        site.release.provider == "aider"
    );
    let hot = site.ask(&engine, "a", "MODEL:text hot", "hot");
    assert!(session_start(&hot).is_none(), "the fresh process stays");
}

/// What is there and cannot be read is begun anew with a word about it, or fails the turn with a reason:
/// never without a word, and never without an end. Not for aider: its conversation is a text, and any text is one.
pub(crate) fn a_damaged_conversation_is_told(site: &Site) {
    let engine = site.engine();
    site.ask(&engine, "a", "MODEL:text before", "before");
    engine.close(Duration::from_secs(3)).expect("a clean end");
    let damaged = damage(&site.stage.path(conversations(site)));
    assert!(damaged > 0, "there is nothing to damage");
    let engine = site.engine();
    let next = site.stage.play(&engine, "a", "MODEL:text after");
    let resets = next.notices("session_reset").len();
    match next.end.outcome {
        Outcome::Completed => assert_eq!((resets, is_resumed(&next)), (1, false), "{next:?}"),
        Outcome::Failed => assert!(!next.error().is_empty(), "{next:?}"),
        _ => panic!("{next:?}"),
    }
    // Another session is no worse off, unless they are kept together.
    if site.release.provider != "opencode" {
        site.ask(&engine, "b", "MODEL:text there", "there");
    }
}

/// Puts something else in the place of what each file below holds; gives how many there were.
fn damage(directory: &Path) -> usize {
    let entries = fs::read_dir(directory).expect("a directory");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let damaged = paths.map(|path| match path.is_dir() {
        true => damage(&path),
        false => fs::write(&path, "{\"half\": \n\0\n")
            .map(|()| 1)
            .expect("written"),
    });
    damaged.sum()
}

/// Where the agent keeps them.
fn conversations(site: &Site) -> &'static str {
    match site.release.provider {
        "gemini" => "home/.gemini/tmp",
        "codex" | "codex-acp" => "home/.codex/sessions",
        "aider" => "home/.local/state/hotplex-aider",
        "opencode" => "home/.local/share/opencode/hotplex",
        _ => "home/.claude/projects",
    }
}

/// Claude Code looks conversations up by the path of the directory, which is the same.
pub(crate) fn a_directory_made_anew_keeps_the_conversation(site: &Site) {
    let engine = site.engine();
    let first = site.ask(&engine, "a", "MODEL:text before", "before");
    fs::remove_dir_all(site.stage.work_dir()).expect("it was there");
    let next = site.ask(&engine, "a", "MODEL:text after", "after");
    assert_eq!(next.notices("work_dir_replaced").len(), 1, "{next:?}");
    assert!(next.notices("session_reset").is_empty(), "{next:?}");
    assert_resumed(&first, &next);
    assert!(site.stage.work_dir().is_dir());
    assert!(
        site.count_messages(&engine, "a") >= 5,
        "two turns and the count itself"
    );
}

/// Kills the process of the engine's one session.
pub(crate) fn kill_agent(engine: &Engine) {
    let sessions = engine.sessions().expect("the sessions");
    let pid = sessions[0].pid.expect("a process");
    let killed = Command::new("kill")
        .args(["-KILL", &pid.to_string()])
        .status();
    assert!(killed.is_ok_and(|status| status.success()), "kill");
}

fn talk_and_lose(site: &Site, lost: &str) -> Played {
    let engine = site.engine();
    let first = site.ask(&engine, "a", "MODEL:text before", "before");
    engine.close(Duration::from_secs(3)).expect("a clean end");
    fs::remove_dir_all(site.stage.path(lost)).expect("it was there");
    first
}

pub(crate) fn is_resumed(played: &Played) -> bool {
    session_start(played).is_some_and(|start| start.resumed)
}

fn assert_resumed(first: &Played, next: &Played) {
    assert_eq!(
        name(next),
        name(first),
        "the agent's name of the conversation stays"
    );
    assert!(is_resumed(next), "{next:?}");
}

/// The agent's name of the conversation.
fn name(played: &Played) -> Option<&str> {
    session_start(played).map(|start| start.agent_session_id.as_str())
}
