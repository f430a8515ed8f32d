//! Which other files a file of instructions imports: words that begin with `@`. Pure.

/// The paths that a text imports, in its order. Code, in fences or between backticks, imports
/// nothing; nor does what can be no path, such as a lone `@` or an address of mail.
pub(super) fn in_text(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut fence = None;
    for line in text.lines() {
        let start = line.trim_start();
        let mark = ["```", "~~~"]
            .into_iter()
            .find(|mark| start.starts_with(mark));
        match (fence, mark) {
            (Some(open), Some(mark)) if open == mark => fence = None,
            (None, Some(mark)) => fence = Some(mark),
            (None, None) => found.extend(in_line(line)),
            _ => {}
        }
    }
    found
}

fn in_line(line: &str) -> impl Iterator<Item = &str> {
    // What stands between two backticks is code; an odd one out opens none.
    let parts: Vec<&str> = line.split('`').collect();
    let last = parts.len() - 1;
    let is_code = move |index: usize| index % 2 == 1 && index != last;
    let prose = parts.into_iter().enumerate();
    let prose = prose.filter(move |(index, _)| !is_code(*index));
    prose.flat_map(|(_, part)| part.split_whitespace().filter_map(import))
}

fn import(word: &str) -> Option<&str> {
    let path = word.strip_prefix('@')?;
    let path = path.trim_end_matches(['.', ',', ';', ':', ')', '!', '?']);
    let begins_a_path = |c: char| c.is_alphanumeric() || "./~_-".contains(c);
    path.starts_with(begins_a_path).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_is_a_word_of_prose_that_begins_with_an_at() {
        let cases: [(&str, &[&str]); 10] = [
            ("@AGENTS.md", &["AGENTS.md"]),
            ("see @docs/a.md, and @./b.md.", &["docs/a.md", "./b.md"]),
            ("- @~/.ssh/id", &["~/.ssh/id"]),
            ("@/etc/passwd", &["/etc/passwd"]),
            ("write to a@example.org or to @", &[]),
            ("`@quoted` @kept `@quoted`", &["kept"]),
            ("a lone ` and @kept", &["kept"]),
            ("```\n@fenced\n```\n@kept", &["kept"]),
            ("~~~\n```\n@fenced\n~~~\n@kept", &["kept"]),
            ("@(odd) @\"odd\"", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(in_text(text), expected, "{text}");
        }
    }
}
