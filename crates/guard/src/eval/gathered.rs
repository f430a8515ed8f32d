//! Commands that run another one for each of many names: `xargs`, `parallel`, `find -exec`.

use super::evaluation::Eval;
use crate::checks;
use crate::programs::{Argv, ProgramKind, is_of_kind};
use crate::rules;
use crate::taint::UNKNOWN;
use crate::zone::name_of;

pub(super) fn xargs(run: &mut Eval, argv: &Argv, input: &str) -> Option<String> {
    for_each(run, argv, input, false)
}

/// Without a command of its own it runs each line that it reads, and `{}` is a name without an option.
pub(super) fn parallel(run: &mut Eval, argv: &Argv, input: &str) -> Option<String> {
    for_each(run, argv, input, true)
}

fn for_each(run: &mut Eval, argv: &Argv, input: &str, runs_lines: bool) -> Option<String> {
    if argv.asks() {
        // It prints the commands that it would run.
        return Some(UNKNOWN.to_string());
    }
    run.check(|facts| checks::check_destinations(facts, argv));
    let words = argv.command(0);
    if words.is_empty() {
        return Some(match (runs_lines, argv.value(&["-a"])) {
            (true, Some(file)) => {
                let text = run.contents(file).into_owned();
                run.source_text(&text)
            }
            (true, None) => run.source_text(input),
            (false, _) => input.to_owned(),
        });
    }
    let (inner, items) = command_and_items(run, argv, words, input);
    match inner.first() {
        // `parallel ::: 'one command' 'another'`
        None => return Some(run.source_text(&items.join("\n"))),
        // Names that stand there are judged by themselves.
        Some(word)
            if is_of_kind(name_of(word), ProgramKind::Remover)
                && !words.iter().any(|word| word == ":::") =>
        {
            run.report(&rules::LISTED_TARGETS, "what is listed");
        }
        Some(_) => {}
    }
    gathered(run, inner, items, place(runs_lines, argv));
    Some(UNKNOWN.to_string())
}

/// The command, and the names that it is given: from a file, from the input, or from behind `:::`.
fn command_and_items(
    run: &Eval,
    argv: &Argv,
    words: &[String],
    input: &str,
) -> (Vec<String>, Vec<String>) {
    let split = words.iter().position(|word| word == ":::");
    let (inner, listed) = words.split_at(split.unwrap_or(words.len()));
    let text = match argv.value(&["-a"]) {
        Some(file) => run.contents(file).into_owned(),
        None => input.to_owned(),
    };
    let is_gap = |c: char| c.is_whitespace() || c == '\0';
    let read = text.split(is_gap).filter(|item| !item.is_empty());
    let mut items: Vec<String> = match listed.split_first() {
        Some((_, listed)) => listed.to_vec(),
        None => read.map(str::to_owned).collect(),
    };
    // `xargs -I{}` takes a line at a time, which may be a whole command.
    if argv.value(&["-I"]).is_some() && listed.is_empty() {
        let lines = text.lines().filter(|line| line.contains(' '));
        items.extend(lines.map(str::to_owned));
    }
    if items.is_empty() {
        items.push(UNKNOWN.to_string());
    }
    let inner = match inner {
        [text] => text.split_whitespace().map(str::to_owned).collect(),
        inner => inner.to_vec(),
    };
    (inner, items)
}

/// What stands for a name in the command.
fn place<'w>(is_usual: bool, argv: &Argv<'w>) -> Option<&'w str> {
    let usual = is_usual || argv.has(&["-i", "--replace"]);
    let named = argv.value(&["-I", "-i", "--replace"]);
    named.or(usual.then_some("{}"))
}

/// Once a name where the command says where it goes, else once with all of them.
fn gathered(run: &mut Eval, mut inner: Vec<String>, items: Vec<String>, place: Option<&str>) {
    let is_named = |place: &&str| inner.iter().any(|word| word.contains(place));
    let is_text =
        inner.len() == 2 && is_of_kind(&inner[0], ProgramKind::Shell) && inner[1].ends_with('c');
    if let Some(place) = place.filter(is_named) {
        for item in checks::sample(run, items) {
            let words = inner.iter().map(|word| word.replace(place, &item));
            run.argv(words.collect(), "", false);
        }
    } else if is_text {
        run.source_text(&items.join(" "));
    } else {
        inner.extend(items);
        run.argv(inner, "", false);
    }
}

/// What `find -exec` runs, once a root.
pub(super) fn find_exec(run: &mut Eval, words: &[String]) {
    let is_exec = |word: &String| {
        matches!(
            word.as_str(),
            "-exec" | "-execdir" | "-ok" | "-okdir" | "-x" | "-X" | "--exec" | "--exec-batch"
        )
    };
    let found = checks::sample(run, checks::found(words));
    let appends_names = !words
        .iter()
        .any(|word| word == "-exec" || word == "-execdir");
    for (at, _) in words.iter().enumerate().filter(|(_, word)| is_exec(word)) {
        let rest = &words[at + 1..];
        let end = rest.iter().position(|word| word == ";" || word == "+");
        let inner = &rest[..end.unwrap_or(rest.len())];
        let is_named = inner.iter().any(|word| word.contains('{'));
        for root in &found {
            let mut words: Vec<String> =
                inner.iter().map(|word| word.replace("{}", root)).collect();
            // `fd` adds the name where no place is given.
            if appends_names && !is_named {
                words.push(root.clone());
            }
            run.argv(words, "", false);
        }
    }
}
