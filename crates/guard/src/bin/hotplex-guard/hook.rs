//! The hook: what Claude Code tells before it runs a tool, and the answer.
//!
//! The form is that of `PreToolUse` in Claude Code 2.1: no answer leaves the call to the agent's own
//! permissions, `deny` stops it in every permission mode, and so does exit status 2.

use hotplex_guard::{Guard, GuardContext, PathAccess, ToolEffect, Verdict, claude_code};
use serde_json::{Value, json};

use super::{Failure, location};

/// The line to print; `None` where there is nothing to say.
///
/// # Errors
/// Input that is not a call of a tool: the caller ends with a status that blocks it.
pub(crate) fn answer(guard: &Guard, input: &str) -> Result<Option<String>, Failure> {
    let told: Value = serde_json::from_str(input).map_err(|error| format!("stdin: {error}"))?;
    let text = |name: &str| told.get(name).and_then(Value::as_str);
    let event = text("hook_event_name").unwrap_or("PreToolUse");
    if event != "PreToolUse" {
        return Err(format!("the event is {event}; this hook is for PreToolUse").into());
    }
    let tool = text("tool_name").ok_or("stdin has no tool_name")?;
    let current_dir = text("cwd").ok_or("stdin has no cwd")?;
    let context = location::of_hook(current_dir)?;
    let input = told.get("tool_input").unwrap_or(&Value::Null);
    let verdict = check_tool(guard, tool, input, &context);
    Ok(in_json(&verdict))
}

fn check_tool(guard: &Guard, tool: &str, input: &Value, context: &GuardContext) -> Verdict {
    let effects = match claude_code::effects(tool, input) {
        Ok(effects) => effects,
        Err(why) => return Verdict::failure(tool, &why),
    };
    let verdicts = effects.iter().map(|effect| match effect {
        ToolEffect::Run(text) => guard.check_command(text, context),
        ToolEffect::Read(path) => guard.check_path(path, PathAccess::Read, context),
        ToolEffect::Write(path) => guard.check_path(path, PathAccess::Write, context),
        ToolEffect::Fetch(_) | ToolEffect::Use(_) => Verdict::allow(),
    });
    verdicts
        .reduce(Verdict::graver)
        .unwrap_or_else(Verdict::allow)
}

fn in_json(verdict: &Verdict) -> Option<String> {
    if verdict.is_plain_allow() {
        return None;
    }
    if !verdict.is_blocked() {
        return Some(json!({ "systemMessage": verdict.reason }).to_string());
    }
    let mut reason = format!("Denied by hotplex-guard. {}.", verdict.reason);
    for suggestion in &verdict.suggestions {
        reason.push_str(&format!(" Instead: {suggestion}."));
    }
    let answer = json!({ "hookSpecificOutput": {
        "hookEventName": "PreToolUse",
        "permissionDecision": "deny",
        "permissionDecisionReason": reason,
    }});
    Some(answer.to_string())
}
