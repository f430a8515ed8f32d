//! A file of git's settings, looked through for what it names. Pure.
//!
//! Nothing is decided by what stands between: a name in a comment or in a value is found as well, and
//! to hold git off a filter that nobody has costs nothing.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// Longest file of settings that is looked through, in bytes.
pub(super) const LONGEST: u64 = 1024 * 1024;

/// What stands there as a path.
pub(super) fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsString::from_vec(bytes.to_owned()))
}

/// The names in sections of this kind: `[filter "name"]`, `[filter.name]`.
pub(super) fn names_of(section: &str, text: &[u8]) -> Vec<Vec<u8>> {
    let begins = [b"[", section.as_bytes()].concat();
    after_each(&begins, text).filter_map(name).collect()
}

/// Whether the word stands anywhere, in any case.
pub(super) fn has(word: &str, text: &[u8]) -> bool {
    after_each(word.as_bytes(), text).next().is_some()
}

/// The values of all settings that are called `word`, or end so: with `path` those of includes are among
/// them, with `file` those of files to ignore, of attributes and of names of authors.
pub(super) fn values_of(word: &str, text: &[u8]) -> Vec<Vec<u8>> {
    let follow = after_each(word.as_bytes(), text);
    follow
        .filter_map(|rest| Some(value(rest.trim_ascii_start().strip_prefix(b"=")?)))
        .collect()
}

/// What follows each place where the word stands, in any case.
fn after_each<'a>(word: &[u8], text: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let places = text.windows(word.len()).enumerate();
    let places = places.filter(move |(_, there)| there.eq_ignore_ascii_case(word));
    places.map(move |(place, there)| &text[place + there.len()..])
}

/// The name after the word of a section: between quotes as it is, after a dot in small letters.
fn name(rest: &[u8]) -> Option<Vec<u8>> {
    if let Some(dotted) = rest.strip_prefix(b".") {
        let end = dotted.iter().position(|&byte| byte == b']')?;
        return Some(dotted[..end].to_ascii_lowercase());
    }
    let mut bytes = rest.trim_ascii_start().strip_prefix(b"\"")?.iter();
    let mut name = Vec::new();
    loop {
        match bytes.next()? {
            b'"' => return Some(name),
            b'\n' => return None,
            b'\\' => name.push(*bytes.next()?),
            byte => name.push(*byte),
        }
    }
}

/// A value as git reads it: quotes and escapes are resolved, a line may go on in the next.
fn value(rest: &[u8]) -> Vec<u8> {
    let mut value = Vec::new();
    let mut length = 0;
    let mut quoted = false;
    let mut bytes = rest.trim_ascii_start().iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\n' => break,
            b'#' | b';' if !quoted => break,
            b'"' => quoted = !quoted,
            b'\\' => match bytes.next() {
                Some(b'\n') | None => continue,
                Some(b't') => value.push(b'\t'),
                Some(b'n') => value.push(b'\n'),
                Some(b'b') => value.push(8),
                Some(other) => value.push(other),
            },
            _ => value.push(byte),
        }
        // Blanks at the end count only between quotes.
        if quoted || !byte.is_ascii_whitespace() {
            length = value.len();
        }
    }
    value.truncate(length);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(found: Vec<Vec<u8>>) -> Vec<String> {
        let text = |bytes| String::from_utf8(bytes).expect("text");
        found.into_iter().map(text).collect()
    }

    #[test]
    fn each_way_to_name_a_filter_is_seen() {
        let cases: [(&str, &[&str]); 12] = [
            ("[filter \"a\"]\n\tclean = x", &["a"]),
            ("[filter \"a\"] clean = x", &["a"]),
            ("[core][filter \"a\"]clean=x", &["a"]),
            ("[FILTER   \"Ab c\"]", &["Ab c"]),
            ("[filter \"a\\\"b\\\\c\\d\"]", &["a\"b\\cd"]),
            ("[filter \"a.b=c\"]", &["a.b=c"]),
            ("[filter.Ab]\nclean = x", &["ab"]),
            ("\u{feff}[filter\t\"a\"]\r\n[filter \"b\"]", &["a", "b"]),
            ("# [filter \"a\"]", &["a"]),
            ("[filter]\nclean = x", &[]),
            ("[filter \"a\n\"]", &[]),
            ("[filter \"a", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(
                texts(names_of("filter", text.as_bytes())),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn each_way_to_write_a_path_is_read() {
        let cases: [(&str, &[&str]); 11] = [
            ("[include]\n\tpath = more\n", &["more"]),
            ("[include]path=more", &["more"]),
            ("[includeIf \"onbranch:**\"]\nPATH\t=\tmore  \n", &["more"]),
            ("path = \"a b \" ; said", &["a b "]),
            ("path = a\\\n b", &["a b"]),
            ("path = a\\\\b\\\"c", &["a\\b\"c"]),
            ("path = a#b", &["a"]),
            ("path = \"a#b\"", &["a#b"]),
            ("hooksPath = hooks", &["hooks"]),
            ("path\n= a", &["a"]),
            ("path", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(
                texts(values_of("path", text.as_bytes())),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn a_word_is_seen_in_any_case() {
        assert!(has("promisor", b"[remote \"a\"]\n\tPromisor"));
        assert!(!has("promisor", b"[remote \"a\"]\n\turl = x"));
        assert!(!has("promisor", b""));
    }
}
