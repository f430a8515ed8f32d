//! What a request asks the server to reply: text in, a plan out.

use std::time::Duration;

use serde_json::{Value, json};

/// A block of the reply.
pub(crate) enum Block {
    Thinking(String),
    Text {
        pieces: Vec<String>,
        pause: Duration,
    },
    ToolUse {
        name: String,
        input: Value,
    },
}

const GEMINI_TOOLS: [(&str, &str); 5] = [
    ("Bash", "run_shell_command"),
    ("Write", "write_file"),
    ("Edit", "replace"),
    ("Read", "read_file"),
    ("Task", "invoke_agent"),
];
impl Block {
    /// What the scripts call by the names of Claude's tools is called by those of OpenCode's.
    fn for_opencode(&mut self) {
        let Block::ToolUse { name, input } = self else {
            return;
        };
        const CLAUDES: [&str; 8] = [
            "Bash", "Write", "Edit", "Read", "Glob", "Grep", "Task", "WebFetch",
        ];
        if !CLAUDES.contains(&name.as_str()) {
            return;
        }
        *name = name.to_lowercase();
        let text = input.to_string();
        let members = [
            ("file_path", "filePath"),
            ("old_string", "oldString"),
            ("new_string", "newString"),
            ("general-purpose", "general"),
        ];
        let text = members
            .iter()
            .fold(text, |text, (theirs, own)| text.replace(theirs, own));
        *input = serde_json::from_str(&text).unwrap_or(Value::Null);
    }
}

/// The whole reply.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) status: Option<u16>,
    pub(crate) delay: Duration,
    pub(crate) blocks: Vec<Block>,
}

impl Plan {
    /// Reads a request to the Messages endpoint.
    pub(crate) fn read(request: &Value) -> Plan {
        let messages = request["messages"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        let mut users = messages.iter().rev().filter(|m| m["role"] == "user");
        let content = users
            .next()
            .map_or(&Value::Null, |message| &message["content"]);
        let prompt = prompt(content);
        let mut plan = Plan::of_script(&prompt, messages.len());
        let tools = request["tools"].as_array().into_iter().flatten();
        if tools.into_iter().any(|tool| tool["name"] == "bash") {
            plan.blocks.iter_mut().for_each(Block::for_opencode);
        }
        // aider has no tools: it reads what to change out of the answer.
        let is_aider = request["system"]
            .to_string()
            .contains("expert software developer");
        let side_request = request["tools"].as_array().is_none_or(Vec::is_empty) && !is_aider;
        if side_request && plan.status.is_none() {
            return Plan::saying("a few words");
        }
        let said = match (plan.is_empty(), tool_result(content)) {
            (true, Some(result)) => format!("tool said: {result}"),
            (true, None) => format!("echo: {prompt}"),
            (false, _) => return plan,
        };
        Plan {
            delay: plan.delay,
            ..Plan::saying(&said)
        }
    }

    /// Reads a request to the Responses endpoint.
    pub(crate) fn read_responses(request: &Value) -> Plan {
        let items = request["input"].as_array().map_or(&[][..], Vec::as_slice);
        let Some(last) = items.last() else {
            return Plan::saying("nothing");
        };
        let kind = last["type"].as_str().unwrap_or("message");
        if kind.ends_with("_call_output") {
            let said = match &last["output"] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            return Plan::saying(&format!("tool said: {said}"));
        }
        let prompt = prompt(&last["content"]);
        let mut plan = Plan::of_script(&prompt, items.len());
        let tools = request["tools"].as_array().into_iter().flatten();
        let mut tools = tools.filter_map(|tool| tool["name"].as_str());
        let older = tools.any(|name| name == "shell_command");
        for block in &mut plan.blocks {
            if let Block::ToolUse { name, input } = block
                && name == "Bash"
            {
                let (of_codex, member) = match older {
                    true => ("shell_command", "command"),
                    false => ("exec_command", "cmd"),
                };
                *name = of_codex.to_owned();
                *input = json!({ member: input["command"] });
            }
        }
        plan.or_echo(&prompt)
    }

    /// Reads a request to a Gemini model. What the scripts call by the names of Claude's tools is
    /// called by those of Gemini's.
    pub(crate) fn read_gemini(request: &Value) -> Plan {
        let contents = request["contents"].as_array();
        let contents = contents.map_or(&[][..], Vec::as_slice);
        let parts = contents.last().map_or(&Value::Null, |last| &last["parts"]);
        let prompt = prompt(parts);
        let mut plan = Plan::of_script(&prompt, contents.len());
        for block in &mut plan.blocks {
            if let Block::ToolUse { name, input } = block {
                if name == "Edit" {
                    input["instruction"] = json!("as told");
                }
                let known = GEMINI_TOOLS.iter().find(|(theirs, _)| theirs == name);
                *name = known.map_or(name.as_str(), |(_, ours)| ours).to_owned();
            }
        }
        let results = parts.as_array().into_iter().flatten();
        let mut results = results.filter_map(|part| part.pointer("/functionResponse/response"));
        match results.next().filter(|_| plan.is_empty()) {
            Some(result) => {
                let said = result.get("output").or(result.get("error"));
                let said = said.and_then(Value::as_str).unwrap_or_default();
                Plan::saying(&format!("tool said: {said}"))
            }
            None => plan.or_echo(&prompt),
        }
    }

    fn or_echo(self, prompt: &str) -> Plan {
        match self.is_empty() {
            true => Plan::saying(&format!("echo: {prompt}")),
            false => self,
        }
    }

    fn of_script(prompt: &str, messages: usize) -> Plan {
        let mut plan = Plan::default();
        let lines = prompt.lines().map(str::trim_start);
        for line in lines.filter_map(|line| line.strip_prefix("MODEL:")) {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            plan.add(word, rest.trim(), messages);
        }
        plan
    }

    fn add(&mut self, word: &str, rest: &str, messages: usize) {
        let first = || rest.split(' ').next().and_then(|word| word.parse().ok());
        match word {
            "text" => self.blocks.push(text(rest)),
            "think" => self.blocks.push(Block::Thinking(rest.to_owned())),
            "stream" => self.blocks.push(stream(rest)),
            "count" => self.blocks.push(text(&format!("messages: {messages}"))),
            // As aider takes a whole file from an answer.
            "file" => self
                .blocks
                .push(text(&format!("{rest}\n```\nhello\n```\n"))),
            "status" => self.status = first(),
            "hang" => self.delay = Duration::from_secs(first().unwrap_or(0).into()),
            "bash" => self.blocks.push(Block::ToolUse {
                name: "Bash".to_owned(),
                input: json!({ "command": rest, "description": "run a command" }),
            }),
            "tool" => self.blocks.push(tool_use(rest)),
            _ => self.blocks.push(text(&format!("unknown: {word}"))),
        }
    }

    fn saying(words: &str) -> Plan {
        Plan {
            blocks: vec![text(words)],
            ..Plan::default()
        }
    }

    fn is_empty(&self) -> bool {
        self.status.is_none() && self.blocks.is_empty()
    }
}

fn text(words: &str) -> Block {
    Block::Text {
        pieces: vec![words.to_owned()],
        pause: Duration::ZERO,
    }
}

fn stream(rest: &str) -> Block {
    let mut numbers = rest.split(' ').map(|word| word.parse().unwrap_or(0));
    let count = numbers.next().unwrap_or(0);
    Block::Text {
        pieces: (0..count).map(|number| format!("w{number} ")).collect(),
        pause: Duration::from_millis(numbers.next().unwrap_or(0)),
    }
}

fn tool_use(rest: &str) -> Block {
    let (name, input) = rest.split_once(' ').unwrap_or((rest, "{}"));
    Block::ToolUse {
        name: name.to_owned(),
        input: serde_json::from_str(input).unwrap_or(Value::Null),
    }
}

/// The last thing the user really wrote.
///
/// Claude Code sends prompts that got no answer together with the next one, and adds reminders of
/// its own, each as a block: only the last block with a script counts, or the last one that is no
/// reminder.
fn prompt(content: &Value) -> String {
    if let Some(text) = content.as_str() {
        return text.to_owned();
    }
    let blocks = content.as_array().map_or(&[][..], Vec::as_slice);
    let texts: Vec<&str> = blocks.iter().filter_map(|b| b["text"].as_str()).collect();
    let scripted = texts.iter().rev().find(|text| text.contains("MODEL:"));
    let is_written = |text: &&&str| !text.trim_start().starts_with("<system-reminder>");
    let written = || texts.iter().rev().find(is_written);
    scripted
        .or_else(written)
        .map_or(String::new(), |text| text.trim().to_owned())
}

fn tool_result(content: &Value) -> Option<String> {
    let blocks = content.as_array()?;
    let result = blocks
        .iter()
        .rev()
        .find(|block| block["type"] == "tool_result")?;
    // 2.0.76 hangs its reminders on the results of tools.
    let own = |text: &str| text.split("<system-reminder>").next().map(str::to_owned);
    match &result["content"] {
        Value::String(text) => own(text.trim_end()),
        other => Some(other.to_string()),
    }
    .map(|text| text.trim_end().to_owned())
}
