//! `hotplexd tail`: what happens in a session.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use serde_json::json;

use super::say::say;
use super::show::{Lines, Screen, Show};
use crate::cli::{Endpoint, Tail};
use crate::client::{Backend, Frame, Target, Wire};
use crate::failure::{Failure, failed};
use crate::terminal::{Style, clean, visible};

/// How long a daemon that has gone is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Between two tries to reach it; doubled each time up to the second.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(2)];

pub(super) async fn run(flags: Tail) -> Result<(), Failure> {
    let mut wire = open(&flags.reach).await?;
    let session = &flags.session;
    let list = wire.ask(json!({"type": "list"})).await?;
    let known = list.data["sessions"].as_array().into_iter().flatten();
    if !known.into_iter().any(|one| one["session_id"] == **session) {
        return Err(failed(format!("there is no session {}", visible(session))));
    }
    let mut show: Box<dyn Show> = match flags.json || !std::io::stdout().is_terminal() {
        true => Box::new(Lines),
        false => Box::new(Told(Screen::new())),
    };
    let mut seen = flags.after.unwrap_or(0);
    loop {
        match follow(&mut wire, &flags, &mut seen, show.as_mut()).await {
            Err(gone) if gone.is_unreachable() && !flags.no_follow => {
                note(&format!("{}; waiting for it\n", gone.message));
                wire = again(&flags.reach).await?;
            }
            over => return over,
        }
    }
}

async fn open(reach: &Endpoint) -> Result<Wire, Failure> {
    Backend::Daemon(Target::need(reach)?).wire().await
}

/// The daemon that is started in the place of one that has gone, perhaps at another port.
async fn again(reach: &Endpoint) -> Result<Wire, Failure> {
    let begin = Instant::now();
    let mut pause = PAUSES[0];
    loop {
        tokio::time::sleep(pause).await;
        match open(reach).await {
            Err(gone) if gone.is_unreachable() && begin.elapsed() < PATIENCE => {
                pause = (2 * pause).min(PAUSES[1]);
            }
            reached => return reached,
        }
    }
}

/// Shows what comes after the last number that was seen. Returns when all that is wanted was shown.
async fn follow(
    wire: &mut Wire,
    flags: &Tail,
    seen: &mut u64,
    show: &mut dyn Show,
) -> Result<(), Failure> {
    let request = json!({"type": "subscribe", "session_id": flags.session, "after": *seen});
    let place = wire.ask(request).await?;
    let last = place.data["last"].as_u64().unwrap_or(0);
    while !flags.no_follow || *seen < last {
        let frame = wire.next().await?;
        show.frame(&frame)?;
        *seen = frame.seq.unwrap_or(*seen);
    }
    Ok(())
}

/// For people, on stderr: stdout has the events alone.
fn note(text: &str) {
    // Nobody may be there.
    let _ = std::io::stderr().write_all(clean(text).as_bytes());
}

/// For a person: the turns of all clients, prompts too.
struct Told(Screen);

impl Show for Told {
    fn frame(&mut self, frame: &Frame) -> Result<(), Failure> {
        let style = Style::of(&std::io::stdout());
        let line = match frame.event.as_str() {
            "prompt" => style.bold(&format!("> {}\n", clean(frame.text_of("text")))),
            "turn_end" => style.dim(&format!("{}\n", clean(frame.text_of("outcome")))),
            "gap" => style.yellow("! some events are not held any more\n"),
            "approval_request" => {
                return say(crate::terminal::cards::question(&frame.data, style).as_bytes());
            }
            _ => return self.0.frame(frame),
        };
        say(line.as_bytes())
    }
}
