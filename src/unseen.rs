//! Characters that a reader does not see, or that change the order of those that are seen. What strangers
//! chose is shown with them spelled out, so that two names never look alike and none forges a line.
//! Layer 0: imports nothing of ours.

use std::fmt;

/// True for controls, what turns the direction of writing, what has no width, and what ends a line: what
/// lets one name look like another. For hosts that show names, commands and paths to a person.
pub fn is_unseen(c: char) -> bool {
    let ignorable = matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}');
    ignorable || c.is_control()
}

/// Writes a text with each of them as `\u{202e}`.
pub(crate) fn write_visibly(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let mut shown = text;
    while let Some((at, c)) = shown.char_indices().find(|(_, c)| is_unseen(*c)) {
        f.write_str(&shown[..at])?;
        write!(f, "{}", c.escape_unicode())?;
        shown = &shown[at + c.len_utf8()..];
    }
    f.write_str(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Visible(&'static str);

    impl fmt::Display for Visible {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write_visibly(f, self.0)
        }
    }

    #[test]
    fn what_is_not_seen_is_spelled_and_what_is_seen_stays() {
        let table = [
            ("user-1 é 名前 שלום 🙂", "user-1 é 名前 שלום 🙂"),
            ("\u{202e}gpj.a", "\\u{202e}gpj.a"),
            ("a\u{200b}b\u{feff}", "a\\u{200b}b\\u{feff}"),
            ("a\nb\u{2028}c\u{85}", "a\\u{a}b\\u{2028}c\\u{85}"),
            ("x\u{e0041}", "x\\u{e0041}"),
            ("", ""),
        ];
        for (text, shown) in table {
            assert_eq!(Visible(text).to_string(), shown);
        }
    }
}
