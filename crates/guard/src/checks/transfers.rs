//! Programs that name what they write in a small language of their own: `lftp`, `pax -s`, `mvn -D`.

use super::writing::check_output;
use crate::facts::Facts;
use crate::programs::{Argv, Role};
use crate::rules;

/// The commands of `lftp -e` and `lftp -c`: what they get, and what they run.
pub(super) fn check_lftp(facts: &mut Facts, argv: &Argv) {
    let given = argv.options.iter();
    let given = given.filter(|given| given.is("-e") || given.is("-c"));
    for text in given.filter_map(|given| given.value) {
        let commands = text.split([';', '\n']).flat_map(|part| part.split("&&"));
        let mut directory = ".";
        for command in commands.map(str::trim) {
            if let Some(source) = command
                .strip_prefix('!')
                .or_else(|| command.strip_prefix("shell "))
            {
                facts.defer_source(source);
                continue;
            }
            let words: Vec<&str> = command.split_whitespace().map(unquoted).collect();
            match words.as_slice() {
                ["lcd", place] => directory = place,
                ["get" | "get1" | "pget" | "mget", rest @ ..] => {
                    check_got(facts, rest, directory);
                }
                ["mirror", rest @ ..] => check_mirror(facts, rest, directory),
                _ => {}
            }
        }
    }
}

/// The commands of a client of file transfers, in an option or on its input: what they send.
pub(super) fn check_sent(facts: &mut Facts, argv: &Argv, input: &str) {
    const SEND: [&str; 9] = [
        "put", "mput", "send", "append", "reput", "mirror", "lput", "pput", "-put",
    ];
    let given = argv.options.iter().filter_map(|given| given.value);
    for command in given
        .chain([input])
        .flat_map(|text| text.split([';', '\n']))
    {
        let mut words = command.split_whitespace().map(unquoted);
        let sends = words.next().is_some_and(|word| SEND.contains(&word));
        let mut files = words.filter(|word| !word.starts_with('-'));
        if sends && files.any(|file| facts.holds_secrets(file)) {
            return facts.report(&rules::EXFILTRATION, command.trim());
        }
    }
}

/// `get a -o file`, `get -O directory a`, or into the local directory.
fn check_got(facts: &mut Facts, words: &[&str], directory: &str) {
    let behind = |option: &str| {
        let at = words.iter().position(|word| *word == option)?;
        words.get(at + 1).copied()
    };
    match (behind("-o"), behind("-O")) {
        (Some(file), _) => check_output(facts, file, Role::Make),
        (None, place) => check_output(facts, place.unwrap_or(directory), Role::Into),
    }
}

/// `mirror from to` writes here, `mirror -R from to` there.
fn check_mirror(facts: &mut Facts, words: &[&str], directory: &str) {
    let sends = |word: &&str| {
        *word == "--reverse"
            || word.starts_with('-') && !word.starts_with("--") && word.contains('R')
    };
    if words.iter().any(sends) {
        return;
    }
    let operands: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| !word.starts_with('-'))
        .collect();
    match operands.as_slice() {
        [_, .., target] => check_output(facts, target, Role::Into),
        _ => check_output(facts, directory, Role::Into),
    }
}

/// `pax -r -s ',^,/etc/,'` gives what it unpacks or copies other names.
pub(super) fn check_pax(facts: &mut Facts, argv: &Argv) {
    if !argv.has(&["-r"]) {
        return;
    }
    // It copies to the last operand, and unpacks where it is.
    match argv.operands.last().filter(|_| argv.has(&["-w"])) {
        Some(target) => check_output(facts, target, Role::Copy),
        None => check_output(facts, ".", Role::Into),
    }
    let given = argv.options.iter().filter(|given| given.is("-s"));
    for text in given.filter_map(|given| given.value) {
        let mut parts = text
            .chars()
            .next()
            .into_iter()
            .flat_map(|sign| text.split(sign));
        // In front of the first separator stands nothing, behind it the pattern.
        if let Some(name) = parts.nth(2).filter(|name| name.starts_with(['/', '.'])) {
            check_output(facts, name, Role::Into);
        }
    }
}

/// `mvn exec:exec -Dexec.executable=program -Dexec.args=words`.
pub(super) fn check_mvn(facts: &mut Facts, argv: &Argv) {
    let property = |name: &str| {
        let mut words = argv.words.iter();
        words.find_map(|word| {
            word.strip_prefix("-D")?
                .strip_prefix(name)?
                .strip_prefix('=')
        })
    };
    if let Some(program) = property("exec.executable") {
        let words = property("exec.args").or_else(|| property("exec.commandlineArgs"));
        facts.defer_source(&format!("{program} {}", words.unwrap_or_default()));
    }
}

fn unquoted(word: &str) -> &str {
    word.trim_matches(['\'', '"'])
}
