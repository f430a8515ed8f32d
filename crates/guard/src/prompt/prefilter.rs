//! The look that most messages need: a short text of plain words, none of which is a program that
//! could do harm, orders nothing that is judged. Every turn comes through here.

/// Longer messages are read properly.
const LONGEST: usize = 256;

/// Longer words are no names of programs.
const LONGEST_WORD: usize = 16;

/// Programs that can do something that is judged without a single character beyond letters, digits
/// and spaces in their arguments, and those that run others. Sorted.
const PROGRAMS: [&str; 93] = [
    "apk",
    "apt",
    "aptitude",
    "at",
    "aws",
    "az",
    "bash",
    "batch",
    "brew",
    "busybox",
    "cargo",
    "cmd",
    "command",
    "crontab",
    "dash",
    "dd",
    "del",
    "deluser",
    "diskpart",
    "diskutil",
    "dnf",
    "doas",
    "docker",
    "dpkg",
    "dropdb",
    "env",
    "erase",
    "eval",
    "exec",
    "fdisk",
    "fish",
    "flatpak",
    "flushall",
    "fork",
    "format",
    "gcloud",
    "gem",
    "gh",
    "git",
    "groupdel",
    "halt",
    "heroku",
    "iex",
    "init",
    "kill",
    "killall",
    "killall5",
    "ksh",
    "kubectl",
    "launchctl",
    "loginctl",
    "lvremove",
    "mdadm",
    "mkfs",
    "mv",
    "mysqladmin",
    "nohup",
    "npm",
    "oc",
    "pacman",
    "parted",
    "passwd",
    "pkill",
    "pnpm",
    "poweroff",
    "powershell",
    "pulumi",
    "pvremove",
    "pwsh",
    "rd",
    "reboot",
    "rm",
    "rmdir",
    "rpm",
    "ruby",
    "setenforce",
    "sh",
    "shred",
    "shutdown",
    "snap",
    "sudo",
    "swapoff",
    "systemctl",
    "telinit",
    "terraform",
    "ufw",
    "unlink",
    "userdel",
    "vgremove",
    "yarn",
    "yum",
    "zfs",
    "zpool",
];

/// True if nothing in the text can order what is judged.
pub(crate) fn is_plainly_harmless(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() <= LONGEST
        && bytes.iter().all(|byte| is_plain(*byte))
        && !bytes
            .split(|byte| !byte.is_ascii_alphanumeric())
            .any(is_program)
}

/// What prose is made of and no shell gives a meaning to. A quote or a dash would.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b',' | b'?' | b'.')
}

fn is_program(word: &[u8]) -> bool {
    let mut lower = [0; LONGEST_WORD];
    let Some(lower) = lower.get_mut(..word.len()) else {
        return false;
    };
    lower.copy_from_slice(word);
    lower.make_ascii_lowercase();
    let found = PROGRAMS.binary_search_by(|program| program.as_bytes().cmp(lower));
    found.is_ok() || lower.starts_with(b"mkfs") || lower.ends_with(b"sh")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_are_sorted() {
        assert!(PROGRAMS.is_sorted());
    }

    #[test]
    fn only_plain_words_pass() {
        for text in [
            "",
            "ping",
            "ping 12",
            "What does this do?",
            "Sum it up, please.",
        ] {
            assert!(is_plainly_harmless(text), "{text}");
        }
        for text in [
            "reboot",
            "Please REBOOT now",
            "run mkfs now",
            "it's",
            "a | b",
            "rm etc",
            "请重启",
            "two\nlines",
            "$x",
            "try zsh",
        ] {
            assert!(!is_plainly_harmless(text), "{text}");
        }
        assert!(!is_plainly_harmless(&"a ".repeat(200)));
    }
}
