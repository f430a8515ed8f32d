//! Words that make a text dangerous even if it cannot be read. A leaf.

/// Words that make a text dangerous even if it cannot be read.
const VOCABULARY: [&str; 32] = [
    "rm",
    "dd",
    "mkfs",
    "shred",
    "wipefs",
    "unlink",
    "truncate",
    "chmod",
    "chown",
    "shutdown",
    "reboot",
    "halt",
    "poweroff",
    "kill",
    "killall",
    "pkill",
    "fdisk",
    "sfdisk",
    "parted",
    "sgdisk",
    "blkdiscard",
    "cryptsetup",
    "crontab",
    "mkswap",
    "userdel",
    "passwd",
    "rmtree",
    "sudo",
    "iptables",
    "dropdb",
    "fork",
    "sysrq-trigger",
];

/// The same of Windows.
const FOREIGN_VOCABULARY: [&str; 8] = [
    "rmdir",
    "del",
    "rd",
    "format",
    "iex",
    "Remove-Item",
    "Format-Volume",
    "Invoke-Expression",
];

const SHELLS: [&str; 12] = [
    "sh", "bash", "zsh", "dash", "ksh", "fish", "python", "python3", "perl", "ruby", "node", "php",
];

/// A command this long was never meant to be read, and reading it would take too long.
const LONGEST_SEARCHED: usize = 8 * 1024 * 1024;

/// The bytes that words are made of.
const LETTERS: [bool; 256] = {
    let mut letters = [false; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        letters[at] = byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        at += 1;
    }
    letters
};

/// Whether a text that cannot be read names something destructive.
pub(crate) fn has_vocabulary(text: &str) -> bool {
    names_any(text, &[&VOCABULARY, &FOREIGN_VOCABULARY])
}

/// The same for a text whose commands of Windows were judged already.
pub(crate) fn has_unix_vocabulary(text: &str) -> bool {
    names_any(text, &[&VOCABULARY])
}

fn names_any(text: &str, vocabularies: &[&[&str]]) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() > LONGEST_SEARCHED {
        return true;
    }
    let (mut start, mut after_pipe) = (0, false);
    for at in 0..=bytes.len() {
        let byte = bytes.get(at).copied().unwrap_or(b' ');
        if LETTERS[byte as usize] {
            continue;
        }
        let word = &bytes[start..at];
        if word.len() > 1 && is_vocabulary(word, after_pipe, vocabularies) {
            return true;
        }
        after_pipe = byte == b'|' || (after_pipe && word.is_empty());
        start = at + 1;
    }
    false
}

fn is_vocabulary(word: &[u8], after_pipe: bool, vocabularies: &[&[&str]]) -> bool {
    let mut known = vocabularies.iter().copied().flatten();
    known.any(|known| known.as_bytes() == word)
        || word.starts_with(b"mkfs")
        || (after_pipe && SHELLS.iter().any(|shell| shell.as_bytes() == word))
}
