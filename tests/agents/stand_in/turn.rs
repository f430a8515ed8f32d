//! One turn: the commands of its prompt in order, and how it ends.

use crate::agent::{Agent, PostponedKind};
use crate::commands;
use crate::output::{Ending, escape};
use crate::request::Prompt;
use crate::{background, mangled, misbehaviour, speech};

/// What a turn remembers until its end.
#[derive(Default)]
pub(crate) struct Turn {
    /// The last answer, which the result repeats.
    pub(crate) answer: String,
    pub(crate) ends_twice: bool,
    pub(crate) dies_after: bool,
    /// How its result calls it, if not as usual.
    pub(crate) subtype: String,
    /// What becomes of its result; see [`crate::mangled`].
    pub(crate) mangled: String,
    /// Its last line has no end.
    pub(crate) is_unterminated: bool,
    /// The program starts itself anew.
    pub(crate) starts_anew: bool,
    /// Members of the result that name its prompts, as 2.1.330 writes them.
    pub(crate) whose: String,
}

/// What cuts a turn short.
pub(crate) enum Cut {
    Interrupted { reason: &'static str },
    ApiError(u16),
}

/// Whether the turn goes on after a command.
pub(crate) type Step = Result<(), Cut>;

pub(crate) const WHILE_STREAMING: Cut = Cut::Interrupted {
    reason: "aborted_streaming",
};
pub(crate) const WHILE_IN_TOOL: Cut = Cut::Interrupted {
    reason: "aborted_tools",
};

/// Takes one turn for all these prompts together.
pub(crate) fn take(agent: &mut Agent, prompts: &[Prompt]) {
    let texts: Vec<&str> = prompts.iter().map(|prompt| prompt.text.as_str()).collect();
    let text = texts.join("\n");
    let earlier = agent.store.turns();
    let identities = prompts
        .iter()
        .filter_map(|prompt| prompt.identity.as_deref());
    let identities: Vec<&str> = identities.collect();
    agent.store.append(&identities, &escape(&text));
    background::tell_of_stale_task(agent);
    tell(agent, &identities, "started");
    agent.open_turn();
    let mut turn = Turn {
        whose: whose(agent, &identities),
        ..Turn::default()
    };
    let step = commands::run(agent, &mut turn, &text, earlier);
    let state = if step.is_ok() {
        "completed"
    } else {
        "cancelled"
    };
    end(agent, &turn, step);
    tell(agent, &identities, state);
    misbehaviour::end_of_turn(agent, &turn);
    agent.output.flush();
    misbehaviour::after_turn(agent, &turn);
}

/// The names of the prompts that a result answers.
pub(crate) fn whose(agent: &Agent, identities: &[&str]) -> String {
    if !agent.habits.lifecycle || identities.is_empty() {
        return String::new();
    }
    format!(r#","user_message_uuids":["{}"]"#, identities.join("\",\""))
}

fn tell(agent: &mut Agent, identities: &[&str], state: &str) {
    for identity in identities.iter().filter(|_| agent.habits.lifecycle) {
        agent.output.lifecycle(identity, state);
    }
}

fn end(agent: &mut Agent, turn: &Turn, step: Step) {
    let times = if turn.ends_twice { 2 } else { 1 };
    for _ in 0..times {
        match &step {
            Ok(()) if !turn.subtype.is_empty() => agent.output.result(&Ending {
                subtype: &turn.subtype,
                is_error: true,
                terminal_reason: Some(&turn.subtype),
                status: None,
                escaped: &[],
                whose: &turn.whose,
            }),
            Ok(()) => end_well(agent, turn),
            Err(Cut::Interrupted { reason }) => end_interrupted(agent, reason, &turn.whose),
            Err(Cut::ApiError(status)) => end_api_error(agent, *status, &turn.whose),
        }
    }
    agent.last_turn_failed = match step {
        Ok(()) => false,
        Err(Cut::Interrupted { .. }) => agent.habits.lifecycle,
        Err(Cut::ApiError(_)) => true,
    };
}

fn end_well(agent: &mut Agent, turn: &Turn) {
    let before = agent.output.buffer.len();
    agent.output.result(&Ending {
        whose: &turn.whose,
        ..Ending::good(&[&escape(&turn.answer)])
    });
    if !turn.mangled.is_empty() {
        let line = agent.output.buffer.split_off(before);
        let line = String::from_utf8_lossy(&line).into_owned();
        let line = mangled::mangled(&turn.mangled, line.trim_end());
        agent.output.buffer.extend(line);
    }
}

/// An interrupted turn is an error in 2.1 and none in 2.0, though the subtype says so in both.
fn end_interrupted(agent: &mut Agent, reason: &'static str, whose: &str) {
    let text = if reason == "aborted_tools" {
        r#"{"type":"text","text":"[Request interrupted by user for tool use]"}"#
    } else {
        r#"{"type":"text","text":"[Request interrupted by user]"}"#
    };
    agent.output.user(text);
    agent.output.result(&Ending {
        subtype: "error_during_execution",
        is_error: agent.habits.lifecycle,
        terminal_reason: agent.habits.lifecycle.then_some(reason),
        status: None,
        escaped: &[],
        whose,
    });
}

/// Claude Code calls an API error a success in the subtype; `is_error` tells the truth.
fn end_api_error(agent: &mut Agent, status: u16, whose: &str) {
    let text = format!("API Error: {status} stand-in says {status}");
    let block = [r#"{"type":"text","text":""#, &text, "\"}"];
    agent.output.assistant(&block, r#","error":"overloaded""#);
    agent.output.result(&Ending {
        subtype: "success",
        is_error: true,
        terminal_reason: Some("api_error"),
        status: Some(status),
        escaped: &[&text],
        whose,
    });
}

/// What comes after a turn without having been asked for.
pub(crate) fn take_postponed(agent: &mut Agent, kind: PostponedKind) {
    match kind {
        PostponedKind::LateAnswer(text) => {
            speech::answer(agent, &mut Turn::default(), &text);
            agent.output.result(&Ending::good(&[&escape(&text)]));
        }
        PostponedKind::OwnTurn => {
            background::notify(agent, "completed");
            background::take_own_turn(agent, "this turn started by itself");
        }
        PostponedKind::TaskEnds => background::end_task(agent),
        PostponedKind::Question(name) => background::ask(agent, &name),
    }
}
