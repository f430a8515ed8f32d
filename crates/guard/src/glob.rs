//! Patterns with stars, matched in linear time and without nesting: a pattern must not be able to
//! hang the caller. Pure; any thread.

/// Whether the text is what the pattern means: `*` is any text.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (mut parts, mut rest) = (pattern.split('*'), text);
    let Some(after) = rest.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    rest = after;
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    true
}

/// Whether the path is what the pattern means: `*` stays within a name, `**` is any names.
pub(super) fn matches_path(pattern: &str, path: &str) -> bool {
    let pattern: Vec<&str> = names(pattern).collect();
    let path: Vec<&str> = names(path).collect();
    // One row a name of the pattern: how many names of the path it can have used up.
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    for part in pattern {
        let mut next = vec![false; path.len() + 1];
        for at in 0..=path.len() {
            next[at] = match part {
                "**" => reached[..=at].contains(&true),
                part => at > 0 && reached[at - 1] && matches(part, path[at - 1]),
            };
        }
        reached = next;
    }
    reached[path.len()]
}

fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter(|name| !name.is_empty() && *name != ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text() {
        let table = [
            ("", "", true),
            ("a", "a", true),
            ("a", "ab", false),
            ("*", "", true),
            ("a*", "a", true),
            ("a*c", "abc", true),
            ("a*c", "acb", false),
            ("*b*", "abc", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*a", "a", false),
            ("ab*ba", "aba", false),
        ];
        for (pattern, text, expected) in table {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn two_stars_are_any_names() {
        let table = [
            ("/a/*", "/a/b", true),
            ("/a/*", "/a/b/c", false),
            ("/a/*", "/a", false),
            ("/a/**", "/a", true),
            ("/a/**", "/a/b/c", true),
            ("/a/**/c", "/a/c", true),
            ("/a/**/*.rs", "/a/b/c/d.rs", true),
            ("/a/**/*.rs", "/ab/c.rs", false),
        ];
        for (pattern, path, expected) in table {
            assert_eq!(matches_path(pattern, path), expected, "{pattern} {path}");
        }
    }
}
