//! What clients of databases do besides statements: files that they write, commands that they run.

use super::writing::{check_output, check_write};
use crate::facts::Facts;
use crate::programs::Role;

/// Judges the lines that a client is given: in options, operands, or on its input.
pub(super) fn check(run: &mut Facts, has_dot_commands: bool, text: &str) {
    for line in text.lines().flat_map(|line| line.split(';')).map(str::trim) {
        match line.chars().next() {
            Some('.') if has_dot_commands => dot_command(run, line),
            Some('\\') => backslash_command(run, line),
            _ => statement(run, line),
        }
    }
}

/// `.output file`, `.backup main file`, `.shell command` of `sqlite3`.
fn dot_command(run: &mut Facts, line: &str) {
    let (command, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let is = |full: &str| command.len() > 2 && full.starts_with(command);
    if is(".shell") || is(".system") {
        return run.defer_source(rest);
    }
    if let Some(text) = rest.strip_prefix('|') {
        return run.defer_source(text);
    }
    let writes = [
        ".output", ".once", ".backup", ".save", ".log", ".trace", ".clone", ".archive",
    ];
    if writes.iter().any(|full| is(full))
        && let Some(file) = rest.split_whitespace().last()
    {
        check_write(run, unquoted(file), "", false);
    }
}

/// `\o file`, `\w file`, `\! command`, `\copy table to file` of `psql`; `\T file` of `mysql`.
fn backslash_command(run: &mut Facts, line: &str) {
    let mut words = line[1..].splitn(2, char::is_whitespace);
    let (command, rest) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let rest = rest.trim();
    match (command, rest.strip_prefix('|')) {
        ("!", _) => run.defer_source(rest),
        ("o" | "out" | "w" | "write", Some(text)) => run.defer_source(text),
        ("o" | "out" | "w" | "write" | "T" | "tee" | "s", None) => {
            check_output(run, unquoted(rest), Role::Make);
        }
        ("copy", _) => check_copy(run, rest),
        _ => {
            if let Some(text) = command.strip_prefix('!') {
                run.defer_source(&format!("{text} {rest}"));
            }
        }
    }
}

/// `COPY table TO 'file'`, `TO PROGRAM 'command'`, `SELECT ... INTO OUTFILE 'file'`, `ATTACH 'file'`.
fn statement(run: &mut Facts, line: &str) {
    let upper = line.to_ascii_uppercase();
    if upper.starts_with("COPY ") {
        return check_copy(run, line);
    }
    for word in [
        "INTO OUTFILE ",
        "INTO DUMPFILE ",
        "VACUUM INTO ",
        "ATTACH DATABASE ",
        "ATTACH ",
    ] {
        if let Some(at) = upper.find(word)
            && let Some(file) = first_text(&line[at + word.len()..])
        {
            return check_output(run, file, Role::Make);
        }
    }
}

fn check_copy(run: &mut Facts, line: &str) {
    let upper = line.to_ascii_uppercase();
    let program = upper.find(" PROGRAM ").map(|at| at + " PROGRAM ".len());
    if let Some(text) = program.and_then(|at| first_text(&line[at..])) {
        return run.defer_source(text);
    }
    if let Some(at) = upper.find(" TO ")
        && let Some(file) = first_text(&line[at + " TO ".len()..])
    {
        check_output(run, file, Role::Make);
    }
}

/// The text at the start, in quotes or as a word.
fn first_text(text: &str) -> Option<&str> {
    let text = text.trim_start();
    match text.chars().next()? {
        quote @ ('\'' | '"') => text[1..].split(quote).next(),
        _ => text.split_whitespace().next(),
    }
}

fn unquoted(text: &str) -> &str {
    text.trim_matches(['\'', '"'])
}
