//! Repairs the one fault that JavaScript's own JSON has: half a character.
//!
//! Agents written in JavaScript cut long texts by UTF-16 units (seen with Claude Code). A cut within an emoji leaves a lone surrogate,
//! which `JSON.stringify` writes as `\ud83d` and which no Rust string can hold. Without a repair
//! such a line would be lost, and if it is a result the turn would never end.

/// The line with every escape of a lone surrogate replaced by that of U+FFFD; `None` if it has none.
pub(super) fn lone_surrogates(line: &str) -> Option<String> {
    let mut mended: Option<String> = None;
    let mut rest = line;
    let mut kept = 0;
    while let Some(at) = rest.find('\\') {
        let escape = &rest[at..];
        let (length, lone) = match (surrogate(escape), escape.get(6..).and_then(surrogate)) {
            (Some(Half::High), Some(Half::Low)) => (12, false),
            (Some(_), _) => (6, true),
            // Two bytes, so that the second of two backslashes is not taken for a new escape.
            (None, _) => (
                1 + escape[1..].chars().next().map_or(0, char::len_utf8),
                false,
            ),
        };
        if lone {
            let start = line.len() - rest.len();
            let text = mended.get_or_insert_default();
            text.push_str(&line[kept..start + at]);
            text.push_str("\\ufffd");
            kept = start + at + length;
        }
        rest = &rest[at + length..];
    }
    let mut text = mended?;
    text.push_str(&line[kept..]);
    Some(text)
}

/// A text as it is written in JSON that ends in the first half of a character: what is before that, and the
/// half. The other half may begin the next piece of the text.
pub(super) fn half_at_end(literal: &str) -> Option<(&str, &str)> {
    let body = literal.strip_suffix('"')?;
    let (before, escape) = body.split_at_checked(body.len().checked_sub(6)?)?;
    let is_escaped = (before.len() - before.trim_end_matches('\\').len()) % 2 == 1;
    let is_half = matches!(surrogate(escape), Some(Half::High)) && !is_escaped;
    is_half.then_some((before, escape))
}

enum Half {
    High,
    Low,
}

fn surrogate(escape: &str) -> Option<Half> {
    let digits = escape.strip_prefix("\\u")?.get(..4)?;
    match u16::from_str_radix(digits, 16).ok()? {
        0xd800..=0xdbff => Some(Half::High),
        0xdc00..=0xdfff => Some(Half::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{half_at_end, lone_surrogates};

    #[test]
    fn a_first_half_at_the_end_waits_for_the_other() {
        let table = [
            (r#""a\ud83d""#, Some(("\"a", r"\ud83d"))),
            (r#""a\\\ud83d""#, Some((r#""a\\"#, r"\ud83d"))),
            (r#""\ud83d""#, Some(("\"", r"\ud83d"))),
            (r#""a\\ud83d""#, None),
            (r#""a\ude00""#, None),
            (r#""\ud83d\ude00""#, None),
            (r#""\ud83da""#, None),
            (r#""""#, None),
            ("\"é\u{1f600}\"", None),
            ("7", None),
        ];
        for (literal, expected) in table {
            assert_eq!(half_at_end(literal), expected, "{literal}");
        }
    }

    #[test]
    fn only_halves_without_their_other_half_are_replaced() {
        let table = [
            (r#""plain""#, None),
            (r#""\ud83d\ude00""#, None),
            (r#""\\ud83d""#, None),
            (r#""\ud83d""#, Some(r#""\ufffd""#)),
            (r#""a\uD83Db\n""#, Some(r#""a\ufffdb\n""#)),
            (
                r#""\ude00\ud83d\ude00\ud83d""#,
                Some(r#""\ufffd\ud83d\ude00\ufffd""#),
            ),
            (r#""\\\ud83d\é""#, Some(r#""\\\ufffd\é""#)),
            ("\\", None),
            ("\\ud8", None),
            ("\\ud83d", Some("\\ufffd")),
        ];
        for (line, expected) in table {
            assert_eq!(lone_surrogates(line).as_deref(), expected, "{line}");
        }
    }
}
