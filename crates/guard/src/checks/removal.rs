//! Something is destroyed: which rule that falls under says the zone it lies in.

use crate::facts::Facts;
use crate::rules::{self, Rule};
use crate::zone::Zone;

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
pub(super) fn check_removal(run: &mut Facts, word: &str) {
    if word.is_empty() {
        return;
    }
    let path = run.path(word);
    let zone = run.zone_of(&path);
    check_removal_at(run, word, &path, zone);
}

/// Notes that what has this name is destroyed: a link itself, and not what it leads to.
pub(super) fn check_removal_itself(run: &mut Facts, word: &str) {
    if word.is_empty() {
        return;
    }
    let path = run.path_itself(word);
    let zone = run.zone_of(&path);
    check_removal_at(run, word, &path, zone);
}

/// The same for a word whose path and zone are known already.
pub(super) fn check_removal_at(run: &mut Facts, word: &str, path: &str, zone: Zone) {
    // What another machine keeps elsewhere than in its system and its homes is its own affair.
    let is_foreign = run.remote && matches!(zone, Zone::Outside | Zone::WorkDir | Zone::Work);
    if let Some(rule) = rule_of(zone)
        && !is_foreign
    {
        run.report(rule, word);
    }
    if zone == Zone::Work && path.ends_with("/.git") {
        run.report(&rules::NESTED_GIT, word);
    }
}
