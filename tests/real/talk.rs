//! Prompts and answers.

use hotplex::{EventKind, SessionStart};

use crate::common::{self, Played};
use crate::site::Site;

pub(crate) fn a_turn_tells_who_answered_and_what_it_took(site: &Site) {
    let engine = site.engine();
    let played = site.ask(&engine, "a", "MODEL:text hello there", "hello there");
    let start = session_start(&played).expect("the process introduces itself");
    assert!(!start.resumed, "{start:?}");
    assert!(start.tools.iter().any(|tool| tool == "Bash"), "{start:?}");
    let sessions = engine.sessions().expect("the sessions");
    assert_eq!(
        sessions[0].agent_session_id.as_deref(),
        Some(&*start.agent_session_id)
    );
    assert_eq!(sessions[0].pid, start.pid);
    let stats = &played.end.stats;
    assert_eq!(
        (stats.usage.input_tokens, stats.usage.output_tokens),
        (10, 5)
    );
    assert!(stats.cost_usd > 0.0, "{stats:?}");
    assert_eq!(stats.model, start.model);
    assert_eq!(played.end.result.as_deref(), Some("hello there"));
}

/// Cost is a running total of the process in Claude Code; a turn must have its own share only.
pub(crate) fn twenty_hot_turns_run_in_one_process(site: &Site) {
    let engine = site.engine();
    site.ask(&engine, "a", "MODEL:text warm", "warm");
    let mut starts = 0;
    let mut costs = Vec::new();
    for number in 0..20 {
        let words = format!("turn {number}");
        let played = site.ask(&engine, "a", &format!("MODEL:text {words}"), &words);
        starts += usize::from(session_start(&played).is_some());
        costs.push(played.end.stats.cost_usd);
    }
    assert_eq!(starts, 0, "a process introduces itself once");
    assert_eq!(engine.info().expect("figures").spawned, 1);
    // On a busy machine what 2.0.76 asks the model for its own ends with the first turns, a title for
    // one, and it books that to the turn in which the answer comes.
    let (least, most) = costs[10..]
        .iter()
        .fold((f64::MAX, 0.0_f64), |(least, most), cost| {
            (least.min(*cost), most.max(*cost))
        });
    assert!(
        least > 0.0 && most < 2.0 * least,
        "costs of equal turns: {costs:?}"
    );
}

pub(crate) fn deltas_come_before_the_answer_they_make_up(site: &Site) {
    let engine = site.builder().partial_messages(true).open();
    let engine = engine.expect("an engine");
    let whole: String = (0..12).map(|number| format!("w{number} ")).collect();
    let played = site.ask(&engine, "a", "MODEL:stream 12 20", &whole);
    let is_answer = |kind: &EventKind| matches!(kind, EventKind::Answer(_));
    let before = played
        .events
        .iter()
        .take_while(|event| !is_answer(&event.kind));
    let deltas: Vec<&str> = before
        .filter_map(|event| match &event.kind {
            EventKind::AnswerDelta(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    // Text over a pipe has no pieces of its own: what is read at once is one.
    let all = if site.release.provider == "aider" {
        2
    } else {
        12
    };
    assert!((all..=12).contains(&deltas.len()), "{played:?}");
    assert_eq!(deltas.concat(), whole);
}

/// The server reads its script behind the prefix too, so an answer proves that both arrived.
pub(crate) fn thinking_and_the_task_prompt_reach_their_ends(site: &Site) {
    let engine = site.engine();
    let request = site.stage.request("a", "MODEL:think well\nMODEL:text then");
    let turn = engine.execute(request.task_system_prompt("be brief"));
    let played = common::finish(turn.expect("the turn is accepted"));
    played.assert_completed();
    let spoken: Vec<(&str, Option<&str>)> = played
        .events
        .iter()
        .filter(|event| matches!(event.kind, EventKind::Thinking(_) | EventKind::Answer(_)))
        .map(|event| (event.kind.as_str(), event.kind.text()))
        .collect();
    assert_eq!(
        spoken,
        [("thinking", Some("well")), ("answer", Some("then"))]
    );
    let request = site
        .stage
        .request("b", "plain words")
        .task_system_prompt("be brief");
    let turn = engine.execute(request).expect("the turn is accepted");
    let played = common::finish(turn);
    assert_eq!(played.answers(), ["echo: [be brief]\n\nplain words"]);
}

pub(crate) fn two_sessions_at_once_keep_to_themselves(site: &Site) {
    let engine = site.engine();
    let prompts = ["MODEL:stream 20 30", "MODEL:text short\nMODEL:stream 20 30"];
    let turns = [("a", prompts[0]), ("b", prompts[1])]
        .map(|(session, prompt)| site.stage.execute(&engine, session, prompt));
    let [one, other] = turns.map(common::finish);
    one.assert_completed();
    other.assert_completed();
    let stream: String = (0..20).map(|number| format!("w{number} ")).collect();
    assert_eq!(one.answers(), [stream.as_str()]);
    assert_eq!(other.answers(), ["short", stream.as_str()]);
    let started = |played: &Played| played.end.stats.started.expect("a start");
    let ended = |played: &Played| played.end.stats.ended.expect("an end");
    assert!(
        started(&one) < ended(&other) && started(&other) < ended(&one),
        "no overlap"
    );
}

pub(crate) fn session_start(played: &Played) -> Option<&SessionStart> {
    played.events.iter().find_map(|event| match &event.kind {
        EventKind::SessionStart(start) => Some(&**start),
        _ => None,
    })
}

/// Half a megabyte, by a file that both releases are pointed to.
pub(crate) fn a_system_prompt_too_long_for_an_argument_reaches_the_agent(site: &Site) {
    let prompt = "Answer briefly. ".repeat(32_768);
    let builder = site.builder().base_system_prompt(prompt);
    let engine = builder.open().expect("an engine with Claude Code");
    site.ask(&engine, "a", "MODEL:text short", "short");
    let kept = std::fs::read_dir(site.stage.path("state/prompts"));
    assert_eq!(kept.expect("a directory").count(), 1);
}
