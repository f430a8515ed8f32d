//! Editors: the files that they rewrite in place, and the commands that their programs run.

use super::super::run::Run;
use super::files::destroy;
use super::options::Options;

/// `sed`, whose programs can run commands.
pub(super) fn stream_editor(run: &mut Run, words: &[String]) {
    let options = Options::of(words, "-e -f -l --expression --file --line-length");
    // The suffix that some systems want behind `-i` may be an empty word.
    let mut operands = options.operands.iter().filter(|word| !word.is_empty());
    let is_program = |option: &str| option == "--expression" || is_letter(option, 'e');
    let mut programs: Vec<&str> = options
        .all()
        .filter_map(|(option, value)| value.filter(|_| is_program(option)))
        .collect();
    if programs.is_empty() && !options.has(&["-f", "--file"]) {
        programs.extend(operands.next());
    }
    for program in programs {
        executed(run, program);
    }
    let in_place = |(option, _): (&str, Option<&str>)| {
        option.starts_with("--in-place") || is_letter(option, 'i')
    };
    if options.all().any(in_place) {
        operands.for_each(|file| destroy(run, file));
    }
}

/// Whether a letter stands among the letters of an option, in front of a value that is attached.
fn is_letter(option: &str, letter: char) -> bool {
    let letters = option.strip_prefix('-').unwrap_or_default();
    let flags = letters
        .split_inclusive(['e', 'i'])
        .next()
        .unwrap_or_default();
    !letters.starts_with('-') && flags.ends_with(letter)
        || (letter == 'e' && letters.len() < 5 && letters.ends_with('e'))
}

/// `e command`, and the `e` behind a substitution, which runs what was put in.
fn executed(run: &mut Run, program: &str) {
    for command in program.split(['\n', ';']) {
        let command = without_address(command);
        if let Some(text) = command.strip_prefix("e ") {
            run.judge_text(text.trim());
        }
        if let Some(text) = evaluated(command) {
            run.judge_text(&text);
        }
    }
}

/// `3,$ command` and `/pattern/ command` without what they are for.
fn without_address(command: &str) -> &str {
    let is_place = |c: char| c.is_ascii_digit() || matches!(c, '$' | ',' | '!' | '{' | ' ');
    let command = command.trim_start_matches(is_place);
    let pattern = command.strip_prefix('/');
    let behind = pattern.and_then(|rest| rest.split_once('/'));
    behind.map_or(command, |(_, rest)| rest.trim_start_matches(is_place))
}

/// What `s/from/to/e` runs.
fn evaluated(command: &str) -> Option<String> {
    let separator = command.strip_prefix('s')?.chars().next()?;
    let mut parts = command[1 + separator.len_utf8()..].rsplitn(2, separator);
    let (flags, body) = (parts.next()?, parts.next()?);
    let (_, text) = body.split_once(separator)?;
    let runs = flags.contains('e') && flags.chars().all(|c| "gpeIiMm0123456789".contains(c));
    runs.then(|| text.replace('\\', ""))
}

/// `perl -pi` rewrites its operands.
pub(super) fn perl(run: &mut Run, words: &[String]) {
    let options = Options::of(words, "-e -E");
    let rewrites = |(option, _): (&str, Option<&str>)| {
        let letters = option.split(['e', 'E']).next().unwrap_or_default();
        !option.starts_with("--") && !letters.starts_with("-M") && letters.contains('i')
    };
    if options.all().any(rewrites) {
        for file in options.operands {
            destroy(run, file);
        }
    }
}

/// `vim -c ':!command'` and `vim '+!command'`; `ex -c 'commands|x' file` writes the file.
pub(super) fn visual(run: &mut Run, words: &[String]) {
    let options = Options::of(words, "-c --cmd");
    let ends_written = |text: &str| {
        let last = text.rsplit(['|', ':', '\n']).next().unwrap_or_default();
        matches!(
            last.trim(),
            "x" | "w" | "wq" | "x!" | "w!" | "wq!" | "wqa" | "xa"
        )
    };
    let mut commands = options.all().filter(|(option, _)| option.ends_with('c'));
    if commands.any(|(_, value)| value.is_some_and(ends_written)) {
        for file in options
            .operands
            .iter()
            .filter(|file| !file.starts_with('+'))
        {
            super::writing::write(run, file, "", false);
        }
    }
    for (at, word) in words.iter().enumerate().skip(1) {
        let follows = matches!(words[at - 1].as_str(), "-c" | "--cmd");
        let text = word.strip_prefix('+').or(follows.then_some(word));
        let Some((before, command)) = text.and_then(|text| text.split_once('!')) else {
            continue;
        };
        let is_plain = |c: char| c.is_alphabetic() || matches!(c, ':' | '%' | ' ' | '.' | ',');
        if before.chars().all(is_plain) {
            run.judge_text(command);
        }
    }
}
