//! Containers: what is inside is theirs, what is mounted is the host's.

use crate::facts::Facts;
use crate::programs::{ProgramKind, is_of_kind};
use crate::rules;
use crate::vocabulary::has_vocabulary;
use crate::zone::{Zone, name_of};

pub(super) fn check_mounts(run: &mut Facts, words: &[String]) {
    let starts = words
        .iter()
        .any(|word| matches!(word.as_str(), "run" | "create"));
    if !starts {
        return;
    }
    let mounts = mounts(words);
    let text = words.join(" ");
    let destroys = has_vocabulary(&text) || text.contains("chroot") || text.contains("mv ");
    let grave = mounts.iter().find(|(source, read_only)| {
        !read_only && is_grave(run, source) && (destroys || run.path(source) == "/")
    });
    let privileged = words
        .iter()
        .any(|word| word == "--privileged" || word == "--privileged=true");
    let device = words.iter().enumerate().any(|(at, word)| {
        let path = word.strip_prefix("--device=").map(str::to_owned);
        let path = path.or_else(|| {
            (word == "--device")
                .then(|| words.get(at + 1).cloned())
                .flatten()
        });
        path.is_some_and(|path| {
            run.zone(path.split(':').next().unwrap_or_default()) == Zone::Device
        })
    });
    let names_device = words
        .iter()
        .any(|word| word.starts_with("/dev/") && run.zone(word) == Zone::Device);
    if let Some((source, _)) = grave {
        run.report(&rules::MOUNTED_HOST, source);
    } else if device && destroys
        || privileged
            && (device
                || names_device
                || words
                    .iter()
                    .any(|word| word.contains("/dev/") || enters_namespaces(word)))
    {
        run.report(&rules::MOUNTED_HOST, "a device");
    }
}

/// Whether a word, or a command in it, goes where the processes of the host are.
fn enters_namespaces(word: &str) -> bool {
    let mut names = word.split([' ', ';', '&', '|']).map(name_of);
    names.any(|name| is_of_kind(name, ProgramKind::NamespaceEnterer))
}

fn is_grave(run: &Facts, source: &str) -> bool {
    let path = run.path(source);
    if matches!(
        path.as_str(),
        "/var/run/docker.sock"
            | "/run/docker.sock"
            | "/etc/localtime"
            | "/etc/timezone"
            | "/etc/hosts"
            | "/etc/resolv.conf"
            | "/etc/ssl/certs"
            | "/dev/null"
            | "/dev/shm"
    ) {
        return false;
    }
    source.starts_with(['/', '~', '.', crate::taint::TILDE])
        && matches!(
            run.zone(source),
            Zone::System | Zone::HomeRoot | Zone::Device | Zone::Credentials
        )
}

/// Host paths that are mounted, and whether they can only be read.
fn mounts(words: &[String]) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let value = match word.as_str() {
            "-v" | "--volume" | "--mount" => rest.next().cloned(),
            word => word
                .strip_prefix("--volume=")
                .or_else(|| word.strip_prefix("--mount="))
                .or_else(|| word.strip_prefix("-v").filter(|rest| rest.starts_with('/')))
                .map(str::to_owned),
        };
        let Some(value) = value else {
            continue;
        };
        if value.contains("type=bind") || value.contains("source=") || value.contains("src=") {
            let part = |names: &[&str]| {
                value
                    .split(',')
                    .find_map(|part| names.iter().find_map(|name| part.strip_prefix(name)))
            };
            if let Some(source) = part(&["source=", "src="]) {
                found.push((
                    source.to_owned(),
                    value.contains("readonly") || value.contains(",ro"),
                ));
            }
        } else if let Some((source, target)) = value.split_once(':') {
            let read_only = target
                .rsplit(':')
                .next()
                .is_some_and(|mode| mode.split(',').any(|flag| flag == "ro"));
            found.push((source.to_owned(), read_only));
        }
    }
    found
}
