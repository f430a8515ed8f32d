//! The command hook of the stand-in as Codex.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

/// Where Codex says that hooks of the command line come from.
pub(crate) const SOURCE: &str = "/<session-flags>/config.toml";

/// What a run of the hook came to, in Codex's words.
pub(crate) struct CameTo {
    pub(crate) status: &'static str,
    pub(crate) said: String,
}

/// The command in `-c hooks.PreToolUse=[{hooks=[{type="command",command="..",timeout=N}]}]`. Its text is
/// one of TOML, which is one of JSON here.
fn command() -> Option<String> {
    let mut settings = std::env::args();
    let setting = settings.find(|setting| setting.starts_with("hooks.PreToolUse="))?;
    let (_, text) = setting.split_once(",command=")?;
    let mut texts = serde_json::Deserializer::from_str(text).into_iter();
    texts.next()?.ok()
}

pub(crate) fn listing() -> Value {
    let hooks = command().map(|command| {
        json!({
            "key": format!("{SOURCE}:pre_tool_use:0:0"), "eventName": "preToolUse",
            "handlerType": "command", "command": command, "async": false, "matcher": null,
            "enabled": true, "trustStatus": "trusted",
        })
    });
    json!({"data": [{"cwd": "/", "hooks": Vec::from_iter(hooks)}]})
}

/// As Codex does: status 2 with words on stderr blocks, another failure does not.
pub(crate) fn run(question: &Value) -> CameTo {
    let Some(command) = command() else {
        return failed("there is no hook");
    };
    let hook = Command::new("/bin/sh")
        .args(["-c", &command])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut hook) = hook else {
        return failed("it cannot be started");
    };
    if let Some(mut stdin) = hook.stdin.take() {
        let _ = stdin.write_all(question.to_string().as_bytes());
    }
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
