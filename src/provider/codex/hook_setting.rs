//! How Codex is told of hooks of ours, and what shows that they will run.

use std::path::Path;

use serde_json::{Value, json};

use super::calls::text;
use crate::provider::hooks;

/// What Codex calls the hook.
const KEY: &str = "/<session-flags>/config.toml:pre_tool_use:0:0";

/// One hook of ours.
pub(in crate::provider) struct Hook {
    /// When it runs.
    event: &'static str,
    /// What Codex calls it.
    key: &'static str,
    command: &'static str,
    /// How long Codex waits for it, in seconds. The command is through before.
    timeout: u32,
    /// By this Codex knows the hook that the user trusts: SHA-256 of its definition, as JSON with sorted
    /// members and without spaces. A test makes each anew, and `hooks/list` of 0.171.0 says the same.
    hash: &'static str,
}

/// Asks the gate before each call.
pub(in crate::provider) const GATE: &[Hook] = &[Hook {
    event: "PreToolUse",
    key: KEY,
    command: hooks::COMMAND,
    timeout: 30,
    hash: "sha256:d443dfa33348a31c30ecab08d1f843d98b3722bca100a8e9076d78213c9c6d5a",
}];

/// Asks the gate and the caller before each call, and shows before each prompt that hooks run.
pub(in crate::provider) const GATE_AND_CALLER: &[Hook] = &[
    Hook {
        event: "PreToolUse",
        key: KEY,
        command: hooks::PATIENT_COMMAND,
        timeout: 604_830,
        hash: "sha256:d75d090bd5d35a16d6259b1d787b7224bf14329849f8823be9af0ff736b841e5",
    },
    Hook {
        event: "UserPromptSubmit",
        key: "/<session-flags>/config.toml:user_prompt_submit:0:0",
        command: hooks::PATIENT_COMMAND,
        timeout: 604_830,
        hash: "sha256:6e1700114cde3c1362d6a551c38018d9d7169f232a85225f6f57344e39573bd9",
    },
];

/// What is set at the start.
pub(in crate::provider) fn settings(hooks: &[Hook]) -> Vec<String> {
    let definition = |hook: &Hook| {
        // A text of JSON is one of TOML.
        let (event, command, timeout) = (hook.event, json!(hook.command), hook.timeout);
        format!(
            "hooks.{event}=[{{hooks=[{{type=\"command\",command={command},timeout={timeout}}}]}}]"
        )
    };
    let trust = |hook: &Hook| format!("\"{}\"={{trusted_hash=\"{}\"}}", hook.key, hook.hash);
    let trusted: Vec<String> = hooks.iter().map(trust).collect();
    let mut settings = vec!["features.hooks=true".to_owned()];
    settings.extend(hooks.iter().map(definition));
    settings.push(format!("hooks.state={{{}}}", trusted.join(",")));
    settings
}

/// What is asked at the handshake.
pub(super) fn question(work_dir: &Path) -> Value {
    json!({"cwds": [work_dir.to_string_lossy()]})
}

/// Whether the hook will run, by the answer.
///
/// # Errors
/// What is wrong with it.
pub(super) fn check(answer: &Value) -> Result<(), String> {
    let places = answer.get("data").and_then(Value::as_array);
    let listed = places.into_iter().flatten();
    let mut listed = listed.flat_map(|place| place.get("hooks").and_then(Value::as_array));
    let ours = listed.find_map(|hooks| hooks.iter().find(|hook| text(hook, "key") == Some(KEY)));
    let ours = ours.ok_or("it does not list the hook of the gate")?;
    let expected = [
        ("enabled", json!(true)),
        ("trustStatus", json!("trusted")),
        ("eventName", json!("preToolUse")),
        ("handlerType", json!("command")),
        ("command", json!(hooks::COMMAND)),
        ("async", json!(false)),
        ("matcher", json!(null)),
    ];
    let differs =
        |(member, value): &&(&str, Value)| ours.get(*member).unwrap_or(&json!(null)) != value;
    match expected.iter().find(differs) {
        None => Ok(()),
        Some((member, _)) => Err(format!(
            "the hook of the gate would not run: its {member} is {}",
            ours.get(*member).unwrap_or(&json!(null))
        )),
    }
}
