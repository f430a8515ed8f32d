//! Deleting, moving, overwriting and re-permitting files.

use super::super::marks::{self, SECRET};
use super::super::rules::{self, Rule};
use super::super::run::Run;
use super::super::zone::Zone;
use super::options::Options;
use super::writing::write;

/// The rule for destroying something in a zone.
fn rule_of(zone: Zone) -> Option<&'static Rule> {
    match zone {
        Zone::Work | Zone::Temporary | Zone::Cache | Zone::HarmlessDevice => None,
        Zone::WholeWork => Some(&rules::WHOLE_WORK_DIR),
        Zone::WorkDir => Some(&rules::WORK_DIR),
        Zone::Outside => Some(&rules::OUTSIDE_PATH),
        Zone::Home => Some(&rules::HOME_PATH),
        Zone::HomeRoot => Some(&rules::HOME_ROOT),
        Zone::Credentials => Some(&rules::CREDENTIALS),
        Zone::System => Some(&rules::SYSTEM_PATH),
        Zone::Device => Some(&rules::DEVICE_WRITE),
        Zone::Unknown => Some(&rules::UNKNOWN_TARGET),
    }
}

/// Notes that a path is destroyed.
pub(super) fn destroy(run: &mut Run, word: &str) {
    if word.is_empty() {
        return;
    }
    let path = run.path(word);
    let zone = run.zone_of(&path);
    destroy_at(run, word, &path, zone);
}

/// The same for a word whose path and zone are known already.
pub(super) fn destroy_at(run: &mut Run, word: &str, path: &str, zone: Zone) {
    // What another machine keeps elsewhere than in its system and its homes is its own affair.
    let is_foreign = run.remote && matches!(zone, Zone::Outside | Zone::WorkDir | Zone::Work);
    if let Some(rule) = rule_of(zone)
        && !is_foreign
    {
        run.find(rule, word);
    }
    if zone == Zone::Work && path.ends_with("/.git") {
        run.find(&rules::NESTED_GIT, word);
    }
}

fn destroy_all(run: &mut Run, words: &[&str]) {
    for word in words {
        destroy(run, word);
    }
}

pub(super) fn delete(run: &mut Run, name: &str, words: &[String]) {
    let options = Options::of(
        words,
        if name == "shred" {
            "-n -s --iterations --size"
        } else {
            ""
        },
    );
    // `rmdir /s /q` is how Windows writes its options.
    let is_switch = |word: &&str| matches!(*word, "/s" | "/q" | "/S" | "/Q");
    let is_windows = name == "rmdir" && options.operands.first().is_some_and(is_switch);
    for word in options
        .operands
        .iter()
        .filter(|word| !(is_windows && is_switch(word)))
    {
        destroy(run, word);
    }
}

pub(super) fn moved(run: &mut Run, words: &[String]) {
    let options = Options::of(words, "-t --target-directory -S --suffix");
    let (sources, target) = sources_and_target(&options);
    let Some(target) = target else {
        return;
    };
    let stays = matches!(run.zone(target), Zone::Work | Zone::WorkDir);
    for source in sources {
        let zone = run.zone(source);
        if !(stays && matches!(zone, Zone::Home | Zone::Outside)) && zone != Zone::Unknown {
            destroy(run, source);
        }
    }
    write_into(run, target, "");
}

/// Operands in front of the last, and the last or the one that `-t` names.
fn sources_and_target<'o, 'w>(options: &'o Options<'w>) -> (&'o [&'w str], Option<&'w str>) {
    let operands = options.operands.as_slice();
    match (options.value(&["-t", "--target-directory"]), operands) {
        (Some(target), operands) => (operands, Some(target)),
        (None, [sources @ .., target]) if !sources.is_empty() => (sources, Some(target)),
        (None, operands) => (operands, None),
    }
}

/// A copy into a directory of the work dir is no change of the directory itself.
fn write_into(run: &mut Run, target: &str, text: &str) {
    if !(run.remote && run.zone(target) == Zone::Outside) {
        write(run, target, text, false);
    }
}

pub(super) fn overwritten(run: &mut Run, name: &str, words: &[String], input: &str) {
    match name {
        "cp" | "install" => copied(run, words),
        "ln" => linked(run, words),
        "rsync" => synchronised(run, words),
        "tee" | "sponge" => {
            let options = Options::of(words, "");
            let appends = options.has(&["-a", "--append"]);
            for file in &options.operands {
                write(run, file, input, appends);
                run.keep(file, input.to_owned(), appends);
            }
        }
        "truncate" => {
            let options = Options::of(words, "-s -r --size --reference");
            for file in &options.operands {
                destroy(run, file);
            }
        }
        "tar" | "bsdtar" | "unzip" => unpacked(run, name, words),
        _ => {}
    }
    if matches!(name, "tar" | "zip" | "7z" | "bsdtar") {
        packed(run, name, words);
    }
}

/// Programs that name the file they write by an option.
pub(super) fn named_as_output(run: &mut Run, words: &[String]) {
    let options = Options::of(words, "-o --output -out");
    for (option, value) in options.all() {
        let attached = option
            .strip_prefix("-o")
            .filter(|rest| rest.starts_with('/'));
        let named = value.filter(|_| matches!(option, "-o" | "--output" | "-out"));
        if let Some(file) = named.or(attached) {
            write(run, file, "", false);
        }
    }
}

fn copied(run: &mut Run, words: &[String]) {
    let options = Options::of(
        words,
        "-t --target-directory -S --suffix -m -o -g --mode --owner --group",
    );
    if options.has(&["-d", "--directory"]) && words[0] == "install" {
        return;
    }
    let (sources, target) = sources_and_target(&options);
    let Some(target) = target else {
        return;
    };
    if let [source] = sources {
        let text = run.contents(source);
        let is_shell = source.starts_with('/') && {
            let path = run.path(source);
            path.starts_with("/bin/") || path.starts_with("/usr/bin/")
        };
        if text.contains(SECRET) || !marks::has_marks(&text) {
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

fn linked(run: &mut Run, words: &[String]) {
    let options = Options::of(words, "-t -S");
    if let [target, link] = options.operands.as_slice() {
        let link_path = run.path(link);
        let target_path = run.path(target);
        if options.has(&["-f", "--force"])
            && matches!(
                run.zone(link),
                Zone::Credentials | Zone::System | Zone::Device
            )
            && !is_usual_link(&link_path)
        {
            destroy(run, link);
        }
        run.links.insert(link_path, target_path);
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

fn synchronised(run: &mut Run, words: &[String]) {
    let options = Options::of(words, "-e -f --exclude --include --filter --rsh --bwlimit");
    let deletes = options.all().any(|(option, _)| option.starts_with("--del"));
    let Some(target) = options
        .operands
        .last()
        .filter(|_| options.operands.len() > 1)
    else {
        return;
    };
    let is_remote = target.contains(':');
    if options.has(&["--remove-source-files"]) {
        destroy_all(run, &options.operands[..options.operands.len() - 1]);
    }
    if !is_remote
        && (deletes || run.zone(target) == Zone::System || run.zone(target) == Zone::Device)
    {
        destroy(run, target);
    }
    if is_remote && deletes {
        let path = target.split_once(':').map_or("", |(_, path)| path);
        if path.starts_with(['/', '~'])
            && matches!(run.zone(path), Zone::System | Zone::HomeRoot)
            && path.matches('/').count() < 3
        {
            run.find(&rules::SYSTEM_PATH, target);
        }
    }
}

fn unpacked(run: &mut Run, name: &str, words: &[String]) {
    let options = Options::of(words, "-C -f --directory --file -d");
    let target = match name {
        "unzip" => options.value(&["-d"]),
        _ => options.value(&["-C", "--directory"]),
    };
    let first = words.get(1).map_or("", String::as_str);
    let unpacks = name == "unzip"
        || options.has(&["-x", "--extract"])
        || (!first.starts_with('-') && first.contains('x'));
    if let Some(target) = target
        && unpacks
        && matches!(
            run.zone(target),
            Zone::System | Zone::HomeRoot | Zone::Credentials | Zone::Device
        )
        && !["/usr/local", "/opt", "/srv"]
            .iter()
            .any(|free| run.path(target).starts_with(free))
    {
        destroy(run, target);
    }
    if options.has(&["--remove-files"]) {
        destroy_all(run, &options.operands);
    }
}

/// An archive of secrets is a secret.
fn packed(run: &mut Run, name: &str, words: &[String]) {
    let files: Vec<&String> = words[1..]
        .iter()
        .filter(|word| !word.starts_with('-'))
        .collect();
    if !files.iter().any(|word| run.holds_secrets(word)) {
        return;
    }
    let archive = match name {
        "zip" | "7z" => files.first().map(|word| word.to_string()),
        _ => {
            let is_name = |word: &&&String| word.contains(".t") || word.contains(".gz");
            files.iter().find(is_name).map(|word| word.to_string())
        }
    };
    if let Some(archive) = archive {
        run.keep(&archive, SECRET.to_string(), false);
    }
}

/// Whether tests of `find` narrow what it finds to a part of the tree.
pub(in super::super) fn is_narrowed(words: &[String]) -> bool {
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
    let any = |word: &String| word.chars().all(|c| c == '*' || c == marks::STAR);
    words.iter().enumerate().any(|(at, word)| {
        let negated = at > 0 && matches!(words[at - 1].as_str(), "!" | "-not");
        let is_any = words.get(at + 1).is_some_and(any) && word.ends_with("name");
        NARROWING.contains(&word.as_str()) && !negated && !is_any
    })
}

pub(super) fn found(run: &mut Run, words: &[String]) {
    if !words.iter().any(|word| word == "-delete") {
        return;
    }
    for root in run.found_by(words) {
        destroy(run, &root);
    }
}
