//! What a call of a tool is about, in one line for a person.

use serde_json::Value;

/// Members of an input that tell best what a call is about, the most telling first.
const TELLING: [&str; 11] = [
    "command",
    "file_path",
    "notebook_path",
    "pattern",
    "url",
    "query",
    "path",
    "skill",
    "description",
    "subject",
    "prompt",
];

/// Longest summary, in characters.
const SUMMARY_AT_MOST: usize = 120;

/// The input in one line.
pub(super) fn summary(input: &Value) -> String {
    let telling = TELLING
        .into_iter()
        .find_map(|member| input.get(member)?.as_str());
    match telling {
        Some(text) => one_line(text, SUMMARY_AT_MOST),
        None if input.as_object().is_some_and(|input| input.is_empty()) => String::new(),
        None => one_line(&input.to_string(), SUMMARY_AT_MOST),
    }
}

/// The text on one line of at most that many characters, the last one a `…` if it was cut.
pub(super) fn one_line(text: &str, at_most: usize) -> String {
    let flat = |c: char| if c.is_control() { ' ' } else { c };
    let mut line: String = text.trim().chars().take(at_most + 1).map(flat).collect();
    if let Some((end, _)) = line.char_indices().nth(at_most) {
        line.truncate(end);
        line.pop();
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_call_is_told_in_one_line() {
        let table = [
            (
                json!({"command": "ls\n-l", "description": "list"}),
                "ls -l".to_owned(),
            ),
            (
                json!({"file_path": "/w/a", "content": "x".repeat(9)}),
                "/w/a".to_owned(),
            ),
            (json!({"todos": [1]}), r#"{"todos":[1]}"#.to_owned()),
            (json!({}), String::new()),
            (json!({"command": "é".repeat(120)}), "é".repeat(120)),
            (json!({"command": "é".repeat(121)}), "é".repeat(119) + "…"),
            (
                json!({"command": 7, "url": "http://a"}),
                "http://a".to_owned(),
            ),
        ];
        for (input, expected) in table {
            assert_eq!(summary(&input), expected, "{input}");
        }
    }
}
