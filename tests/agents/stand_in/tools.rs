//! Tools: the question whether one may run, the run itself, and its result.

use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::agent::{Agent, Wake};
use crate::input::Incoming;
use crate::is_set;
use crate::mangled::mangled;
use crate::speech::numbers;
use crate::turn::{Step, WHILE_IN_TOOL};

/// What became of the question whether a tool may run.
enum Verdict {
    /// It runs with this input.
    Allowed(Value),
    Denied(String),
    DeniedAndInterrupted(String),
    /// The turn was interrupted while the question was open.
    Interrupted,
}

/// How far a tool came.
enum Ran {
    ToItsEnd { output: String, succeeded: bool },
    UntilInterrupted,
}

/// `!tool NAME JSON`: a tool that runs nothing and tells with what input it would have.
pub(crate) fn call_described(agent: &mut Agent, rest: &str) -> Step {
    let (name, json) = rest.split_once(' ').unwrap_or((rest, "{}"));
    let input = serde_json::from_str(json).unwrap_or_else(|_| json!({ "text": json }));
    call(agent, name, input, |_, input| described(name, input))
}

fn described(name: &str, input: &Value) -> Ran {
    Ran::ToItsEnd {
        output: format!("ran {name} with {input}"),
        succeeded: true,
    }
}

/// `!bash CMD`: really runs it, as Claude Code does.
pub(crate) fn bash(agent: &mut Agent, command: &str) -> Step {
    call(agent, "Bash", bash_input(command), run_shell)
}

fn bash_input(command: &str) -> Value {
    json!({ "command": command, "description": "run a command" })
}

/// `!replaced CMD => OTHER`: asks about one and says that it ran the other, as hooks of a project have it.
pub(crate) fn replaced(agent: &mut Agent, rest: &str) -> Step {
    let (asked, ran) = rest.split_once(" => ").unwrap_or((rest, rest));
    let ran = bash_input(ran);
    call_replaced(
        agent,
        "Bash",
        bash_input(asked),
        |_| ran,
        |_, ran| described("Bash", ran),
    )
}

fn call(
    agent: &mut Agent,
    name: &str,
    input: Value,
    run: impl FnOnce(&mut Agent, &Value) -> Ran,
) -> Step {
    call_replaced(agent, name, input, |input| input, run)
}

fn call_replaced(
    agent: &mut Agent,
    name: &str,
    input: Value,
    replaced: impl FnOnce(Value) -> Value,
    run: impl FnOnce(&mut Agent, &Value) -> Ran,
) -> Step {
    let id = new_id("toolu");
    announce(agent, &id, name, &input);
    match permission(agent, &id, name, input) {
        Verdict::Allowed(input) => match ran_with(agent, replaced(input), run) {
            (input, Ran::ToItsEnd { output, succeeded }) => {
                tell_hook(agent, &id, name, &input);
                result(agent, &id, &Value::from(output), !succeeded);
            }
            (_, Ran::UntilInterrupted) => {
                let text = "this call was stopped while running";
                result(agent, &id, &Value::from(text), true);
                return Err(WHILE_IN_TOOL);
            }
        },
        Verdict::Denied(reason) => result(agent, &id, &Value::from(reason), true),
        Verdict::DeniedAndInterrupted(reason) => {
            result(agent, &id, &Value::from(reason), true);
            return Err(WHILE_IN_TOOL);
        }
        Verdict::Interrupted => {
            result(agent, &id, &Value::from("The tool use was rejected"), true);
            return Err(WHILE_IN_TOOL);
        }
    }
    Ok(())
}

fn ran_with(
    agent: &mut Agent,
    input: Value,
    run: impl FnOnce(&mut Agent, &Value) -> Ran,
) -> (Value, Ran) {
    let ran = run(agent, &input);
    (input, ran)
}

/// The client's hook after a tool is waited for, and has no say.
fn tell_hook(agent: &mut Agent, id: &str, name: &str, input: &Value) {
    if let Some(hook) = agent.after_tools.clone() {
        let request_id = call_hook(agent, &hook, "PostToolUse", (id, name, input));
        let is_answer =
            |wake: &Wake| matches!(wake, Wake::Answer(it) if it["request_id"] == request_id);
        while !matches!(agent.wait(None), wake if is_answer(&wake) || matches!(wake, Wake::InputEnded))
        {
        }
    }
}

/// Calls a hook of the client's about a call of a tool: its id, the name of the tool, and the input.
fn call_hook(agent: &mut Agent, hook: &str, event: &str, call: (&str, &str, &Value)) -> String {
    let (id, name, input) = call;
    let request_id = uuid::Uuid::new_v4().to_string();
    let request = json!({
        "type": "control_request", "request_id": request_id,
        "request": {
            "subtype": "hook_callback", "callback_id": hook, "tool_use_id": id,
            "input": {
                "session_id": agent.command_line.conversation.id(),
                "cwd": std::env::current_dir().unwrap_or_default(),
                "permission_mode": agent.command_line.permission_mode,
                "hook_event_name": event, "tool_name": name, "tool_input": input,
                "tool_use_id": id,
            },
        },
    });
    write_question(agent, &request);
    request_id
}

pub(crate) fn announce(agent: &mut Agent, id: &str, name: &str, input: &Value) {
    let block = json!({ "type": "tool_use", "id": id, "name": name, "input": input });
    agent.output.assistant(&[&block.to_string()], "");
}

pub(crate) fn result(agent: &mut Agent, id: &str, content: &Value, is_error: bool) {
    let block = json!({
        "tool_use_id": id, "type": "tool_result", "content": content, "is_error": is_error,
    });
    agent.output.user(&block.to_string());
}

fn permission(agent: &mut Agent, id: &str, name: &str, input: Value) -> Verdict {
    if let Some(denied) = denied_by_hook(agent, id, name, &input) {
        return denied;
    }
    let line = &agent.command_line;
    let free = line.permission_mode == "bypassPermissions"
        || line.allowed_tools.iter().any(|tool| tool == name);
    if free {
        return Verdict::Allowed(input);
    }
    if !line.asks_permission {
        return Verdict::Denied(format!("no permission to use {name}"));
    }
    let request_id = ask(agent, id, name, &input);
    agent.open_question = Some(request_id.clone());
    let verdict = await_answer(agent, &request_id, input);
    agent.open_question = None;
    verdict
}

/// A hook is called for every tool, whatever the permissions are.
fn denied_by_hook(agent: &mut Agent, id: &str, name: &str, input: &Value) -> Option<Verdict> {
    let hook = agent
        .before_tools
        .clone()
        .filter(|_| !is_set("STAND_IN_NO_HOOKS"))?;
    let request_id = call_hook(agent, &hook, "PreToolUse", (id, name, input));
    loop {
        match agent.wait(None) {
            Wake::Answer(answer) if answer["request_id"] == request_id => {
                let said = &answer["response"]["hookSpecificOutput"];
                let reason = said["permissionDecisionReason"]
                    .as_str()
                    .unwrap_or("denied");
                let denied = answer["subtype"] == "error" || said["permissionDecision"] == "deny";
                return denied
                    .then(|| Verdict::Denied(format!("PreToolUse:{name} hook error: {reason}")));
            }
            Wake::Interrupted => return Some(Verdict::Interrupted),
            Wake::InputEnded => return Some(Verdict::Denied("the input ended".to_owned())),
            Wake::Answer(_) | Wake::TimeUp | Wake::ToolEnded { .. } => {}
        }
    }
}

/// The end of input counts as a denial.
fn await_answer(agent: &mut Agent, request_id: &str, input: Value) -> Verdict {
    loop {
        match agent.wait(None) {
            Wake::Answer(answer) if answer["request_id"] == request_id => {
                return judge(&answer, input);
            }
            Wake::Interrupted => return Verdict::Interrupted,
            Wake::InputEnded => return Verdict::Denied("the input ended".to_owned()),
            Wake::Answer(_) | Wake::TimeUp | Wake::ToolEnded { .. } => {}
        }
    }
}

pub(crate) fn ask(agent: &mut Agent, id: &str, name: &str, input: &Value) -> String {
    let request_id = uuid::Uuid::new_v4().to_string();
    let request = json!({
        "type": "control_request", "request_id": request_id,
        "request": {
            "subtype": "can_use_tool", "tool_name": name, "display_name": name, "input": input,
            "description": "run a command", "permission_suggestions": [], "tool_use_id": id,
        },
    });
    write_question(agent, &request);
    request_id
}

fn write_question(agent: &mut Agent, request: &Value) {
    let line = mangled(&agent.habits.mangles_asks, &request.to_string());
    agent.output.buffer.extend(line);
}

/// Anything but a clear answer is a denial, as it is with Claude Code.
fn judge(answer: &Value, input: Value) -> Verdict {
    let response = &answer["response"];
    if answer["subtype"] == "error" {
        let error = answer["error"].as_str().unwrap_or("unknown");
        return Verdict::Denied(format!("Tool permission request failed: Error: {error}"));
    }
    let reason = response["message"].as_str().unwrap_or("denied").to_owned();
    match response["behavior"].as_str() {
        Some("allow") => Verdict::Allowed(match &response["updatedInput"] {
            Value::Null => input,
            updated => updated.clone(),
        }),
        Some("deny") if response["interrupt"] == true => Verdict::DeniedAndInterrupted(reason),
        Some("deny") => Verdict::Denied(reason),
        _ => Verdict::Denied("the answer was malformed".to_owned()),
    }
}

/// Runs a command in a session of its own, with its output in a file: a process that it leaves
/// behind holds the file and not the turn.
fn run_shell(agent: &mut Agent, input: &Value) -> Ran {
    let command = input["command"].as_str().unwrap_or_default();
    let path = std::env::temp_dir().join(format!("{}.out", new_id("stand-in")));
    let child = match start(command, &path) {
        Ok(child) => child,
        Err(error) => {
            return Ran::ToItsEnd {
                output: error.to_string(),
                succeeded: false,
            };
        }
    };
    let leader = child.id();
    let sender = agent.input.sender();
    thread::spawn(move || {
        let (output, succeeded) = finish(child, &path);
        let _ = sender.send(Incoming::ToolEnded { output, succeeded });
    });
    await_tool(agent, leader)
}

/// An interrupt kills the tool's group; what the tool moved out of it lives on.
fn await_tool(agent: &mut Agent, leader: u32) -> Ran {
    let mut interrupted = false;
    loop {
        match agent.wait(None) {
            Wake::ToolEnded { .. } if interrupted => return Ran::UntilInterrupted,
            Wake::ToolEnded { output, succeeded } => return Ran::ToItsEnd { output, succeeded },
            Wake::Interrupted => {
                kill_group(leader);
                interrupted = true;
            }
            Wake::TimeUp | Wake::Answer(_) | Wake::InputEnded => {}
        }
    }
}

fn start(command: &str, output: &std::path::Path) -> std::io::Result<Child> {
    let file = File::create(output)?;
    Command::new("setsid")
        .args(["/bin/sh", "-c", command])
        .stdin(Stdio::null())
        .stderr(file.try_clone()?)
        .stdout(file)
        .spawn()
}

fn finish(mut child: Child, path: &std::path::Path) -> (String, bool) {
    let succeeded = child.wait().is_ok_and(|status| status.success());
    let output = fs::read(path).unwrap_or_default();
    let _ = fs::remove_file(path);
    (String::from_utf8_lossy(&output).into_owned(), succeeded)
}

fn kill_group(leader: u32) {
    let script = format!("kill -KILL -{leader}");
    let _ = Command::new("/bin/sh").args(["-c", &script]).status();
}

/// `!tools-array`: the form in which MCP servers and sub-agents answer.
pub(crate) fn array_result(agent: &mut Agent) {
    let id = new_id("toolu");
    announce(agent, &id, "mcp__shelf__look", &json!({ "query": "both" }));
    let image = json!({
        "type": "image",
        "source": { "type": "base64", "media_type": "image/png", "data": "aGk=" },
    });
    let text = |text: &str| json!({ "type": "text", "text": text });
    let content = json!([text("first part"), image, text("second part")]);
    result(agent, &id, &content, false);
}

/// Asks beside the turns whether a tool may run.
pub(crate) fn is_allowed(agent: &mut Agent, name: &str) -> bool {
    let input = json!({ "command": "touch something" });
    let request_id = ask(agent, &new_id("toolu"), name, &input);
    matches!(await_answer(agent, &request_id, input), Verdict::Allowed(_))
}

/// `!withdraw MS`: a question that is taken back after so long, unless somebody answers before.
pub(crate) fn withdraw(agent: &mut Agent, rest: &str) {
    let id = new_id("toolu");
    let input = json!({ "command": "touch nothing" });
    announce(agent, &id, "Bash", &input);
    let request_id = ask(agent, &id, "Bash", &input);
    let until = Instant::now() + Duration::from_millis(numbers(rest)[0] as u64);
    while !matches!(agent.wait(Some(until)), Wake::TimeUp | Wake::InputEnded) {}
    agent.output.withdrawal(&request_id);
    result(agent, &id, &Value::from("nobody answered"), true);
}

pub(crate) fn new_id(kind: &str) -> String {
    format!("{kind}_{}", uuid::Uuid::new_v4().simple())
}
