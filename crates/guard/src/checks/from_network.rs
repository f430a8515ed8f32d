//! Code that is got over the network and run by the very code that got it: `exec(urlopen(...))`.

use super::reading::{NETWORK, last};
use super::tokens::Token;
use crate::programs::{KindsOf, ProgramKind, is_of_kind};
use crate::zone::name_of;

/// Calls that run a text as code, in one language or another.
const EVALUATE: [&str; 16] = [
    "eval",
    "Function",
    "runInThisContext",
    "runInNewContext",
    "runInContext",
    "instance_eval",
    "class_eval",
    "module_eval",
    "loadstring",
    "compileFunction",
    "create_function",
    "eval_string",
    "eval_quoted",
    "evaluate",
    "include_string",
    "Eval.me",
];

/// Words that bring a file in and run it.
const BRING: [&str; 7] = [
    "include",
    "include_once",
    "require",
    "require_once",
    "import",
    "source",
    "importScripts",
];

/// Calls that run a text in a shell.
const SHELLS: [&str; 8] = [
    "subprocess.run",
    "subprocess.call",
    "system",
    "popen",
    "Popen",
    "check_output",
    "execSync",
    "shell_exec",
];

/// Names by which further languages ask the network.
const ASK: [&str; 15] = [
    "get",
    "HTTP::Tiny",
    "LWP",
    "Net::HTTP",
    "HTTP",
    "Net",
    "download",
    "request",
    "curl",
    "curl_init",
    "curl_exec",
    "URL",
    "url",
    "getURL",
    "parse",
];

/// How many tokens of what a call is given are looked at, lest many calls in one another take long.
const LONGEST_CALL: usize = 64;

/// Whether code runs what it got from the network.
pub(super) fn is_run(kinds: KindsOf, tokens: &[Token<'_>]) -> bool {
    let loads = asks_network(tokens);
    (0..tokens.len()).any(|at| {
        let Token::Name(name) = &tokens[at] else {
            return false;
        };
        let behind = &tokens[at + 1..];
        let evaluates = EVALUATE.contains(&last(name))
            || EVALUATE.contains(&name.as_ref())
            || match name.as_ref() {
                "exec" => kinds.has(ProgramKind::ExecIsCode),
                "load" => kinds.has(ProgramKind::Loading),
                _ => false,
            };
        BRING.contains(&last(name)) && brings_address(behind)
            || loads && evaluates && is_made(kinds, behind)
            || loads
                && (SHELLS.contains(&name.as_ref()) || SHELLS.contains(&last(name)))
                && inside(behind).iter().any(is_of_network)
    })
}

fn is_address(text: &str) -> bool {
    ["http://", "https://", "ftp://"]
        .iter()
        .any(|scheme| text.starts_with(scheme))
}

/// Whether an address is named, and anything that goes there.
fn asks_network(tokens: &[Token<'_>]) -> bool {
    let addressed = |token: &Token| match token {
        Token::Text(text) => is_address(text),
        Token::Shell(text) => text.contains("://"),
        _ => false,
    };
    let asks = |token: &Token| match token {
        Token::Name(name) => {
            is_of_network(token) || ASK.iter().any(|word| last(name) == *word || name == *word)
        }
        Token::Shell(text) => text.split_whitespace().any(is_download),
        _ => false,
    };
    tokens.iter().any(asks) && tokens.iter().any(addressed)
}

/// A command of a shell that brings what it prints from the network.
fn is_download(word: &str) -> bool {
    let name = name_of(word.trim_start_matches(['`', '(', '$']));
    is_of_kind(name, ProgramKind::Downloader)
}

fn is_of_network(token: &Token<'_>) -> bool {
    matches!(token, Token::Name(name) if NETWORK.iter().any(|word| name.contains(word)))
}

/// What is given to a call: up to its closing parenthesis, or to the end of the statement.
fn inside<'t, 's>(behind: &'t [Token<'s>]) -> &'t [Token<'s>] {
    let behind = &behind[..behind.len().min(LONGEST_CALL)];
    let mut depth = 0usize;
    for (at, token) in behind.iter().enumerate() {
        match token {
            Token::Sign('(') => depth += 1,
            Token::Sign(')') if depth <= 1 => return &behind[..at],
            Token::Sign(')') => depth -= 1,
            Token::Sign(';' | '\n') if depth == 0 => return &behind[..at],
            _ => {}
        }
    }
    behind
}

/// Whether what is evaluated is more than a text that stands there.
fn is_made(kinds: KindsOf, behind: &[Token<'_>]) -> bool {
    match behind.first() {
        // Named, and called once the text is there: `.then(eval)`.
        Some(Token::Sign(')')) => true,
        Some(Token::Sign('(')) => inside(behind)
            .iter()
            .any(|token| matches!(token, Token::Name(_) | Token::Shell(_))),
        // In Perl and Ruby a call needs no parentheses; a block only catches errors.
        Some(Token::Name(_) | Token::Shell(_)) => kinds.has(ProgramKind::BareCalls),
        _ => false,
    }
}

/// Whether an address follows, at most behind a call that gets it.
fn brings_address(behind: &[Token<'_>]) -> bool {
    let near = inside(behind).iter().take(5);
    let is_remote = |token: &Token| match token {
        Token::Text(text) => is_address(text) || text.starts_with("data:text/javascript"),
        _ => false,
    };
    near.take_while(|token| !matches!(token, Token::Sign('{' | ';')))
        .any(is_remote)
}
