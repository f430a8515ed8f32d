//! Options whose value is a command that the program runs.

use super::super::names::Outline;
use super::super::run::Run;

/// Programs, their options, and what stands in front of the command in the value.
type Row = (
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

const ROWS: [Row; 9] = [
    (&["tar", "bsdtar"], &["--checkpoint-action"], &["exec="]),
    (
        &["tar", "bsdtar"],
        &["--to-command", "-I", "--use-compress-program", "-F"],
        &[""],
    ),
    (&["rsync"], &["-e", "--rsh"], &[""]),
    (
        &["gdb", "lldb"],
        &["-ex", "--eval-command", "-iex", "-o"],
        &["shell ", "!", "platform shell "],
    ),
    (&["npx", "npm", "pnpm", "yarn"], &["-c", "--call"], &[""]),
    (&["sort"], &["--compress-program"], &[""]),
    (&["zip"], &["-TT", "--unzip-command"], &[""]),
    (&["split"], &["--filter"], &[""]),
    (
        &["ssh", "scp", "sftp"],
        &["-o"],
        &["ProxyCommand=", "LocalCommand="],
    ),
];

static OUTLINE: Outline = {
    let (mut outline, mut row) = (Outline::NONE, 0);
    while row < ROWS.len() {
        let (names, mut at) = (ROWS[row].0, 0);
        while at < names.len() {
            outline = outline.with(names[at]);
            at += 1;
        }
        row += 1;
    }
    outline
};

/// Follows the commands in the options of a program.
pub(in super::super) fn commands_in_options(run: &mut Run, name: &str, words: &[String]) {
    if !OUTLINE.may_hold(name) {
        return;
    }
    let rows = ROWS.iter().filter(|(names, _, _)| names.contains(&name));
    for (_, options, fronts) in rows {
        for value in words.iter().enumerate().skip(1).filter_map(|(at, word)| {
            let next = words.get(at + 1).map(String::as_str);
            options.iter().find_map(|option| value(word, option, next))
        }) {
            if let Some(text) = fronts.iter().find_map(|front| value.strip_prefix(front)) {
                run.judge_text(text);
            }
        }
    }
}

/// The value of an option, which stands behind it or is attached.
fn value<'w>(word: &'w str, option: &str, next: Option<&'w str>) -> Option<&'w str> {
    match word.strip_prefix(option)? {
        "" => next,
        attached if option.starts_with("--") => attached.strip_prefix('='),
        attached => Some(attached).filter(|_| option.len() == 2),
    }
}
