//! What commands print, as far as text alone tells: literals, decoded literals, and where text came from.

use super::decoders::{base64, edited, hex, openssl, translated, unpacked};
use super::evaluation::Eval;
use super::filters::{filtered, is_file, kept, names_of_matches};
use crate::checks;
use crate::facts::ITSELF;
use crate::programs::{Argv, KindsOf, ProgramKind, Role};
use crate::rules;
use crate::shell::unescaped;
use crate::taint::{self, EVERY_PROCESS, OPAQUE, REMOTE, SECRET, UNKNOWN};

/// The output of a command that is no wrapper.
pub(super) fn of(run: &mut Eval, name: &str, argv: &Argv, input: &str) -> String {
    let words = argv.words;
    let kinds = argv.known.kinds;
    if !run.stdout_captured {
        shown_to_agent(run, kinds, words);
        if kinds.has(ProgramKind::Printer) {
            return String::new();
        }
    }
    if kinds.has(ProgramKind::Downloader) {
        return downloaded(run, argv);
    }
    // What a program that copies files writes to its output came from there.
    let fetches = kinds.has(ProgramKind::Copier) || kinds.has(ProgramKind::Uploader);
    if fetches && words[1..].iter().any(|word| word == "-" || word == "gist") {
        return REMOTE.to_string();
    }
    let prints = argv.known.row.map_or("", |row| row.prints);
    match OUTPUTS.binary_search_by(|(known, _)| (*known).cmp(prints)) {
        Ok(at) => OUTPUTS[at].1(run, name, argv, input),
        Err(_) => checks::printed_by_code(argv).unwrap_or_else(|| filtered(run, argv, input)),
    }
}

/// What a program prints: its name, its command line, and what it reads.
type Output = fn(&mut Eval, &str, &Argv, &str) -> String;

/// Every kind of output by its name in the tables.
const OUTPUTS: [(&str, Output); 32] = [
    ("base", |run, _, argv, input| base64(run, argv.words, input)),
    ("directory", |run, _, _, _| run.directory.clone()),
    ("environment", |_, _, argv, _| {
        environment_of(&argv.words[1..], false)
    }),
    ("found", |_, _, argv, _| {
        checks::found(argv.words).join("\n")
    }),
    ("hexadecimal", |run, _, argv, input| {
        match argv.words[1..].iter().any(|word| reverts(word)) {
            true => hex(input),
            false => filtered(run, argv, input),
        }
    }),
    ("input", passed),
    ("items", |_, _, argv, _| checks::listed(argv.words)),
    ("key-tool", |run, _, argv, input| openssl(run, argv, input)),
    ("lines", |run, _, argv, input| {
        names_of_matches(argv)
            .unwrap_or_else(|| filtered(run, argv, input).replace(EVERY_PROCESS, ""))
    }),
    ("listed", |_, _, argv, _| listed(&argv.words[1..])),
    ("location", |_, _, argv, _| program_found(&argv.words[1..])),
    ("nothing", |_, _, _, _| String::new()),
    ("number", |_, _, _, _| "1".to_owned()),
    ("opaque", |_, _, _, _| OPAQUE.to_string()),
    ("path-directory", |_, _, argv, _| directory_part(argv.words)),
    ("path-name", |_, _, argv, _| name_part(argv.words)),
    ("path-whole", |run, _, argv, _| {
        first_file(argv.words).map_or(UNKNOWN.to_string(), |word| run.path(word))
    }),
    ("printed", |_, _, argv, _| printf(&argv.words[1..])),
    ("processes", |_, _, argv, _| processes(&argv.words[1..])),
    ("processes-matching", |_, _, argv, _| matching(argv)),
    ("reversed", |_, _, _, input| reversed(input)),
    ("secret", |_, _, _, _| SECRET.to_string()),
    ("substituted", |run, _, argv, input| {
        edited(run, argv, input).unwrap_or_else(|| filtered(run, argv, input))
    }),
    ("temporary", |_, _, argv, _| temporary(&argv.words[1..])),
    ("top-level", |run, _, argv, input| {
        match argv.words.iter().any(|word| word == "--show-toplevel") {
            true => run.context.work_dir.clone(),
            false => filtered(run, argv, input),
        }
    }),
    ("translated", |_, _, argv, input| {
        translated(&argv.words[1..], input)
    }),
    ("unknown", |_, _, _, _| UNKNOWN.to_string()),
    ("unpacked", |_, name, argv, input| {
        unpacked(name, &argv.words[1..], input)
    }),
    ("user", |run, _, _, _| run.context.user.clone()),
    ("variables", |_, _, argv, _| {
        environment_of(&argv.words[1..], true)
    }),
    ("words", |_, _, argv, _| echo(&argv.words[1..])),
    ("written", |_, _, _, input| input.to_owned()),
];

fn reversed(input: &str) -> String {
    let lines = input.lines();
    lines
        .map(|line| line.chars().rev().collect::<String>() + "\n")
        .collect()
}

/// What is not captured or redirected goes to the agent, and with it to the model.
fn shown_to_agent(run: &mut Eval, kinds: KindsOf, words: &[String]) {
    let shows = kinds.has(ProgramKind::Shower);
    if shows {
        let mut files = words[1..].iter().filter(|word| is_file(word));
        if let Some(file) = files.find(|word| run.holds_secrets(word)) {
            run.report(&rules::READ_SECRET, file);
        }
    }
}

pub(super) fn environment() -> String {
    format!("{UNKNOWN}{SECRET}")
}

/// With options alone `set` changes how the shell works, and shows nothing.
fn environment_of(words: &[String], is_bare: bool) -> String {
    let telling = ["KEY", "TOKEN", "SECRET", "PASS"];
    let is_secret = |word: &String| telling.iter().any(|part| word.contains(part));
    let is_whole = words.iter().all(|word| word.starts_with('-'));
    let shows_all = is_whole && (!is_bare || words.is_empty());
    match shows_all || words.iter().any(is_secret) {
        true => environment(),
        false => UNKNOWN.to_string(),
    }
}

fn echo(words: &[String]) -> String {
    let is_option = |word: &&String| {
        word.len() > 1 && word.starts_with('-') && word[1..].bytes().all(|b| b"neE".contains(&b))
    };
    let options = words.iter().take_while(is_option).count();
    let escapes = words[..options].iter().any(|word| word.contains('e'));
    let text = marks_shown_but_origins(&words[options..].join(" "));
    match escapes {
        true => kept(&text, unescaped) + "\n",
        false => text + "\n",
    }
}

/// Globs as text, origins as they are: what is printed may be read by a shell again.
fn marks_shown_but_origins(text: &str) -> String {
    if !taint::has_marks(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for part in text.split_inclusive(taint::ORIGINS) {
        let plain = part.trim_end_matches(taint::ORIGINS);
        out.push_str(&taint::shown(plain));
        out.push_str(&part[plain.len()..]);
    }
    out
}

pub(super) fn printf(words: &[String]) -> String {
    let words = match words.first().map(String::as_str) {
        Some("-v") => return String::new(),
        Some("--") => &words[1..],
        _ => words,
    };
    let Some((format, values)) = words.split_first() else {
        return String::new();
    };
    let format = kept(&marks_shown_but_origins(format), unescaped);
    let mut values = values.iter().map(|value| marks_shown_but_origins(value));
    let mut out = String::new();
    // The format is used again for the values that are left over, if it takes any.
    loop {
        let left = values.len();
        formatted(&format, &mut values, &mut out);
        if values.len() == 0 {
            return out;
        }
        if values.len() == left || out.len() > LONGEST_PRINTED {
            values.for_each(|value| out.push_str(&format!("{value}\n")));
            return out;
        }
    }
}

/// Behind so many bytes a format is used no more: a long one for many values would take long.
const LONGEST_PRINTED: usize = 16 << 10;

/// One use of a format.
fn formatted(format: &str, values: &mut impl Iterator<Item = String>, out: &mut String) {
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let is_shape = |c: &char| matches!(c, '-' | '.' | '0'..='9' | ' ' | '+' | '#');
        while chars.next_if(is_shape).is_some() {}
        match chars.next() {
            Some('%') => out.push('%'),
            Some('b') => out.push_str(&unescaped(&values.next().unwrap_or_default())),
            Some(_) => out.push_str(&values.next().unwrap_or_default()),
            None => {}
        }
    }
}

fn passed(run: &mut Eval, _: &str, argv: &Argv, input: &str) -> String {
    let files: Vec<String> = argv
        .operands
        .iter()
        .map(|file| (*file).to_owned())
        .collect();
    if files.is_empty() {
        return input.to_owned();
    }
    let mut out = String::new();
    for file in files {
        match file.as_str() {
            "-" | "/dev/stdin" => out.push_str(input),
            file => out.push_str(&run.contents(file)),
        }
        if !run.spend(out.len()) {
            break;
        }
    }
    out
}

/// `-r`, alone or among other letters.
fn reverts(word: &str) -> bool {
    word.strip_prefix('-')
        .is_some_and(|letters| letters.starts_with("-rev") || letters.contains('r'))
}

/// A download prints, or it fills a file that the same script may run.
fn downloaded(run: &mut Eval, argv: &Argv) -> String {
    let is_url = |word: &&&str| word.contains(['/', '.']);
    let url = argv.operands.iter().rfind(is_url);
    let base = url.and_then(|url| url.split(['?', '#']).next()?.rsplit('/').next());
    let base = base.unwrap_or("index.html").to_owned();
    let fills = argv.program.map_or(&[][..], |program| &program.fills);
    let file = match argv.value(fills).map(str::to_owned) {
        Some(file) => Some(file),
        None if fills.contains(&"*") => Some(match argv.values_of(Role::Into).last() {
            Some(directory) => format!("{directory}/{base}"),
            None => base,
        }),
        None if argv.has(&["-O", "--remote-name-all"]) => Some(base),
        None => None,
    };
    match file.as_deref() {
        None | Some("-" | "/dev/stdout") => REMOTE.to_string(),
        Some(file) => {
            run.check(|facts| {
                checks::check_write(facts, file, "", false);
                facts.keep(file, REMOTE.to_string(), false);
            });
            String::new()
        }
    }
}

fn temporary(words: &[String]) -> String {
    let named = words
        .iter()
        .find(|word| is_file(word) && word.contains('/'));
    let directory = words
        .iter()
        .position(|word| word == "-p")
        .and_then(|at| words.get(at + 1));
    match (directory, named) {
        (Some(directory), _) => format!("{directory}/temporary"),
        (None, Some(named)) => named.clone(),
        (None, None) => "/tmp/temporary".to_owned(),
    }
}

fn first_file(words: &[String]) -> Option<&String> {
    words[1..].iter().find(|word| is_file(word))
}

/// What `dirname` prints.
fn directory_part(words: &[String]) -> String {
    let Some(word) = first_file(words) else {
        return UNKNOWN.to_string();
    };
    if word == ITSELF || word.starts_with(UNKNOWN) {
        return UNKNOWN.to_string();
    }
    match word.trim_end_matches('/').rsplit_once('/') {
        Some(("", _)) => "/".to_owned(),
        Some((before, _)) => before.to_owned(),
        None => ".".to_owned(),
    }
}

/// What `basename` prints.
fn name_part(words: &[String]) -> String {
    let Some(word) = first_file(words) else {
        return UNKNOWN.to_string();
    };
    match word.trim_end_matches('/').rsplit_once('/') {
        Some((_, last)) => last.to_owned(),
        None => word.clone(),
    }
}

fn listed(words: &[String]) -> String {
    let of_names = words
        .iter()
        .any(|word| word.starts_with('-') && word.contains('d'));
    let operands: Vec<&str> = words
        .iter()
        .filter(|word| is_file(word))
        .map(String::as_str)
        .collect();
    match operands.as_slice() {
        [] => format!("{UNKNOWN}\n"),
        names if of_names || names.iter().all(|name| name.contains(taint::is_glob)) => {
            names.join("\n")
        }
        names if names.contains(&"/proc") => EVERY_PROCESS.to_string(),
        _ => UNKNOWN.to_string(),
    }
}

/// Where a program is: the name alone, since a program goes by that.
pub(super) fn program_found(words: &[String]) -> String {
    let names = words.iter().filter(|word| !word.starts_with('-'));
    let names: Vec<&str> = names.map(String::as_str).collect();
    names.join("\n")
}

/// What `ps` prints: every process, or some.
fn processes(words: &[String]) -> String {
    const OPTIONS: [&str; 12] = [
        "-e", "-A", "ax", "aux", "-ax", "-ef", "-aux", "-u", "-U", "--user", "x", "-x",
    ];
    const STARTS: [&str; 4] = ["-eo", "axo", "-Ao", "-axo"];
    let is_every = |word: &String| {
        OPTIONS.contains(&word.as_str()) || STARTS.iter().any(|start| word.starts_with(start))
    };
    every_if(words.iter().any(is_every))
}

/// What `pgrep` prints.
fn matching(argv: &Argv) -> String {
    let whose = argv.value(&["-u", "--euid", "-U", "--uid"]);
    let narrows = argv.has(&["-P", "--parent", "-t", "--terminal", "-s", "-g"]);
    let is_any = |word: &&str| matches!(*word, "." | ".*" | "" | "root");
    let is_every =
        argv.operands.iter().any(is_any) || whose.is_some() && argv.operands.is_empty() && !narrows;
    every_if(is_every)
}

fn every_if(is_every: bool) -> String {
    match is_every {
        true => EVERY_PROCESS.to_string(),
        false => UNKNOWN.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::all;

    #[test]
    fn every_output_is_named_by_the_tables_and_every_name_is_one() {
        assert!(OUTPUTS.is_sorted_by_key(|(name, _)| *name));
        let named = || all().map(|row| row.prints).filter(|name| !name.is_empty());
        for (name, _) in OUTPUTS {
            assert!(named().any(|prints| prints == name), "{name}");
        }
        for prints in named() {
            assert!(OUTPUTS.iter().any(|(name, _)| *name == prints), "{prints}");
        }
    }
}
