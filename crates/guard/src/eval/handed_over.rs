//! Files of instructions that a script hands over itself: by `<( )`, on the input, or written before.

use super::evaluation::Eval;
use crate::programs::Argv;
use crate::rules;
use crate::taint::REMOTE;

/// The text of a file that an option names, if the script says what it holds.
fn text_of(run: &Eval, file: &str, input: &str) -> Option<String> {
    match file {
        "-" | "/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0" => Some(input.to_owned()),
        file => run.written(file),
    }
}

/// Commands of a makefile or a justfile: behind a tab or blanks, or behind `;` on the line of a rule.
pub(super) fn recipes(run: &mut Eval, name: &str, argv: &Argv, input: &str) {
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
            None if name == "just" => line.strip_prefix("  "),
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

/// Programs, the options that name a file of instructions, and what stands in front of a command in it.
type Row = (
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

const ROWS: [Row; 5] = [
    (
        &["ssh", "scp", "sftp"],
        &["-F"],
        &["ProxyCommand ", "LocalCommand ", "Match exec "],
    ),
    (
        &["gdb", "lldb"],
        &["-x", "--command", "-s", "--source"],
        &["shell ", "!", "platform shell "],
    ),
    (
        &["vim", "vi", "nvim", "ex", "view"],
        &["-S", "-s", "-u"],
        &["!", ":!", "silent !", "silent! !", ":silent !"],
    ),
    (&["tmux"], &["-f"], &["run-shell ", "run ", "if-shell "]),
    (&["screen"], &["-c"], &["screen ", "exec "]),
];

/// Follows the commands in a file of instructions that the script hands over.
pub(super) fn instructions(run: &mut Eval, name: &str, argv: &Argv, input: &str) {
    let Some((_, options, fronts)) = ROWS.iter().find(|(names, _, _)| names.contains(&name)) else {
        return;
    };
    let words = argv.words.windows(2);
    let files = words.filter(|pair| options.contains(&pair[0].as_str()));
    let texts: Vec<String> = files
        .filter_map(|pair| text_of(run, &pair[1], input))
        .collect();
    for line in texts.iter().flat_map(|text| text.lines()).map(str::trim) {
        let Some(command) = fronts.iter().find_map(|front| line.strip_prefix(front)) else {
            continue;
        };
        match name {
            // Its own quotes are like those of a shell.
            "tmux" => run.evaluate_source(&format!("sh -c {command}")),
            _ => run.evaluate_source(command),
        }
    }
}
