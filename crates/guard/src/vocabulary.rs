//! Whether a text that cannot be read names something destructive, as `programs/kinds.txt` lists it.

use crate::programs::{ProgramKind, is_of_kind};

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
    let kinds = [ProgramKind::Destructive, ProgramKind::DestructiveWindows];
    names_any(text, &kinds)
}

/// The same for a text whose commands of Windows were judged already.
pub(crate) fn has_unix_vocabulary(text: &str) -> bool {
    names_any(text, &[ProgramKind::Destructive])
}

fn names_any(text: &str, kinds: &[ProgramKind]) -> bool {
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
        // Letters have one byte each, so a word is cut between characters.
        let word = text.get(start..at).unwrap_or_default();
        if word.len() > 1 && is_vocabulary(word, after_pipe, kinds) {
            return true;
        }
        after_pipe = byte == b'|' || (after_pipe && word.is_empty());
        start = at + 1;
    }
    false
}

fn is_vocabulary(word: &str, after_pipe: bool, kinds: &[ProgramKind]) -> bool {
    kinds.iter().any(|kind| is_of_kind(word, *kind))
        || word.starts_with("mkfs")
        || (after_pipe && is_of_kind(word, ProgramKind::PipedInto))
}
