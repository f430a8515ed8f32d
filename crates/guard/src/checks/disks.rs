//! Storage that is named in a way of its own. The rest is in the table of disks.

use crate::facts::Facts;
use crate::rules;

/// `diskutil eraseDisk JHFS+ name disk2`.
pub(super) fn check_disk_utility(run: &mut Facts, words: &[String]) {
    let changes = |word: &String| {
        word.starts_with("erase")
            || word.starts_with("partition")
            || word == "secureErase"
            || word == "zeroDisk"
    };
    if words.iter().any(changes)
        && let Some(device) = words.last()
    {
        run.report(&rules::DISK_CHANGE, device);
    }
}
