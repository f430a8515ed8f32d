//! Calls of tools: told piece by piece by the agent, and once whole by us.

use std::collections::VecDeque;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::profile::Tools;
use super::{codex, gemini, shell_words};
use crate::event::{EventKind, ToolResult, ToolUse};
use crate::message::Message;
use crate::provider::ended::EndedCalls;
use crate::provider::summary::summary;
use hotplex_guard::ToolEffect;

/// The member of an input in which the protocol's own words about the call stand. Whatever the model
/// wrote there is gone: the guard goes by these.
const ACP: &str = "acp";

/// Says there that a call names more files than are kept of it.
const TOO_MANY: &str = "more_paths";

/// So many files are kept of a call. The time that it takes to look at each grows with their square.
const PATHS_AT_MOST: usize = 1000;

/// What the agent says of a call: all of it at first, and then what has changed.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct CallUpdate {
    pub(super) tool_call_id: String,
    name: Option<String>,
    title: Option<String>,
    kind: Option<String>,
    status: Option<String>,
    raw_input: Option<Value>,
    raw_output: Option<Value>,
    content: Option<Value>,
    locations: Option<Value>,
    #[serde(rename = "_meta")]
    meta: Option<Value>,
    /// Told by a hook or plugin of ours.
    #[serde(skip)]
    whole: bool,
}

impl CallUpdate {
    /// A call that is told whole.
    pub(super) fn whole(id: String, name: String, kind: &str, input: Value) -> CallUpdate {
        CallUpdate {
            tool_call_id: id,
            name: Some(name),
            kind: Some(kind.to_owned()),
            raw_input: Some(input),
            whole: true,
            ..CallUpdate::default()
        }
    }

    /// What the agent's program says of it, in its own way.
    pub(super) fn raw(&self) -> Option<&Value> {
        self.raw_input.as_ref().or(self.raw_output.as_ref())
    }

    /// Names the files that it changes, which stand in its input in the agent's own way.
    pub(super) fn changing(self, paths: &[String]) -> CallUpdate {
        let paths = paths.iter().map(|path| json!({"path": path}));
        CallUpdate {
            locations: Some(paths.collect()),
            ..self
        }
    }
}

/// One call, as far as it was told.
#[derive(Debug, Default)]
pub(super) struct Call {
    pub(super) id: String,
    name: Option<String>,
    title: String,
    pub(super) kind: String,
    input: Value,
    /// The files it names, up to a number.
    pub(super) paths: Vec<String>,
    /// It names more than that: nobody can say what it does.
    names_too_many: bool,
    /// The text that was shown with it first.
    shown: Option<String>,
    /// The caller has heard of it.
    told: bool,
    /// It was not allowed to run.
    denied: bool,
    /// The call that started the sub-agent that makes it.
    parent: Option<String>,
    /// It was told whole. What the agent adds may be less, and is not what was judged.
    whole: bool,
}

impl Call {
    fn update(&mut self, update: &mut CallUpdate) {
        let meta = update.meta.as_ref();
        let parent = meta.and_then(|meta| meta.pointer("/claudeCode/parentToolUseId")?.as_str());
        self.parent = self.parent.take().or(parent.map(str::to_owned));
        if self.whole {
            return;
        }
        self.whole = update.whole;
        let named = update.name.take().or_else(|| {
            let meta = update.meta.as_ref()?;
            Some(meta.pointer("/claudeCode/toolName")?.as_str()?.to_owned())
        });
        self.name = named.or(self.name.take());
        if let Some(title) = update.title.take() {
            self.title = title;
        }
        if let Some(kind) = update.kind.take() {
            self.kind = kind;
        }
        match update.raw_input.take() {
            Some(Value::Object(input)) if input.is_empty() => {}
            Some(Value::Null) | None => {}
            Some(input) => self.input = input,
        }
        let texts = shown_texts(update.content.as_ref()).next();
        self.shown = self.shown.take().or(texts.map(str::to_owned));
        let located = update.locations.as_ref().into_iter();
        let shown = update.content.as_ref().into_iter();
        let entries = located.chain(shown).filter_map(Value::as_array).flatten();
        let paths = entries.filter_map(|entry| entry.get("path")?.as_str());
        for path in paths {
            if self.paths.iter().any(|known| known == path) {
                continue;
            }
            if self.paths.len() == PATHS_AT_MOST {
                self.names_too_many = true;
                return;
            }
            self.paths.push(path.to_owned());
        }
    }

    /// All files and directories that it names, as far as they can be told apart from other words: the
    /// protocol's own, those of the input, and where a search begins.
    pub(super) fn all_paths(&self) -> Vec<String> {
        let told = Value::from(self.paths.clone());
        let mut all = paths(&self.input, Some(&told));
        let patterns = ["pattern", "glob", "notebook_path", "dir_path"].into_iter();
        let patterns = patterns.filter_map(|member| self.input.get(member)?.as_str());
        let leads_out = |pattern: &&str| pattern.starts_with(['/', '~']) || pattern.contains("..");
        all.extend(patterns.filter(leads_out).map(str::to_owned));
        all
    }

    /// The call in the engine's words.
    pub(super) fn tool(&self, tools: Tools) -> ToolUse {
        let input = match (tools, &self.input) {
            (Tools::ByKind, input) => self.input_with_kind(input),
            (Tools::Gemini, _) => self.input_with_kind(&gemini::input(self.as_told())),
            (Tools::Codex, input) if !self.whole => codex::told(input)
                .map(|(_, input)| input)
                .unwrap_or_else(|| self.input_with_kind(input)),
            (_, input) if input.is_object() => input.clone(),
            (Tools::ClaudeCode | Tools::Codex | Tools::OpenCode, _) => json!({}),
        };
        let changes = matches!(self.kind.as_str(), "edit" | "delete" | "move");
        let changed = changes.then(|| self.paths.first().cloned()).flatten();
        let of_patch = changed.clone().filter(|_| tools == Tools::Codex);
        let summary = match of_patch.unwrap_or_else(|| summary(&input)) {
            text if text.is_empty() || self.input.is_null() => self.title.clone(),
            text => text,
        };
        ToolUse {
            id: self.id.clone(),
            name: self.name(tools),
            summary,
            changes_file: changed,
            parent: self.parent.clone(),
            input,
        }
    }

    fn input_with_kind(&self, input: &Value) -> Value {
        let mut members = match input {
            Value::Object(members) => members.clone(),
            Value::Null => Map::new(),
            other => Map::from_iter([("input".to_owned(), other.clone())]),
        };
        let mut told = json!({"kind": self.kind, "title": self.title, "paths": self.paths});
        if self.names_too_many {
            told[TOO_MANY] = Value::Bool(true);
        }
        members.insert(ACP.to_owned(), told);
        Value::Object(members)
    }

    /// The tool's name where the agent tells it, and else what kind of tool it is.
    fn name(&self, tools: Tools) -> String {
        match (&self.name, self.kind.as_str()) {
            _ if tools == Tools::Gemini => gemini::name(self.as_told()).to_owned(),
            (None, kind) if tools == Tools::Codex => match codex::told(&self.input) {
                Some((name, _)) => name,
                None => kind.to_owned(),
            },
            (Some(name), _) => name.clone(),
            (None, "") => "other".to_owned(),
            (None, kind) => kind.to_owned(),
        }
    }

    fn as_told(&self) -> gemini::Told<'_> {
        gemini::Told {
            id: &self.id,
            kind: &self.kind,
            title: &self.title,
            path: self.paths.first().map(String::as_str),
            text: self.shown.as_deref(),
        }
    }

    /// What kind of thing it does, where the agent's own word for that says too much or too little.
    pub(super) fn kind(&self, tools: Tools) -> &str {
        match tools {
            Tools::Gemini => gemini::kind(self.as_told()),
            Tools::ByKind | Tools::ClaudeCode | Tools::Codex | Tools::OpenCode => &self.kind,
        }
    }

    fn failed(self, why: &str, tools: Tools) -> Message {
        let result = ToolResult {
            name: self.name(tools),
            id: self.id,
            text: why.to_owned(),
            is_error: true,
            duration: std::time::Duration::ZERO,
        };
        Message::Event(EventKind::ToolResult(Box::new(result)))
    }

    /// Tells the caller of the call, once.
    pub(super) fn tell(&mut self, tools: Tools, messages: &mut Vec<Message>) {
        if !std::mem::replace(&mut self.told, true) {
            let tool = self.tool(tools);
            messages.push(Message::Event(EventKind::ToolUse(Box::new(tool))));
        }
    }
}

/// The calls that have no result yet, and the names of those that had theirs last.
#[derive(Default)]
pub(super) struct Calls {
    open: VecDeque<Call>,
    ended: EndedCalls,
}

impl Calls {
    /// Calls that an interrupt swept away never get a result, and must not add up.
    const AT_MOST: usize = 256;

    /// Its result was told. What the agent adds to it is no other call (seen with claude-agent-acp, after a
    /// command that its mode let pass).
    pub(super) fn has_ended(&self, id: &str) -> bool {
        self.ended.has(id)
    }

    /// Takes what is said of a call, and tells the caller of it once it is known, and of its result.
    pub(super) fn update(
        &mut self,
        mut update: CallUpdate,
        tools: Tools,
        messages: &mut Vec<Message>,
    ) {
        let status = update.status.take().unwrap_or_default();
        let ended = matches!(status.as_str(), "completed" | "failed");
        let call = self.merge(&mut update, tools, messages);
        if ended || status == "in_progress" {
            call.tell(tools, messages);
        }
        if ended {
            let result = ToolResult {
                id: call.id.clone(),
                name: call.name(tools),
                text: result_text(&update),
                is_error: status == "failed",
                duration: std::time::Duration::ZERO,
            };
            self.open.retain(|call| call.id != update.tool_call_id);
            self.ended.add(&update.tool_call_id);
            messages.push(Message::Event(EventKind::ToolResult(Box::new(result))));
        }
    }

    /// The call that is meant, with what is new of it.
    pub(super) fn merge(
        &mut self,
        update: &mut CallUpdate,
        tools: Tools,
        messages: &mut Vec<Message>,
    ) -> &mut Call {
        let id = &update.tool_call_id;
        let known = self.open.iter().position(|call| call.id == *id);
        let at = known.unwrap_or_else(|| {
            if self.open.len() == Calls::AT_MOST
                && let Some(mut oldest) = self.open.pop_front()
            {
                oldest.tell(tools, messages);
            }
            self.ended.forget(id);
            self.open.push_back(Call {
                id: id.clone(),
                ..Call::default()
            });
            self.open.len() - 1
        });
        let call = &mut self.open[at];
        call.update(update);
        call
    }

    /// The agent is told that this call must not run.
    pub(super) fn denied(&mut self, id: &str) {
        if let Some(call) = self.open.iter_mut().find(|call| call.id == id) {
            call.denied = true;
        }
    }

    /// A call does not run, and the agent says nothing of it: its result.
    pub(super) fn refused(&mut self, id: &str, why: &str, tools: Tools) -> Option<Message> {
        let at = self.open.iter().position(|call| call.id == id)?;
        let call = self.open.remove(at)?;
        self.ended.add(id);
        Some(call.failed(why, tools))
    }

    /// The turn is over: what was not told is told, and nothing of it is waited for. Some agents say
    /// nothing more of a call that was denied.
    pub(super) fn finish(&mut self, tools: Tools, messages: &mut Vec<Message>) {
        for mut call in std::mem::take(&mut self.open) {
            call.tell(tools, messages);
            if call.denied {
                self.ended.add(&call.id);
                messages.push(call.failed("it was denied and did not run", tools));
            }
        }
    }
}

/// The output as the tool gave it, or else as the agent would show it.
fn result_text(update: &CallUpdate) -> String {
    let raw = update.raw_output.as_ref();
    let plain = raw.and_then(|raw| {
        let mut members = ["output", "aggregated_output", "stdout"].into_iter();
        let member = members.find_map(|member| raw.get(member)?.as_str());
        raw.as_str().or(member)
    });
    if let Some(text) = plain {
        return text.to_owned();
    }
    let text = shown_texts(update.content.as_ref())
        .collect::<Vec<_>>()
        .join("\n");
    match raw {
        _ if !text.is_empty() => text,
        Some(raw) if !raw.is_null() => raw.to_string(),
        _ => changed_files(update.content.as_ref()),
    }
}

/// A change that is shown and not described: at least where it was.
fn changed_files(content: Option<&Value>) -> String {
    let entries = content.and_then(Value::as_array).into_iter().flatten();
    let paths = entries.filter_map(|entry| entry.get("path")?.as_str());
    paths.collect::<Vec<_>>().join("\n")
}

fn shown_texts(content: Option<&Value>) -> impl Iterator<Item = &str> {
    let entries = content.and_then(Value::as_array).into_iter().flatten();
    entries.filter_map(|entry| entry.pointer("/content/text")?.as_str())
}

/// What a call of one of Gemini's tools does.
///
/// # Errors
/// It does not tell.
pub(super) fn effects_of_gemini(tool: &ToolUse) -> Result<Vec<ToolEffect>, String> {
    gemini::check(tool)?;
    let effects = effects_by_kind(tool)?.into_iter();
    Ok(effects
        .map(|effect| gemini::where_it_runs(effect, tool))
        .collect())
}

/// What a call does, by its kind and by what it names. A call of which that cannot be told must not
/// run.
pub(super) fn effects_by_kind(tool: &ToolUse) -> Result<Vec<ToolEffect>, String> {
    let told = |member: &str| tool.input.get(ACP)?.get(member);
    let kind = told("kind").and_then(Value::as_str).unwrap_or_default();
    let title = told("title").and_then(Value::as_str).unwrap_or_default();
    if told(TOO_MANY).is_some() {
        return Err(format!("it names more than {PATHS_AT_MOST} files"));
    }
    let mut effects = commands(&tool.input);
    if kind == "execute" && effects.is_empty() {
        effects.extend((!title.is_empty()).then(|| ToolEffect::Run(title.to_owned())));
    }
    let paths = paths(&tool.input, told("paths"));
    match kind {
        "execute" if effects.is_empty() => return Err("it names no command".to_owned()),
        "edit" | "delete" | "move" if paths.is_empty() => {
            return Err("it changes a file and names none".to_owned());
        }
        "edit" | "delete" | "move" => effects.extend(paths.into_iter().map(ToolEffect::Write)),
        "read" | "search" => effects.extend(paths.into_iter().map(ToolEffect::Read)),
        "fetch" => {
            let url = tool.input.get("url").and_then(Value::as_str);
            effects.extend(url.map(|url| ToolEffect::Fetch(url.to_owned())));
        }
        _ => {}
    }
    Ok(effects)
}

/// Tools that run commands call the input by one of these names, as text or as a list of words.
pub(super) fn commands(input: &Value) -> Vec<ToolEffect> {
    let members = ["command", "cmd", "script"].into_iter();
    let found = members.filter_map(|member| match input.get(member)? {
        Value::String(text) => Some(text.clone()),
        Value::Array(words) => {
            let words = words.iter().filter_map(Value::as_str);
            Some(shell_words::command(words))
        }
        _ => None,
    });
    found.map(ToolEffect::Run).collect()
}

fn paths(input: &Value, told: Option<&Value>) -> Vec<String> {
    let members = ["file_path", "filePath", "filepath", "path", "abs_path"].into_iter();
    let named = members.filter_map(|member| input.get(member)?.as_str());
    let told = told.and_then(Value::as_array).into_iter().flatten();
    let mut paths: Vec<String> = Vec::new();
    for path in named.chain(told.filter_map(Value::as_str)) {
        if !paths.iter().any(|known| known == path) {
            paths.push(path.to_owned());
        }
    }
    paths
}
