//! Commands that run other commands, and the builtins that change what a script knows.

use super::super::judge;
use super::super::judge::options::Options;
use super::super::marks::{OPAQUE, REMOTE, UNKNOWN};
use super::super::names::Outline;
use super::super::rules;
use super::Run;
use super::builtins::{change_directory, declare, read, sourced, trap};
use super::contained;
use super::gathered::{find_exec, xargs};
use super::state::ITSELF;

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

static WRAPPER_NAMES: Outline = {
    let (mut outline, mut at) = (Outline::NONE, 0);
    while at < WRAPPERS.len() {
        outline = outline.with(WRAPPERS[at].0);
        at += 1;
    }
    outline
};

pub(in super::super) fn is_shell(name: &str) -> bool {
    matches!(
        name,
        "sh" | "bash" | "zsh" | "dash" | "ksh" | "ash" | "fish" | "mksh" | "rbash" | "csh" | "tcsh"
    )
}

pub(in super::super) fn is_interpreter(name: &str) -> bool {
    static NAMES: [&str; 18] = [
        "awk",
        "gawk",
        "mawk",
        "nawk",
        "python",
        "pypy",
        "perl",
        "ruby",
        "node",
        "nodejs",
        "php",
        "deno",
        "bun",
        "lua",
        "osascript",
        "Rscript",
        "pwsh",
        "powershell",
    ];
    static OUTLINE: Outline = Outline::of(&NAMES);
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    OUTLINE.may_hold(plain) && NAMES.contains(&plain)
}

/// Follows what a wrapper runs; `None` if this is no wrapper.
pub(super) fn follow(run: &mut Run, name: &str, words: &[String], input: &str) -> Option<String> {
    let nothing = || Some(String::new());
    if WRAPPER_NAMES.may_hold(name)
        && let Some((_, valued, operands)) = WRAPPERS.iter().find(|row| row.0 == name)
    {
        return wrapped(run, name, words, valued, *operands, input);
    }
    match name {
        "env" => env(run, words, input),
        "command"
            if words
                .get(1)
                .is_some_and(|word| matches!(word.as_str(), "-v" | "-V")) =>
        {
            nothing()
        }
        "command" => wrapped(run, name, words, "", 0, input),
        "cd" | "chdir" => change_directory(run, words),
        "pushd" => {
            let directory = run.directory.clone();
            run.stack.push(directory);
            change_directory(run, words)
        }
        "popd" => {
            run.directory = run.stack.pop().unwrap_or_else(|| UNKNOWN.to_string());
            nothing()
        }
        "export" | "declare" | "local" | "readonly" | "typeset" => declare(run, words),
        "unset" => {
            words[1..]
                .iter()
                .for_each(|name| run.set(name, String::new()));
            nothing()
        }
        "alias" => {
            for (name, text) in words[1..].iter().filter_map(|word| word.split_once('=')) {
                run.aliases.insert(name.to_owned(), text.to_owned());
            }
            nothing()
        }
        "set" if words.get(1).is_some_and(|word| word == "--") => {
            run.arguments = words[2..].to_vec();
            nothing()
        }
        "shift" => {
            if !run.arguments.is_empty() {
                run.arguments.remove(0);
            }
            nothing()
        }
        "read" => read(run, words, input),
        "eval" => Some(run.source_text(&words[1..].join(" "))),
        "trap" => trap(run, words),
        "source" | "." => sourced(run, words, input),
        "su" => su(run, words, input),
        "watch" => text_behind(run, words, "-n --interval -q --equexit"),
        "entr" => text_behind(run, words, ""),
        "hyperfine" => {
            let texts = Options::of(words, "-w -r -m -M -p -s --warmup --runs --prepare").operands;
            Some(run.source_text(&texts.join("\n")))
        }
        "make" | "gmake" if words.iter().any(|word| word == "-f") => recipes(run, input),
        "expect" | "tclsh" => spawned(run, words, input),
        "docker" | "podman" | "nerdctl" | "kubectl" | "oc" | "docker-compose" => {
            contained::executed(run, words, input);
            None
        }
        "script" | "nix-shell" | "flock" | "sg" => flagged_text(run, name, words, input),
        "at" | "batch" => Some(run.source_text(input)),
        "ssh" => ssh(run, words, input),
        "xargs" | "parallel" => xargs(run, name, words, input),
        "find" | "fd" | "fdfind" => {
            find_exec(run, words);
            None
        }
        "tmux" | "screen" => {
            let text = words[1..].iter().filter(|word| word.contains(' '));
            for text in text.cloned().collect::<Vec<_>>() {
                run.source_text(&text);
            }
            None
        }
        _ if is_shell(name) => Some(shell(run, name, words, input)),
        _ if is_interpreter(name) => interpreter(run, name, words, input),
        _ => runner(run, name, words, input),
    }
}

/// The operands as text for a shell, with the options of the command that they are.
fn text_behind(run: &mut Run, words: &[String], valued: &str) -> Option<String> {
    let at = judge::options::first_operand(words, valued)?;
    Some(run.source_text(&words[at..].join(" ")))
}

/// The commands of a makefile on the input.
fn recipes(run: &mut Run, input: &str) -> Option<String> {
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

fn runner(run: &mut Run, name: &str, words: &[String], input: &str) -> Option<String> {
    let second = words.get(1)?;
    let is_runner = RUNNERS.iter().any(|row| row.0 == name && row.1 == second);
    if !is_runner {
        return None;
    }
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

fn shell(run: &mut Run, name: &str, words: &[String], input: &str) -> String {
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
            let printed = run.apart(|run| {
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

fn script_file(run: &mut Run, file: &str, words: &[String]) -> String {
    if file.contains(REMOTE) || file.contains(OPAQUE) {
        return run.source_text(file);
    }
    if file == ITSELF && run.beside {
        run.find(&rules::FORK_BOMB, file);
    }
    match run.written(file) {
        Some(text) => {
            let outer = std::mem::replace(&mut run.arguments, words.to_vec());
            let printed = run.apart(|run| run.source_text(&text));
            run.arguments = outer;
            printed
        }
        None => UNKNOWN.to_string(),
    }
}

/// Code in an option, a file that the script wrote, or code on the input.
fn interpreter(run: &mut Run, name: &str, words: &[String], input: &str) -> Option<String> {
    if let Some(code) = judge::code_argument(name, words) {
        judge::code(run, name, &code);
        return None;
    }
    let operand = words[1..]
        .iter()
        .find(|word| !word.starts_with('-') || *word == "-");
    match operand.map(String::as_str) {
        Some("run") if matches!(name, "deno" | "bun") => {
            let is_address =
                |word: &&String| word.starts_with("https://") || word.starts_with("http://");
            if let Some(address) = words.iter().find(is_address) {
                run.find(&rules::REMOTE_CODE, address);
            }
            None
        }
        None | Some("-" | "/dev/stdin") => {
            let asks = words
                .iter()
                .any(|word| matches!(word.as_str(), "--version" | "-V" | "-m" | "-v"));
            if !input.is_empty() && !asks {
                judge::code_input(run, name, input);
            }
            None
        }
        Some(file) => {
            let is_module = words.get(1).is_some_and(|word| word == "-m");
            if let Some(text) = run.written(file)
                && !is_module
            {
                judge::code_input(run, name, &text);
            }
            None
        }
    }
}
