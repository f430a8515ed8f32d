//! How a turn is shown: to a person, as plain text, as JSON.

use std::io::IsTerminal;
use std::time::Duration;

use serde_json::{Value, json};

use super::ended::Ended;
use super::say::say;
use crate::client::Frame;
use crate::failure::Failure;
use crate::hub::NOBODY_TO_ASK;
use crate::terminal::markdown::Markdown;
use crate::terminal::{Style, cards, clean, first_line};

/// Takes what happens in a turn.
pub(super) trait Show {
    fn frame(&mut self, frame: &Frame) -> Result<(), Failure>;

    /// The agent waits for a user's answer.
    fn question(&mut self, _asked: &Value) -> Result<(), Failure> {
        Ok(())
    }

    /// A question was answered elsewhere, or not at all.
    fn closed(&mut self, _decision: &str) -> Result<(), Failure> {
        Ok(())
    }

    fn still_working(&mut self, _since: Duration) -> Result<(), Failure> {
        Ok(())
    }

    fn end(&mut self, _ended: &Ended) -> Result<(), Failure> {
        Ok(())
    }
}

/// For a person at a terminal.
pub(super) struct Screen {
    style: Style,
    markdown: Markdown,
    /// What was shown already of the piece that is being written.
    shown: String,
    /// The line that tells that the agent works stands there.
    status: bool,
}

impl Screen {
    pub(super) fn new() -> Screen {
        let style = Style::of(&std::io::stdout());
        Screen {
            style,
            markdown: Markdown::new(style),
            shown: String::new(),
            status: false,
        }
    }

    fn write(&mut self, text: &str) -> Result<(), Failure> {
        if text.is_empty() {
            return Ok(());
        }
        let erase = if std::mem::take(&mut self.status) {
            "\r\x1b[K"
        } else {
            ""
        };
        say(format!("{erase}{text}").as_bytes())
    }

    /// The rest of what is being written, and then this.
    fn card(&mut self, card: &str) -> Result<(), Failure> {
        let rest = self.markdown.finish();
        self.write(&format!("{rest}{card}"))
    }

    fn answer(&mut self, text: &str) -> Result<(), Failure> {
        let shown = std::mem::take(&mut self.shown);
        // The finished piece repeats what came in pieces.
        let more = text.strip_prefix(&shown).unwrap_or(text);
        let blocks = self.markdown.push(more);
        let rest = self.markdown.finish();
        self.write(&(blocks + &rest))
    }
}

impl Show for Screen {
    fn frame(&mut self, frame: &Frame) -> Result<(), Failure> {
        let (data, style) = (&frame.data, self.style);
        match frame.event.as_str() {
            "delta" if data["kind"] == "answer" => {
                let text = frame.text_of("text");
                self.shown.push_str(text);
                let blocks = self.markdown.push(text);
                self.write(&blocks)
            }
            "answer" => self.answer(frame.text_of("text")),
            "thinking" => {
                let line = style.dim(&format!("~ {}\n", first_line(frame.text_of("text"), 120)));
                self.card(&line)
            }
            "tool_use" => self.card(&cards::tool_use(&data["tool"], style)),
            "tool_result" => self.card(&cards::tool_result(data, style)),
            "danger_block" => self.card(&cards::danger(data, style)),
            "notice" if data["level"] != "info" => {
                let line = format!("! {}\n", first_line(frame.text_of("text"), 400));
                self.card(&style.yellow(&line))
            }
            "raw" => self.card(&format!("{}\n", clean(frame.text_of("line")))),
            _ => Ok(()),
        }
    }

    fn question(&mut self, asked: &Value) -> Result<(), Failure> {
        let card = cards::question(asked, self.style);
        let prompt = self.style.bold("Allow it? [y]es, [n]o, or n and why: ");
        self.card(&format!("{card}{prompt}"))
    }

    fn closed(&mut self, decision: &str) -> Result<(), Failure> {
        self.write(
            &self
                .style
                .dim(&format!("\n(not open any more: {})\n", clean(decision))),
        )
    }

    fn still_working(&mut self, since: Duration) -> Result<(), Failure> {
        if !self.style.colour || since < Duration::from_secs(1) {
            return Ok(());
        }
        self.status = true;
        let line = self.style.dim(&format!(
            "working, {} s; Ctrl-C interrupts",
            since.as_secs()
        ));
        say(format!("\r\x1b[K{line}").as_bytes())
    }

    fn end(&mut self, ended: &Ended) -> Result<(), Failure> {
        let stats = &ended.stats;
        let mut line = ended.outcome.clone();
        if let Some(time) = stats["total_duration_ms"].as_f64() {
            line += &format!(" in {:.1} s", time / 1000.0);
        }
        if let Some(tokens) = stats["total_tokens"].as_u64().filter(|tokens| *tokens > 0) {
            line += &format!(", {tokens} tokens");
        }
        if let Some(cost) = stats["total_cost_usd"].as_f64().filter(|cost| *cost > 0.0) {
            line += &format!(", ${cost:.4}");
        }
        self.card(&self.style.dim(&format!("{line}\n")))
    }
}

/// The answer alone, as it is, for a program; a person who looks at stderr sees what is done.
pub(super) struct Plain {
    notes: Option<Style>,
}

impl Plain {
    pub(super) fn new() -> Plain {
        let stderr = std::io::stderr();
        Plain {
            notes: stderr.is_terminal().then(|| Style::of(&stderr)),
        }
    }
}

impl Show for Plain {
    fn frame(&mut self, frame: &Frame) -> Result<(), Failure> {
        match (frame.event.as_str(), self.notes) {
            ("answer", _) => {
                let text = frame.text_of("text");
                let end = if text.ends_with('\n') { "" } else { "\n" };
                say(format!("{text}{end}").as_bytes())
            }
            ("danger_block", style) => {
                let style = style.unwrap_or(Style { colour: false });
                note(&cards::danger(&frame.data, style));
                Ok(())
            }
            // Else an answer that lacks what was denied has no reason.
            ("tool_result", style) if frame.data["text"] == NOBODY_TO_ASK => {
                note(&cards::denied(
                    &frame.data,
                    style.unwrap_or(Style { colour: false }),
                ));
                Ok(())
            }
            ("tool_use", Some(style)) => {
                note(&cards::tool_use(&frame.data["tool"], style));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn question(&mut self, asked: &Value) -> Result<(), Failure> {
        let style = self.notes.unwrap_or(Style { colour: false });
        note(&format!(
            "{}Allow it? [y]es, [n]o, or n and why: ",
            cards::question(asked, style)
        ));
        Ok(())
    }
}

/// One object at the end.
pub(super) struct Json;

impl Show for Json {
    fn frame(&mut self, _frame: &Frame) -> Result<(), Failure> {
        Ok(())
    }

    fn end(&mut self, ended: &Ended) -> Result<(), Failure> {
        let object = json!({
            "session_id": ended.session, "outcome": ended.outcome, "answer": ended.answer,
            "error": ended.error, "stats": ended.stats,
        });
        say(format!("{object}\n").as_bytes())
    }
}

/// Each event as it comes.
pub(super) struct Lines;

impl Show for Lines {
    fn frame(&mut self, frame: &Frame) -> Result<(), Failure> {
        say(format!("{}\n", frame.text).as_bytes())
    }
}

/// A note to a person on stderr.
fn note(text: &str) {
    use std::io::Write;
    // Where stderr is closed nobody reads.
    let _ = std::io::stderr().write_all(text.as_bytes());
}
