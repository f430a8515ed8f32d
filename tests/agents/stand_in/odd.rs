//! What an agent may well do and seldom does, in Claude Code's words.

use serde_json::{Value, json};

use crate::agent::{Agent, Wake};
use crate::speech;
use crate::tools::{announce, ask, new_id, result};
use crate::turn::Turn;

/// A list of things to be done, as long as that. Nobody is asked about it.
pub(crate) fn plan(agent: &mut Agent, count: usize) {
    let entry = |number| json!({"content": format!("step {number}"), "status": "pending"});
    let entries: Vec<Value> = (1..=count).map(entry).collect();
    let id = new_id("toolu");
    announce(agent, &id, "TodoWrite", &json!({"todos": entries}));
    result(agent, &id, &Value::from("noted"), false);
}

/// `agent-1` is called by the model, and each of the others by the one before. Their ends are told from
/// within.
pub(crate) fn sub_agents(agent: &mut Agent, depth: usize) {
    for level in 1..=depth {
        let input = json!({"prompt": "go on"});
        let block = json!({"type": "tool_use", "id": name(level), "name": "Task", "input": input});
        write(agent, "assistant", level, &block);
    }
    for level in (1..=depth).rev() {
        let id = name(level);
        let block = json!({"type": "tool_result", "tool_use_id": id, "content": "done"});
        write(agent, "user", level, &block);
    }
}

fn name(level: usize) -> String {
    format!("agent-{level}")
}

fn write(agent: &mut Agent, role: &str, level: usize, block: &Value) {
    let caller = (level > 1).then(|| name(level - 1));
    let message = json!({"role": role, "content": [block]});
    let line = json!({"type": role, "message": message, "parent_tool_use_id": caller});
    agent.output.push(&[&line.to_string(), "\n"]);
}

/// Asks the user something, and for leave to run this while that is open. Says what became of both.
pub(crate) fn elicit_beside(agent: &mut Agent, turn: &mut Turn, command: &str) {
    let elicited = new_id("elicited");
    let request = json!({
        "type": "control_request", "request_id": elicited,
        "request": {"subtype": "elicitation", "mcp_server_name": "shelf", "message": "Which shelf?"},
    });
    agent.output.push(&[&request.to_string(), "\n"]);
    let asked = ask(
        agent,
        &new_id("toolu"),
        "Bash",
        &json!({"command": command}),
    );
    let (mut was_refused, mut may_run) = (None, None);
    while was_refused.is_none() || may_run.is_none() {
        match agent.wait(None) {
            Wake::Answer(answer) if answer["request_id"] == elicited => {
                was_refused = Some(answer["subtype"] == "error");
            }
            Wake::Answer(answer) if answer["request_id"] == asked => {
                may_run = Some(answer["response"]["behavior"] == "allow");
            }
            Wake::InputEnded | Wake::Interrupted => return,
            Wake::Answer(_) | Wake::TimeUp | Wake::ToolEnded { .. } => {}
        }
    }
    let leave = if may_run == Some(true) {
        "ran"
    } else {
        "denied"
    };
    let elicited = if was_refused == Some(true) {
        "refused"
    } else {
        "accepted"
    };
    let told = format!("{leave}, and the question was {elicited}");
    speech::answer(agent, turn, &told);
}
