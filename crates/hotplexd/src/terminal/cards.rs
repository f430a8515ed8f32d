//! What an agent's tools do, in a few lines each.

use serde_json::Value;

use super::{Style, clean, first_line};

/// How much of a tool's output is shown.
const LINES: usize = 6;

/// How much of a line.
const WIDTH: usize = 160;

/// A call of a tool, `{"id","name","input","summary"}`.
pub(crate) fn tool_use(tool: &Value, style: Style) -> String {
    let name = clean(tool["name"].as_str().unwrap_or("tool"));
    let summary = first_line(tool["summary"].as_str().unwrap_or_default(), WIDTH);
    let mut card = format!("{} {summary}\n", style.bold(&format!("* {name}")));
    card += &edit(&tool["input"], style);
    card
}

/// What an edit takes out and puts in.
fn edit(input: &Value, style: Style) -> String {
    let mut lines = String::new();
    for (key, mark) in [("old_string", '-'), ("new_string", '+')] {
        let text = clean(input[key].as_str().unwrap_or_default());
        let all: Vec<&str> = text.lines().collect();
        for line in all.iter().take(LINES) {
            let line = format!("  {mark} {}", first_line_of(line));
            let line = match mark {
                '-' => style.red(&line),
                _ => style.green(&line),
            };
            lines += &format!("{line}\n");
        }
        lines += &more(all.len(), style);
    }
    lines
}

/// What a tool gave back.
pub(crate) fn tool_result(data: &Value, style: Style) -> String {
    let text = clean(data["text"].as_str().unwrap_or_default());
    let failed = data["is_error"] == true;
    let all: Vec<&str> = text.trim_end().lines().collect();
    let mut card = String::new();
    for line in all.iter().take(LINES) {
        let line = format!("  | {}", first_line_of(line));
        card += &format!(
            "{}\n",
            if failed {
                style.red(&line)
            } else {
                style.dim(&line)
            }
        );
    }
    card + &more(all.len(), style)
}

/// What an agent asks for, with all that the user must know to answer.
pub(crate) fn question(data: &Value, style: Style) -> String {
    let tool = &data["tool"];
    let name = clean(tool["name"].as_str().unwrap_or("a tool"));
    let mut card = format!(
        "{}\n",
        style.yellow(&format!("? The agent asks for {name}:"))
    );
    // All of it: what is cut off is what a hostile command would hide.
    match tool["input"].as_object() {
        Some(input) => {
            for (key, value) in input {
                let text = match value.as_str() {
                    Some(text) => clean(text),
                    None => clean(&value.to_string()),
                };
                card += &format!("    {}: {}\n", clean(key), text.replace('\n', "\n      "));
            }
        }
        None => {
            card += &format!(
                "    {}\n",
                clean(tool["summary"].as_str().unwrap_or_default())
            )
        }
    }
    if let Some(reason) = data["reason"].as_str() {
        card += &format!("    because: {}\n", clean(reason));
    }
    card + &style.dim(&format!(
        "    in {}\n",
        clean(data["work_dir"].as_str().unwrap_or_default())
    ))
}

/// What the guard kept the agent from.
pub(crate) fn danger(data: &Value, style: Style) -> String {
    let of = |key: &str| first_line(data[key].as_str().unwrap_or_default(), WIDTH);
    let line = format!(
        "! blocked: {} ({}): {}",
        of("reason"),
        of("rule"),
        of("operation")
    );
    format!("{}\n", style.red(&line))
}

/// What was denied because nobody could be asked.
pub(crate) fn denied(data: &Value, style: Style) -> String {
    let of = |text: &Value| first_line(text.as_str().unwrap_or_default(), WIDTH);
    let line = format!(
        "! denied: {}: {}",
        of(&data["tool"]["name"]),
        of(&data["text"])
    );
    format!("{}\n", style.red(&line))
}

fn first_line_of(line: &str) -> String {
    match line.char_indices().nth(WIDTH) {
        Some((at, _)) => format!("{}...", &line[..at]),
        None => line.to_owned(),
    }
}

fn more(lines: usize, style: Style) -> String {
    match lines.checked_sub(LINES) {
        Some(more) if more > 0 => format!("{}\n", style.dim(&format!("  | ... {more} more lines"))),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const PLAIN: Style = Style { colour: false };

    #[test]
    fn cards_say_what_is_done_and_with_what_result() {
        let tool = json!({"name": "Edit", "summary": "a.rs", "input": {"old_string": "x", "new_string": "y\nz"}});
        assert_eq!(tool_use(&tool, PLAIN), "* Edit a.rs\n  - x\n  + y\n  + z\n");
        let long: String = (0..9).map(|number| format!("{number}\n")).collect();
        let shown = tool_result(&json!({"text": long}), PLAIN);
        assert!(shown.ends_with("  | 5\n  | ... 3 more lines\n"), "{shown}");
    }

    #[test]
    fn a_question_hides_nothing_of_what_would_be_done() {
        let command = format!("echo {}; touch z", "x".repeat(400));
        let asked =
            json!({"tool": {"name": "Bash", "input": {"command": command}}, "work_dir": "/w"});
        let shown = question(&asked, PLAIN);
        assert!(
            shown.contains(&command) && shown.contains("in /w"),
            "{shown}"
        );
    }
}
