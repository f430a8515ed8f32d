//! Commands that run other commands, and the builtins that change what a script knows.

use super::super::judge;
use super::super::judge::options::Options;
use super::super::marks::{REMOTE, UNKNOWN};
use super::super::names::Outline;
use super::Run;
use super::builtins::{
    alias, arguments, change_directory, declare, lines, popd, printed_into, pushd, read, shift,
    sourced, trap, unset,
};
use super::contained;
use super::gathered::{find_exec, xargs};
use super::interpreters::{interpreter, is_interpreter, is_shell, shell};

/// Program, options that take a value, operands in front of the command.
const WRAPPERS: &[(&str, &str, usize)] = &[
    (
        "sudo",
        "-u -g -h -p -C -c -T -r -t -D -R -U --user --group --host --chdir --prompt",
        0,
    ),
    ("doas", "-u -C", 0),
    ("pkexec", "--user", 0),
    ("runuser", "-u -g -G -s --user", 0),
    ("setpriv", "--reuid --regid --groups", 0),
    ("nohup", "", 0),
    ("nice", "-n --adjustment", 0),
    ("ionice", "-c -n -p -P -u --class --classdata", 0),
    ("time", "-f -o --format --output", 0),
    ("timeout", "-k -s --kill-after --signal", 1),
    ("gtimeout", "-k -s --kill-after --signal", 1),
    ("stdbuf", "-i -o -e --input --output --error", 0),
    ("setsid", "", 0),
    ("strace", "-e -o -p -s -u -P -a -E -I -O -S -X", 0),
    ("ltrace", "-e -o -p -s -u", 0),
    ("unshare", "-S -G -R -w --root --wd", 0),
    ("nsenter", "-t -S -G --target", 0),
    ("chroot", "--userspec --groups", 1),
    (
        "systemd-run",
        "-p -u --unit --property -E --setenv -M -H --on-active --on-calendar --uid --gid",
        0,
    ),
    ("systemd-inhibit", "--what --who --why --mode", 0),
    ("busybox", "", 0),
    ("toybox", "", 0),
    ("builtin", "", 0),
    ("exec", "-a", 0),
    ("coproc", "", 0),
    ("chronic", "", 0),
    ("caffeinate", "-t -w", 0),
    ("fakeroot", "-l -s -i -b", 0),
    ("taskset", "-p", 1),
    ("chrt", "", 1),
    ("proxychains", "-f", 0),
    ("proxychains4", "-f", 0),
    ("torsocks", "", 0),
    ("dbus-run-session", "", 0),
    ("xvfb-run", "-s -n -e -f -p", 0),
    ("unbuffer", "", 0),
    ("firejail", "", 0),
    ("bwrap", "--chdir", 0),
    ("valgrind", "", 0),
    ("noglob", "", 0),
    ("nocorrect", "", 0),
    ("then", "", 0),
    ("do", "", 0),
    ("else", "", 0),
    ("cgexec", "-g", 0),
    ("softlimit", "-a -m -d", 0),
    ("sem", "-j", 0),
    ("npx", "-p --package", 0),
    ("bunx", "", 0),
    ("pnpx", "", 0),
    ("uvx", "--from --with -p", 0),
];

/// Programs with two words that run what follows.
const RUNNERS: &[(&str, &str)] = &[
    ("poetry", "run"),
    ("uv", "run"),
    ("pipenv", "run"),
    ("pdm", "run"),
    ("rye", "run"),
    ("bundle", "exec"),
    ("npm", "exec"),
    ("pnpm", "exec"),
    ("yarn", "exec"),
    ("pnpm", "dlx"),
    ("yarn", "dlx"),
    ("pipx", "run"),
    ("mise", "exec"),
    ("direnv", "exec"),
    ("perf", "record"),
    ("perf", "stat"),
    ("op", "run"),
    ("dotenv", "run"),
];

/// Gets the name, the words and the input; gives back what is printed, or `None` if the command also
/// is judged by itself.
type Follow = fn(&mut Run, &str, &[String], &str) -> Option<String>;

/// Commands with a way of their own to run others or to change what the script knows.
const FOLLOWED: &[(&str, Follow)] = &[
    ("env", |run, _, words, input| env(run, words, input)),
    ("command", command),
    ("cd", |run, _, words, _| change_directory(run, words)),
    ("chdir", |run, _, words, _| change_directory(run, words)),
    ("pushd", |run, _, words, _| pushd(run, words)),
    ("popd", |run, _, _, _| popd(run)),
    ("export", |run, _, words, _| declare(run, words)),
    ("declare", |run, _, words, _| declare(run, words)),
    ("local", |run, _, words, _| declare(run, words)),
    ("readonly", |run, _, words, _| declare(run, words)),
    ("typeset", |run, _, words, _| declare(run, words)),
    ("unset", |run, _, words, _| unset(run, words)),
    ("alias", |run, _, words, _| alias(run, words)),
    ("set", |run, _, words, _| arguments(run, words)),
    ("shift", |run, _, _, _| shift(run)),
    ("read", |run, _, words, input| read(run, words, input)),
    ("mapfile", |run, _, words, input| lines(run, words, input)),
    ("readarray", |run, _, words, input| lines(run, words, input)),
    ("printf", |run, _, words, _| printed_into(run, words)),
    ("eval", |run, _, words, _| {
        Some(run.source_text(&words[1..].join(" ")))
    }),
    ("trap", |run, _, words, _| trap(run, words)),
    ("source", |run, _, words, input| sourced(run, words, input)),
    (".", |run, _, words, input| sourced(run, words, input)),
    ("su", |run, _, words, input| su(run, words, input)),
    ("watch", |run, _, words, _| {
        text_behind(run, words, "-n --interval -q --equexit")
    }),
    ("entr", |run, _, words, _| text_behind(run, words, "")),
    ("hyperfine", |run, _, words, _| measured(run, words)),
    ("make", |run, _, words, input| recipes(run, words, input)),
    ("gmake", |run, _, words, input| recipes(run, words, input)),
    ("expect", |run, _, words, input| spawned(run, words, input)),
    ("tclsh", |run, _, words, input| spawned(run, words, input)),
    ("docker", contained),
    ("podman", contained),
    ("nerdctl", contained),
    ("kubectl", contained),
    ("oc", contained),
    ("docker-compose", contained),
    ("script", flagged_text),
    ("nix-shell", flagged_text),
    ("flock", flagged_text),
    ("sg", flagged_text),
    ("at", |run, _, _, input| Some(run.source_text(input))),
    ("batch", |run, _, _, input| Some(run.source_text(input))),
    ("ssh", |run, _, words, input| ssh(run, words, input)),
    ("xargs", xargs),
    ("parallel", xargs),
    ("find", |run, _, words, _| found(run, words)),
    ("fd", |run, _, words, _| found(run, words)),
    ("fdfind", |run, _, words, _| found(run, words)),
    ("tmux", |run, _, words, _| typed(run, words)),
    ("screen", |run, _, words, _| typed(run, words)),
];

/// The names of all three tables.
static NAMES: Outline = {
    let (mut outline, mut at) = (Outline::NONE, 0);
    while at < WRAPPERS.len() {
        outline = outline.with(WRAPPERS[at].0);
        at += 1;
    }
    at = 0;
    while at < FOLLOWED.len() {
        outline = outline.with(FOLLOWED[at].0);
        at += 1;
    }
    at = 0;
    while at < RUNNERS.len() {
        outline = outline.with(RUNNERS[at].0);
        at += 1;
    }
    outline
};

/// Follows what a wrapper runs; `None` if this is no wrapper.
pub(super) fn follow(run: &mut Run, name: &str, words: &[String], input: &str) -> Option<String> {
    if NAMES.may_hold(name) {
        if let Some((_, valued, operands)) = WRAPPERS.iter().find(|row| row.0 == name) {
            return wrapped(run, name, words, valued, *operands, input);
        }
        if let Some((_, follow)) = FOLLOWED.iter().find(|row| row.0 == name) {
            return follow(run, name, words, input);
        }
        if is_runner(name, words) {
            return runner(run, words, input);
        }
    }
    // The loader of programs runs the one that it is given.
    if name.starts_with("ld-") && name.contains(".so") {
        const VALUED: &str = "--library-path --preload --argv0 --audit";
        return wrapped(run, name, words, VALUED, 0, input);
    }
    match name {
        _ if is_shell(name) => Some(shell(run, name, words, input)),
        _ if is_interpreter(name) => interpreter(run, name, words, input),
        _ => None,
    }
}

fn command(run: &mut Run, name: &str, words: &[String], input: &str) -> Option<String> {
    match words.get(1).map(String::as_str) {
        // It only says where the program is.
        Some("-v" | "-V") => Some(String::new()),
        _ => wrapped(run, name, words, "", 0, input),
    }
}

fn contained(run: &mut Run, _: &str, words: &[String], input: &str) -> Option<String> {
    contained::executed(run, words, input);
    None
}

fn found(run: &mut Run, words: &[String]) -> Option<String> {
    find_exec(run, words);
    None
}

/// Texts that a terminal is opened with, or that are typed into one.
fn typed(run: &mut Run, words: &[String]) -> Option<String> {
    for text in words[1..].iter().filter(|word| word.contains(' ')) {
        run.source_text(text);
    }
    None
}

fn measured(run: &mut Run, words: &[String]) -> Option<String> {
    let texts = Options::of(words, "-w -r -m -M -p -s --warmup --runs --prepare").operands;
    Some(run.source_text(&texts.join("\n")))
}

/// The operands as text for a shell, with the options of the command that they are.
fn text_behind(run: &mut Run, words: &[String], valued: &str) -> Option<String> {
    let at = judge::options::first_operand(words, valued)?;
    Some(run.source_text(&words[at..].join(" ")))
}

/// The commands of a makefile on the input.
fn recipes(run: &mut Run, words: &[String], input: &str) -> Option<String> {
    if !words.iter().any(|word| word == "-f") {
        return None;
    }
    for line in input.lines().filter_map(|line| line.strip_prefix('\t')) {
        run.judge_text(line.trim_start_matches(['@', '-', '+']));
    }
    None
}

/// What a script for `expect` or `tclsh` starts.
fn spawned(run: &mut Run, words: &[String], input: &str) -> Option<String> {
    let argument = words.iter().skip_while(|word| *word != "-c").nth(1);
    let text = argument.cloned().unwrap_or_else(|| input.to_owned());
    for line in text.split(['\n', ';', '[', ']', '{', '}']).map(str::trim) {
        let command = line
            .strip_prefix("spawn ")
            .or_else(|| line.strip_prefix("exec "));
        if let Some(command) = command {
            run.judge_text(command);
        }
    }
    None
}

fn is_runner(name: &str, words: &[String]) -> bool {
    let second = words.get(1);
    second.is_some_and(|second| RUNNERS.iter().any(|row| row.0 == name && row.1 == second))
}

fn runner(run: &mut Run, words: &[String], input: &str) -> Option<String> {
    let start = 2 + words[2..]
        .iter()
        .take_while(|word| word.starts_with('-'))
        .count();
    Some(run.argv(words.get(start..)?.to_vec(), input, false))
}

fn wrapped(
    run: &mut Run,
    name: &str,
    words: &[String],
    valued: &str,
    operands: usize,
    input: &str,
) -> Option<String> {
    let mut at = 1;
    while let Some(word) = words.get(at) {
        let is_option = word.starts_with('-') && word.len() > 1;
        let is_setting = name == "sudo" && word.contains('=') && !word.starts_with('-');
        if word == "--" {
            at += 1;
            break;
        }
        if !is_option && !is_setting {
            break;
        }
        let takes_value = valued.split(' ').any(|option| option == word);
        at += if takes_value { 2 } else { 1 };
    }
    let inner = words.get(at + operands..).unwrap_or_default().to_vec();
    match inner.is_empty() {
        // `sudo -s < script` and its kin are shells of their own.
        true if matches!(name, "sudo" | "unshare" | "chroot" | "nsenter") && !input.is_empty() => {
            Some(run.source_text(input))
        }
        true => Some(input.to_owned()),
        false => Some(run.argv(inner, input, false)),
    }
}

fn env(run: &mut Run, words: &[String], input: &str) -> Option<String> {
    let mut at = 1;
    while let Some(word) = words.get(at) {
        match word.as_str() {
            "-S" | "--split-string" => {
                let text = words.get(at + 1..).unwrap_or_default().join(" ");
                return Some(run.source_text(&text));
            }
            "-u" | "-C" | "--unset" | "--chdir" => at += 2,
            "--" => at += 1,
            text if text.starts_with("-S") => {
                return Some(run.source_text(&format!(
                    "{} {}",
                    &text[2..],
                    words[at + 1..].join(" ")
                )));
            }
            word if word.starts_with('-') || word.contains('=') => at += 1,
            _ => {
                return Some(run.apart(|run| {
                    for (name, value) in words[1..at].iter().filter_map(|word| word.split_once('='))
                    {
                        run.set(name, value.to_owned());
                    }
                    run.argv(words[at..].to_vec(), input, false)
                }));
            }
        }
    }
    None
}

fn su(run: &mut Run, words: &[String], input: &str) -> Option<String> {
    let at = words
        .iter()
        .position(|word| matches!(word.as_str(), "-c" | "--command" | "-lc"));
    match at.and_then(|at| words.get(at + 1)).cloned() {
        Some(text) => Some(run.source_text(&text)),
        None if !input.is_empty() => Some(run.source_text(input)),
        None => Some(String::new()),
    }
}

/// `script -c text`, `nix-shell --run text`, `flock file -c text`, `flock file command`.
fn flagged_text(run: &mut Run, name: &str, words: &[String], input: &str) -> Option<String> {
    let is_flag =
        |word: &String| matches!(word.as_str(), "-c" | "-qc" | "--run" | "--command" | "-qec");
    let at = words.iter().position(is_flag);
    if let Some(text) = at.and_then(|at| words.get(at + 1)).cloned() {
        return Some(run.source_text(&text));
    }
    match name {
        "flock" => wrapped(run, name, words, "-w -E --wait --timeout", 1, input),
        _ => None,
    }
}

fn ssh(run: &mut Run, words: &[String], input: &str) -> Option<String> {
    const VALUED: &str = "-B -b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w";
    judge::command(run, "ssh", words, input);
    let host = judge::options::first_operand(words, VALUED)?;
    let behind = words.get(host + 1..).unwrap_or_default();
    let text = match behind.split_first() {
        Some((dashes, rest)) if dashes == "--" => rest.join(" "),
        _ => behind.join(" "),
    };
    let remote = std::mem::replace(&mut run.remote, true);
    let files = std::mem::take(&mut run.files);
    run.apart(|run| {
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
