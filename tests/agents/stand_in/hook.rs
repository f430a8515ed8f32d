//! The command hooks of the stand-in as Codex and as claude-agent-acp.

use std::io::Write;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// Where Codex says that hooks of the command line come from.
pub(crate) const SOURCE: &str = "/<session-flags>/config.toml";

/// What a run of the hook came to, in Codex's words.
pub(crate) struct CameTo {
    pub(crate) status: &'static str,
    pub(crate) said: String,
}

/// The command in `-c hooks.EVENT=[{hooks=[{type="command",command="..",timeout=N}]}]`. Its text is
/// one of TOML, which is one of JSON here.
fn command(event: &str) -> Option<String> {
    let mut settings = std::env::args();
    let head = format!("hooks.{event}=");
    let setting = settings.find(|setting| setting.starts_with(&head))?;
    let (_, text) = setting.split_once(",command=")?;
    let mut texts = serde_json::Deserializer::from_str(text).into_iter();
    texts.next()?.ok()
}

pub(crate) fn listing() -> Value {
    let hooks = command("PreToolUse").map(|command| {
        json!({
            "key": format!("{SOURCE}:pre_tool_use:0:0"), "eventName": "preToolUse",
            "handlerType": "command", "command": command, "async": false, "matcher": null,
            "enabled": true, "trustStatus": "trusted",
        })
    });
    json!({"data": [{"cwd": "/", "hooks": Vec::from_iter(hooks)}]})
}

pub(crate) fn run(question: &Value) -> CameTo {
    start(question).map_or_else(failed, end)
}

/// The hook of the event that the question names.
///
/// # Errors
/// Why there is none.
pub(crate) fn start(question: &Value) -> Result<Child, &'static str> {
    let event = question["hook_event_name"].as_str().unwrap_or_default();
    let command = command(event).ok_or("there is no hook")?;
    start_command(&command, question)
}

/// This command as a hook.
///
/// # Errors
/// Why it does not run.
pub(crate) fn start_command(command: &str, question: &Value) -> Result<Child, &'static str> {
    let hook = Command::new("/bin/sh")
        .args(["-c", command])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut hook = hook.map_err(|_| "it cannot be started")?;
    if let Some(mut stdin) = hook.stdin.take() {
        let _ = stdin.write_all(question.to_string().as_bytes());
    }
    Ok(hook)
}

/// As Codex does: status 2 with words on stderr blocks, another failure does not.
pub(crate) fn end(hook: Child) -> CameTo {
    let Ok(output) = hook.wait_with_output() else {
        return failed("it cannot be waited for");
    };
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    match output.status.code() {
        Some(0) => CameTo {
            status: "completed",
            said,
        },
        Some(2) if !said.is_empty() => CameTo {
            status: "blocked",
            said,
        },
        _ => failed(&said),
    }
}

fn failed(why: &str) -> CameTo {
    CameTo {
        status: "failed",
        said: why.to_owned(),
    }
}
