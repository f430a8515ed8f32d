//! One connection: a reader that answers requests and a writer that tells what happens, in one task.
//!
//! The reader goes on while a turn runs, so that stop, ping, approvals and close are never kept
//! waiting. The writer takes a little at a time from where the client stands in the logs.

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use hotplex::Decision;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::{self, Error};

use super::code::{INVALID, POLICY, PROTOCOL, RESTART, TOO_LARGE, UNAUTHORIZED};
use super::due::{Due, Reply, others_first};
use super::request::{self, ClientRequest};
use crate::access::Principal;
use crate::http::gatekeeper::Shared;
use crate::hub::feed::Feed;
use crate::refusal::Refusal;
use crate::wire::{Dialect, View, Wants, refused, reply};

/// About how many bytes of events are taken at once.
const BATCH: usize = 64 << 10;

/// Answers that wait for the client; then its requests wait.
const REPLIES: usize = 64;

const PING: Duration = Duration::from_secs(30);

/// The least time between two lists for a client that follows it.
const LIST_PAUSE: Duration = Duration::from_millis(250);

struct Connection {
    shared: Shared,
    principal: Arc<Principal>,
    dialect: Dialect,
    feed: Feed,
    switches: Switches,
}

/// What the client has switched on.
struct Switches {
    delta: AtomicBool,
    approvals: AtomicBool,
    state: AtomicBool,
    list: AtomicBool,
}

impl Switches {
    fn new(wants: Wants) -> Switches {
        Switches {
            delta: wants.delta.into(),
            approvals: wants.approvals.into(),
            state: wants.state.into(),
            list: false.into(),
        }
    }

    fn wants(&self) -> Wants {
        Wants {
            delta: self.delta.load(Relaxed),
            approvals: self.approvals.load(Relaxed),
            state: self.state.load(Relaxed),
        }
    }

    fn add(&self, wants: Wants) {
        self.delta.fetch_or(wants.delta, Relaxed);
        self.approvals.fetch_or(wants.approvals, Relaxed);
        self.state.fetch_or(wants.state, Relaxed);
    }
}

/// Why the server closes.
type Close = (u16, &'static str);

const ENDING: Close = (RESTART, "the daemon is ending");
const REVOKED: Close = (UNAUTHORIZED, "the token was taken away");

pub(super) async fn serve(
    socket: WebSocket,
    shared: Shared,
    principal: Arc<Principal>,
    dialect: Dialect,
) {
    let wants = match dialect {
        Dialect::Go => Wants::default(),
        Dialect::V1 => Wants::all(),
    };
    let connection = Connection {
        feed: Feed::new(&shared.hub),
        shared,
        principal,
        dialect,
        switches: Switches::new(wants),
    };
    let (mut sink, stream) = socket.split();
    let (replies, waiting) = mpsc::channel(REPLIES);
    let close = tokio::select! {
        close = connection.read(stream, replies) => close,
        close = connection.write(&mut sink, waiting) => close,
    };
    // Turns are let go of now, and not when the farewell has got through.
    drop(connection);
    if let Some((code, reason)) = close {
        let frame = CloseFrame {
            code,
            reason: reason.into(),
        };
        let farewell = sink.send(Message::Close(Some(frame)));
        // Whoever has gone does not need to be told.
        let _ = timeout(Duration::from_secs(1), farewell).await;
    }
}

impl Connection {
    /// Takes requests until the client goes.
    async fn read(
        &self,
        mut stream: SplitStream<WebSocket>,
        replies: mpsc::Sender<Reply>,
    ) -> Option<Close> {
        loop {
            match stream.next().await {
                Some(Ok(Message::Text(text))) => {
                    let Some(rights) = self.shared.renewed(&self.principal) else {
                        return Some(REVOKED);
                    };
                    for frame in self.answer(&rights, &text).await {
                        // The writer ends after the reader.
                        let _ = replies.send(Reply::Frame(frame)).await;
                    }
                }
                Some(Ok(Message::Binary(_))) => tracing::debug!("a binary frame was ignored"),
                // The library has put its answer to those that wait for the client to take them.
                Some(Ok(Message::Ping(_))) => drop(replies.send(Reply::Pong).await),
                Some(Ok(Message::Pong(_) | Message::Close(_))) => {}
                Some(Err(error)) => return close_of(error),
                None => return None,
            }
        }
    }

    /// Tells what there is, as far as the client takes it.
    async fn write(
        &self,
        sink: &mut SplitSink<WebSocket, Message>,
        mut replies: mpsc::Receiver<Reply>,
    ) -> Option<Close> {
        let mut ping = interval_at(Instant::now() + PING, PING);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut list = self.shared.hub.changes();
        let mut listed = Instant::now() - LIST_PAUSE;
        let mut due = Due::default();
        loop {
            if self.shared.renewed(&self.principal).is_none() {
                return Some(REVOKED);
            }
            while let Ok(reply) = replies.try_recv() {
                due.add(reply);
            }
            self.take(&mut due);
            if due.may_wait() {
                others_first().await;
                continue;
            }
            if due.is_something() {
                if let Err(error) = due.send(sink).await {
                    return close_of(error);
                }
                continue;
            }
            let ending = self.shared.ending.is_cancelled();
            if ending && !self.feed.is_owed() {
                return Some(ENDING);
            }
            tokio::select! {
                () = self.feed.wake().notified() => {}
                reply = replies.recv() => due.add(reply?),
                () = changed(&mut list, listed), if self.switches.list.load(Relaxed) => {
                    listed = Instant::now();
                    due.add(Reply::Frame(self.list().await));
                }
                _ = ping.tick() => due.add_now(Message::Ping(Vec::new().into())),
                () = self.shared.ending.cancelled(), if !ending => {}
                () = self.shared.cut.cancelled() => return Some(ENDING),
            }
        }
    }

    fn take(&self, due: &mut Due) {
        let view = View {
            principal: &self.principal,
            dialect: self.dialect,
            wants: self.switches.wants(),
        };
        for told in self.feed.take(BATCH) {
            due.add_told(view.frames(&told), told.is_of_begin());
        }
    }

    /// Does what a request asks for; the frames that answer it. A turn's events come by the feed.
    async fn answer(&self, client: &Arc<Principal>, text: &str) -> Vec<String> {
        let (request, id) = match request::read(text) {
            Ok(read) => read,
            Err(unclear) => {
                let refusal = Refusal::new("invalid_argument", unclear.message);
                return refused(&refusal, self.dialect, None, unclear.request_id);
            }
        };
        let session = session_of(&request).map(str::to_owned);
        match self.perform(client, request, id).await {
            Ok(None) => Vec::new(),
            Ok(Some((event, data))) => vec![reply(event, session.as_deref(), id, data)],
            Err(refusal) => refused(&refusal, self.dialect, session.as_deref(), id),
        }
    }

    /// The event that answers a request, and its data.
    async fn perform(
        &self,
        client: &Arc<Principal>,
        request: ClientRequest,
        id: Option<u64>,
    ) -> Result<Option<(&'static str, Value)>, Refusal> {
        let hub = &self.shared.hub;
        let key = |session: &str| client.key_of(session);
        Ok(Some(match request {
            ClientRequest::Execute(mut execute, events) => {
                self.switch_on(events)?;
                execute.request_id = id;
                hub.execute(&self.feed, client, *execute).await?;
                return Ok(None);
            }
            ClientRequest::Stop { session, reason } => {
                hub.stop(&key(&session), &reason).await?;
                ("stopped", json!({"session_id": session}))
            }
            ClientRequest::Interrupt { session, turn } => {
                let turns = hub.interrupt(&key(&session), turn).await?;
                let data = json!({"session_id": session, "turns": turns});
                ("interrupted", data)
            }
            ClientRequest::Answer {
                session,
                approval_id,
                decision,
            } => {
                let data = json!({"approval_id": approval_id, "decision": word_of(&decision)});
                let session = key(&session);
                let answered = hub.answer(&session, &approval_id, decision, &client.name);
                answered.await?;
                ("answered", data)
            }
            ClientRequest::Subscribe {
                session,
                after,
                events,
            } => {
                self.switch_on(events)?;
                ("subscribed", self.subscribe(client, &session, after)?)
            }
            ClientRequest::Unsubscribe { session } => {
                self.feed.unsubscribe(&key(&session));
                ("unsubscribed", json!({"session_id": session}))
            }
            ClientRequest::List { follow } => {
                self.switches.list.store(follow, Relaxed);
                ("list", self.sessions(client).await?)
            }
            ClientRequest::Stats { session } => {
                let stats = crate::rest::stats_of(&self.shared, client, &session).await?;
                ("stats", json!(stats))
            }
            ClientRequest::Version => ("version", self.version(client)),
            ClientRequest::Ping => ("pong", json!({})),
        }))
    }

    fn subscribe(
        &self,
        client: &Principal,
        session: &str,
        after: Option<u64>,
    ) -> Result<Value, Refusal> {
        let key = client.key_of(session);
        hotplex::SessionId::new(&key)?;
        let place = self.feed.subscribe(&key, after)?;
        Ok(json!({
            "session_id": session, "first": place.first, "last": place.last,
            "state": place.state, "queued": place.queued,
        }))
    }

    fn switch_on(&self, events: Option<Vec<String>>) -> Result<(), Refusal> {
        let Some(names) = events else {
            return Ok(());
        };
        let added =
            request::wants(&names).map_err(|message| Refusal::new("invalid_argument", message))?;
        self.switches.add(added);
        Ok(())
    }

    async fn sessions(&self, client: &Principal) -> Result<Value, Refusal> {
        let sessions = self.shared.hub.list(client).await?;
        Ok(json!({"sessions": sessions}))
    }

    /// The list as its followers are sent it.
    async fn list(&self) -> String {
        match self.sessions(&self.principal).await {
            Ok(sessions) => reply("list", None, None, sessions),
            Err(refusal) => refused(&refusal, self.dialect, None, None)
                .pop()
                .unwrap_or_default(),
        }
    }

    fn version(&self, client: &Principal) -> Value {
        let engines = crate::rest::engines_of(&self.shared, client);
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "protocol": "hotplex.v1",
            "engines": engines,
            "work_dir": client.roots.first(),
            "roots": client.roots,
        })
    }
}

/// Rings for a change of the list, but not at once after the last one.
async fn changed(list: &mut watch::Receiver<u64>, listed: Instant) {
    // First the pause: a change that was seen would be lost if another branch of the `select` were ready first.
    tokio::time::sleep_until(listed + LIST_PAUSE).await;
    // The sender lives as long as the hub.
    let _ = list.changed().await;
}

/// What is told of an error; `None` to a client that is gone.
fn close_of(error: axum::Error) -> Option<Close> {
    let error = error.into_inner();
    match error.downcast_ref::<tungstenite::Error>()? {
        Error::Capacity(_) => Some((TOO_LARGE, "a frame is too large")),
        Error::Utf8(_) => Some((INVALID, "a text is not UTF-8")),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
        Error::Protocol(_) => Some((PROTOCOL, "this is no WebSocket")),
        Error::Io(error) if error.kind() == ErrorKind::TimedOut => {
            Some((POLICY, "nothing was taken for too long"))
        }
        _ => None,
    }
}

fn word_of(decision: &Decision) -> &'static str {
    match decision {
        Decision::Allow { .. } => "allow",
        _ => "deny",
    }
}

fn session_of(request: &ClientRequest) -> Option<&str> {
    match request {
        ClientRequest::Execute(execute, _) => Some(&execute.session),
        ClientRequest::Stop { session, .. }
        | ClientRequest::Interrupt { session, .. }
        | ClientRequest::Answer { session, .. }
        | ClientRequest::Subscribe { session, .. }
        | ClientRequest::Unsubscribe { session }
        | ClientRequest::Stats { session } => Some(session),
        ClientRequest::List { .. } | ClientRequest::Version | ClientRequest::Ping => None,
    }
}
