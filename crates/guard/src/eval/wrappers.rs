//! Commands that run other commands, and the builtins that change what a script knows.

use super::builtins::{
    alias, arguments, change_directory, connected, declare, lines, popd, printed_into, pushd, read,
    shift, sourced, trap, unset,
};
use super::contained;
use super::evaluation::Eval;
use super::gathered::{find_exec, parallel, xargs};
use super::handed_over;
use super::interpreters::{interpreter, shell};
use super::output;
use crate::checks;
use crate::programs::{Argv, ProgramKind, Role};
use crate::taint::{REMOTE, UNKNOWN};

/// Gets the name, the words and the input; gives back what is printed, or `None` if the command also
/// is judged by itself.
type Evaluate = fn(&mut Eval, &str, &Argv, &str) -> Option<String>;

/// Every way in which a command runs others or changes what the script knows, by its name in the tables.
const EVALUATED: [(&str, Evaluate); 30] = [
    ("alias", |run, _, argv, _| alias(run, argv.words)),
    ("arguments", |run, _, argv, _| arguments(run, argv.words)),
    ("command", command),
    ("connection", |run, _, argv, _| connected(run, argv)),
    ("contained", contained),
    ("daemon", daemon),
    ("declaration", |run, _, argv, _| declare(run, argv.words)),
    ("directory", |run, _, argv, _| {
        change_directory(run, argv.words)
    }),
    ("directory-popped", |run, _, _, _| popd(run)),
    ("directory-pushed", |run, _, argv, _| pushd(run, argv.words)),
    ("file", |run, _, argv, input| {
        sourced(run, argv.words, input)
    }),
    ("found", |run, _, argv, _| found(run, argv.words)),
    ("items", |run, _, argv, input| xargs(run, argv, input)),
    ("items-or-lines", |run, _, argv, input| {
        parallel(run, argv, input)
    }),
    ("line", |run, _, argv, input| read(run, argv, input)),
    ("lines", |run, _, argv, input| lines(run, argv, input)),
    ("measured", |run, _, argv, _| measured(run, argv)),
    ("printed-into", |run, _, argv, _| {
        printed_into(run, argv.words)
    }),
    ("recipes", |run, name, argv, input| {
        recipes(run, name, argv, input, false)
    }),
    ("recipes-indented", |run, name, argv, input| {
        recipes(run, name, argv, input, true)
    }),
    ("scheduled", handed_over::scheduled),
    ("shift", |run, _, _, _| shift(run)),
    ("source", |run, _, argv, _| {
        Some(run.source_text(&argv.words[1..].join(" ")))
    }),
    ("spawned", |run, _, argv, input| {
        spawned(run, argv.words, input)
    }),
    ("text-behind", |run, _, argv, _| text_behind(run, argv)),
    ("text-of-option", text_of_option),
    ("trap", |run, _, argv, _| trap(run, argv.words)),
    ("typed", typed),
    ("unset", |run, _, argv, _| unset(run, argv.words)),
    ("user", runuser),
];

/// Follows what a wrapper runs; `None` if this is no wrapper, or one that is judged by itself, too.
pub(super) fn eval(run: &mut Eval, name: &str, argv: &Argv, input: &str) -> Option<String> {
    handed_over::instructions(run, name, argv, input);
    let way = argv.known.row.map_or("", |row| row.eval);
    if !way.is_empty()
        && let Ok(at) = EVALUATED.binary_search_by(|(known, _)| known.cmp(&way))
    {
        return EVALUATED[at].1(run, name, argv, input);
    }
    if let Some(program) = argv.program.filter(|program| program.style.elsewhere) {
        return elsewhere(run, name, argv, program.command, input);
    }
    rest(run, argv, input);
    if let Some(operands) = argv.program.and_then(|program| program.command) {
        return wrapped(run, argv, operands, input);
    }
    // The loader of programs runs the one that it is given.
    if name.starts_with("ld-") && name.contains(".so") {
        let argv = Argv::of("ld.so", argv.words);
        return wrapped(run, &argv, 0, input);
    }
    let kinds = argv.known.kinds;
    match name {
        _ if kinds.has(ProgramKind::Shell) => Some(shell(run, name, argv.words, input)),
        _ if kinds.has(ProgramKind::Interpreter) => interpreter(run, name, argv, input),
        _ => None,
    }
}

fn command(run: &mut Eval, _: &str, argv: &Argv, input: &str) -> Option<String> {
    match argv.has(&["-v", "-V"]) {
        // It only says where the program is.
        true => Some(output::program_found(&argv.words[1..])),
        false => wrapped(run, argv, 0, input),
    }
}

fn contained(run: &mut Eval, _: &str, argv: &Argv, input: &str) -> Option<String> {
    // `podman unshare` runs its command on the files of this machine.
    if let Some(operands) = argv.program.and_then(|program| program.command) {
        return wrapped(run, argv, operands, input);
    }
    contained::executed(run, argv.words, input);
    None
}

fn found(run: &mut Eval, words: &[String]) -> Option<String> {
    find_exec(run, words);
    None
}

/// Texts that a terminal is opened with, or that are typed into one.
fn typed(run: &mut Eval, _: &str, argv: &Argv, _: &str) -> Option<String> {
    // Names, messages and settings are no commands.
    const SAYING: [&str; 6] = ["rename", "display-m", "set", "list", "show", "has"];
    let words = argv.words;
    let command = words.get(argv.at).filter(|_| argv.at > 0);
    let command = command
        .map(String::as_str)
        .or(argv.operands.first().copied());
    if command.is_some_and(|command| SAYING.iter().any(|start| command.starts_with(start))) {
        return None;
    }
    for text in words[1..].iter().filter(|word| word.contains(' ')) {
        run.source_text(text);
    }
    let opens = argv.program.and_then(|program| program.command);
    if let Some(operands) = opens.filter(|_| !argv.has(&["-X"])) {
        run.argv(argv.command(operands).to_vec(), "", false);
    }
    None
}

fn measured(run: &mut Eval, argv: &Argv) -> Option<String> {
    let options = argv.values_of(Role::Run(""));
    let texts: Vec<&str> = options.chain(argv.operands.iter().copied()).collect();
    let text = texts.join("\n");
    run.check(|facts| checks::check_destinations(facts, argv));
    Some(run.source_text(&text))
}

/// The operands as text for a shell, with the options of the command that they are.
fn text_behind(run: &mut Eval, argv: &Argv) -> Option<String> {
    let words = argv.command(0);
    (!words.is_empty()).then(|| run.source_text(&words.join(" ")))
}

/// The commands of a makefile that the script hands over or has written.
fn recipes(
    run: &mut Eval,
    name: &str,
    argv: &Argv,
    input: &str,
    by_blanks: bool,
) -> Option<String> {
    if argv.has(&["-n", "--just-print", "--dry-run", "--recon"]) {
        return None;
    }
    handed_over::recipes(run, name, argv, input, by_blanks);
    None
}

/// What a script for `expect` or `tclsh` starts.
fn spawned(run: &mut Eval, words: &[String], input: &str) -> Option<String> {
    let argument = words.iter().skip_while(|word| *word != "-c").nth(1);
    let text = argument.cloned().unwrap_or_else(|| input.to_owned());
    for line in text.split(['\n', ';', '[', ']', '{', '}']).map(str::trim) {
        let command = line
            .strip_prefix("spawn ")
            .or_else(|| line.strip_prefix("exec "));
        if let Some(command) = command {
            run.evaluate_source(command);
        } else if let Some(files) = line.strip_prefix("file delete ") {
            run.evaluate_source(&format!("rm {files}"));
        }
    }
    None
}

/// Follows the command behind a wrapper's options and operands, or the one in an option.
fn wrapped(run: &mut Eval, argv: &Argv, operands: usize, input: &str) -> Option<String> {
    run.check(|facts| checks::check_destinations(facts, argv));
    let (inner, behind) = match argv.command(operands) {
        // `flock file -c text`
        [flag, text, ..] if flag == "-c" || flag == "--command" => (&[][..], Some(text.as_str())),
        inner => (inner, None),
    };
    let text = argv.values_of(Role::Run("")).last().or(behind);
    if inner.is_empty() && text.is_none() {
        let is_shell = argv.program.is_some_and(|program| program.style.shell);
        let prints = argv.known.row.map_or("", |row| row.prints);
        // `env` alone prints what it has, and a shell reads what is not given as a command.
        return match (prints, is_shell && !input.is_empty()) {
            ("environment", _) => None,
            (_, true) => Some(run.source_text(input)),
            _ => Some(input.to_owned()),
        };
    }
    Some(run.in_subshell_if(!argv.settings.is_empty(), |run| {
        for (name, value) in argv.settings.iter().filter_map(|word| word.split_once('=')) {
            run.set(name, value.to_owned());
        }
        match text {
            Some(text) => run.source_text(&format!("{text} {}", inner.join(" "))),
            None => run.argv(inner.to_vec(), input, false),
        }
    }))
}

/// `start-stop-daemon --start --exec program -- words`.
fn daemon(run: &mut Eval, _: &str, argv: &Argv, input: &str) -> Option<String> {
    run.check(|facts| checks::check_destinations(facts, argv));
    let program = argv.value(&["-a", "-x"])?;
    if argv.has(&["-K", "-T", "-t"]) {
        return None;
    }
    let mut words = vec![program.to_owned()];
    words.extend(argv.command(0).iter().cloned());
    Some(run.argv(words, input, false))
}

fn runuser(run: &mut Eval, name: &str, argv: &Argv, input: &str) -> Option<String> {
    match argv.value(&["-u", "-c"]) {
        Some(_) => wrapped(run, argv, 0, input),
        None => text_of_option(run, name, argv, input),
    }
}

/// `su -c text`, `script -c text`, `nix-shell --run text`: a text in an option, or on the input.
fn text_of_option(run: &mut Eval, _: &str, argv: &Argv, input: &str) -> Option<String> {
    if let Some(text) = argv.values_of(Role::Run("")).last() {
        run.check(|facts| checks::check_destinations(facts, argv));
        return Some(run.source_text(text));
    }
    let is_shell = argv.known.row.is_some_and(|row| row.style.shell);
    match (is_shell, input.is_empty()) {
        (true, false) => Some(run.source_text(input)),
        (true, true) => Some(String::new()),
        (false, _) => None,
    }
}

/// The command behind the first of the words that begin one: `xterm -e command words`.
fn rest(run: &mut Eval, argv: &Argv, input: &str) {
    let starts = argv.program.map_or(&[][..], |program| &program.rest);
    let at = argv
        .words
        .iter()
        .position(|word| starts.contains(&word.as_str()));
    if let Some(at) = at.filter(|at| *at > 0) {
        run.argv(argv.words[at + 1..].to_vec(), input, false);
    }
}

/// A command on another machine: behind the operands of the row, in an option, or on the input.
fn elsewhere(
    run: &mut Eval,
    name: &str,
    argv: &Argv,
    operands: Option<usize>,
    input: &str,
) -> Option<String> {
    run.check(|facts| checks::check(facts, name, argv, input));
    let behind = match operands {
        Some(operands) => argv.command(operands),
        None => &[],
    };
    let behind = match behind.split_first() {
        Some((dashes, rest)) if dashes == "--" => rest.join(" "),
        _ => behind.join(" "),
    };
    let given = argv.values_of(Role::Remote).last();
    let text = given.map_or(behind, listed_commands);
    // Without a machine it does nothing; without a command some read one from the input.
    if argv.first.is_none() && text.is_empty() {
        return Some(REMOTE.to_string());
    }
    let remote = std::mem::replace(&mut run.remote, true);
    let files = std::mem::take(&mut run.files);
    run.in_subshell(|run| {
        run.directory = UNKNOWN.to_string();
        match text.is_empty() {
            true if input.chars().all(|c| c == UNKNOWN) => String::new(),
            true => run.source_text(input),
            false => {
                run.standard_input = input.to_owned();
                run.source_text(&text)
            }
        }
    });
    run.remote = remote;
    run.files = files;
    Some(REMOTE.to_string())
}

/// `["one command","another"]` of an interface that takes lists; any other text is the command.
fn listed_commands(text: &str) -> String {
    let text = text.trim();
    match text
        .strip_prefix("commands=")
        .unwrap_or(text)
        .strip_prefix('[')
    {
        Some(list) => {
            let list = list.trim_end_matches(']');
            let parts = list.split("\",\"").map(|part| part.trim_matches('"'));
            parts.collect::<Vec<_>>().join("\n")
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::all;

    #[test]
    fn every_way_is_named_by_the_tables_and_every_name_is_one() {
        assert!(EVALUATED.is_sorted_by_key(|(name, _)| *name));
        let named = || all().map(|row| row.eval).filter(|name| !name.is_empty());
        for (name, _) in EVALUATED {
            assert!(named().any(|way| way == name), "{name}");
        }
        for way in named() {
            assert!(EVALUATED.iter().any(|(name, _)| *name == way), "{way}");
        }
    }
}
