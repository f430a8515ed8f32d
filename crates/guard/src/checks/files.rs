//! Deleting, moving, overwriting and re-permitting files.

use super::hosts::host_and_path;
use super::removal::{check_removal, check_removal_itself};
use super::writing::{check_output, check_write, is_dotfile};
use crate::facts::Facts;
use crate::programs::{Argv, Given, ProgramKind, Role, is_of_kind};
use crate::rules;
use crate::taint::{self, SECRET, STAR};
use crate::zone::{Zone, name_of};

/// What is overwritten before it is deleted, through links as well.
pub(super) fn check_shred(run: &mut Facts, argv: &Argv) {
    argv.operands
        .iter()
        .for_each(|word| check_removal(run, word));
}

pub(super) fn check_rm(run: &mut Facts, argv: &Argv) {
    // `rmdir /s /q` is how Windows writes its options.
    let is_switch = |word: &&str| matches!(*word, "/s" | "/q" | "/S" | "/Q");
    let is_windows =
        argv.known.kinds.has(ProgramKind::Windows) && argv.operands.first().is_some_and(is_switch);
    for word in argv
        .operands
        .iter()
        .filter(|word| !(is_windows && is_switch(word)))
    {
        check_removal_itself(run, word);
    }
}

pub(super) fn check_mv(run: &mut Facts, argv: &Argv) {
    let (sources, target) = sources_and_target(argv);
    let Some(target) = target else {
        return;
    };
    let stays = matches!(run.zone(target), Zone::Work | Zone::WorkDir);
    for source in sources {
        let zone = run.zone_of(&run.path_itself(source));
        if !(stays && matches!(zone, Zone::Home | Zone::Outside)) && zone != Zone::Unknown {
            check_removal_itself(run, source);
        }
    }
    match argv.has(&["-T", "--no-target-directory"]) {
        true => check_removal_itself(run, target),
        false if is_link(run, target) && sources.len() == 1 => {
            // The link itself is replaced, unless it leads to a directory: then the file goes there.
            check_removal_itself(run, target);
            check_output(run, target, Role::Into);
        }
        false => write_into(run, target, ""),
    }
}

/// Whether a word names a link, and not what it leads to.
fn is_link(run: &Facts, word: &str) -> bool {
    run.path_itself(word) != run.path(word)
}

/// Operands in front of the last, and the last or the one that `-t` names.
fn sources_and_target<'o, 'w>(argv: &'o Argv<'w>) -> (&'o [&'w str], Option<&'w str>) {
    let operands = argv.operands.as_slice();
    match (argv.values_of(Role::Target).last(), operands) {
        (Some(target), operands) => (operands, Some(target)),
        (None, [sources @ .., target]) if !sources.is_empty() => (sources, Some(target)),
        (None, operands) => (operands, None),
    }
}

/// A copy into a directory of the work dir is no change of the directory itself.
fn write_into(run: &mut Facts, target: &str, text: &str) {
    if !(run.remote && run.zone(target) == Zone::Outside) {
        check_write(run, target, text, false);
    }
}

pub(super) fn check_tee(run: &mut Facts, argv: &Argv, input: &str) {
    let appends = argv.has(&["-a", "--append"]);
    for file in &argv.operands {
        check_write(run, file, input, appends);
        run.keep(file, input.to_owned(), appends);
    }
}

/// `install -d` only makes directories.
pub(super) fn check_install(run: &mut Facts, argv: &Argv) {
    if !argv.has(&["-d"]) {
        check_cp(run, argv);
    }
}

pub(super) fn check_cp(run: &mut Facts, argv: &Argv) {
    let (sources, target) = sources_and_target(argv);
    let Some(target) = target else {
        return;
    };
    if let [source] = sources {
        let text = run.contents(source);
        let is_shell = source.starts_with('/') && {
            let path = run.path(source);
            path.starts_with("/bin/") || path.starts_with("/usr/bin/")
        };
        if text.contains(SECRET) || !taint::has_marks(&text) {
            let text = text.into_owned();
            run.keep(target, text, false);
        } else if is_shell && !target.ends_with('/') {
            // A copied program keeps what it is under a new name.
            let program = format!("{source} \"$@\"");
            run.keep(target, program, false);
        }
    }
    write_into(run, target, "");
}

pub(super) fn check_ln(run: &mut Facts, argv: &Argv) {
    let (sources, place) = sources_and_target(argv);
    let Some(place) = place.filter(|_| !sources.is_empty()) else {
        return;
    };
    let is_directory = argv.values_of(Role::Target).next().is_some() || sources.len() > 1;
    for source in sources {
        let link = match is_directory {
            true => format!("{place}/{}", name_of(source)),
            false => place.to_owned(),
        };
        let link_path = run.path_itself(&link);
        let target_path = run.path(source);
        if argv.has(&["-f", "--force"]) && is_replaced(run, &link_path, &target_path) {
            check_removal_itself(run, &link);
        }
        run.links.insert(link_path, target_path);
    }
}

/// Whether a link in the place of what is there takes away something that matters.
fn is_replaced(run: &Facts, link: &str, target: &str) -> bool {
    match run.zone_of(link) {
        Zone::Credentials | Zone::System | Zone::Device => !is_usual_link(link),
        // With nothing behind it a file of the home is as good as deleted.
        Zone::Home => is_dotfile(link) || target == "/dev/null",
        _ => false,
    }
}

/// Links that installations and time zones make.
fn is_usual_link(path: &str) -> bool {
    path == "/etc/localtime"
        || path.starts_with("/usr/local/")
        || path.starts_with("/opt/")
        || path.starts_with("/etc/nginx/")
        || path.starts_with("/etc/apache2/")
        || path.starts_with("/etc/systemd/")
}

/// `rsync`: what it copies to is in its row; what it deletes there is not.
pub(super) fn check_rsync(run: &mut Facts, argv: &Argv) {
    if argv.asks() {
        return;
    }
    let is_deleting = |given: &Given| given.is("--delete") || given.word.starts_with("--del");
    let deletes = argv.options.iter().any(is_deleting);
    let Some((target, sources)) = argv
        .operands
        .split_last()
        .filter(|(_, rest)| !rest.is_empty())
    else {
        return;
    };
    if argv.has(&["--remove-source-files"]) {
        sources.iter().for_each(|word| check_removal(run, word));
    }
    match host_and_path(target) {
        None if deletes => check_removal(run, target),
        Some((_, path)) if deletes && is_top(run, path) => run.report(&rules::SYSTEM_PATH, target),
        _ => {}
    }
}

/// Whether a path of another machine is its system or a home as a whole.
fn is_top(run: &Facts, path: &str) -> bool {
    path.starts_with(['/', '~'])
        && matches!(run.zone(path), Zone::System | Zone::HomeRoot)
        && path.matches('/').count() < 3
}

/// Whether tests of `find` narrow what it finds to a part of the tree.
pub(crate) fn is_narrowed(words: &[String]) -> bool {
    const NARROWING: [&str; 24] = [
        "-name",
        "-iname",
        "-path",
        "-ipath",
        "-wholename",
        "-regex",
        "-iregex",
        "-mtime",
        "-mmin",
        "-newer",
        "-empty",
        "-size",
        "-user",
        "-perm",
        "-atime",
        "-ctime",
        "-lname",
        "-group",
        "-inum",
        "-newermt",
        "-e",
        "-links",
        "-samefile",
        "-nouser",
    ];
    let any = |word: &String| word.chars().all(|c| c == '*' || c == taint::STAR);
    words.iter().enumerate().any(|(at, word)| {
        let negated = at > 0 && matches!(words[at - 1].as_str(), "!" | "-not");
        let is_any = words.get(at + 1).is_some_and(any) && word.ends_with("name");
        NARROWING.contains(&word.as_str()) && !negated && !is_any
    })
}

pub(super) fn check_find(run: &mut Facts, words: &[String]) {
    if !words.iter().any(|word| word == "-delete") {
        return;
    }
    let follows = words
        .iter()
        .any(|word| matches!(word.as_str(), "-L" | "-H" | "-follow"));
    for root in found(words) {
        match follows {
            true => check_removal(run, &root),
            false => check_removal_itself(run, &root),
        }
    }
}

/// What `find` names: its roots, or something below them if tests narrow it.
pub(crate) fn found(words: &[String]) -> Vec<String> {
    let is_pattern_first = is_of_kind(name_of(&words[0]), ProgramKind::PatternFirst);
    let (mut roots, is_narrowed) = match is_pattern_first {
        true => behind_pattern(words),
        false => (in_front(words), is_narrowed(words)),
    };
    if roots.is_empty() {
        roots.push(".".to_owned());
    }
    let suffix = match is_narrowed {
        true => format!("/{STAR}found"),
        false => String::new(),
    };
    let name = |root: &String| {
        format!(
            "{}{suffix}",
            if root == "/" && !suffix.is_empty() {
                ""
            } else {
                root
            }
        )
    };
    roots.iter().map(name).collect()
}

/// The places of `find`, which stand in front of its tests.
fn in_front(words: &[String]) -> Vec<String> {
    let is_start = |word: &&String| !word.starts_with(['-', '(', '!']) || *word == "--";
    let leading = words[1..]
        .iter()
        .skip_while(|word| matches!(word.as_str(), "-L" | "-H" | "-P"));
    leading.take_while(is_start).cloned().collect()
}

/// The places of `fd`, which stand behind its pattern, and whether it finds but a part of what is there.
fn behind_pattern(words: &[String]) -> (Vec<String>, bool) {
    const NARROWING: [&str; 5] = ["-e", "-S", "--changed-within", "--changed-before", "-o"];
    let is_command =
        |word: &String| matches!(word.as_str(), "-x" | "-X" | "--exec" | "--exec-batch");
    let end = words.iter().position(is_command).unwrap_or(words.len());
    let argv = Argv::of(name_of(&words[0]), &words[..end]);
    let (pattern, places) = argv.operands.split_first().unwrap_or((&"", &[]));
    let says_nothing = |c: char| ".*^$+?".contains(c) || c == STAR;
    let named = argv
        .options
        .iter()
        .filter(|given| given.is("-C") || given.is("--search-path"));
    let named = named.filter_map(|given| given.value);
    let places = places.iter().copied().chain(named);
    let is_narrowed = argv.has(&NARROWING) || !pattern.chars().all(says_nothing);
    (places.map(str::to_owned).collect(), is_narrowed)
}
