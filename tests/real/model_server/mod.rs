//! A model server on the loopback interface, which answers as the prompt tells it to.
//!
//! It speaks as much of the Anthropic Messages protocol as Claude Code needs, of the OpenAI Responses
//! protocol as Codex needs, and of Google's as Gemini needs. The last message of the user decides the
//! reply: its lines that start with `MODEL:` are a script.
//!
//! | line | reply |
//! |---|---|
//! | `MODEL:text WORDS` | a block of text in one piece |
//! | `MODEL:stream N MS` | a block of text in N pieces `w0 `, `w1 `, ... MS milliseconds apart |
//! | `MODEL:think WORDS` | a block of thinking |
//! | `MODEL:bash COMMAND` | a call of the agent's tool for commands |
//! | `MODEL:tool NAME {json}` | a call of any tool |
//! | `MODEL:count` | `messages: N`, the length of the conversation it was sent |
//! | `MODEL:status CODE` | an HTTP error |
//! | `MODEL:hang SECONDS` | nothing for so long, then the rest |
//!
//! Without such a line it is `echo: ` and the text. After a tool has run it is `tool said: ` and what
//! the tool gave back. A request without tools is one that the agent makes for itself, for a title
//! or a quota, and gets a few words.

mod gemini;
mod http;
mod reply;
mod responses;
mod script;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use http::Request;

/// The server; it takes no more connections when it is dropped.
pub(crate) struct ModelServer {
    address: SocketAddr,
    heard: Heard,
    closed: Arc<AtomicBool>,
}

/// What was said to a server: each connection and each request with its body, as text.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().expect("no thread panics with it")
    }

    fn note(&self, request: &Request) {
        let body = String::from_utf8_lossy(&request.body);
        let line = format!("{} {}\n{body}", request.method, request.path);
        self.lock().push(line);
    }
}

impl ModelServer {
    /// Listens on a free port and serves each connection on a thread of its own.
    pub(crate) fn start() -> std::io::Result<ModelServer> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let heard = Heard::default();
        let closed = Arc::new(AtomicBool::new(false));
        let (listening, is_closed) = (heard.clone(), Arc::clone(&closed));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if is_closed.load(Ordering::Acquire) {
                    return;
                }
                let heard = listening.clone();
                heard.lock().push("connected".to_owned());
                thread::spawn(move || serve(stream, &heard));
            }
        });
        Ok(ModelServer {
            address,
            heard,
            closed,
        })
    }

    /// What the agent is to be given as the address of its model.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All that was said to it until now, and forgets it.
    pub(crate) fn take_heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.heard.lock())
    }
}

/// Its thread and its port count: a scenario with many servers would run out of them.
impl Drop for ModelServer {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::Release);
        // Wakes it up. If that fails it does not listen any more.
        let _ = TcpStream::connect(self.address);
    }
}

/// A client that hangs up in the middle is an interrupted agent, not an error.
fn serve(stream: TcpStream, heard: &Heard) {
    let _ = stream.set_nodelay(true);
    let Ok(mut connection) = http::Connection::new(stream) else {
        return;
    };
    while let Ok(Some(request)) = connection.read_request() {
        heard.note(&request);
        if reply::write(&mut connection, &request).is_err() {
            return;
        }
    }
}
