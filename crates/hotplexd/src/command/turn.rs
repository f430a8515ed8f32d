//! One turn as the command line follows it: events shown, questions asked, Ctrl-C passed on.

use std::collections::VecDeque;

use serde_json::{Value, json};
use tokio::signal::unix::Signal;
use tokio::time::{Duration, Instant, interval};

use super::ended::Ended;
use super::show::Show;
use crate::client::{Frame, Wire};
use crate::failure::{Failure, interrupted};
use crate::terminal::answer::Answer;

/// Sends the request and follows the turn to its end.
///
/// # Errors
/// The daemon has gone, or the user pressed Ctrl-C a third time.
pub(super) async fn follow(
    wire: &mut Wire,
    request: Value,
    show: &mut dyn Show,
    interrupts: &mut Signal,
) -> Result<Ended, Failure> {
    let session = request["session_id"].as_str().unwrap_or_default();
    let mut turn = FollowedTurn::new(session);
    turn.id = wire.send(request).await?;
    let mut ticks = interval(Duration::from_secs(1));
    let begin = Instant::now();
    loop {
        tokio::select! {
            frame = wire.next() => {
                let frame = frame?;
                if let Some(ended) = turn.take(&frame, show)? {
                    show.end(&ended)?;
                    return Ok(ended);
                }
            }
            line = answered(&mut turn.answer) => turn.answered(wire, line, show).await?,
            _ = interrupts.recv() => turn.interrupt(wire).await?,
            _ = ticks.tick() => if turn.answer.is_none() {
                show.still_working(begin.elapsed())?;
            }
        }
    }
}

async fn answered(answer: &mut Option<Answer>) -> Option<String> {
    match answer {
        Some(answer) => answer.line().await,
        None => std::future::pending().await,
    }
}

struct FollowedTurn {
    id: u64,
    ended: Ended,
    /// Questions that nobody has answered, the one that was asked first.
    open: VecDeque<Value>,
    answer: Option<Answer>,
    interrupts: u8,
}

impl FollowedTurn {
    fn new(session: &str) -> FollowedTurn {
        FollowedTurn {
            id: 0,
            ended: Ended {
                session: session.to_owned(),
                outcome: "refused".to_owned(),
                answer: String::new(),
                error: Value::Null,
                stats: Value::Null,
                interrupted: false,
            },
            open: VecDeque::new(),
            answer: None,
            interrupts: 0,
        }
    }

    /// Takes a frame; the end, if it is that.
    fn take(&mut self, frame: &Frame, show: &mut dyn Show) -> Result<Option<Ended>, Failure> {
        if frame.request_id != Some(self.id) {
            // Answers to interrupts and approvals: the turn itself tells what became of it.
            return Ok(None);
        }
        show.frame(frame)?;
        match frame.event.as_str() {
            "answer" => self.ended.answer.push_str(frame.text_of("text")),
            "turn_end" => {
                self.ended.outcome = frame.text_of("outcome").to_owned();
                self.ended.stats = frame.data["stats"].clone();
                self.ended.error = frame.data["error"].clone();
            }
            "approval_request" => {
                self.open.push_back(frame.data.clone());
                if self.open.len() == 1 {
                    self.ask(show)?;
                }
            }
            "approval_closed" => self.closed(frame, show)?,
            // One that was refused has no other end.
            "error" if self.ended.error.is_null() => {
                let data = &frame.data;
                self.ended.error = json!({"kind": data["kind"], "message": data["message"]});
                return Ok(Some(self.end()));
            }
            "completed" | "stopped" | "error" => return Ok(Some(self.end())),
            _ => {}
        }
        Ok(None)
    }

    fn end(&mut self) -> Ended {
        let empty = FollowedTurn::new("").ended;
        std::mem::replace(&mut self.ended, empty)
    }

    fn ask(&mut self, show: &mut dyn Show) -> Result<(), Failure> {
        if let Some(asked) = self.open.front() {
            show.question(asked)?;
            self.answer = Some(Answer::begin());
        }
        Ok(())
    }

    /// A question was answered, here or by another client.
    fn closed(&mut self, frame: &Frame, show: &mut dyn Show) -> Result<(), Failure> {
        let id = frame.text_of("approval_id");
        let was_asked = self
            .open
            .front()
            .is_some_and(|asked| asked["approval_id"] == id);
        self.open.retain(|asked| asked["approval_id"] != id);
        if was_asked {
            if self.answer.take().is_some() {
                show.closed(frame.text_of("decision"))?;
            }
            self.ask(show)?;
        }
        Ok(())
    }

    /// The user typed a line.
    async fn answered(
        &mut self,
        wire: &mut Wire,
        line: Option<String>,
        show: &mut dyn Show,
    ) -> Result<(), Failure> {
        self.answer = None;
        let Some(asked) = self.open.front() else {
            return Ok(());
        };
        // The end of input denies: no user is there any more.
        let line = line.unwrap_or_else(|| "n".to_owned());
        let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let mut request = json!({
            "session_id": self.ended.session, "approval_id": asked["approval_id"],
        });
        match word.to_lowercase().as_str() {
            "y" | "yes" => request["type"] = json!("approve"),
            "n" | "no" => {
                request["type"] = json!("deny");
                request["message"] = json!(rest.trim());
            }
            _ => return self.ask(show),
        }
        wire.send(request).await?;
        Ok(())
    }

    /// Ctrl-C: first the turn, then the agent, then this program.
    async fn interrupt(&mut self, wire: &mut Wire) -> Result<(), Failure> {
        self.interrupts += 1;
        self.ended.interrupted = true;
        let kind = match self.interrupts {
            1 => "interrupt",
            2 => "stop",
            _ => return Err(interrupted()),
        };
        wire.send(json!({"type": kind, "session_id": self.ended.session}))
            .await?;
        Ok(())
    }
}
