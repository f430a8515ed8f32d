//! What a call of one of Claude Code's tools does: commands, files, addresses, names.
//!
//! Tools that are not named here do none of these as far as is known: what they start in turn
//! (sub-agents, schedules) calls tools of its own, which are asked about by themselves. The names
//! are those of 1.0.128 to 2.1.330.

use serde_json::Value;

use crate::effect::ToolEffect;

/// What a call of the tool of this name does.
///
/// # Errors
/// Which member of its input is missing or is no text: such a call must not run, since nobody can
/// tell what it would do.
pub fn effects(tool: &str, input: &Value) -> Result<Vec<ToolEffect>, String> {
    let call = Call { tool, input };
    let text = |member: &str| call.required(member);
    let effect = match tool {
        "Bash" | "PowerShell" => ToolEffect::Run(text("command")?),
        "Monitor" => {
            return Ok(call
                .optional("command")
                .map(ToolEffect::Run)
                .into_iter()
                .collect());
        }
        "Write" | "Edit" | "MultiEdit" => ToolEffect::Write(text("file_path")?),
        "NotebookEdit" => ToolEffect::Write(text("notebook_path")?),
        "Read" => ToolEffect::Read(text("file_path")?),
        "NotebookRead" => ToolEffect::Read(text("notebook_path")?),
        "Grep" | "Glob" | "LS" => {
            return Ok(call
                .optional("path")
                .map(ToolEffect::Read)
                .into_iter()
                .collect());
        }
        "WebFetch" => ToolEffect::Fetch(text("url")?),
        "Skill" => ToolEffect::Use(text("skill")?),
        "SlashCommand" => ToolEffect::Use(text("command")?),
        "Task" | "Agent" => ToolEffect::Use(call.optional("subagent_type").unwrap_or_default()),
        name if name.starts_with("mcp__") => return Ok(of_server(input)),
        _ => return Ok(Vec::new()),
    };
    Ok(vec![effect])
}

struct Call<'a> {
    tool: &'a str,
    input: &'a Value,
}

impl Call<'_> {
    fn required(&self, member: &str) -> Result<String, String> {
        let missing = || format!("{} has no text in its {member:?}", self.tool);
        self.optional(member).ok_or_else(missing)
    }

    fn optional(&self, member: &str) -> Option<String> {
        self.input.get(member)?.as_str().map(str::to_owned)
    }
}

/// What tools of MCP servers do is not known. Those that run commands call the input by one of these
/// names, as text or as a list of words.
fn of_server(input: &Value) -> Vec<ToolEffect> {
    let members = ["command", "cmd", "script"].into_iter();
    let found = members.filter_map(|member| match input.get(member)? {
        Value::String(text) => Some(text.clone()),
        Value::Array(words) => {
            let words: Option<Vec<_>> = words.iter().map(Value::as_str).collect();
            Some(words?.join(" "))
        }
        _ => None,
    });
    found.map(ToolEffect::Run).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_tool_is_known_by_what_it_does() {
        let text = str::to_owned;
        let table = [
            (
                "Bash",
                json!({"command": "ls"}),
                ToolEffect::Run(text("ls")),
            ),
            (
                "Monitor",
                json!({"command": "tail -f x"}),
                ToolEffect::Run(text("tail -f x")),
            ),
            (
                "Write",
                json!({"file_path": "/w/a", "content": "rm"}),
                ToolEffect::Write(text("/w/a")),
            ),
            (
                "Edit",
                json!({"file_path": "/w/a"}),
                ToolEffect::Write(text("/w/a")),
            ),
            (
                "NotebookEdit",
                json!({"notebook_path": "/w/n"}),
                ToolEffect::Write(text("/w/n")),
            ),
            (
                "Read",
                json!({"file_path": "/w/a"}),
                ToolEffect::Read(text("/w/a")),
            ),
            (
                "Grep",
                json!({"pattern": "x", "path": "/w"}),
                ToolEffect::Read(text("/w")),
            ),
            (
                "WebFetch",
                json!({"url": "http://a"}),
                ToolEffect::Fetch(text("http://a")),
            ),
            (
                "Skill",
                json!({"skill": "pdf"}),
                ToolEffect::Use(text("pdf")),
            ),
            (
                "SlashCommand",
                json!({"command": "/review"}),
                ToolEffect::Use(text("/review")),
            ),
            ("Task", json!({"prompt": "look"}), ToolEffect::Use(text(""))),
            (
                "mcp__box__run",
                json!({"command": "ls"}),
                ToolEffect::Run(text("ls")),
            ),
            (
                "mcp__box__run",
                json!({"cmd": ["ls", "-l"]}),
                ToolEffect::Run(text("ls -l")),
            ),
        ];
        for (name, input, expected) in table {
            assert_eq!(effects(name, &input), Ok(vec![expected]), "{name} {input}");
        }
    }

    #[test]
    fn a_call_without_what_it_is_about_is_malformed() {
        for (name, input) in [
            ("Bash", json!({})),
            ("Bash", json!({"command": 7})),
            ("Write", json!({"path": "/w/a"})),
            ("Read", json!(null)),
        ] {
            assert!(effects(name, &input).is_err(), "{name} {input}");
        }
        for (name, input) in [
            ("TodoWrite", json!({"todos": []})),
            ("Grep", json!({"pattern": "x"})),
            ("mcp__shelf__look", json!({"query": "rm -rf /"})),
        ] {
            assert_eq!(effects(name, &input), Ok(Vec::new()), "{name} {input}");
        }
    }
}
