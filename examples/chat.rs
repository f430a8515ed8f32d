//! A chat in the terminal: one line is one prompt.
//!
//! ```text
//! cargo run --example chat                      talks to `claude` in this directory
//! cargo run --example chat -- --provider NAME   talks to this agent instead
//! cargo run --example chat -- PROGRAM [ARG]     talks to this program instead
//! ```
//!
//! Ctrl-C interrupts the answer, and leaves when nothing is being answered. `/help` lists the rest.
//! The host owns its signals: the engine installs no handler, so this example does, and its agents
//! are in process groups of their own and do not hear the terminal's Ctrl-C.

#![allow(clippy::print_stdout, reason = "an example talks to its user")]

use std::collections::VecDeque;
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvError, bounded, never, select};
use hotplex::{
    Decision, Delivery, Engine, Event, EventKind, Outcome, PermissionRequest, Request, Turn,
    TurnEnd,
};

mod arguments;

const HELP: &str = "\
/sessions        what the pool holds
/session NAME    talk in another session
/stop            stop this session's process; its conversation is kept
/quit            leave";

type Outcomes<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcomes<()> {
    let options = arguments::apply(Engine::builder().partial_messages(true));
    let mut chat = Chat {
        engine: options.open()?,
        work_dir: std::env::current_dir()?,
        session: "chat".to_owned(),
        waiting: VecDeque::new(),
        turn: None,
        question: None,
        streamed: false,
    };
    println!("Session {:?}. /help lists the commands.", chat.session);
    chat.run(&lines(), &interrupts()?)?;
    chat.engine.close(Duration::from_secs(5))?;
    Ok(())
}

/// What was typed, line by line, until the end of input.
fn lines() -> Receiver<String> {
    let (sender, lines) = bounded(0);
    thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    lines
}

/// Each Ctrl-C as a message.
fn interrupts() -> Outcomes<Receiver<()>> {
    let mut signals = signal_hook::iterator::Signals::new([signal_hook::consts::SIGINT])?;
    let (sender, interrupts) = bounded(1);
    thread::spawn(move || {
        for _ in signals.forever() {
            // One that nobody has looked at yet stands for all.
            let _ = sender.try_send(());
        }
    });
    Ok(interrupts)
}

/// What there is to react to.
enum Happening {
    Typed(String),
    InputEnded,
    Interrupt,
    Delivered(Result<Delivery, RecvError>),
}

/// What to do after a happening.
#[derive(PartialEq)]
enum Next {
    GoOn,
    Leave,
}

struct Chat {
    engine: Engine,
    work_dir: PathBuf,
    session: String,
    /// Prompts typed while an answer was on its way.
    waiting: VecDeque<String>,
    turn: Option<Turn>,
    /// What the agent wants to know before it goes on.
    question: Option<PermissionRequest>,
    /// Pieces of the answer were shown, so the whole need not be.
    streamed: bool,
}

impl Chat {
    fn run(&mut self, lines: &Receiver<String>, interrupts: &Receiver<()>) -> Outcomes<()> {
        let ended = never();
        let mut lines = lines;
        self.ask_for_line()?;
        loop {
            match self.next(lines, interrupts) {
                Happening::Typed(line) if self.typed(line.trim())? == Next::Leave => return Ok(()),
                Happening::Typed(_) => {}
                Happening::InputEnded => lines = &ended,
                Happening::Interrupt if self.turn.is_none() => return Ok(()),
                Happening::Interrupt => self.turn.iter().for_each(Turn::cancel),
                Happening::Delivered(delivery) => self.delivered(delivery)?,
            }
            if std::ptr::eq(lines, &ended) && self.nothing_left_to_do()? {
                return Ok(());
            }
        }
    }

    /// Waits for whatever comes first. This is all it takes to put turns into a host's own loop.
    fn next(&self, lines: &Receiver<String>, interrupts: &Receiver<()>) -> Happening {
        let nothing = never();
        let events = self.turn.as_ref().map_or(&nothing, Turn::receiver);
        select! {
            recv(lines) -> line => line.map_or(Happening::InputEnded, Happening::Typed),
            recv(interrupts) -> _ => Happening::Interrupt,
            recv(events) -> delivery => Happening::Delivered(delivery),
        }
    }

    fn typed(&mut self, line: &str) -> Outcomes<Next> {
        if let Some(question) = self.question.take() {
            self.decide(&question, line)?;
            return Ok(Next::GoOn);
        }
        match line.split_once(' ').unwrap_or((line, "")) {
            ("/quit", _) => return Ok(Next::Leave),
            ("/help", _) => println!("{HELP}"),
            ("/sessions", _) => self.list()?,
            ("/session", name) => name.trim().clone_into(&mut self.session),
            ("/stop", _) => self.stop(),
            ("", _) => {}
            _ => self.waiting.push_back(line.to_owned()),
        }
        self.begin_turn()?;
        Ok(Next::GoOn)
    }

    fn begin_turn(&mut self) -> Outcomes<()> {
        if self.turn.is_some() {
            return Ok(());
        }
        let Some(prompt) = self.waiting.pop_front() else {
            return self.ask_for_line();
        };
        let request = Request::new(&self.session, &self.work_dir, prompt);
        match self.engine.execute(request) {
            Ok(turn) => self.turn = Some(turn),
            Err(error) => println!("! {error}"),
        }
        Ok(())
    }

    fn delivered(&mut self, delivery: Result<Delivery, RecvError>) -> Outcomes<()> {
        let event = self.turn.as_mut().and_then(|turn| turn.accept(delivery));
        let Some(Event { kind, .. }) = event else {
            return Ok(());
        };
        match kind {
            EventKind::AnswerDelta(text) => {
                self.streamed = true;
                write(&text)?;
            }
            EventKind::Answer(_) if std::mem::take(&mut self.streamed) => println!(),
            EventKind::Answer(text) => println!("{text}"),
            EventKind::ToolUse(call) => println!("* {} {}", call.name, call.summary),
            EventKind::ToolResult(result) if result.is_error => {
                println!("* failed: {}", result.text)
            }
            EventKind::PermissionRequest(question) => self.ask(*question)?,
            EventKind::Notice(notice) => println!("! {}", notice.text),
            EventKind::TurnEnd(end) => self.ended(&end)?,
            _ => {}
        }
        Ok(())
    }

    fn ended(&mut self, end: &TurnEnd) -> Outcomes<()> {
        self.turn = None;
        self.question = None;
        if std::mem::take(&mut self.streamed) {
            println!();
        }
        match (&end.error, end.outcome) {
            (None, _) => println!("[{} ms]", end.stats.total.as_millis()),
            (Some(_), Outcome::Cancelled) => println!("[cancelled]"),
            (Some(error), _) => println!("[{error}]"),
        }
        self.begin_turn()
    }

    fn ask(&mut self, question: PermissionRequest) -> Outcomes<()> {
        let tool = &question.tool;
        write(&format!(
            "? {} {}: may it run? [y/n] ",
            tool.name, tool.summary
        ))?;
        self.question = Some(question);
        Ok(())
    }

    fn decide(&self, question: &PermissionRequest, line: &str) -> Outcomes<()> {
        let decision = match line {
            "y" | "yes" => Decision::allow(),
            _ => Decision::deny("the user said no"),
        };
        if let Some(turn) = &self.turn
            && let Err(error) = turn.respond(&question.request_id, decision)
        {
            println!("! {error}");
        }
        Ok(())
    }

    fn list(&self) -> Outcomes<()> {
        for session in self.engine.sessions()? {
            println!(
                "{:<20} {:<10} pid {:<8} {} turns, {} KiB",
                session.session_id,
                session.state.as_str(),
                session.pid.unwrap_or_default(),
                session.turns,
                session.resident_bytes / 1024,
            );
        }
        Ok(())
    }

    fn stop(&self) {
        match self
            .engine
            .stop_session(&self.session, "the user asked for it")
        {
            Ok(()) => println!("stopped; the next prompt takes the conversation up again"),
            Err(error) => println!("! {error}"),
        }
    }

    /// Input has ended: nobody is left to answer a question, and what was typed is still served.
    fn nothing_left_to_do(&mut self) -> Outcomes<bool> {
        if let Some(question) = self.question.take() {
            self.decide(&question, "n")?;
        }
        Ok(self.turn.is_none() && self.waiting.is_empty())
    }

    fn ask_for_line(&self) -> Outcomes<()> {
        write(&format!("{}> ", self.session))
    }
}

fn write(text: &str) -> Outcomes<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}
