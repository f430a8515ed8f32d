//! The search itself: all states that some order of moves leads to, each looked at once.

use std::any::Any;
use std::collections::HashSet;
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::super::*;
use super::agent::{Agent, Dialect, Line, Step};
use super::ledger::{Ledger, Question};
use crate::message::Origin;
use crate::session::state::State;

/// How far the search goes.
pub(super) struct Bounds {
    /// How many moves one after the other.
    pub(super) depth: usize,
    pub(super) turns: u64,
    /// How often an agent does each thing that it need not do.
    pub(super) extras: u8,
}

/// What can happen next.
#[derive(Clone, Copy, Debug)]
enum Move {
    Agent(Step),
    Prompt,
    Cancel(u64),
    Decide,
    Stop,
    Exit,
    /// Nothing happens until the session wants to be woken.
    TimePasses,
}

/// The session with all that is around it.
#[derive(Clone)]
struct World {
    session: Session,
    now: Instant,
    agent: Option<Agent>,
    ledger: Ledger,
    /// Processes that end without being told to, and stops.
    exits: u8,
    stops: u8,
    dialect: Dialect,
    extras: u8,
}

/// Looks at every state up to the depth, and says how many there are and whether those are all.
/// Panics with the moves that lead to a state that must not be.
pub(super) fn explore(dialect: Dialect, resumes: bool, bounds: &Bounds) -> (usize, bool) {
    let mut seen = HashSet::new();
    let mut frontier = vec![(World::new(dialect, resumes, bounds), Vec::new())];
    for _ in 0..bounds.depth {
        let mut next = Vec::new();
        for (world, path) in &frontier {
            for step in world.moves(bounds) {
                let mut world: World = world.clone();
                let mut path: Vec<Move> = path.clone();
                path.push(step);
                let outcome = catch_unwind(AssertUnwindSafe(|| world.make(step)));
                if let Err(broken) = outcome {
                    let what = what_broke(broken.as_ref());
                    panic!("{what}; {dialect:?}, resumed {resumes}, after {path:?}");
                }
                if seen.insert(world.fingerprint()) {
                    next.push((world, path));
                }
            }
        }
        frontier = next;
        if frontier.is_empty() {
            break;
        }
    }
    (seen.len(), frontier.is_empty())
}

fn what_broke(broken: &(dyn Any + Send)) -> String {
    let text = broken.downcast_ref::<String>().cloned();
    let fixed = || broken.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(fixed).unwrap_or_default()
}

impl World {
    fn new(dialect: Dialect, resumes: bool, bounds: &Bounds) -> World {
        let mut script = Script::with(|limits| {
            limits.idle = None;
            limits.background = None;
            limits.start = None;
        });
        if resumes {
            script.session.conversation = Conversation::Resume("earlier".to_owned());
        }
        World {
            session: script.session,
            now: script.now,
            agent: None,
            ledger: Ledger::default(),
            exits: 1,
            stops: 1,
            dialect,
            extras: bounds.extras,
        }
    }

    fn moves(&self, bounds: &Bounds) -> Vec<Move> {
        let mut moves = Vec::new();
        if let Some(agent) = &self.agent {
            moves.extend(agent.steps().map(Move::Agent));
            if agent.closing || self.exits > 0 {
                moves.push(Move::Exit);
            }
        }
        if self.ledger.turns < bounds.turns {
            moves.push(Move::Prompt);
        }
        let open = (1..=self.ledger.turns).filter(|turn| !self.ledger.has_ended(*turn));
        moves.extend(
            open.filter(|turn| !self.ledger.cancelled.contains(turn))
                .map(Move::Cancel),
        );
        if self.ledger.question == Question::Open {
            moves.push(Move::Decide);
        }
        if self.stops > 0 && self.ledger.turns > 0 {
            moves.push(Move::Stop);
        }
        if self.session.deadline().is_some() && !self.is_too_early() {
            moves.push(Move::TimePasses);
        }
        moves
    }

    /// An agent that marks each start does so in time: what is held is not given up meanwhile.
    fn is_too_early(&self) -> bool {
        let (Some(agent), Some(running)) = (&self.agent, self.session.state.running()) else {
            return false;
        };
        let unheard = self.dialect.marks_every_start() || !running.begun && !running.spoken;
        let waits = running.held.as_ref().is_some_and(|held| {
            let first = self.session.deadline();
            first.is_some_and(|first| first >= held.until)
        });
        let own_first = self.dialect != Dialect::MarksOnce;
        waits && unheard && own_first && agent.owes(running.turn().0)
    }

    fn make(&mut self, step: Move) {
        let mut actions = Vec::new();
        let now = self.now;
        match step {
            Move::Agent(step) => self.agent_says(step, &mut actions),
            Move::Prompt => {
                self.ledger.turns += 1;
                let queued = QueuedTurn {
                    turn: TurnId(self.ledger.turns),
                    prompt: "".into(),
                    limit: None,
                    retried: false,
                    work_dir: Some(HERE),
                };
                self.session.prompt(queued, now, &mut actions);
            }
            Move::Cancel(turn) => {
                self.ledger.cancelled.push(turn);
                self.session.cancel(TurnId(turn), now, &mut actions);
            }
            Move::Decide => {
                let (asked, yes) = (Asked::InSession, Decision::allow());
                self.session.decide(asked, "q", yes, now, &mut actions);
            }
            Move::Stop => {
                self.stops -= 1;
                let reason = StopReason::Requested("enough".to_owned());
                self.session.stop(&reason, now, &mut actions);
            }
            Move::Exit => self.exit(&mut actions),
            Move::TimePasses => {
                self.now = self.session.deadline().map_or(now, |due| due.max(now));
                self.session.on_time(self.now, &mut actions);
            }
        }
        self.carry_out(actions);
        self.ledger.nothing_is_lost(&self.session);
        if let Some(agent) = &self.agent {
            self.ledger
                .nothing_hangs(&self.session, |turn| agent.owes(turn));
        }
    }

    fn exit(&mut self, actions: &mut Vec<Action>) {
        let closing = self.agent.take().is_some_and(|agent| agent.closing);
        self.exits -= u8::from(!closing);
        let ended = Ended {
            how: String::new(),
            stderr: String::new(),
            cause: ExitCause::Other,
            fresh_name: "fresh".to_owned(),
        };
        self.session.ended(&ended, self.now, actions);
        self.ledger.question = match self.ledger.question {
            Question::Open => Question::Settled,
            other => other,
        };
    }

    fn agent_says(&mut self, step: Step, actions: &mut Vec<Action>) {
        let lines = self.agent.as_mut().map(|agent| agent.take(step));
        for line in lines.unwrap_or_default() {
            match line {
                Line::Answer(Some(turn)) => self.ledger.agent_answers(turn),
                Line::Result(Some(turn))
                | Line::SignedResult(Some(turn))
                | Line::ResultOfBoth(turn) => {
                    self.ledger.result_said.push(turn);
                }
                _ => {}
            }
            let message = message_of(line);
            self.session.message(message, self.now, actions);
            self.carry_out(std::mem::take(actions));
        }
    }

    fn carry_out(&mut self, mut actions: Vec<Action>) {
        while !actions.is_empty() {
            let mut more = Vec::new();
            for action in actions.drain(..) {
                self.perform(action, &mut more);
            }
            actions = more;
        }
    }

    fn perform(&mut self, action: Action, more: &mut Vec<Action>) {
        match action {
            Action::Deliver(listener, kind) => self.ledger.told(listener, &kind),
            Action::EndTurn(turn, end) => self.ledger.ends(turn.0, &end),
            Action::Launch(conversation) => {
                assert!(self.agent.is_none(), "a second process beside the first");
                let resumed = matches!(conversation, Conversation::Resume(_));
                self.agent = Some(Agent::new(self.dialect, resumed, self.extras));
                self.session.launched(1, HERE, self.now, more);
                self.session.message(Message::Ready, self.now, more);
            }
            Action::WriteDecision(..) => self.ledger.question = Question::Settled,
            Action::CloseInput | Action::Terminate | Action::Kill => {
                if let Some(agent) = &mut self.agent {
                    agent.closing = true;
                }
                if self.ledger.question == Question::Open {
                    self.ledger.question = Question::Settled;
                }
            }
            Action::WritePrompt(turn, _) => {
                if let Some(agent) = &mut self.agent {
                    agent.prompt(turn.0);
                }
            }
            Action::WriteInterrupt => {
                if let Some(agent) = &mut self.agent {
                    agent.interrupt();
                }
            }
            Action::LookUpWorkDir => self.session.work_dir_found(Some(HERE), self.now, more),
            Action::Write(_) | Action::Remember(_) => {}
        }
    }

    /// The state in a form in which two are the same that go on in the same way: times count from
    /// now.
    fn fingerprint(&self) -> u64 {
        let session = &self.session;
        let mut text = String::new();
        let from_now = |at: Option<Instant>| at.map(|at| at.saturating_duration_since(self.now));
        let _ = write!(
            text,
            "{:?} {:?} {:?} {}",
            session.state(),
            from_now(session.deadline()),
            session.conversation,
            session.reset
        );
        for queued in &session.queue {
            let _ = write!(text, " {}{}", queued.turn.0, queued.retried);
        }
        let process = &session.process;
        let _ = write!(
            text,
            " {:?} {} {} {} {} {} {} {:?}",
            process.marks,
            process.self_started,
            process.resumed,
            process.turns_done.min(1),
            process.waited,
            process.introduced,
            process.started_for_next,
            process.questions.turns(),
        );
        if let State::Stopping {
            interrupted,
            report_at,
            until,
            ..
        } = &session.state
        {
            let (report_at, until) = (from_now(*report_at), from_now(Some(*until)));
            let _ = write!(text, " {interrupted} {report_at:?} {until:?}");
        }
        if let Some(running) = session.state.running() {
            let _ = write!(
                text,
                " {} {} {} {} {} {:?}",
                running.turn().0,
                running.queued.retried,
                running.begun,
                running.over,
                running.spoken,
                running.waiting_since.is_some(),
            );
            if let Some(held) = &running.held {
                let (words, result) = held.contents();
                let _ = write!(
                    text,
                    " {words:?} {result:?} {:?}",
                    from_now(Some(held.until))
                );
            }
        }
        let mut hasher = DefaultHasher::new();
        (text, &self.agent, &self.ledger, self.exits, self.stops).hash(&mut hasher);
        hasher.finish()
    }
}

fn message_of(line: Line) -> Message {
    let result = |turn: Option<u64>, origin, is_error: bool| {
        Message::TurnResult(Box::new(TurnResult {
            text: turn.filter(|_| !is_error).map(|turn| turn.to_string()),
            origin,
            is_error,
            interrupted: is_error,
            ..TurnResult::default()
        }))
    };
    let signature = |turn: Option<u64>| match turn {
        Some(turn) => Origin::Turns(vec![TurnId(turn)]),
        None => Origin::Itself,
    };
    match line {
        Line::NamesTurns => Message::NamesTurns,
        Line::Queued(turn) => Message::TurnQueued(TurnId(turn)),
        Line::NamedStart(turn) => Message::TurnStarted(Some(TurnId(turn))),
        Line::Start => Message::TurnStarted(None),
        Line::Over(turn) => Message::TurnOver(TurnId(turn)),
        Line::Answer(turn) => {
            let text = turn.map_or("own".to_owned(), |turn| turn.to_string());
            Message::Event(EventKind::Answer(text))
        }
        Line::Result(turn) => result(turn, Origin::Unsaid, false),
        Line::ResultOfBoth(turn) => result(Some(turn), Origin::Itself, false),
        Line::Failure(turn) => result(turn, Origin::Unsaid, true),
        Line::SignedResult(turn) => result(turn, signature(turn), false),
        Line::SignedFailure(turn) => result(turn, signature(turn), true),
        Line::Question => Message::ApprovalAsked(Box::new(PermissionRequest {
            request_id: "q".to_owned(),
            tool: ToolUse {
                id: "t".to_owned(),
                name: "Bash".to_owned(),
                input: serde_json::Value::Null,
                summary: String::new(),
                changes_file: None,
                parent: None,
            },
            reason: None,
        })),
    }
}
