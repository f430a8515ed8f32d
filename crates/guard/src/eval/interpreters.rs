//! Shells and other programs that run the text they are given, and the files that the script wrote.

use super::evaluation::Eval;
use crate::checks;
use crate::facts::ITSELF;
use crate::programs::{Argv, ProgramKind};
use crate::rules;
use crate::taint::{OPAQUE, REMOTE, UNKNOWN};

pub(super) fn shell(run: &mut Eval, name: &str, words: &[String], input: &str) -> String {
    let mut at = 1;
    let mut is_text = false;
    while let Some(word) = words.get(at) {
        let is_option = (word.starts_with('-') || word.starts_with('+')) && word.len() > 1;
        if word == "--" || !is_option {
            at += usize::from(word == "--" || word == "-");
            break;
        }
        if matches!(
            word.as_str(),
            "-o" | "+o" | "-O" | "+O" | "--rcfile" | "--init-file"
        ) {
            at += 1;
            if word.ends_with("file")
                && let Some(text) = words.get(at).and_then(|file| run.written(file))
            {
                run.source_text(&text);
            }
        }
        let is_cluster = !word.starts_with("--");
        is_text |= is_cluster && word.contains('c');
        if is_cluster && word.contains('s') && !is_text {
            return run.shell_input(name, input);
        }
        at += 1;
    }
    let rest = words.get(at..).unwrap_or_default();
    match rest.first() {
        Some(text) if is_text => {
            let outer = std::mem::replace(
                &mut run.arguments,
                rest.get(2..).unwrap_or_default().to_vec(),
            );
            run.standard_input = input.to_owned();
            let printed = run.in_subshell(|run| {
                if let Some(name) = rest.get(1) {
                    run.set("0", name.clone());
                }
                run.source_text(text)
            });
            run.arguments = outer;
            printed
        }
        Some(file) if !matches!(file.as_str(), "/dev/stdin" | "-" | "/proc/self/fd/0") => {
            script_file(run, file, &rest[1..])
        }
        _ => run.shell_input(name, input),
    }
}

fn script_file(run: &mut Eval, file: &str, words: &[String]) -> String {
    if file.contains(REMOTE) || file.contains(OPAQUE) {
        return run.source_text(file);
    }
    if file == ITSELF && run.concurrent {
        run.report(&rules::FORK_BOMB, file);
    }
    match run.written(file) {
        Some(text) => {
            let outer = std::mem::replace(&mut run.arguments, words.to_vec());
            let printed = run.in_subshell(|run| run.source_text(&text));
            run.arguments = outer;
            printed
        }
        None => UNKNOWN.to_string(),
    }
}

/// Words in front of the program, the address or the file that an interpreter runs.
const SUBCOMMANDS: [&str; 11] = [
    "run", "install", "test", "serve", "bench", "cache", "compile", "bundle", "x", "add", "e",
];

/// The first word that is no option, and behind a subcommand the next one.
fn program_operand(words: &[String]) -> Option<&String> {
    let mut operands = words[1..]
        .iter()
        .filter(|word| !word.starts_with('-') || *word == "-");
    match operands.next() {
        Some(first) if SUBCOMMANDS.contains(&first.as_str()) => operands.next(),
        first => first,
    }
}

/// The address of a program that runs, or of a module that is loaded before it.
fn program_at_address<'w>(argv: &Argv<'w>) -> Option<&'w String> {
    let words = argv.words;
    const LOADING: [&str; 5] = ["--import", "--require", "-r", "--preload", "--loader"];
    if !argv.known.kinds.has(ProgramKind::JavaScript) {
        return None;
    }
    let is_address = |word: &&String| word.starts_with("https://") || word.starts_with("http://");
    let mut pairs = words.windows(2);
    let loaded = pairs.find(|pair| LOADING.contains(&pair[0].as_str()));
    let program = program_operand(words);
    let loaded = loaded.map(|pair| &pair[1]).filter(is_address);
    loaded.or(program.filter(is_address))
}

/// Code in an option, a file that the script wrote, or code on the input.
pub(super) fn interpreter(run: &mut Eval, name: &str, argv: &Argv, input: &str) -> Option<String> {
    let words = argv.words;
    if let Some(address) = program_at_address(argv) {
        run.report(&rules::REMOTE_CODE, address);
    }
    if let Some(code) = checks::code_argument(argv) {
        run.check(|facts| checks::check_code(facts, name, &code));
        return None;
    }
    match program_operand(words).map(String::as_str) {
        None | Some("-" | "/dev/stdin") => {
            let asks = words
                .iter()
                .any(|word| matches!(word.as_str(), "--version" | "-V" | "-m" | "-v"));
            if !input.is_empty() && !asks {
                run.evaluate_code(name, input);
            }
            None
        }
        Some(file) => {
            let is_module = words.get(1).is_some_and(|word| word == "-m");
            if let Some(text) = run.written(file)
                && !is_module
            {
                run.evaluate_code(name, &text);
            }
            None
        }
    }
}
