//! Dry runs, checks and calls that take something back: the words of a deed without the deed.

use crate::programs::Argv;

/// Programs and the options with which they only say what they would do.
const OPTIONS: [(&[&str], &str); 12] = [
    (&["visudo"], "-c --check"),
    (&["cargo"], "--undo --dry-run"),
    (
        &["systemctl"],
        "--dry-run --when=cancel --when=show --when=",
    ),
    (
        &["apt", "apt-get", "aptitude"],
        "-s --simulate --just-print --dry-run --recon --no-act",
    ),
    (&["dnf", "yum", "microdnf"], "--assumeno"),
    (&["dpkg"], "--dry-run --no-act --simulate"),
    (&["rpm"], "--test"),
    (&["zypper"], "--dry-run -D"),
    (&["apk"], "--simulate -s"),
    (&["pacman"], "--print -p"),
    (&["zpool", "zfs"], "-n"),
    (
        &[
            "lvremove", "vgremove", "pvremove", "lvreduce", "vgreduce", "pvcreate", "vgcreate",
        ],
        "-t --test",
    ),
];

/// Whether a command only says what it would do, or takes back what was asked.
pub(super) fn is_rehearsal(name: &str, argv: &Argv) -> bool {
    let words = argv.words;
    match name {
        // `deluser user group` takes a user out of a group.
        "deluser" if argv.operands.len() == 2 => true,
        "systemctl"
            if words
                .windows(2)
                .any(|pair| is_taken_back(&pair[0], &pair[1])) =>
        {
            true
        }
        _ => {
            let mut rows = OPTIONS.iter().filter(|(names, _)| names.contains(&name));
            let options = words[1..].iter().take_while(|word| *word != "--");
            rows.any(|(_, known)| options.clone().any(|word| is_given(known, word)))
        }
    }
}

fn is_taken_back(option: &str, value: &str) -> bool {
    option == "--when" && matches!(value, "cancel" | "show" | "")
}

/// Whether a word is one of the options, or holds one of their letters: `visudo -cf file`.
fn is_given(known: &str, word: &str) -> bool {
    let is_cluster = word.len() > 2
        && word.starts_with('-')
        && word[1..].bytes().all(|byte| byte.is_ascii_lowercase());
    known.split(' ').any(|option| {
        let letter = option.strip_prefix('-').filter(|rest| rest.len() == 1);
        option == word || letter.is_some_and(|letter| is_cluster && word[1..].contains(letter))
    })
}
