//! `hotplexd chat`: a conversation at a terminal.

mod editor;
mod orders;

use std::io::IsTerminal;

use serde_json::{Value, json};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::run::execute;
use super::say::say;
use super::sessions::{rows, table};
use super::show::Screen;
use super::turn::follow;
use crate::cli::{Chat as Flags, TurnArgs};
use crate::client::{Backend, Wire};
use crate::config::Environment;
use crate::failure::{Failure, failed, usage};
use crate::terminal::{Style, clean, visible};
use editor::{Editor, Input};
use orders::Order;

const HELP: &str = "\
/help            this list
/sessions        what runs
/session NAME    go on with another conversation; /new begins one
/model NAME      use another model from the next prompt on
/stop            end the agent's process; the conversation is kept
/quit            leave; so does Ctrl-D
Ctrl-C           interrupts the agent, a second time ends it
A line that ends with \\ goes on in the next one.
";

pub(super) async fn run(flags: Flags) -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(usage(
            "chat needs a terminal; for a program there is `hotplexd run`",
        ));
    }
    let interrupts = signal(SignalKind::interrupt()).map_err(|error| failed(error.to_string()))?;
    let history = Environment::of_process().state_file("chat_history");
    let mut editor = Editor::new(history).map_err(failed)?;
    let backend = Backend::open(&flags.turn_args)?;
    let mut chat = ChatLoop {
        wire: Some(backend.wire().await?),
        backend,
        session: flags.session.unwrap_or_else(new_session),
        turn_args: flags.turn_args,
        interrupts,
        style: Style::of(&std::io::stdout()),
    };
    let done = chat.talk(&mut editor).await;
    editor.save();
    let closed = chat.backend.close().await;
    done.and(closed)
}

fn new_session() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Waits until the connection is lost; for ever if there is none.
async fn gone(wire: &mut Option<Wire>) {
    let Some(wire) = wire else {
        return std::future::pending().await;
    };
    // Between turns nothing is said to us.
    while wire.next().await.is_ok() {}
}

struct ChatLoop {
    backend: Backend,
    /// `None` while the daemon has gone.
    wire: Option<Wire>,
    session: String,
    turn_args: TurnArgs,
    interrupts: Signal,
    style: Style,
}

impl ChatLoop {
    async fn talk(&mut self, editor: &mut Editor) -> Result<(), Failure> {
        let head = format!(
            "Session {} with {}. /help lists what can be said.\n",
            visible(&self.session),
            self.backend
        );
        say(self.style.dim(&head).as_bytes())?;
        loop {
            let line = match self.line(editor).await? {
                Input::Line(line) => line,
                Input::Interrupted => {
                    say(self.style.dim("(Ctrl-D or /quit leaves)\n").as_bytes())?;
                    continue;
                }
                Input::End => return Ok(()),
            };
            let done = match orders::read(&line) {
                Ok(None) if line.trim().is_empty() => Ok(()),
                Ok(None) => self.prompt(&line).await,
                Ok(Some(Order::Quit)) => return Ok(()),
                Ok(Some(order)) => self.follow_order(order).await,
                Err(unclear) => Err(usage(unclear)),
            };
            if let Err(failure) = done {
                if failure.message.is_empty() {
                    return Err(failure);
                }
                // The conversation goes on: what failed was one turn.
                let line = format!("! {}\n", clean(&failure.message));
                say(self.style.red(&line).as_bytes())?;
                if failure.code == 4 {
                    self.wire = None;
                }
            }
        }
    }

    /// Waits for a line; the connection is kept alive meanwhile.
    async fn line(&mut self, editor: &mut Editor) -> Result<Input, Failure> {
        let line = editor.line();
        tokio::pin!(line);
        loop {
            tokio::select! {
                line = &mut line => return line.map_err(failed),
                () = gone(&mut self.wire) => self.wire = None,
                // A signal that another program sent while no turn runs: the next turn must not pay for it.
                _ = self.interrupts.recv() => {}
            }
        }
    }

    /// The connection, made anew if the daemon was away.
    async fn wire(&mut self) -> Result<&mut Wire, Failure> {
        let wire = match self.wire.take() {
            Some(wire) => wire,
            None => self.backend.wire().await?,
        };
        Ok(self.wire.insert(wire))
    }

    async fn prompt(&mut self, prompt: &str) -> Result<(), Failure> {
        self.wire().await?;
        let Some(wire) = &mut self.wire else {
            return Ok(());
        };
        let request = execute(wire, &self.turn_args, &self.session, prompt, true).await?;
        let mut screen = Screen::new();
        let ended = follow(wire, request, &mut screen, &mut self.interrupts).await?;
        match ended.error["message"].as_str() {
            Some(message) if !ended.interrupted => Err(failed(message)),
            _ => Ok(()),
        }
    }

    async fn follow_order(&mut self, order: Order) -> Result<(), Failure> {
        match order {
            Order::Help => say(HELP.as_bytes()),
            Order::Sessions => {
                let list = self.wire().await?.ask(json!({"type": "list"})).await?;
                let rows = rows(&list.data["sessions"]);
                say(table(&rows, self.style).as_bytes())
            }
            Order::Session(name) => {
                self.session = name;
                self.tell(&format!("session {}", visible(&self.session)))
            }
            Order::New => {
                self.session = new_session();
                self.tell(&format!("session {}", visible(&self.session)))
            }
            Order::Model(name) => {
                // It binds when a process starts.
                self.stop().await?;
                self.tell(&format!("model {name} from the next prompt on"))?;
                self.turn_args.model = Some(name);
                Ok(())
            }
            Order::Stop => {
                self.stop().await?;
                self.tell("the agent's process has ended; the next prompt goes on")
            }
            Order::Quit => Ok(()),
        }
    }

    async fn stop(&mut self) -> Result<Value, Failure> {
        let request = json!({"type": "stop", "session_id": self.session});
        Ok(self.wire().await?.ask(request).await?.data)
    }

    fn tell(&self, line: &str) -> Result<(), Failure> {
        let line = format!("{}\n", clean(line));
        say(self.style.dim(&line).as_bytes())
    }
}
