//! How Codex is told of the hook of ours, and what shows that it will run.

use std::ffi::OsString;
use std::path::Path;

use serde_json::{Value, json};

use super::calls::text;
use crate::provider::{Start, hooks};

/// What Codex calls the hook.
const KEY: &str = "/<session-flags>/config.toml:pre_tool_use:0:0";

/// How long Codex waits for it, in seconds. The command is through before.
const TIMEOUT: u32 = 30;

/// By this Codex knows the hook that the user trusts: SHA-256 of its definition, as JSON with sorted
/// members and without spaces. A test makes it anew, and `hooks/list` of 0.171.0 says the same.
const HASH: &str = "sha256:d443dfa33348a31c30ecab08d1f843d98b3722bca100a8e9076d78213c9c6d5a";

/// What is set at the start.
pub(super) fn settings() -> [String; 3] {
    // A text of JSON is one of TOML.
    let command = json!(hooks::COMMAND);
    [
        "features.hooks=true".to_owned(),
        format!(
            "hooks.PreToolUse=[{{hooks=[{{type=\"command\",command={command},timeout={TIMEOUT}}}]}}]"
        ),
        format!("hooks.state={{\"{KEY}\"={{trusted_hash=\"{HASH}\"}}}}"),
    ]
}

pub(super) fn variables(start: &Start<'_>) -> Vec<(&'static str, OsString)> {
    let program = start
        .engine_dir
        .map(|directory| directory.join(hooks::NAME));
    let known = program.zip(start.hooks);
    known.map_or(Vec::new(), |(program, address)| {
        hooks::variables(&program, &address).into()
    })
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
