//! A command as the lists compare it: the program by its name, what stands between it and its
//! subcommand skipped, in the order in which options are given.
//!
//! What forbids is read widely and what allows narrowly. A word that only run time knows may be the
//! forbidden one; an option that makes a program run something else is not what was allowed.

use std::borrow::Cow;

use super::global_options::{self, takes_next, widens};
use crate::eval::Ran;
use crate::glob;
use crate::programs::{Program, ProgramKind, is_of_kind, known};
use crate::zone::name_of;

/// Where the system keeps its programs: there a program is the one of that name.
const SYSTEM_PROGRAMS: [&str; 6] = [
    "/bin/",
    "/usr/bin/",
    "/usr/local/bin/",
    "/sbin/",
    "/usr/sbin/",
    "/usr/local/sbin/",
];

/// Whether a command needs no leave.
pub(super) fn is_harmless(command: &Ran) -> bool {
    let first = command.words.first().map_or("", String::as_str);
    is_of_kind(first, ProgramKind::Inward)
        || is_of_kind(first, ProgramKind::Transparent) && command.words.len() > 1
}

/// `git:*` and `git *` mean `git` with any arguments; other stars mean any text.
pub(super) fn is_written(subject: &str, words: &str) -> bool {
    match prefix(subject) {
        Some(prefix) => words
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')),
        None => glob::matches(subject, words),
    }
}

/// What an entry says before its `:*`; `None` if it is a pattern, or means one command alone.
fn prefix(subject: &str) -> Option<&str> {
    let prefix = subject
        .strip_suffix(":*")
        .or_else(|| subject.strip_suffix(" *"));
    prefix.filter(|prefix| !prefix.contains('*'))
}

/// Whether an entry is a pattern of text, and not the words that a command begins with.
pub(super) fn is_pattern(subject: &str) -> bool {
    subject.contains('*') && prefix(subject).is_none()
}

/// Whether an entry allows programs that run any code they are given.
pub(super) fn is_for_interpreters(subject: &str) -> bool {
    let first = prefix(subject).unwrap_or(subject);
    let is_subcommand = first.contains(' ');
    is_pattern(subject) || !is_subcommand && is_of_kind(first, ProgramKind::RunsCode)
}

/// Whether an entry allows a command.
pub(super) fn permits(subject: &str, command: &Ran) -> bool {
    let Some(first) = command.words.first() else {
        return false;
    };
    if command.is_unknown {
        return false;
    }
    if is_widened(&command.words) {
        // Who wrote the option into the entry means it.
        return prefix(subject).is_some_and(|prefix| prefix.contains(" -"))
            && is_written(subject, &command.words.join(" "));
    }
    let of_system = SYSTEM_PROGRAMS
        .iter()
        .find_map(|directory| first.strip_prefix(directory))
        .filter(|name| !name.contains('/'));
    // Elsewhere a program may be anything, whatever its name.
    let name = of_system.or_else(|| (!first.contains('/')).then_some(first));
    is_written(subject, &command.words.join(" "))
        || name.is_some_and(|name| {
            is_written(subject, &canonical(name, &command.words[1..]).join(" "))
        })
}

/// Whether an option in front of the subcommand makes the program run something else.
fn is_widened(words: &[String]) -> bool {
    let Some(globals) = words
        .first()
        .and_then(|first| global_options::of(name_of(first)))
    else {
        return false;
    };
    let count = globals_of(&words[1..], globals);
    words[1..=count].iter().any(|word| widens(globals, word))
}

/// How many words stand in front of the subcommand.
fn globals_of(words: &[String], globals: &Program) -> usize {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let is_toolchain = word.starts_with('+');
        let is_variable = word.contains('=') && !word.starts_with('-');
        let is_option = word.starts_with('-') && word.len() > 1;
        if !(is_toolchain || is_variable || is_option) {
            break;
        }
        at += 1 + usize::from(takes_next(globals, word));
    }
    at.min(words.len())
}

/// The command without directory and global options.
fn canonical<'w>(program: &'w str, rest: &'w [String]) -> Vec<Cow<'w, str>> {
    let name = name_of(program);
    let name = name.strip_suffix(".exe").unwrap_or(name);
    // `/usr/lib/git-core/git-push` is `git push`.
    if let Some(part) = name.strip_prefix("git-").filter(|part| !part.is_empty()) {
        let rest = rest.iter().map(|word| Cow::from(word.as_str()));
        return ["git".into(), part.into()]
            .into_iter()
            .chain(rest)
            .collect();
    }
    let name = match is_versioned(name, "pip") {
        true => "pip",
        false => name,
    };
    let globals = global_options::of(name).map_or(0, |globals| globals_of(rest, globals));
    let rest = rest[globals..].iter().map(|word| Cow::from(word.as_str()));
    let mut words: Vec<Cow<'w, str>> = std::iter::once(Cow::from(name)).chain(rest).collect();
    if let Some(subcommand) = words.get(1) {
        let mut meant = known(name).row.into_iter().flat_map(|row| &row.shorts);
        if let Some((meant, _)) = meant.find(|(_, shorts)| shorts.contains(&subcommand.as_ref())) {
            words[1] = (*meant).into();
        }
    }
    words
}

/// `pip3`, `python3.12`.
fn is_versioned(name: &str, program: &str) -> bool {
    name.strip_prefix(program)
        .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
}

/// Whether an entry forbids a command.
pub(super) fn forbids(subject: &str, command: &Ran) -> bool {
    let written = command.words.join(" ");
    is_written(subject, &written) || forms(command).iter().any(|form| matches(subject, form))
}

/// The commands that a command is: itself, what an alias of it stands for, what a module is.
fn forms(command: &Ran) -> Vec<Vec<Cow<'_, str>>> {
    let Some((first, rest)) = command.words.split_first() else {
        return Vec::new();
    };
    let whole = canonical(first, rest);
    let mut forms = Vec::with_capacity(3);
    if let Some((alias, behind)) = git_alias(&whole, rest) {
        let words = alias
            .split_whitespace()
            .map(|word| Cow::from(word.to_owned()));
        let git = std::iter::once(Cow::from("git"));
        forms.push(git.chain(words).chain(behind.iter().cloned()).collect());
    }
    if let Some(words) = module(
        &rest[rest.len().saturating_sub(whole.len() - 1)..],
        &whole[0],
    ) {
        forms.push(canonical(&words[0], &words[1..]));
    }
    if whole[0] == "docker-compose" {
        let docker = ["docker".into(), "compose".into()];
        forms.push(
            docker
                .into_iter()
                .chain(whole[1..].iter().cloned())
                .collect(),
        );
    }
    // As it was given, with what stands in front of the subcommand: an entry may be about that.
    let name = name_of(first);
    let given = rest.iter().map(|word| Cow::from(word.as_str()));
    forms.push(std::iter::once(Cow::from(name)).chain(given).collect());
    forms.push(whole);
    forms
}

/// What `-c alias.x=y` makes of `x`, and what follows it. An alias that begins with `!` is text for a
/// shell, which is followed elsewhere.
fn git_alias<'f, 'w>(
    whole: &'f [Cow<'w, str>],
    rest: &'w [String],
) -> Option<(&'w str, &'f [Cow<'w, str>])> {
    let (first, behind) = whole.split_first()?;
    let (subcommand, behind) = behind.split_first()?;
    if first != "git" {
        return None;
    }
    let settings = rest.iter().filter_map(|word| {
        let word = word.strip_prefix("-c").unwrap_or(word);
        word.strip_prefix("alias.")?.split_once('=')
    });
    let mut meant = settings.filter(|(name, _)| name == subcommand);
    meant.next().map(|(_, text)| (text, behind))
}

/// `python3 -m pip install` is `pip install`.
fn module<'w>(words: &'w [String], program: &str) -> Option<&'w [String]> {
    let is_python = is_versioned(program, "python") || is_versioned(program, "pypy");
    let at = words.iter().position(|word| word == "-m")?;
    let before = words[..at].iter();
    (is_python && before.clone().all(|word| word.starts_with('-')))
        .then(|| &words[at + 1..])
        .filter(|words| !words.is_empty())
}

/// Whether a form of a command is what an entry is about.
fn matches(subject: &str, form: &[Cow<'_, str>]) -> bool {
    let joined = form.join(" ");
    let Some(prefix) = prefix(subject) else {
        return glob::matches(subject, &joined);
    };
    let wanted: Vec<&str> = prefix.split_whitespace().collect();
    begins_with(&wanted, form)
}

/// Whether a command begins with these words, wherever its options stand.
fn begins_with(wanted: &[&str], form: &[Cow<'_, str>]) -> bool {
    let (Some((program, wanted)), Some((first, words))) =
        (wanted.split_first(), form.split_first())
    else {
        return false;
    };
    // A program that only run time knows may be this one, if all else is as it is forbidden.
    let is_unknown = first.contains(Ran::UNKNOWN);
    if *program != first.as_ref() && (!is_unknown || wanted.is_empty()) {
        return false;
    }
    let (options, operands): (Vec<&str>, Vec<&str>) =
        wanted.iter().partition(|word| word.starts_with('-'));
    has_operands(&operands, words, global_options::of(program)) && has_options(&options, words)
}

/// Whether the operands come first and in this order. Behind an option that is not known a word may
/// be its value.
fn has_operands(wanted: &[&str], words: &[Cow<'_, str>], globals: Option<&Program>) -> bool {
    let mut words = words.iter().map(AsRef::as_ref).peekable();
    let mut known = globals;
    for wanted in wanted {
        let mut may_be_value = false;
        loop {
            let Some(word) = words.next() else {
                return false;
            };
            if word.len() > 1 && word.starts_with('-') {
                let takes = known.is_some_and(|globals| takes_next(globals, word));
                if takes {
                    words.next();
                }
                may_be_value = known.is_none() && !word.contains('=') && word != "--";
            } else if word == *wanted || word == Ran::UNKNOWN {
                known = None;
                break;
            } else if !std::mem::take(&mut may_be_value) {
                return false;
            }
        }
    }
    true
}

/// Whether all these options are given somewhere, alone or among other letters.
fn has_options(wanted: &[&str], words: &[Cow<'_, str>]) -> bool {
    let given = |option: &str| words.iter().any(|word| is_option(option, word));
    wanted.iter().all(|option| match option.strip_prefix("--") {
        Some(_) => given(option),
        None if option.len() < 4 => letters(option).all(|letter| given(&letter)),
        None => given(option) || letters(option).all(|letter| given(&letter)),
    })
}

fn letters(option: &str) -> impl Iterator<Item = String> + '_ {
    option.chars().skip(1).map(|letter| format!("-{letter}"))
}

/// Letters and the long options that nearly every program has for them.
const SAME: [(&str, &str); 4] = [
    ("-f", "--force"),
    ("-r", "--recursive"),
    ("-R", "--recursive"),
    ("-r", "-R"),
];

fn is_option(wanted: &str, word: &str) -> bool {
    let same = SAME.iter().filter_map(|(one, other)| match wanted {
        _ if wanted == *one => Some(*other),
        _ if wanted == *other => Some(*one),
        _ => None,
    });
    std::iter::once(wanted).chain(same).any(|option| {
        let name = word.split('=').next().unwrap_or_default();
        match option.strip_prefix("--") {
            // Programs take the beginning of a long option for the whole.
            Some(_) => name == option || (name.len() > 4 && option.starts_with(name)),
            None => {
                word == option
                    || !word.starts_with("--")
                        && word.starts_with('-')
                        && option.len() == 2
                        && word[1..].contains(&option[1..])
            }
        }
    })
}
