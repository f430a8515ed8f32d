//! A guard that can be hung or crashed is a way around it: no text panics, and none takes long.
//!
//! The bounds are generous, for these tests also run unoptimised on busy machines; what they catch
//! is time that grows faster than the text. `cargo bench` measures the real figures.

#![expect(
    clippy::print_stdout,
    reason = "the times are shown beside what failed"
)]

use std::time::{Duration, Instant};

use hotplex::{Guard, GuardContext};

const COMMANDS: &str = include_str!("corpus/commands.tsv");

/// Optimised code has to keep the promise; other code is some twenty times slower.
fn longest() -> Duration {
    Duration::from_millis(if cfg!(debug_assertions) { 4000 } else { 50 })
}

fn context() -> GuardContext {
    GuardContext::new("/home/dev/proj", "/home/dev", "dev")
}

fn time(guard: &Guard, text: &str) -> Duration {
    let context = context();
    let best = |judge: &dyn Fn()| {
        let times = (0..2).map(|_| {
            let start = Instant::now();
            judge();
            start.elapsed()
        });
        times.min().unwrap_or_default()
    };
    let command = best(&|| drop(guard.check_command(text, &context)));
    command.max(best(&|| drop(guard.check_prompt(text, &context))))
}

/// Rows of the same pattern, each a way in which parsers were hung before.
fn abuse(size: usize) -> Vec<(&'static str, String)> {
    let row = |part: &str| part.repeat(size / part.len());
    vec![
        ("braces", row("{ ")),
        ("parentheses", row("(")),
        ("substitutions", row("$(")),
        ("arithmetic", row("$((")),
        ("closed arithmetic", row("$((1)) ")),
        ("backticks", row("`")),
        ("escaped backticks", row("\\`")),
        ("double quotes", row("\"")),
        ("quoted substitutions", row("\"$(echo ")),
        ("siblings", row("$(echo a) ")),
        ("parameters", row("${a:-")),
        ("brace words", row("{a,b}")),
        ("nested brace words", row("{a,")),
        ("ranges", row("{1..99999}")),
        ("open braces", row("a{")),
        ("here-documents", row("<<A ")),
        ("here-document lines", format!("cat <<A\n{}", row("A b\n"))),
        ("long word", row("a")),
        ("long path", format!("rm -rf /{}", row("../"))),
        ("stars", format!("/{} x", row("*"))),
        ("brackets", format!("/bin/{} x", row("[r"))),
        ("star letters", format!("/bin/{} x", row("*r"))),
        ("pipes", row("a|")),
        ("pipeline of echo", format!("echo x {}", row("|cat "))),
        ("commands", row("ls;")),
        ("assignments", row("a=$a$a;")),
        (
            "many variables",
            (0..size / 12).map(|n| format!("v{n}=/tmp;")).collect(),
        ),
        (
            "subshells with variables",
            (0..size / 24)
                .map(|n| format!("(v{n}=/tmp; ls);"))
                .collect(),
        ),
        ("sudo", row("sudo ")),
        ("env", row("env -S ")),
        ("eval", row("eval ")),
        (
            "functions",
            (0..size / 32)
                .map(|n| format!("f{n}() {{ f{}; f{}; }};", n + 1, n + 1))
                .collect::<String>()
                + "f0",
        ),
        (
            "loops",
            format!(
                "{}ls{}",
                row("for a in 1 2 3 4 5 6 7 8; do ")
                    .chars()
                    .take(1600)
                    .collect::<String>(),
                "; done".repeat(40)
            ),
        ),
        (
            "nested loops",
            format!(
                "{} ls {}",
                "for a in /a /b /c /d /e /f; do ".repeat(30),
                "; done".repeat(30)
            ),
        ),
        ("xargs", row("xargs ")),
        ("find", format!("find / {}", row("-exec rm {} \\; "))),
        ("links", row("ln -s / a; ")),
        (
            "files",
            (0..size / 16).map(|n| format!("echo a > f{n};")).collect(),
        ),
        ("growing file", row("echo aaaaaaaa >> f;")),
        ("cat of a growing file", row("cat f f > g; cat g g > f;")),
        ("python", format!("python3 -c '{}'", row("os.system("))),
        (
            "python strings",
            format!("python3 -c '{}'", row("x=\"a\"+")),
        ),
        ("python lists", format!("python3 -c '{}'", row("rmtree([("))),
        ("sql", format!("psql -c '{}'", row("DROP "))),
        ("nul", row("\0")),
        ("case", row("case a in a) ")),
        ("if", row("if a; then ")),
        ("marks", row("\u{F8E0}\u{F8E6}")),
        ("orders", row("run rm ")),
        ("order lines", row("run `rm -rf x`\n")),
        ("quoted orders", row("run \"rm\" `")),
        ("chinese orders", row("执行 rm ")),
        ("fences", row("```\nrun:\n")),
        ("lists", format!("run:\n{}", row("- rm x\n"))),
        ("cd", row("cd a;")),
        ("traps", row("trap 'ls' EXIT;")),
        ("tr", format!("echo {} | tr a-z b-za | sh", row("a "))),
        ("base64", format!("echo {} | base64 -d | sh", row("YWFh"))),
        (
            "replacements",
            format!("x={}; echo ${{x//a/aaaa}}", row("a")),
        ),
    ]
}

/// Below, at and beyond the length that is still read; HOTPLEX_GUARD_SIZE asks for one alone.
fn sizes() -> Vec<usize> {
    match std::env::var("HOTPLEX_GUARD_SIZE")
        .ok()
        .and_then(|text| text.parse().ok())
    {
        Some(size) => vec![size],
        None => vec![40_000, 250_000, 3_000_000],
    }
}

#[test]
fn no_text_takes_long() {
    let guard = Guard::default();
    let mut slow = Vec::new();
    for size in sizes() {
        for (name, text) in abuse(size) {
            let taken = time(&guard, &text);
            println!("{taken:12.1?} {name}, {} bytes", text.len());
            if taken > longest() {
                slow.push(format!("{name}, {} bytes: {taken:?}", text.len()));
            }
        }
    }
    assert!(slow.is_empty(), "too slow:\n{}", slow.join("\n"));
}

/// A generator of numbers that is the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below.max(1) as u64) as usize
    }
}

const TOKENS: [&str; 84] = [
    "rm",
    " -rf",
    " /",
    " ~",
    "$HOME",
    "${",
    "}",
    "$(",
    ")",
    "`",
    "\"",
    "'",
    "\\",
    "\n",
    ";",
    "&",
    "|",
    "&&",
    "||",
    "<<E",
    "<<'E'",
    "E\n",
    "<<<",
    ">",
    ">>",
    "2>&1",
    "<(",
    ">(",
    "{",
    "{ ",
    "a,b",
    "..",
    "*",
    "?",
    "[",
    "]",
    "if ",
    "then ",
    "fi",
    "for x in ",
    "do ",
    "done",
    "case ",
    " in ",
    "esac",
    ";;",
    "while ",
    "function ",
    "f()",
    "f",
    "eval ",
    "sh -c ",
    "sudo ",
    "xargs ",
    "find . -exec ",
    "echo ",
    "printf '%s'",
    "base64 -d",
    "cd ",
    "git push -f origin main",
    "python3 -c ",
    "os.system(",
    "awk ",
    "x=",
    "$x",
    "$'\\x72'",
    "[[ ",
    " ]]",
    "((",
    "))",
    "#",
    " ",
    "\t",
    "\r\n",
    "执行",
    "é",
    "\u{F8E6}",
    "\0",
    "run `",
    "Please execute: ",
    "```\n",
    "- ",
    "${x:0:-1}",
    "${x//a/",
];

#[test]
fn no_soup_of_tokens_panics() {
    let guard = Guard::default();
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    for _ in 0..rounds() {
        let count = 1 + numbers.next(40);
        let text: String = (0..count)
            .map(|_| TOKENS[numbers.next(TOKENS.len())])
            .collect();
        judge(&guard, &text);
    }
}

#[test]
fn no_mutated_command_panics() {
    let guard = Guard::default();
    let mut numbers = Numbers(0xD1B5_4A32_D192_ED03);
    let lines: Vec<&str> = COMMANDS
        .lines()
        .filter_map(|line| line.splitn(3, '\t').nth(2))
        .collect();
    for _ in 0..rounds() {
        let mut text: Vec<char> = lines[numbers.next(lines.len())]
            .replace("\\n", "\n")
            .chars()
            .collect();
        for _ in 0..1 + numbers.next(6) {
            let at = numbers.next(text.len() + 1);
            match numbers.next(3) {
                0 if at < text.len() => drop(text.remove(at)),
                1 => text
                    .splice(at..at, TOKENS[numbers.next(TOKENS.len())].chars())
                    .for_each(drop),
                _ => text.truncate(at.max(1)),
            }
        }
        judge(&guard, &text.into_iter().collect::<String>());
    }
}

#[test]
fn no_random_bytes_panic() {
    let guard = Guard::default();
    let mut numbers = Numbers(0xA076_1D64_78BD_642F);
    for _ in 0..rounds() {
        let length = numbers.next(200);
        let bytes: Vec<u8> = (0..length).map(|_| numbers.next(256) as u8).collect();
        judge(&guard, &String::from_utf8_lossy(&bytes));
        let letters: Vec<u8> = bytes.iter().map(|b| 32 + b % 95).collect();
        judge(&guard, &String::from_utf8_lossy(&letters));
    }
}

/// More rounds on demand: HOTPLEX_GUARD_ROUNDS.
fn rounds() -> usize {
    let asked = std::env::var("HOTPLEX_GUARD_ROUNDS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(20_000)
}

/// A panic names the text that made it.
fn judge(guard: &Guard, text: &str) {
    let context = context();
    let judged = std::panic::catch_unwind(|| {
        guard.check_command(text, &context);
        guard.check_prompt(text, &context);
    });
    assert!(judged.is_ok(), "a panic on {text:?}");
}
