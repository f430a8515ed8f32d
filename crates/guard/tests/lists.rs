//! Lists of commands: what is forbidden is so in other words too, and what is allowed becomes no
//! more by an option.
//!
//! Nothing of the tables is ever run.

use hotplex_guard::{GuardContext, ToolEffect, ToolLists};

const FORBIDDEN: &str = include_str!("corpora/deny_lists.tsv");
const ALLOWED: &str = include_str!("corpora/allow_lists.tsv");

/// The tables write a newline and a backslash with a backslash.
fn unescaped(text: &str) -> String {
    let text = text.replace("\\\\", "\0").replace("\\n", "\n");
    text.replace('\0', "\\")
}

/// Rows that are judged otherwise than the table says, where `passes` is the word for leave.
fn wrong(table: &str, lists: impl Fn(&str) -> ToolLists) -> Vec<String> {
    let context = GuardContext::new("/home/dev/proj", "/home/dev", "dev");
    let rows = table.lines().skip(1).filter_map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [verdict, entry, command] = columns[..] else {
            panic!("three columns: {line}");
        };
        let effects = [ToolEffect::Run(unescaped(command))];
        let refused = lists(entry).check("Bash", &effects, &context).is_blocked();
        (refused != (verdict != "pass")).then(|| line.to_owned())
    });
    rows.collect()
}

fn bash(entry: &str) -> Vec<String> {
    vec![format!("Bash({entry})")]
}

#[test]
fn what_is_forbidden_is_so_in_other_words() {
    let wrong = wrong(FORBIDDEN, |entry| {
        ToolLists::new(&[], &bash(entry)).expect("an entry")
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_allowed_becomes_no_more_by_an_option() {
    let wrong = wrong(ALLOWED, |entry| {
        ToolLists::new(&bash(entry), &[]).expect("an entry")
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
