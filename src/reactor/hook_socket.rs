//! The Unix socket on which hooks and plugins of one process ask before a tool runs.
//!
//! A hook connects, writes one line of JSON, `{"secret": "..", "hook": {..}}`, reads one line and is
//! through. It takes the end of the connection without a line for a no. So whatever fails here, denies:
//! a request that is too long or not JSON, a wrong secret, an engine that is gone.
//!
//! Runs on the io thread.

use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use memchr::memchr;
use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::event::EventKind;
use crate::message::Message;
use crate::notice::NoticeCode;
use crate::process::{Unshared, path_of};
use crate::provider::{Protocol, tree_size};

/// More than a process has hooks at once: each call of a tool waits for its own. Beyond it the oldest
/// that has asked nothing yet is dropped, or the new one.
const MOST_CONNECTIONS: usize = 64;

/// So often a connection is read before the next one has its turn.
const READS_AT_ONCE: usize = 2;

/// A socket that listens, as the spawn thread made it.
pub(crate) struct HookListener {
    listener: Unshared<UnixListener>,
    /// What each request must name.
    pub(crate) secret: String,
    /// The longest request, in bytes, and what all of them may have that wait for the rest of their line or
    /// for their answer.
    limit: usize,
}

impl HookListener {
    /// Listens at `path`, which is in a directory that its owner alone may enter.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn bind(path: &Path, limit: usize) -> io::Result<HookListener> {
        let listener = Unshared::make(|| {
            let listener = bind(path)?;
            listener.set_nonblocking(true)?;
            Ok(listener)
        })?;
        fs::set_permissions(path, Permissions::from_mode(0o600))?;
        Ok(HookListener {
            listener,
            secret: Uuid::new_v4().simple().to_string(),
            limit,
        })
    }
}

/// A path of more than 107 bytes is no address: then the directory is held, and has a short name.
fn bind(path: &Path) -> io::Result<UnixListener> {
    match (UnixListener::bind(path), path.parent(), path.file_name()) {
        (Err(error), Some(parent), Some(name)) if error.kind() == ErrorKind::InvalidInput => {
            let directory = File::open(parent)?;
            UnixListener::bind(path_of(&directory).join(name))
        }
        (bound, ..) => bound,
    }
}

/// One hook.
struct Connection {
    id: String,
    stream: Unshared<UnixStream>,
    request: Vec<u8>,
    asked: bool,
    /// How long its request is, also when that was handed on, or what its tree takes if that is more.
    weight: usize,
}

/// What a look at a connection came to.
enum Heard {
    /// Not a whole line yet.
    Part,
    /// Nor this, and there may be more at once.
    More,
    Line,
    /// The hook is gone, or is not to be heard.
    Over(Option<&'static str>),
}

/// The socket of one process and who is connected.
pub(super) struct HookSocket {
    socket: HookListener,
    token: Token,
    connections: Vec<Connection>,
    accepted: u64,
    ready: bool,
    /// A refusal was reported: repeated attempts are reported once.
    told: bool,
}

/// What a hook sends. What is in `hook` is the provider's.
#[derive(Deserialize)]
struct Envelope<'a> {
    secret: String,
    #[serde(borrow)]
    hook: &'a RawValue,
}

impl HookSocket {
    /// Puts the listener into the poll.
    pub(super) fn new(
        socket: HookListener,
        token: Token,
        registry: &Registry,
    ) -> io::Result<HookSocket> {
        let fd = socket.listener.as_raw_fd();
        registry.register(&mut SourceFd(&fd), token, Interest::READABLE)?;
        Ok(HookSocket {
            socket,
            token,
            connections: Vec::new(),
            accepted: 0,
            ready: false,
            told: false,
        })
    }

    /// The poll has something to say about the listener or a connection.
    pub(super) fn wake(&mut self) {
        self.ready = true;
    }

    pub(super) fn is_ready(&self) -> bool {
        self.ready
    }

    /// Takes new connections, and hands what was asked to the protocol.
    pub(super) fn read(
        &mut self,
        registry: &Registry,
        scratch: &mut [u8],
        protocol: &mut dyn Protocol,
        messages: &mut Vec<Message>,
    ) {
        if !std::mem::take(&mut self.ready) {
            return;
        }
        let first = messages.len();
        self.accept(registry, messages);
        self.hear(scratch, protocol, messages);
        self.shed(messages);
        self.tell_once(first, messages);
    }

    fn hear(
        &mut self,
        scratch: &mut [u8],
        protocol: &mut dyn Protocol,
        messages: &mut Vec<Message>,
    ) {
        let HookSocket {
            socket,
            connections,
            ready,
            ..
        } = self;
        connections.retain_mut(|connection| match connection.hear(scratch, socket.limit) {
            Heard::Part => true,
            Heard::More => {
                *ready = true;
                true
            }
            Heard::Line => connection.ask(socket, protocol, messages),
            Heard::Over(why) => {
                messages.extend(why.map(refused));
                messages.extend(connection.withdrawn());
                false
            }
        });
    }

    /// Too much is asked at once: who asks most has to go. What waits is bounded so, and a hook of ours, which
    /// asks little, stays.
    fn shed(&mut self, messages: &mut Vec<Message>) {
        while self.weight() > self.socket.limit {
            let weights = self.connections.iter().map(|one| one.weight);
            let Some((at, _)) = weights.enumerate().max_by_key(|(_, weight)| *weight) else {
                return;
            };
            messages.push(refused("too much is asked at once"));
            messages.extend(self.connections.remove(at).withdrawn());
        }
    }

    fn weight(&self) -> usize {
        self.connections.iter().map(|one| one.weight).sum()
    }

    /// Keeps the first refusal.
    fn tell_once(&mut self, first: usize, messages: &mut Vec<Message>) {
        let mut at = first;
        while at < messages.len() {
            let is_refusal = matches!(
                &messages[at],
                Message::Event(EventKind::Notice(notice)) if notice.code == NoticeCode::HookRefused
            );
            if is_refusal && std::mem::replace(&mut self.told, true) {
                messages.remove(at);
            } else {
                at += 1;
            }
        }
    }

    /// True if a hook waits for the answer to this.
    pub(super) fn asked(&self, id: &str) -> bool {
        self.connections
            .iter()
            .any(|connection| connection.asked && connection.id == id)
    }

    /// Answers a hook, which is through with that.
    pub(super) fn answer(&mut self, id: &str, line: &str) {
        let Some(at) = self
            .connections
            .iter()
            .position(|connection| connection.id == id)
        else {
            return;
        };
        let connection = self.connections.swap_remove(at);
        // A hook that takes no answer has none, and so denies.
        if let Err(error) = connection.answer(line) {
            log::warn!("a hook does not take its answer: {error}");
        }
    }

    fn accept(&mut self, registry: &Registry, messages: &mut Vec<Message>) {
        loop {
            let accepted = Unshared::make(|| {
                let (stream, _) = self.socket.listener.accept()?;
                stream.set_nonblocking(true)?;
                Ok(stream)
            });
            match accepted {
                Ok(stream) => {
                    if let Err(error) = self.take(stream, registry) {
                        log::warn!("a hook cannot be heard: {error}");
                        messages.push(refused("it cannot be heard"));
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => {
                    log::warn!("a hook cannot be accepted: {error}");
                    return messages.push(refused("it cannot be accepted"));
                }
            }
        }
    }

    fn take(&mut self, stream: Unshared<UnixStream>, registry: &Registry) -> io::Result<()> {
        if self.connections.len() >= MOST_CONNECTIONS {
            let silent = self.connections.iter().position(|one| !one.asked);
            let Some(silent) = silent else {
                return Err(io::Error::other("too many ask at once"));
            };
            self.connections.remove(silent);
        }
        let fd = stream.as_raw_fd();
        registry.register(&mut SourceFd(&fd), self.token, Interest::READABLE)?;
        self.accepted += 1;
        self.connections.push(Connection {
            id: format!("hook-{}", self.accepted),
            stream,
            request: Vec::new(),
            asked: false,
            weight: 0,
        });
        Ok(())
    }
}

impl Connection {
    /// Reads what there is, up to a budget.
    fn hear(&mut self, scratch: &mut [u8], limit: usize) -> Heard {
        for _ in 0..READS_AT_ONCE {
            match self.stream.read(scratch) {
                Ok(0) => return Heard::Over(None),
                // It has asked, and has nothing to add.
                Ok(_) if self.asked => {}
                Ok(count) => {
                    self.request.extend_from_slice(&scratch[..count]);
                    self.weight = self.request.len();
                    if memchr(b'\n', &scratch[..count]).is_some() {
                        return Heard::Line;
                    }
                    if self.request.len() > limit {
                        return Heard::Over(Some("its request is too long"));
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Heard::Part,
                Err(_) => return Heard::Over(None),
            }
        }
        Heard::More
    }

    /// The question that nobody waits for any more, if it asked one.
    fn withdrawn(&self) -> Option<Message> {
        self.asked
            .then(|| Message::ApprovalWithdrawn(self.id.clone()))
    }

    /// True if the hook is to be answered.
    fn ask(
        &mut self,
        socket: &HookListener,
        protocol: &mut dyn Protocol,
        messages: &mut Vec<Message>,
    ) -> bool {
        let request = std::mem::take(&mut self.request);
        let line = request.split(|&byte| byte == b'\n').next();
        let line = line.unwrap_or_default();
        if tree_size::is_too_large(line, socket.limit) {
            messages.push(refused("its request has more values than are taken"));
            return false;
        }
        self.weight = self.weight.max(tree_size::as_text(line, socket.limit));
        let envelope = serde_json::from_slice::<Envelope<'_>>(line).ok();
        let Some(envelope) = envelope else {
            messages.push(refused("its request is not one"));
            return false;
        };
        if envelope.secret != socket.secret {
            messages.push(refused("it does not know the secret"));
            return false;
        }
        self.asked = true;
        match protocol.hook_asked(&self.id, envelope.hook.get(), messages) {
            None => true,
            Some(line) => {
                let _ = self.answer(&line);
                false
            }
        }
    }

    /// A line has room in a socket's buffer; one that has not is no answer.
    fn answer(&self, line: &str) -> io::Result<()> {
        let mut stream: &UnixStream = &self.stream;
        stream.write_all(format!("{line}\n").as_bytes())
    }
}

/// Either a process of the agent uses a socket that is for its hook alone, or our hook is broken: both are reported.
fn refused(why: &str) -> Message {
    let text = format!("a hook was refused, and what it asked for is denied: {why}");
    Message::Event(EventKind::warning(NoticeCode::HookRefused, text))
}

#[cfg(test)]
mod tests;
