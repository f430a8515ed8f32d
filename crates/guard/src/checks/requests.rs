//! Requests over HTTP that delete what is whole: a repository, a shared branch, the indexes of a store.

use super::databases::is_live;
use super::git::is_shared;
use crate::facts::Facts;
use crate::programs::Argv;
use crate::rules;

/// `gh api -X DELETE repos/owner/name`, `curl -X DELETE host:9200/_all`, and their kin.
pub(super) fn check(run: &mut Facts, argv: &Argv) {
    let words = &argv.words[1..];
    if words.iter().any(|word| word.contains("_delete_by_query")) {
        return check_query(run, words);
    }
    if !words.iter().any(|word| is_deletion(word)) {
        return;
    }
    for word in words {
        let path = path_of(word);
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            ["repos", _, _] | ["orgs" | "projects" | "groups", _] => {
                return run.report(&rules::CLOUD_DESTROY, "a repository");
            }
            ["repos", .., "refs", "heads", branch] if is_shared(branch) => {
                return run.report(&rules::SHARED_HISTORY, branch);
            }
            ["_all" | "*"] if is_live(host_of(word)) => {
                return run.report(&rules::LIVE_DATA, word);
            }
            _ => {}
        }
    }
}

/// A query that matches everything, on a host that people depend on.
fn check_query(run: &mut Facts, words: &[String]) {
    let matches_all = words.iter().any(|word| word.contains("match_all"));
    let live = words.iter().find(|word| is_live(host_of(word)));
    if let Some(word) = live.filter(|_| matches_all) {
        run.report(&rules::LIVE_DATA, word);
    }
}

/// `DELETE`, as a word of its own or attached to the option that takes it.
fn is_deletion(word: &str) -> bool {
    let method = word.rsplit('=').next().unwrap_or_default();
    let method = method.strip_prefix("-X").unwrap_or(method);
    method.eq_ignore_ascii_case("delete")
}

/// The host of an address, empty for a word that names none.
fn host_of(word: &str) -> &str {
    let rest = word.split_once("://").map_or(word, |(_, rest)| rest);
    rest.split_once('/').map_or("", |(host, _)| host)
}

/// The path of an address, without the version of an interface in front.
fn path_of(word: &str) -> &str {
    const VERSIONS: [&str; 3] = ["api/v3/", "api/v4/", "api/"];
    let path = match word.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        // `host:9200/path`, or a path on the host that a program is made for.
        None => match word.split_once('/') {
            Some((host, path)) if host.contains([':', '.']) => path,
            _ => word,
        },
    };
    let path = path.trim_start_matches('/');
    let path = path.split('?').next().unwrap_or_default();
    let behind = |version: &&str| path.strip_prefix(*version);
    VERSIONS.iter().find_map(behind).unwrap_or(path)
}
