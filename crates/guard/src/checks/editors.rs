//! Editors: the files that they rewrite in place, and the commands that their programs run.

use super::removal::check_removal;
use super::sed;
use crate::facts::Facts;
use crate::programs::Argv;

/// `sed`, whose programs can run commands and write files.
pub(super) fn check_sed(run: &mut Facts, argv: &Argv) {
    // The suffix that some systems want behind `-i` may be an empty word.
    let mut operands = argv.operands.iter().filter(|word| !word.is_empty());
    let given = argv.options.iter().filter(|given| given.is("-e"));
    let mut programs: Vec<&str> = given.filter_map(|given| given.value).collect();
    if programs.is_empty() && !argv.has(&["-f"]) {
        programs.extend(operands.next());
    }
    for program in programs {
        sed::program(run, program);
    }
    let files = argv.options.iter().filter(|given| given.is("-f"));
    for file in files.filter_map(|given| given.value) {
        let program = run.written(file).unwrap_or_default();
        sed::program(run, program.trim_end());
    }
    if argv.has(&["-i"]) {
        operands.for_each(|file| check_removal(run, file));
    }
}

/// Lines that `ed` reads from its input: `w` writes the file, `w name` another one, `!` runs the rest.
pub(super) fn check_ed(run: &mut Facts, argv: &Argv, input: &str) {
    let file = argv.operands.first().copied().unwrap_or_default();
    for line in input.lines().map(str::trim) {
        if let Some(command) = line.strip_prefix('!') {
            run.defer_source(command);
        }
        let behind = ["wq", "W", "w"]
            .iter()
            .find_map(|write| line.strip_prefix(write));
        match behind.map(str::trim) {
            Some("" | "q" | "!") => super::writing::check_write(run, file, "", false),
            Some(text) if text.starts_with('!') => run.defer_source(&text[1..]),
            Some(name) if name.starts_with(['/', '~', '.']) => {
                super::writing::check_write(run, name, "", false);
            }
            _ => {}
        }
    }
}

/// `vim -c ':!command'` and `vim '+!command'`; `ex -c 'commands|x' file` writes the file.
pub(super) fn check_vim(run: &mut Facts, argv: &Argv, input: &str) {
    check_ed(run, argv, input);
    let ends_written = |text: &str| {
        let last = text.rsplit(['|', ':', '\n']).next().unwrap_or_default();
        matches!(
            last.trim(),
            "x" | "w" | "wq" | "x!" | "w!" | "wq!" | "wqa" | "xa"
        )
    };
    let given = argv.options.iter().filter(|given| given.is("-c"));
    let plus = argv
        .operands
        .iter()
        .filter_map(|word| word.strip_prefix('+'));
    let mut commands = given.filter_map(|given| given.value).chain(plus);
    if commands.any(ends_written) {
        for file in argv.operands.iter().filter(|file| !file.starts_with('+')) {
            super::writing::check_write(run, file, "", false);
        }
    }
    let given = argv
        .options
        .iter()
        .filter(|given| given.is("-c") || given.is("--cmd"));
    let behind_plus = argv
        .operands
        .iter()
        .filter_map(|word| word.strip_prefix('+'));
    for text in given.filter_map(|given| given.value).chain(behind_plus) {
        let Some((before, command)) = text.split_once('!') else {
            continue;
        };
        let is_plain = |c: char| c.is_alphabetic() || matches!(c, ':' | '%' | ' ' | '.' | ',');
        if before.chars().all(is_plain) {
            run.defer_source(command);
        }
    }
}
