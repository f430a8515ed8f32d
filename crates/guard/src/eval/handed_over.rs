//! Files of instructions that a script hands over itself: by `<( )`, on the input, or written before.

use super::evaluation::Eval;
use crate::programs::Argv;
use crate::rules;
use crate::taint::{OPAQUE, REMOTE};

/// The text of a file that an option names, if the script says what it holds.
pub(super) fn text_of(run: &Eval, file: &str, input: &str) -> Option<String> {
    match file {
        "-" | "/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0" => Some(input.to_owned()),
        file => run.written(file),
    }
}

/// Commands of a makefile or a justfile: behind a tab or blanks, or behind `;` on the line of a rule.
pub(super) fn recipes(run: &mut Eval, name: &str, argv: &Argv, input: &str, by_blanks: bool) {
    const USUAL: [&str; 5] = [
        "Makefile",
        "makefile",
        "GNUmakefile",
        "justfile",
        "Justfile",
    ];
    let named = argv.value(&["-f", "--file", "--makefile", "--justfile"]);
    let text = match named {
        Some(file) => text_of(run, file, input),
        None => USUAL.iter().find_map(|file| run.written(file)),
    };
    let Some(text) = text else {
        return;
    };
    if text.contains(REMOTE) {
        run.report(&rules::REMOTE_CODE, name);
    }
    for line in text.lines() {
        let recipe = match line.strip_prefix('\t') {
            Some(recipe) => Some(recipe),
            None if by_blanks => line.strip_prefix("  "),
            None => line
                .split_once(':')
                .and_then(|(_, rest)| Some(rest.split_once(';')?.1)),
        };
        if let Some(recipe) = recipe {
            run.evaluate_source(recipe.trim_start().trim_start_matches(['@', '-', '+']));
        }
        for call in line.split("$(shell ").skip(1) {
            run.evaluate_source(call.split(')').next().unwrap_or_default());
        }
    }
}

/// `at -f file`, or the text on the input.
pub(super) fn scheduled(run: &mut Eval, _: &str, argv: &Argv, input: &str) -> Option<String> {
    let text = match argv.value(&["-f"]) {
        Some(file) => text_of(run, file, input).unwrap_or_default(),
        None => input.to_owned(),
    };
    Some(run.source_text(&text))
}

/// Evaluates the commands in a file of instructions that the script hands over.
pub(super) fn instructions(run: &mut Eval, name: &str, argv: &Argv, input: &str) {
    if argv.asks() {
        return;
    }
    // In a file of tmux a command for a shell is one word, quoted as a shell does.
    let is_quoted = argv.known.row.is_some_and(|row| row.style.quoted);
    for (fronts, file) in argv.scripts() {
        let Some(text) = text_of(run, file, input) else {
            continue;
        };
        if is_handed_over(file) && text.contains(REMOTE) {
            run.report(&rules::REMOTE_CODE, name);
        } else if is_handed_over(file) && text.contains(OPAQUE) {
            run.report(&rules::HIDDEN_CODE, name);
        }
        for command in text.lines().filter_map(|line| behind(fronts, line.trim())) {
            match is_quoted {
                true => run.evaluate_source(&format!("sh -c {command}")),
                false => run.evaluate_source(command),
            }
        }
    }
}

/// A file that only this command has: it is not read by anyone before it is run.
fn is_handed_over(file: &str) -> bool {
    file.starts_with("/dev/fd/") || matches!(file, "-" | "/dev/stdin" | "/proc/self/fd/0")
}

/// The command in a line behind one of the words that may stand in front of it; `_` in them is a blank.
fn behind<'l>(fronts: &str, line: &'l str) -> Option<&'l str> {
    let mut fronts = fronts.split('|').filter(|front| !front.is_empty());
    fronts.find_map(|front| line.strip_prefix(front.replace('_', " ").as_str()))
}
