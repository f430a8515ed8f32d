//! Builtins of the shell that change what a script knows.

use std::borrow::Cow;

use super::evaluation::Eval;
use super::output;
use crate::checks::is_loopback;
use crate::programs::Argv;
use crate::taint::{BRACKET, UNKNOWN};

pub(super) fn change_directory(run: &mut Eval, words: &[String]) -> Option<String> {
    let target = words[1..]
        .iter()
        .find(|word| !word.starts_with('-') || *word == "-");
    let home = run.context.home.clone();
    let directory = match target.map(String::as_str) {
        None => home,
        Some("-") => run.previous.clone(),
        Some(word) => run.directory_of(word),
    };
    run.previous = std::mem::replace(&mut run.directory, directory);
    Some(String::new())
}

pub(super) fn declare(run: &mut Eval, words: &[String]) -> Option<String> {
    if words.iter().any(|word| word == "-p") && words.len() == 2 {
        return Some(output::environment());
    }
    let is_reference = words.get(1).is_some_and(|word| word == "-n");
    for (name, value) in words[1..].iter().filter_map(|word| word.split_once('=')) {
        if is_reference {
            run.references.insert(name.to_owned(), value.to_owned());
            continue;
        }
        run.set(name, elements(value).into_owned());
    }
    Some(String::new())
}

/// The values of an array without their keys: `[a]=/etc [b]=/usr`.
pub(super) fn elements(value: &str) -> Cow<'_, str> {
    let is_key = |word: &str| word.starts_with(['[', BRACKET]) && word.contains("]=");
    if !is_key(value) {
        return value.into();
    }
    let words = value.split(' ').map(|word| match word.split_once("]=") {
        Some((_, element)) if is_key(word) => element,
        _ => word,
    });
    words.collect::<Vec<_>>().join(" ").into()
}

/// `read` takes a line; of several, the one that would do most harm is the one to follow.
pub(super) fn read(run: &mut Eval, argv: &Argv, input: &str) -> Option<String> {
    run.spend(input.len());
    let telling = |line: &&str| !run.zone(line).is_free();
    let line = input.lines().find(telling).or_else(|| input.lines().next());
    let value = line.map_or_else(|| UNKNOWN.to_string(), str::to_owned);
    let array = argv.value(&["-a"]);
    let names: Vec<String> = argv
        .operands
        .iter()
        .chain(&array)
        .map(|name| (*name).to_owned())
        .collect();
    match names.as_slice() {
        [] => run.set("REPLY", value),
        [name] => run.set(name, value),
        names => {
            let separators: Vec<char> = run.separators().chars().collect();
            let parts: Vec<&str> = value.split(separators.as_slice()).collect();
            let mut parts = parts.into_iter().filter(|part| !part.is_empty());
            for name in names {
                run.set(name, parts.next().unwrap_or_default().to_owned());
            }
        }
    }
    Some(String::new())
}

/// `mapfile name` takes all lines.
pub(super) fn lines(run: &mut Eval, argv: &Argv, input: &str) -> Option<String> {
    let name = argv.operands.first().copied().unwrap_or("MAPFILE");
    let values: Vec<&str> = input.lines().collect();
    run.set(name, values.join(" "));
    Some(String::new())
}

/// `printf -v name` prints into a variable.
pub(super) fn printed_into(run: &mut Eval, words: &[String]) -> Option<String> {
    let name = words.get(2).filter(|_| words[1] == "-v")?.clone();
    let value = output::printf(&words[3..]);
    run.set(&name, value);
    Some(String::new())
}

/// `ztcp host port` of zsh connects, and says in `REPLY` by which descriptor.
pub(super) fn connected(run: &mut Eval, argv: &Argv) -> Option<String> {
    const DESCRIPTOR: u32 = 9;
    let host = argv.operands.first()?;
    if !is_loopback(host) {
        run.note_connection(DESCRIPTOR, true);
        run.set("REPLY", DESCRIPTOR.to_string());
    }
    Some(String::new())
}

/// A trap runs when the script ends; what it knows then is at least what it knows now.
pub(super) fn trap(run: &mut Eval, words: &[String]) -> Option<String> {
    let text = words[1..].iter().find(|word| !word.starts_with('-'));
    if let Some(text) = text.cloned()
        && words.len() > 2
    {
        run.in_subshell(|run| run.source_text(&text));
    }
    Some(String::new())
}

pub(super) fn sourced(run: &mut Eval, words: &[String], input: &str) -> Option<String> {
    // `| source` of fish.
    let Some(file) = words.get(1) else {
        return Some(run.source_text(input));
    };
    if matches!(file.as_str(), "/dev/stdin" | "-") {
        return Some(run.source_text(input));
    }
    let text = run.written(file)?;
    Some(run.source_text(&text))
}

pub(super) fn pushd(run: &mut Eval, words: &[String]) -> Option<String> {
    let directory = run.directory.clone();
    run.stack.push(directory);
    change_directory(run, words)
}

pub(super) fn popd(run: &mut Eval) -> Option<String> {
    run.directory = run.stack.pop().unwrap_or_else(|| UNKNOWN.to_string());
    Some(String::new())
}

pub(super) fn unset(run: &mut Eval, words: &[String]) -> Option<String> {
    for name in &words[1..] {
        run.set(name, String::new());
    }
    Some(String::new())
}

pub(super) fn alias(run: &mut Eval, words: &[String]) -> Option<String> {
    for (name, text) in words[1..].iter().filter_map(|word| word.split_once('=')) {
        run.aliases.insert(name.to_owned(), text.to_owned());
    }
    Some(String::new())
}

/// `set -- words` are the arguments from here on.
pub(super) fn arguments(run: &mut Eval, words: &[String]) -> Option<String> {
    if words.get(1)? != "--" {
        return None;
    }
    run.arguments = words[2..].to_vec();
    Some(String::new())
}

pub(super) fn shift(run: &mut Eval) -> Option<String> {
    if !run.arguments.is_empty() {
        run.arguments.remove(0);
    }
    Some(String::new())
}
