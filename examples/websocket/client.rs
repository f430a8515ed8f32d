//! A client of hotplexd: one prompt in a session. The answer goes to stdout as it comes, questions of
//! the agent are put to you, Ctrl-C stops it. Protocol: docs/protocol.md.
//!
//! ```sh
//! cargo run -p hotplexd --example websocket -- PROMPT [SESSION [WORK_DIR]]
//! ```
//!
//! `HOTPLEXD_URL` is where the daemon is (<http://127.0.0.1:8080>), `HOTPLEXD_TOKEN_FILE` the file with
//! its token. Exit code: 0 completed, 1 failed, 2 wrong usage, 130 stopped.

// What it prints is what it is for.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::error::Error;
use std::io::{Write, stdin, stdout};
use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs, thread};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

/// Answers carry the number of the request that they answer.
const EXECUTE: u64 = 1;
const STOP: u64 = 2;

struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    session: String,
    last_request: u64,
    /// How much of an answer has been written in pieces, in bytes, while it has not ended.
    streamed: usize,
    /// Takes the numbers of questions that were shown, one line of stdin is the answer to each.
    questions: mpsc::UnboundedSender<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if !(1..=3).contains(&arguments.len()) {
        eprintln!("usage: websocket PROMPT [SESSION [WORK_DIR]]");
        return ExitCode::from(2);
    }
    match run(&arguments).await {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("{}", clean(&error.to_string()));
            ExitCode::from(1)
        }
    }
}

async fn run(arguments: &[String]) -> Result<u8, Box<dyn Error>> {
    let request = upgrade()?;
    let url = request.uri().to_string();
    // An answer may be longer than the library takes by itself.
    let unbounded = WebSocketConfig::default()
        .max_message_size(None)
        .max_frame_size(None);
    let (socket, _) = connect_async_with_config(request, Some(unbounded), true)
        .await
        .map_err(|error| format!("no daemon at {url}: {error}"))?;
    let (questions, answers) = terminal();
    let session = arguments.get(1).map_or("example", String::as_str);
    let client = Client {
        socket,
        session: session.to_owned(),
        last_request: STOP,
        streamed: 0,
        questions,
    };
    let work_dir = match arguments.get(2) {
        Some(path) => PathBuf::from(path),
        None => env::current_dir()?,
    };
    client.turn(&arguments[0], &work_dir, answers).await
}

impl Client {
    async fn turn(
        mut self,
        prompt: &str,
        work_dir: &std::path::Path,
        mut answers: mpsc::UnboundedReceiver<(String, bool)>,
    ) -> Result<u8, Box<dyn Error>> {
        let mut interrupts = signal(SignalKind::interrupt())?;
        let mut stopping = false;
        let more = json!({"prompt": prompt, "work_dir": work_dir});
        self.send("execute", EXECUTE, more).await?;
        loop {
            tokio::select! {
                message = self.socket.next() => {
                    let message = message.ok_or("the daemon has gone")??;
                    if let Some(code) = self.take(&message)? {
                        return Ok(code);
                    }
                }
                Some((question, allowed)) = answers.recv() => {
                    self.last_request += 1;
                    let kind = if allowed { "approve" } else { "deny" };
                    self.send(kind, self.last_request, json!({"approval_id": question})).await?;
                }
                _ = interrupts.recv() => {
                    // A second one does not wait.
                    if std::mem::replace(&mut stopping, true) {
                        return Ok(130);
                    }
                    self.send("stop", STOP, json!({})).await?;
                }
            }
        }
    }

    async fn send(&mut self, kind: &str, number: u64, mut more: Value) -> tungstenite::Result<()> {
        more["type"] = json!(kind);
        more["request_id"] = json!(number);
        more["session_id"] = json!(self.session);
        self.socket.send(Message::text(more.to_string())).await
    }

    /// Shows a frame; the exit code if it ends the turn.
    fn take(&mut self, message: &Message) -> Result<Option<u8>, Box<dyn Error>> {
        let Message::Text(text) = message else {
            return Ok(None);
        };
        let frame: Value = serde_json::from_str(text)?;
        let event = frame["event"].as_str().unwrap_or_default();
        self.show(event, &frame["data"])?;
        // The one end of a turn comes after all its events.
        let code = match event {
            "completed" => 0,
            "error" => 1,
            "stopped" => 130,
            _ => return Ok(None),
        };
        Ok((frame["request_id"] == EXECUTE).then_some(code))
    }

    fn show(&mut self, event: &str, data: &Value) -> Result<(), Box<dyn Error>> {
        let text = |value: &Value| clean(value.as_str().unwrap_or_default());
        let tool = &data["tool"];
        match event {
            "delta" if data["kind"] == "answer" => {
                let piece = text(&data["text"]);
                self.streamed += piece.len();
                print!("{piece}");
            }
            "answer" => {
                // It repeats its pieces. Those that had not been sent yet are not sent any more.
                let answer = text(&data["text"]);
                let shown = std::mem::take(&mut self.streamed);
                println!("{}", answer.get(shown..).unwrap_or_default());
            }
            "tool_use" => eprintln!("uses {}: {}", text(&tool["name"]), text(&tool["summary"])),
            "danger_block" => eprintln!("blocked: {}", text(&data["reason"])),
            "approval_request" => {
                let input = clean(&tool["input"].to_string());
                eprintln!("may it use {} {input}? [y/N]", text(&tool["name"]));
                let id = data["approval_id"].as_str().unwrap_or_default();
                self.questions.send(id.to_owned())?;
            }
            "error" => eprintln!("{}", text(&data["message"])),
            _ => {}
        }
        Ok(stdout().flush()?)
    }
}

/// A thread that reads one line of stdin for each question. It does not keep the program from ending.
fn terminal() -> (
    mpsc::UnboundedSender<String>,
    mpsc::UnboundedReceiver<(String, bool)>,
) {
    let (questions, mut asked) = mpsc::unbounded_channel::<String>();
    let (said, answers) = mpsc::unbounded_channel();
    thread::spawn(move || {
        while let Some(question) = asked.blocking_recv() {
            let mut line = String::new();
            let allowed = stdin().read_line(&mut line).is_ok() && line.trim() == "y";
            if said.send((question, allowed)).is_err() {
                break;
            }
        }
    });
    (questions, answers)
}

fn upgrade() -> Result<Request, Box<dyn Error>> {
    let url = env::var("HOTPLEXD_URL").unwrap_or_else(|_| "http://127.0.0.1:8080".to_owned());
    let address = url.trim_end_matches('/').replacen("http", "ws", 1);
    let mut request = format!("{address}/ws/v1/agent").into_client_request()?;
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", "hotplex.v1".parse()?);
    if let Some(path) = token_file() {
        let token = fs::read_to_string(&path);
        let token = token.map_err(|error| format!("{}: {error}", path.display()))?;
        headers.insert("authorization", format!("Bearer {}", token.trim()).parse()?);
    }
    Ok(request)
}

fn token_file() -> Option<PathBuf> {
    let named = env::var_os("HOTPLEXD_TOKEN_FILE").map(PathBuf::from);
    let home = || Some(PathBuf::from(env::var_os("HOME")?).join(".local/state"));
    let state = env::var_os("XDG_STATE_HOME")
        .map(PathBuf::from)
        .or_else(home);
    let usual = state.map(|state| state.join("hotplex/hotplexd.token"));
    named.or(usual.filter(|path| path.exists()))
}

/// Without what a terminal would take for orders, or show in another order.
fn clean(text: &str) -> String {
    let turns = |c| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let harmless = |c: &char| matches!(c, '\n' | '\t') || !(c.is_control() || turns(*c));
    text.chars().filter(harmless).collect()
}
