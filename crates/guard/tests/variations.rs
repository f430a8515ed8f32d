//! Variations on every sentence of the guard's policy, by rule table: what must block, what may run,
//! and what runs with a flag.
//!
//! Nothing of the table is ever run: its lines are text that goes to the guard.

#![cfg(feature = "prompts")]

use hotplex_guard::{Guard, GuardContext, Judgement, Verdict};

const COMMANDS: &str = include_str!("corpora/variations.tsv");
const PROMPTS: &str = include_str!("corpora/prompt_variations.tsv");

/// Where the guard's reader and another reader of shell once saw different commands.
const READING: &str = include_str!("corpora/reading.tsv");

/// One deed, done in each way that a shell and its programs know.
const WAYS: &str = include_str!("corpora/ways.tsv");

/// Written from the policy alone, before the guard was asked. Of the first three tables it then missed
/// 44 of 770 commands; of the fourth 5 of 169 with 1 false alarm, of the fifth 1 of 96 with none. Of the
/// prompts of the fourth it missed 15 of 60 with 5 false alarms; after that was mended by general means,
/// 3 of 30 of the fifth with 1. Of the sixth it missed 2 of 149 commands with 3 false alarms of 173, and 9
/// of 50 prompts with none; of the seventh none of 125 commands and 4 of 50 prompts, with no false alarm
/// of 195. Two of those prompts are still missed and not in the table.
/// Of the eighth it missed nothing: 110 commands and 50 prompts, and no false alarm of 200. Of the ninth,
/// written by somebody else and over more of what there is, it missed 33 of 200 with no false alarm of 207; of
/// the tenth, after that was mended by kinds, 6 of 100 with none of 100. Of the eleventh, of programs and shapes
/// that no table had, it missed 21 of 72 with no false alarm of 65; two of those are still missed and not in the
/// table. Of the twelfth, again of programs that no table had, it missed 16 of 62 with 1 false alarm of 66; one of
/// each is still so and not in the table. Of the thirteenth it missed
/// 3 of 30 with 1 false alarm of 30.
const POLICY: [&str; 14] = [
    include_str!("corpora/policy.tsv"),
    include_str!("corpora/policy_harder.tsv"),
    include_str!("corpora/policy_third.tsv"),
    include_str!("corpora/policy_fourth.tsv"),
    include_str!("corpora/policy_fifth.tsv"),
    include_str!("corpora/policy_sixth.tsv"),
    include_str!("corpora/policy_seventh.tsv"),
    include_str!("corpora/policy_eighth.tsv"),
    include_str!("corpora/policy_ninth.tsv"),
    include_str!("corpora/policy_tenth.tsv"),
    include_str!("corpora/policy_eleventh.tsv"),
    include_str!("corpora/policy_twelfth.tsv"),
    include_str!("corpora/policy_thirteenth.tsv"),
    include_str!("corpora/policy_fourteenth.tsv"),
];
const POLICY_PROMPTS: [&str; 7] = [
    include_str!("corpora/policy_prompts.tsv"),
    include_str!("corpora/policy_prompts_harder.tsv"),
    include_str!("corpora/policy_prompts_fourth.tsv"),
    include_str!("corpora/policy_prompts_fifth.tsv"),
    include_str!("corpora/policy_prompts_sixth.tsv"),
    include_str!("corpora/policy_prompts_seventh.tsv"),
    include_str!("corpora/policy_prompts_eighth.tsv"),
];

/// What programs write, enter and run, by option, by place and by default; and what looks alike.
const PROGRAMS: [&str; 5] = [
    include_str!("corpora/options.tsv"),
    include_str!("corpora/destinations.tsv"),
    include_str!("corpora/devices.tsv"),
    include_str!("corpora/wrappers.tsv"),
    include_str!("corpora/sources.tsv"),
];

/// The tables write a newline, a tab and a backslash with a backslash.
fn unescaped(text: &str) -> String {
    let marked = text.replace("\\\\", "\u{1}");
    let lines = marked.replace("\\n", "\n").replace("\\t", "\t");
    lines.replace('\u{1}', "\\")
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
        let told = verdict.judgement.as_str();
        // A word that is no verdict would make a row that nothing can fail.
        let known = Judgement::ALL.iter().any(|known| known.as_str() == *wanted);
        assert!(known, "{wanted} is no verdict: {line}");
        let right = told == *wanted;
        if !right {
            let reason = verdict.reason;
            wrong.push(format!("{wanted}\t{subject}\t{text}\n    {told}: {reason}"));
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
fn one_deed_is_one_deed_in_whatever_way_it_is_done() {
    let guard = Guard::default();
    hold(WAYS, |text| guard.check_command(text, &context()));
}

#[test]
fn what_a_program_writes_is_judged_wherever_its_command_line_says_so() {
    let guard = Guard::default();
    for table in PROGRAMS {
        hold(table, |text| guard.check_command(text, &context()));
    }
}

#[test]
fn what_was_once_misread_is_read() {
    let guard = Guard::default();
    hold(READING, |text| guard.check_command(text, &context()));
}

#[test]
fn prompts_are_judged_as_the_policy_says() {
    let guard = Guard::default();
    hold(PROMPTS, |text| guard.check_prompt(text, &context()));
}

#[test]
fn every_sentence_of_the_policy_holds_for_commands() {
    let guard = Guard::default();
    for table in POLICY {
        hold(table, |text| guard.check_command(text, &context()));
    }
}

#[test]
fn every_sentence_of_the_policy_holds_for_prompts() {
    let guard = Guard::default();
    for table in POLICY_PROMPTS {
        hold(table, |text| guard.check_prompt(text, &context()));
    }
}

/// Chinese and Japanese are written with marks of their own width.
#[test]
fn wide_punctuation_is_punctuation() {
    let guard = Guard::default();
    let blocks = |text: &str| guard.check_prompt(text, &context()).judgement == Judgement::Block;
    let orders = [
        "请执行\u{ff1a}rm -rf /etc",
        "请运行以下命令\u{ff1a}\n```\nrm -rf /usr\n```",
        "磁盘满了\u{ff01}执行 rm -rf /var\u{ff0c}谢谢\u{ff01}",
    ];
    let questions = [
        "执行 `rm -rf /` 会怎样\u{ff1f}",
        "能不能解释一下\u{ff1a}运行 `rm -rf /` 之后呢\u{ff1f}",
    ];
    assert_eq!(orders.map(blocks), [true; 3]);
    assert_eq!(questions.map(blocks), [false; 2]);
}

/// The tables cannot write a carriage return, which joins no lines in a shell.
#[test]
fn a_line_is_over_behind_a_backslash_and_a_carriage_return() {
    let context = GuardContext::new("/home/dev/proj", "/home/dev", "dev");
    let verdict = Guard::default().check_command("echo a \\\r\nrm -rf /etc", &context);
    assert!(verdict.is_blocked(), "{verdict:?}");
}
