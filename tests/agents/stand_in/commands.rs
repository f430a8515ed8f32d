//! The script in a prompt: which line calls which room.

use crate::agent::Agent;
use crate::turn::{Cut, Step, Turn};
use crate::{children, inspection, misbehaviour, odd, speech, tools};

/// Carries out the commands of a prompt; a prompt without any is echoed.
pub(crate) fn run(agent: &mut Agent, turn: &mut Turn, text: &str, earlier: usize) -> Step {
    if text.lines().last() == Some("history") {
        speech::answer(agent, turn, &format!("history: {earlier}"));
        return Ok(());
    }
    let mut is_script = false;
    for line in text.lines().filter(|line| line.starts_with('!')) {
        is_script = true;
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        carry_out(agent, turn, word, rest)?;
    }
    if !is_script {
        speech::answer(agent, turn, &format!("echo: {text}"));
    }
    Ok(())
}

fn carry_out(agent: &mut Agent, turn: &mut Turn, word: &str, rest: &str) -> Step {
    match word {
        "!text" => speech::answer(agent, turn, rest),
        "!think" => speech::thought(agent, rest),
        "!line" => speech::answer(agent, turn, &speech::filler(speech::numbers(rest)[0])),
        "!stream" => speech::stream(agent, turn, rest)?,
        "!delta" => speech::deltas(agent, turn, rest)?,
        "!flood" => speech::flood(agent, turn, rest)?,
        "!sleep" => speech::pause_for(agent, speech::numbers(rest)[0])?,
        "!hang-soft" => speech::wait_or_cut(agent, None)?,
        "!tool" => tools::call_described(agent, rest)?,
        "!bash" => tools::bash(agent, rest)?,
        "!replaced" => tools::replaced(agent, rest)?,
        "!tools-array" => tools::array_result(agent),
        "!withdraw" => tools::withdraw(agent, rest),
        "!plan" => odd::plan(agent, speech::numbers(rest)[0]),
        "!sub-agents" => odd::sub_agents(agent, speech::numbers(rest)[0]),
        "!elicit-beside" => odd::elicit_beside(agent, turn, rest),
        "!status" => return Err(Cut::ApiError(rest.parse().unwrap_or(500))),
        "!child" => children::in_group(rest),
        "!child-stdout" => children::holding_stdout(rest),
        "!setsid" => children::in_own_session(rest),
        _ => return carry_out_rest(agent, turn, word, rest),
    }
    Ok(())
}

fn carry_out_rest(agent: &mut Agent, turn: &mut Turn, word: &str, rest: &str) -> Step {
    match inspection::answer(word, rest) {
        Some(answer) => speech::answer(agent, turn, &answer),
        None => misbehaviour::carry_out(agent, turn, word, rest)?,
    }
    Ok(())
}
