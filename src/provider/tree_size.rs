//! How much room a line of JSON takes once it is read into a tree, told before it is.
//!
//! A tree takes far more room than its text: an object of one member, 8 bytes long, takes 700. What an agent
//! writes would decide how much memory that costs.

use memchr::memchr2;

/// The room of an object with its first members, in bytes: one node of a map.
const OBJECT: usize = 650;

/// That of a member: its part of a node and its name.
const MEMBER: usize = 150;

/// That of an array that is not empty.
const ARRAY: usize = 160;

/// That of a value, in an array that grows by the double.
const VALUE: usize = 96;

/// A tree may take so many times the longest line,
const TIMES_THE_LINE: usize = 4;

/// or this, if it is more: a short line in a tree is no burden.
const AT_LEAST: usize = 16 * 1024 * 1024;

/// True if the tree of this line would take more room than is given to one, where lines may have `limit` bytes.
/// A line that is short enough is not looked at.
pub(crate) fn is_too_large(line: &[u8], limit: usize) -> bool {
    let most = most(limit);
    line.len() > most / ARRAY && size(line, most) > most
}

/// What the tree of this line takes, in so many bytes of a line as it may take: by that what waits is weighed.
pub(crate) fn as_text(line: &[u8], limit: usize) -> usize {
    size(line, most(limit)) / TIMES_THE_LINE
}

/// What a tree may take, in bytes.
fn most(limit: usize) -> usize {
    limit.saturating_mul(TIMES_THE_LINE).max(AT_LEAST)
}

/// What the tree takes, or something more than `most`. Looks at what stands between texts alone.
fn size(mut line: &[u8], most: usize) -> usize {
    let mut size = 0;
    while size <= most
        && let Some((&byte, rest)) = line.split_first()
    {
        line = rest;
        size += match byte {
            b'"' => {
                line = behind_text(line);
                0
            }
            b'{' => OBJECT,
            b':' => MEMBER,
            b'[' => ARRAY,
            b',' => VALUE,
            _ => 0,
        };
    }
    size
}

/// What follows the text in which this begins.
fn behind_text(mut line: &[u8]) -> &[u8] {
    while let Some(at) = memchr2(b'"', b'\\', line) {
        if line[at] == b'"' {
            return &line[at + 1..];
        }
        line = line.get(at + 2..).unwrap_or_default();
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1024 * 1024;

    #[test]
    fn lines_of_many_values_are_too_large_and_lines_of_much_text_are_not() {
        let filled = |unit: &str| unit.repeat(16 * MIB / unit.len());
        let text = |unit: &str| format!(r#"{{"text":"{}"}}"#, filled(unit));
        let table = [
            (text("x"), false),
            (text("a, b: [c] {d}\\n"), false),
            (text("\\\""), false),
            (text("\\\\"), false),
            (filled("0,"), true),
            (filled("[],"), true),
            (filled("[0],"), true),
            (filled("{},"), true),
            (filled(r#"{"a":0},"#), true),
            (filled(r#""","#), true),
            (filled("["), true),
            (
                format!(r#"{{"text":"{}",{}"#, "x".repeat(MIB), filled("0,")),
                true,
            ),
        ];
        for (line, expected) in table {
            let name = &line[..20];
            assert_eq!(is_too_large(line.as_bytes(), 16 * MIB), expected, "{name}");
        }
    }

    /// A plan of ten thousand steps.
    #[test]
    fn what_agents_write_is_far_from_the_bound() {
        let step = r#"{"content":"step 1","step":"step 1","status":"pending","priority":"low"},"#;
        assert!(!is_too_large(step.repeat(10_000).as_bytes(), 16 * MIB));
    }

    #[test]
    fn no_short_line_is_ever_too_large() {
        for limit in [0, MIB, 16 * MIB] {
            let line = vec![b'{'; most(limit) / OBJECT];
            assert!(size(&line, most(limit)) <= most(limit));
            assert!(!is_too_large(&vec![b'['; most(limit) / ARRAY], limit));
        }
    }
}
