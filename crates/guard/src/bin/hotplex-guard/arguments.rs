//! The command line.

use std::fs;

use hotplex_guard::{Guard, GuardOptions};
use lexopt::prelude::*;

use super::Failure;

/// What is to be done.
pub(crate) enum Action {
    Help,
    Version,
    Rules,
    Check(Box<CheckOptions>),
    Hook(Box<Guard>),
}

/// What `check` is told.
#[derive(Default)]
pub(crate) struct CheckOptions {
    pub(crate) guard: Guard,
    pub(crate) is_prompt: bool,
    pub(crate) json: bool,
    pub(crate) work_dir: Option<String>,
    pub(crate) home: Option<String>,
    pub(crate) user: Option<String>,
    /// `None`: it comes on stdin.
    pub(crate) text: Option<String>,
}

pub(crate) fn read(mut parser: lexopt::Parser) -> Result<Action, Failure> {
    match parser.next()? {
        None | Some(Long("help") | Short('h')) => Ok(Action::Help),
        Some(Long("version") | Short('V')) => Ok(Action::Version),
        Some(Value(name)) => match name.string()?.as_str() {
            "check" => check(&mut parser),
            "hook" => hook(&mut parser),
            "rules" => nothing_more(&mut parser, Action::Rules),
            other => Err(format!("there is no command {other:?}; `--help` lists them").into()),
        },
        Some(other) => Err(other.unexpected().into()),
    }
}

fn check(parser: &mut lexopt::Parser) -> Result<Action, Failure> {
    let mut options = CheckOptions::default();
    let mut of_guard = GuardOptions::default();
    let mut words = Vec::new();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("help") | Short('h') => return Ok(Action::Help),
            Long("prompt") => options.is_prompt = true,
            Long("json") => options.json = true,
            Long("work-dir") => options.work_dir = Some(parser.value()?.string()?),
            Long("home") => options.home = Some(parser.value()?.string()?),
            Long("user") => options.user = Some(parser.value()?.string()?),
            Value(word) => words.push(word.string()?),
            Long(name) => {
                let name = name.to_owned();
                guard_option(&name, parser, &mut of_guard)?;
            }
            other => return Err(other.unexpected().into()),
        }
    }
    options.guard = Guard::new(of_guard)?;
    options.text = source(&words);
    Ok(Action::Check(Box::new(options)))
}

fn hook(parser: &mut lexopt::Parser) -> Result<Action, Failure> {
    let mut of_guard = GuardOptions::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("help") | Short('h') => return Ok(Action::Help),
            Long(name) => {
                let name = name.to_owned();
                guard_option(&name, parser, &mut of_guard)?;
            }
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Action::Hook(Box::new(Guard::new(of_guard)?)))
}

fn guard_option(
    name: &str,
    parser: &mut lexopt::Parser,
    options: &mut GuardOptions,
) -> Result<(), Failure> {
    let mut value = || parser.value()?.string();
    match name {
        "rules" => {
            let path = value()?;
            options.rules =
                fs::read_to_string(&path).map_err(|error| format!("--rules {path}: {error}"))?;
        }
        "disable" => options.disabled_rules.push(value()?),
        "promote" => options.promoted_rules.push(value()?),
        "root" => options.extra_roots.push(value()?),
        other => return Err(format!("there is no option --{other}").into()),
    }
    Ok(())
}

fn nothing_more(parser: &mut lexopt::Parser, action: Action) -> Result<Action, Failure> {
    match parser.next()? {
        None => Ok(action),
        Some(other) => Err(other.unexpected().into()),
    }
}

/// One word is source of a shell, as `sh -c` takes it; several are the words of one command.
fn source(words: &[String]) -> Option<String> {
    match words {
        [] => None,
        [text] => Some(text.clone()),
        words => {
            let quoted: Vec<String> = words.iter().map(|word| quoted(word)).collect();
            Some(quoted.join(" "))
        }
    }
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_words_stay_words() {
        let words = ["rm", "-rf", "it's here"].map(str::to_owned);
        let expected = r"'rm' '-rf' 'it'\''s here'";
        assert_eq!(source(&words).as_deref(), Some(expected));
        assert_eq!(source(&words[..1]).as_deref(), Some("rm"));
        assert_eq!(source(&[]), None);
    }
}
