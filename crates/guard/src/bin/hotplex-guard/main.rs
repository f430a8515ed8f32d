//! `hotplex-guard`: the guard for those who embed nothing.
//!
//! `check` judges a command, a prompt or what comes on stdin; `hook` is a `PreToolUse` hook of Claude
//! Code; `rules` lists what is judged. [`arguments`] reads the command line, [`hook`] speaks the
//! hook's JSON, [`location`] is where a command would run.

mod arguments;
mod hook;
mod location;

use std::io::{self, Read, Write};
use std::panic;
use std::process::ExitCode;

use arguments::{Action, CheckOptions};
use hotplex_guard::{Guard, Verdict};

/// What the arguments or the input lack, in one line.
type Failure = Box<dyn std::error::Error>;

const USAGE: &str = "\
hotplex-guard judges what an AI agent is about to run. It runs nothing itself.

  hotplex-guard check [OPTIONS] -- COMMAND   one argument is source of a shell, several are its words
  hotplex-guard check [OPTIONS]              the same for what comes on stdin
  hotplex-guard hook [OPTIONS]               a PreToolUse hook of Claude Code: JSON on stdin and stdout
  hotplex-guard rules                        the rules: id, level, category, meaning

Options of check and hook:
  --rules FILE        further rules, `regex|description|level|category` a line
  --disable RULE      do not look at this rule (critical ones stay); may be repeated
  --promote RULE      block by this rule although it only flags; may be repeated
  --root DIR          a directory, besides the work directory, that is free; may be repeated
Options of check:
  --prompt            the text is a message to a model
  --json              print the verdict as a JSON object
  --work-dir DIR      where the agent works (default: the current directory)
  --home DIR          the user's home (default: $HOME)
  --user NAME         the user's name (default: $USER)

Exit status of check: 0 allowed or flagged, 1 blocked, 2 it could not be judged.
Exit status of hook: 0 answered, 2 not answered, which blocks the call.
";

/// Claude Code lets a call pass if its hook ends with anything but 0 and 2, so a panic ends with 2.
fn main() -> ExitCode {
    let outcome = panic::catch_unwind(|| {
        let action = arguments::read(lexopt::Parser::from_env())?;
        perform(action)
    });
    let outcome = outcome.unwrap_or_else(|_| Err("a defect, please report it".into()));
    outcome.unwrap_or_else(|failure| {
        let _ = writeln!(io::stderr(), "hotplex-guard: {failure}");
        ExitCode::from(2)
    })
}

fn perform(action: Action) -> Result<ExitCode, Failure> {
    match action {
        Action::Help => say(USAGE.trim_end()),
        Action::Version => say(concat!("hotplex-guard ", env!("CARGO_PKG_VERSION"))),
        Action::Rules => list_rules(),
        Action::Check(options) => check(&options),
        Action::Hook(guard) => {
            let answer = hook::answer(&guard, &input()?)?;
            answer.map_or(Ok(ExitCode::SUCCESS), |answer| say(&answer))
        }
    }
}

fn check(options: &CheckOptions) -> Result<ExitCode, Failure> {
    let text = match &options.text {
        Some(text) => text.clone(),
        None => input()?,
    };
    let context = location::context(options)?;
    let verdict = match options.is_prompt {
        true => options.guard.check_prompt(&text, &context),
        false => options.guard.check_command(&text, &context),
    };
    match options.json {
        true => say(&verdict.to_json())?,
        false => say(&in_words(&verdict))?,
    };
    Ok(ExitCode::from(u8::from(verdict.is_blocked())))
}

fn in_words(verdict: &Verdict) -> String {
    if verdict.is_plain_allow() {
        return "allow".to_owned();
    }
    let mut words = format!("{}\t{}", verdict.judgement.as_str(), verdict.reason);
    for suggestion in &verdict.suggestions {
        words.push_str(&format!("\n\tinstead: {suggestion}"));
    }
    words
}

fn list_rules() -> Result<ExitCode, Failure> {
    for rule in Guard::rules() {
        let level = rule.level.as_str();
        say(&format!(
            "{}\t{level}\t{}\t{}",
            rule.id, rule.category, rule.meaning
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn input() -> Result<String, Failure> {
    let mut text = String::new();
    io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| format!("stdin: {error}"))?;
    Ok(text)
}

/// A reader that has gone needs no further lines, and a verdict nobody sees is none.
fn say(text: &str) -> Result<ExitCode, Failure> {
    writeln!(io::stdout(), "{text}").map_err(|error| format!("stdout: {error}"))?;
    Ok(ExitCode::SUCCESS)
}
