//! What a session does, told as scripts: what happens on the left, what it asks for on the right.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime};

use super::turn::{Epoch, Ticket};
use super::{Action, Ended, Limits, Session, StopReason};
use crate::error::{Error, ErrorKind};
use crate::event::{
    Decision, EventKind, Outcome, PermissionRequest, SessionId, SessionStart, ToolUse, TurnId,
};
use crate::message::{Conversation, ExitCause, Message, TurnResult};
use crate::stats::SessionState;

const GRACE: u64 = 4000;

/// A session, a clock and what was asked for so far.
struct Script {
    session: Session,
    start: Instant,
    now: Instant,
    actions: Vec<Action>,
}

impl Script {
    fn new() -> Script {
        Script::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Limits)) -> Script {
        let start = Instant::now();
        let mut limits = Limits {
            start: Some(Duration::from_secs(30)),
            idle: Some(Duration::from_secs(1800)),
            silence: None,
            approval: None,
            grace: Duration::from_millis(GRACE),
            epoch: Epoch {
                instant: start,
                date: SystemTime::UNIX_EPOCH,
            },
        };
        change(&mut limits);
        let id = SessionId::new("s").unwrap();
        let conversation = Conversation::New("derived".to_owned());
        Script {
            session: Session::new(id, conversation, limits, start),
            start,
            now: start,
            actions: Vec::new(),
        }
    }

    /// A session whose process has answered its handshake.
    fn ready() -> Script {
        let mut script = Script::new();
        script.session.warm_up(script.now, &mut script.actions);
        script.launched();
        script.say(Message::Ready);
        script.actions.clear();
        script
    }

    /// A session that has ended one turn with an agent that names the turns it begins.
    fn hot() -> Script {
        let mut script = Script::ready();
        script.prompt(1);
        script.begin(1);
        script.result("one");
        script.actions.clear();
        script
    }

    fn prompt(&mut self, turn: u64) {
        self.limited_prompt(turn, Some(300_000));
    }

    fn limited_prompt(&mut self, turn: u64, limit_ms: Option<u64>) {
        let ticket = Ticket {
            turn: TurnId(turn),
            prompt: format!("prompt {turn}").into(),
            limit: limit_ms.map(Duration::from_millis),
            retried: false,
        };
        self.session.prompt(ticket, self.now, &mut self.actions);
    }

    fn launched(&mut self) {
        self.session.launched(42, self.now, &mut self.actions);
    }

    fn say(&mut self, message: Message) {
        self.session.message(message, self.now, &mut self.actions);
    }

    fn answer(&mut self, text: &str) {
        self.say(Message::Event(EventKind::Answer(text.to_owned())));
    }

    /// What Claude Code 2.1.330 says when it begins a prompt.
    fn begin(&mut self, turn: u64) {
        self.say(Message::TurnStarted(Some(TurnId(turn))));
        self.say(Message::TurnStarted(None));
    }

    fn result(&mut self, text: &str) {
        self.say(Message::TurnResult(Box::new(TurnResult {
            text: Some(text.to_owned()),
            ..TurnResult::default()
        })));
    }

    fn ask(&mut self, request_id: &str) {
        self.say(Message::ApprovalAsked(Box::new(PermissionRequest {
            request_id: request_id.to_owned(),
            tool: ToolUse {
                id: "t".to_owned(),
                name: "Bash".to_owned(),
                input: serde_json::Value::Null,
                summary: String::new(),
                changes_file: None,
            },
            reason: None,
        })));
    }

    fn cancel(&mut self, turn: u64) -> bool {
        self.session
            .cancel(TurnId(turn), self.now, &mut self.actions)
    }

    fn decide(&mut self, request_id: &str, decision: Decision) -> bool {
        let (now, actions) = (self.now, &mut self.actions);
        self.session
            .decide(TurnId(2), request_id, decision, now, actions)
    }

    fn stop(&mut self) {
        let reason = StopReason::Requested("enough".to_owned());
        self.session.stop(&reason, self.now, &mut self.actions);
    }

    fn ended(&mut self, cause: ExitCause) {
        let ended = Ended {
            how: "exited with status 3".to_owned(),
            stderr: "noise\nInvalid API key\n".to_owned(),
            cause,
            fresh_name: "fresh".to_owned(),
        };
        self.session.ended(&ended, self.now, &mut self.actions);
    }

    /// Lets time pass up to this many milliseconds after the start, waking the session when it
    /// wants to be woken.
    fn until(&mut self, ms: u64) {
        let end = self.start + Duration::from_millis(ms);
        while let Some(due) = self.session.deadline().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.session.on_time(self.now, &mut self.actions);
        }
        self.now = end;
    }

    /// Everything asked for since the last look, in words.
    fn asked_for(&mut self) -> Vec<String> {
        self.actions
            .drain(..)
            .map(|action| words(&action))
            .collect()
    }
}

fn words(action: &Action) -> String {
    match action {
        Action::Launch(Conversation::New(id)) => format!("launch new {id}"),
        Action::Launch(Conversation::Resume(id)) => format!("launch resume {id}"),
        Action::WritePrompt(turn, prompt) => format!("write {}: {prompt}", turn.0),
        Action::WriteInterrupt => "interrupt".to_owned(),
        Action::WriteDecision(id, Decision::Allow { .. }) => format!("allow {id}"),
        Action::WriteDecision(id, Decision::Deny { .. }) => format!("deny {id}"),
        Action::Write(_) => "write".to_owned(),
        Action::CloseInput => "close input".to_owned(),
        Action::Terminate => "TERM".to_owned(),
        Action::Kill => "KILL".to_owned(),
        Action::Remember(id) => format!("remember {id}"),
        Action::Deliver(turn, kind) => {
            let whose = turn.map_or("nobody".to_owned(), |turn| turn.0.to_string());
            let code = match kind {
                EventKind::Notice(notice) => notice.code,
                kind => kind.text().unwrap_or(kind.as_str()),
            };
            format!("tell {whose}: {code}")
        }
        Action::EndTurn(turn, end) => format!("end {} {}", turn.0, end.outcome.as_str()),
    }
}

#[test]
fn a_prompt_starts_a_process_and_is_written_when_the_handshake_is_answered() {
    let mut script = Script::new();
    script.prompt(1);
    assert_eq!(script.asked_for(), ["launch new derived"]);
    script.launched();
    script.prompt(2);
    assert!(script.asked_for().is_empty());
    script.say(Message::Ready);
    assert_eq!(script.asked_for(), ["write 1: prompt 1"]);
    script.begin(1);
    script.answer("one");
    script.result("one");
    assert_eq!(
        script.asked_for(),
        ["tell 1: one", "end 1 completed", "write 2: prompt 2"]
    );
}

#[test]
fn an_agent_that_never_says_when_it_begins_is_taken_at_its_first_word() {
    let mut script = Script::ready();
    for turn in 1..3 {
        script.prompt(turn);
        script.answer("word");
        script.result("word");
        let expected = [
            format!("write {turn}: prompt {turn}"),
            format!("tell {turn}: word"),
            format!("end {turn} completed"),
        ];
        assert_eq!(script.asked_for(), expected);
    }
}

#[test]
fn what_is_said_before_a_prompt_is_begun_belongs_to_no_turn() {
    // Once for an agent that names its turns, once for an older one that only marks their start.
    for names_turns in [true, false] {
        let begin = |script: &mut Script, turn: u64| {
            if names_turns {
                script.say(Message::TurnStarted(Some(TurnId(turn))));
            }
            script.say(Message::TurnStarted(None));
        };
        let mut script = Script::ready();
        script.prompt(1);
        begin(&mut script, 1);
        script.prompt(2);
        script.result("one");
        script.asked_for();
        script.answer("late");
        script.result("one again");
        assert_eq!(
            script.asked_for(),
            ["tell nobody: late", "tell nobody: unrequested_result"]
        );
        begin(&mut script, 2);
        script.answer("two");
        script.result("two");
        assert_eq!(
            script.asked_for(),
            ["tell 2: two", "end 2 completed"],
            "{names_turns}"
        );
    }
}

#[test]
fn a_turn_the_agent_began_by_itself_is_nobodys_and_holds_an_older_agents_next_prompt_back() {
    let mut script = Script::ready();
    script.prompt(1);
    script.say(Message::TurnStarted(None));
    script.result("one");
    script.asked_for();
    script.say(Message::TurnStarted(None));
    script.prompt(2);
    script.answer("a task has ended");
    script.result("a task has ended");
    let told = [
        "tell nobody: a task has ended",
        "tell nobody: unrequested_result",
        "write 2: prompt 2",
    ];
    assert_eq!(script.asked_for(), told);
}

#[test]
fn a_prompt_does_not_wait_for_ever_behind_what_an_agent_began_by_itself() {
    let mut script = Script::ready();
    script.prompt(1);
    script.say(Message::TurnStarted(None));
    script.result("one");
    script.say(Message::TurnStarted(None));
    script.prompt(2);
    script.asked_for();
    script.until(50_000);
    script.answer("still at it");
    script.until(109_999);
    assert_eq!(script.asked_for(), ["tell nobody: still at it"]);
    script.until(110_000);
    assert_eq!(script.asked_for(), ["close input"]);
    script.ended(ExitCause::Other);
    assert_eq!(script.asked_for(), ["launch new derived"]);
}

#[test]
fn an_agent_that_works_by_itself_is_not_idle_until_it_is_done_or_falls_silent() {
    let mut script = Script::hot();
    script.until(1_790_000);
    script.say(Message::TurnStarted(None));
    assert!(!script.session.is_idle());
    script.until(1_840_000);
    script.answer("still at it");
    script.until(1_899_999);
    assert_eq!(script.asked_for(), ["tell nobody: still at it"]);
    script.until(1_900_000);
    assert_eq!(script.asked_for(), ["close input"]);
    let mut script = Script::hot();
    script.say(Message::TurnStarted(None));
    script.result("done");
    assert!(script.session.is_idle());
}

#[test]
fn an_agent_that_names_turns_is_not_believed_when_it_begins_an_unnamed_one() {
    let mut script = Script::hot();
    script.prompt(2);
    script.say(Message::TurnStarted(None));
    script.answer("by itself");
    script.result("by itself");
    script.begin(2);
    script.answer("two");
    script.result("two");
    assert_eq!(
        script.asked_for(),
        [
            "write 2: prompt 2",
            "tell nobody: by itself",
            "tell nobody: unrequested_result",
            "tell 2: two",
            "end 2 completed"
        ]
    );
}

#[test]
fn a_cancelled_turn_ends_with_the_agents_last_word() {
    let mut script = Script::hot();
    script.prompt(2);
    script.prompt(3);
    script.begin(2);
    script.asked_for();
    assert!(script.cancel(2));
    assert!(!script.cancel(2));
    script.answer("so far");
    script.result("");
    assert_eq!(
        script.asked_for(),
        [
            "interrupt",
            "tell 2: so far",
            "end 2 cancelled",
            "write 3: prompt 3"
        ]
    );
}

#[test]
fn a_turn_that_waits_is_cancelled_without_a_word_to_the_agent() {
    let mut script = Script::hot();
    script.prompt(2);
    script.prompt(3);
    script.asked_for();
    assert!(script.cancel(3));
    assert!(!script.cancel(4));
    assert_eq!(script.asked_for(), ["end 3 cancelled"]);
}

#[test]
fn an_interrupt_never_overtakes_its_prompt() {
    let mut script = Script::hot();
    script.prompt(2);
    assert!(script.cancel(2));
    assert_eq!(script.asked_for(), ["write 2: prompt 2"]);
    script.begin(2);
    assert_eq!(script.asked_for(), ["interrupt"]);
    script.result("");
    assert_eq!(script.asked_for(), ["end 2 cancelled"]);
}

#[test]
fn a_cancelled_turn_is_reported_after_a_second_and_its_process_given_up_after_the_grace() {
    let mut script = Script::hot();
    script.prompt(2);
    script.begin(2);
    script.cancel(2);
    script.prompt(3);
    script.asked_for();
    script.until(999);
    assert!(script.asked_for().is_empty());
    script.until(1000);
    assert_eq!(script.asked_for(), ["end 2 cancelled"]);
    script.answer("late");
    script.until(GRACE - 1);
    assert!(script.asked_for().is_empty());
    script.until(GRACE);
    assert_eq!(script.asked_for(), ["close input", "TERM"]);
    script.until(GRACE + GRACE / 2);
    assert_eq!(script.asked_for(), ["KILL"]);
    script.ended(ExitCause::Other);
    assert_eq!(script.asked_for(), ["launch new derived"]);
}

#[test]
fn a_turn_that_takes_too_long_ends_at_once_and_its_late_words_are_dropped() {
    let mut script = Script::hot();
    script.limited_prompt(2, Some(500));
    script.begin(2);
    script.prompt(3);
    script.asked_for();
    script.until(500);
    assert_eq!(script.asked_for(), ["end 2 timed_out", "interrupt"]);
    script.answer("late");
    script.result("late");
    assert_eq!(script.asked_for(), ["write 3: prompt 3"]);
}

#[test]
fn an_agent_that_falls_silent_is_given_up_and_one_that_talks_is_not() {
    let mut script = Script::with(|limits| limits.silence = Some(Duration::from_millis(200)));
    script.prompt(1);
    script.launched();
    script.say(Message::Ready);
    script.begin(1);
    script.asked_for();
    for ms in [150, 300, 450] {
        script.until(ms);
        script.answer("word");
    }
    script.asked_for();
    script.until(650);
    assert_eq!(script.asked_for(), ["end 1 timed_out", "interrupt"]);
}

#[test]
fn the_turn_clock_stands_still_while_the_caller_thinks() {
    let mut script = Script::hot();
    script.limited_prompt(2, Some(500));
    script.begin(2);
    script.until(400);
    script.ask("q");
    assert_eq!(script.session.state(), SessionState::Waiting);
    script.until(60_000);
    assert_eq!(
        script.asked_for(),
        ["write 2: prompt 2", "tell 2: permission_request"]
    );
    assert!(!script.decide("other", Decision::allow()));
    assert!(script.decide("q", Decision::allow()));
    assert!(!script.decide("q", Decision::allow()));
    script.until(60_099);
    assert_eq!(script.asked_for(), ["allow q"]);
    script.until(60_100);
    assert_eq!(script.asked_for(), ["end 2 timed_out", "interrupt"]);
}

#[test]
fn a_question_nobody_answers_is_denied_and_a_withdrawn_one_is_told() {
    let mut script = Script::with(|limits| limits.approval = Some(Duration::from_millis(300)));
    script.prompt(2);
    script.launched();
    script.say(Message::Ready);
    script.begin(2);
    script.asked_for();
    script.ask("q");
    script.until(300);
    let expected = [
        "tell 2: permission_request",
        "tell 2: permission_timed_out",
        "deny q",
    ];
    assert_eq!(script.asked_for(), expected);
    script.ask("r");
    script.say(Message::ApprovalWithdrawn("r".to_owned()));
    assert_eq!(
        script.asked_for(),
        ["tell 2: permission_request", "tell 2: permission_withdrawn"]
    );
    assert_eq!(script.session.state(), SessionState::Busy);
}

#[test]
fn a_question_without_a_caller_is_denied() {
    let mut script = Script::hot();
    script.ask("q");
    assert_eq!(script.asked_for(), ["deny q"]);
}

#[test]
fn a_denial_that_ends_the_turn_makes_it_cancelled_and_not_failed() {
    let mut script = Script::hot();
    script.prompt(2);
    script.begin(2);
    script.ask("q");
    let decision = Decision::Deny {
        message: "no".to_owned(),
        interrupt: true,
    };
    assert!(script.decide("q", decision));
    script.say(Message::TurnResult(Box::new(TurnResult {
        is_error: true,
        ..TurnResult::default()
    })));
    assert_eq!(
        script.asked_for().last().map(String::as_str),
        Some("end 2 cancelled")
    );
}

#[test]
fn a_process_that_ends_at_work_crashes_the_turn_and_the_next_one_resumes() {
    let mut script = Script::hot();
    script.say(Message::SessionStart(Box::new(SessionStart {
        agent_session_id: "talk".to_owned(),
        ..SessionStart::default()
    })));
    script.prompt(2);
    script.begin(2);
    script.prompt(3);
    script.asked_for();
    script.ended(ExitCause::Other);
    let Some(Action::EndTurn(_, end)) = script.actions.first() else {
        panic!("the turn ends first")
    };
    let error = end.error.as_ref().unwrap();
    assert_eq!(error.kind(), ErrorKind::Crashed);
    let expected =
        "the agent exited with status 3 in the middle of the turn: noise | Invalid API key";
    assert_eq!(error.message(), expected);
    assert_eq!(script.asked_for(), ["end 2 crashed", "launch resume talk"]);
}

#[test]
fn a_prompt_written_to_a_process_that_had_ended_is_written_to_the_next_once() {
    let mut script = Script::hot();
    script.prompt(2);
    script.ended(ExitCause::Other);
    assert_eq!(
        script.asked_for(),
        ["write 2: prompt 2", "launch new derived"]
    );
    script.launched();
    script.say(Message::Ready);
    assert_eq!(script.asked_for(), ["write 2: prompt 2"]);
    script.ended(ExitCause::Other);
    assert_eq!(script.asked_for(), ["end 2 crashed"]);
}

#[test]
fn a_process_that_ends_at_start_fails_every_turn_that_waits_with_the_reason() {
    let mut script = Script::new();
    script.prompt(1);
    script.prompt(2);
    script.launched();
    script.asked_for();
    script.ended(ExitCause::Other);
    let Some(Action::EndTurn(_, end)) = script.actions.first() else {
        panic!("the turn ends first")
    };
    assert!(
        end.error
            .as_ref()
            .unwrap()
            .message()
            .ends_with("Invalid API key")
    );
    assert_eq!(script.asked_for(), ["end 1 failed", "end 2 failed"]);
    assert!(script.session.is_over());
}

#[test]
fn a_conversation_that_cannot_go_on_is_replaced_once_and_the_caller_is_told() {
    // At the handshake, or only when the first prompt was there: versions differ.
    for at_work in [false, true] {
        for cause in [ExitCause::NoConversation, ExitCause::NameInUse] {
            let mut script = Script::new();
            script.prompt(1);
            script.launched();
            if at_work {
                script.say(Message::Ready);
            }
            script.asked_for();
            script.ended(cause);
            assert_eq!(
                script.asked_for(),
                ["tell 1: session_reset", "launch new fresh"]
            );
            script.launched();
            script.ended(cause);
            assert_eq!(script.asked_for(), ["end 1 failed"]);
        }
    }
}

#[test]
fn an_agent_that_does_not_answer_its_handshake_is_ended() {
    let mut script = Script::new();
    script.prompt(1);
    script.launched();
    script.asked_for();
    script.until(30_000);
    assert_eq!(
        script.asked_for(),
        ["end 1 timed_out", "close input", "TERM"]
    );
    script.ended(ExitCause::Other);
    assert!(script.session.is_over());
}

#[test]
fn a_stopped_session_ends_all_its_turns_and_climbs_down_the_ladder() {
    let mut script = Script::hot();
    script.prompt(2);
    script.prompt(3);
    script.begin(2);
    script.asked_for();
    script.stop();
    let expected = ["end 2 stopped", "end 3 stopped", "interrupt", "close input"];
    assert_eq!(script.asked_for(), expected);
    script.result("too late");
    script.prompt(4);
    script.until(GRACE / 2);
    assert_eq!(script.asked_for(), ["TERM"]);
    script.until(GRACE);
    assert_eq!(script.asked_for(), ["KILL"]);
    script.ended(ExitCause::Other);
    assert_eq!(script.asked_for(), ["launch new derived"]);
}

#[test]
fn a_session_stopped_before_its_process_is_there_ends_it_on_arrival() {
    let mut script = Script::new();
    script.prompt(1);
    script.stop();
    assert_eq!(script.asked_for(), ["launch new derived", "end 1 stopped"]);
    script.launched();
    assert_eq!(script.asked_for(), ["close input"]);
    script.ended(ExitCause::Other);
    assert!(script.session.is_over());
}

#[test]
fn an_idle_session_ends_its_process_and_a_busy_one_does_not() {
    let mut script = Script::hot();
    script.limited_prompt(2, None);
    script.begin(2);
    script.until(7_200_000);
    script.result("two");
    assert_eq!(script.asked_for(), ["write 2: prompt 2", "end 2 completed"]);
    script.until(7_200_000 + 1_799_999);
    assert!(script.asked_for().is_empty());
    script.until(7_200_000 + 1_800_000);
    assert_eq!(script.asked_for(), ["close input"]);
}

/// Whatever happens in whatever order, each turn ends exactly once and the session can be closed.
#[test]
fn every_turn_ends_exactly_once_whatever_happens() {
    for seed in 0..if cfg!(miri) { 20 } else { 3000 } {
        let mut dice = Dice(seed);
        let mut script = Script::with(|limits| limits.silence = Some(Duration::from_secs(20)));
        let mut turns = 0;
        let mut ends: HashMap<u64, Vec<Outcome>> = HashMap::new();
        let mut process = false;
        for _ in 0..60 {
            match dice.roll(16) {
                0..=2 => {
                    turns += 1;
                    script.limited_prompt(turns, Some(5000));
                }
                3 => drop(script.cancel(dice.roll(turns + 2))),
                4 => drop(script.decide("q", Decision::allow())),
                5 => script.until(
                    script.now.duration_since(script.start).as_millis() as u64 + dice.roll(9000),
                ),
                6 if dice.roll(4) == 0 => script.stop(),
                7 if process => {
                    process = false;
                    let causes = [
                        ExitCause::Other,
                        ExitCause::NameInUse,
                        ExitCause::NoConversation,
                    ];
                    script.ended(causes[dice.roll(3) as usize]);
                }
                8 if process => script.ask("q"),
                9 if process => script.begin(dice.roll(turns + 2)),
                10 if process => script.say(Message::TurnStarted(None)),
                11 | 12 if process => script.result("r"),
                13 if process => script.answer("a"),
                14 | 15 if process => script.say(Message::Ready),
                _ => {}
            }
            settle(&mut script, &mut dice, &mut process, &mut ends);
        }
        let reason = StopReason::EngineCloses(Duration::ZERO);
        script
            .session
            .stop(&reason, script.now, &mut script.actions);
        settle(&mut script, &mut dice, &mut process, &mut ends);
        if process {
            script.ended(ExitCause::Other);
        }
        settle(&mut script, &mut Dice(1), &mut process, &mut ends);
        assert!(
            script.session.is_over(),
            "seed {seed}: {:?}",
            script.session.state()
        );
        for turn in 1..=turns {
            let ends = ends.get(&turn).map_or(0, Vec::len);
            assert_eq!(ends, 1, "seed {seed}: turn {turn} has {ends} ends");
        }
    }
}

/// Plays the io thread: starts what is to be started, and books the ends.
fn settle(
    script: &mut Script,
    dice: &mut Dice,
    process: &mut bool,
    ends: &mut HashMap<u64, Vec<Outcome>>,
) {
    let mut actions = std::mem::take(&mut script.actions);
    while !actions.is_empty() {
        for action in actions.drain(..) {
            match action {
                Action::EndTurn(turn, end) => ends.entry(turn.0).or_default().push(end.outcome),
                Action::Launch(_) if dice.roll(5) == 0 => {
                    let error = Error::new(ErrorKind::SpawnFailed, "no");
                    script.session.launch_failed(&error, &mut script.actions);
                }
                Action::Launch(_) => {
                    assert!(!*process, "a second process is started beside the first");
                    *process = true;
                    script.launched();
                }
                _ => {}
            }
        }
        actions = std::mem::take(&mut script.actions);
    }
}

/// A small generator (Knuth's MMIX constants), so that a failing seed can be named and run again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}
