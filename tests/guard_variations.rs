//! Variations on every sentence of the guard's policy, by rule table: what must block, what may run,
//! and what runs with a flag.
//!
//! Nothing of the table is ever run: its lines are text that goes to the guard.

use hotplex::{Guard, GuardContext, Judgement, Verdict};

const COMMANDS: &str = include_str!("corpus/variations.tsv");
const PROMPTS: &str = include_str!("corpus/prompt_variations.tsv");

/// The table writes a newline and a backslash with a backslash.
fn unescaped(text: &str) -> String {
    let marked = text.replace("\\\\", "\u{1}");
    marked.replace("\\n", "\n").replace('\u{1}', "\\")
}

/// Holds every line of a table against what the guard says.
fn hold(table: &str, judge: impl Fn(&str) -> Verdict) {
    let mut wrong = Vec::new();
    for line in table.lines().skip(1) {
        let parts: Vec<&str> = line.splitn(3, '\t').collect();
        let [wanted, subject, text] = parts.as_slice() else {
            panic!("not three columns: {line}");
        };
        let verdict = judge(&unescaped(text));
        let right = match *wanted {
            "block" => verdict.judgement == Judgement::Block,
            "flag" => verdict.judgement == Judgement::Flag,
            _ => verdict.judgement != Judgement::Block,
        };
        if !right {
            wrong.push(format!("{subject}: {wanted} {text}   ({})", verdict.reason));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn context() -> GuardContext {
    GuardContext::new("/home/dev/proj", "/home/dev", "dev")
}

#[test]
fn commands_are_judged_as_the_policy_says() {
    let guard = Guard::default();
    hold(COMMANDS, |text| guard.check_command(text, &context()));
}

#[test]
fn prompts_are_judged_as_the_policy_says() {
    let guard = Guard::default();
    hold(PROMPTS, |text| guard.check_prompt(text, &context()));
}
