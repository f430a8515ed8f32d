//! One connection: a reader that answers requests and a writer that tells what happens, in one task.
//!
//! The reader goes on while a turn runs, so that stop, ping, approvals and close are never kept
//! waiting. The writer takes a little at a time from where the client stands in the logs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use super::request::{self, Request};
use super::{POLICY, RESTART, TOO_LARGE};
use crate::access::Principal;
use crate::http::gatekeeper::Shared;
use crate::hub::Refusal;
use crate::hub::feed::Feed;
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
        replies: mpsc::Sender<String>,
    ) -> Option<Close> {
        loop {
            match stream.next().await {
                Some(Ok(Message::Text(text))) => {
                    for frame in self.answer(&text).await {
                        // The writer ends after the reader.
                        let _ = replies.send(frame).await;
                    }
                }
                Some(Ok(Message::Binary(_))) => tracing::debug!("a binary frame was ignored"),
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_))) => {}
                Some(Err(error)) => {
                    let text = error.to_string();
                    let too_large = text.contains("too long")
                        || text.contains("too big")
                        || text.contains("size");
                    return too_large.then_some((TOO_LARGE, "a frame is too large"));
                }
                None => return None,
            }
        }
    }

    /// Tells what there is, as far as the client takes it.
    async fn write(
        &self,
        sink: &mut SplitSink<WebSocket, Message>,
        mut replies: mpsc::Receiver<String>,
    ) -> Option<Close> {
        let mut ping = interval_at(Instant::now() + PING, PING);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut list = self.shared.hub.changes();
        let mut listed = Instant::now() - LIST_PAUSE;
        loop {
            let mut frames = Vec::new();
            while let Ok(reply) = replies.try_recv() {
                frames.push(reply);
            }
            self.take(&mut frames);
            if !frames.is_empty() {
                match timeout(self.shared.limits.write_timeout, send(sink, frames)).await {
                    Ok(Ok(())) => continue,
                    Ok(Err(_)) => return None,
                    Err(_) => return Some((POLICY, "nothing was taken for too long")),
                }
            }
            let ending = self.shared.ending.is_cancelled();
            if ending && !self.feed.is_owed() {
                return Some((RESTART, "the daemon is ending"));
            }
            tokio::select! {
                () = self.feed.wake().notified() => {}
                reply = replies.recv() => {
                    let frames = vec![reply?];
                    let sent = timeout(self.shared.limits.write_timeout, send(sink, frames)).await;
                    sent.ok()?.ok()?;
                }
                () = changed(&mut list, listed), if self.switches.list.load(Relaxed) => {
                    listed = Instant::now();
                    let frame = self.list(None).await;
                    let sent = timeout(self.shared.limits.write_timeout, send(sink, vec![frame])).await;
                    sent.ok()?.ok()?;
                }
                _ = ping.tick() => {
                    let sent = sink.send(Message::Ping(Vec::new().into()));
                    timeout(self.shared.limits.write_timeout, sent).await.ok()?.ok()?;
                }
                () = self.shared.ending.cancelled(), if !ending => {}
                () = self.shared.cut.cancelled() => return Some((RESTART, "the daemon is ending")),
            }
        }
    }

    fn take(&self, frames: &mut Vec<String>) {
        let view = View {
            principal: &self.principal,
            dialect: self.dialect,
            wants: self.switches.wants(),
        };
        for told in self.feed.take(BATCH) {
            frames.extend(view.frames(&told));
        }
    }

    /// Does what a request asks for; the frames that answer it. A turn's events come by the feed.
    async fn answer(&self, text: &str) -> Vec<String> {
        let (request, id) = match request::read(text) {
            Ok(read) => read,
            Err(unclear) => {
                let refusal = Refusal::new("invalid_argument", unclear.message);
                return refused(&refusal, self.dialect, None, unclear.request_id);
            }
        };
        let session = session_of(&request).map(str::to_owned);
        match self.perform(request, id).await {
            Ok(frames) => frames,
            Err(refusal) => refused(&refusal, self.dialect, session.as_deref(), id),
        }
    }

    async fn perform(&self, request: Request, id: Option<u64>) -> Result<Vec<String>, Refusal> {
        let hub = &self.shared.hub;
        let key = |session: &str| self.principal.key_of(session);
        let one = |event, session: &str, data| Ok(vec![reply(event, Some(session), id, data)]);
        match request {
            Request::Execute(mut execute, events) => {
                self.switch_on(events)?;
                execute.request_id = id;
                hub.execute(&self.feed, &self.principal, *execute).await?;
                Ok(Vec::new())
            }
            Request::Stop { session, reason } => {
                hub.stop(&key(&session), &reason).await?;
                one("stopped", &session, json!({"session_id": session}))
            }
            Request::Interrupt { session, turn } => {
                let turns = hub.interrupt(&key(&session), turn).await?;
                one(
                    "interrupted",
                    &session,
                    json!({"session_id": session, "turns": turns}),
                )
            }
            Request::Answer {
                session,
                approval_id,
                decision,
            } => {
                let word = match decision {
                    hotplex::Decision::Allow { .. } => "allow",
                    _ => "deny",
                };
                let by = &self.principal.name;
                hub.answer(&key(&session), &approval_id, decision, by)
                    .await?;
                one(
                    "answered",
                    &session,
                    json!({"approval_id": approval_id, "decision": word}),
                )
            }
            Request::Subscribe {
                session,
                after,
                events,
            } => {
                self.switch_on(events)?;
                let key = key(&session);
                hotplex::SessionId::new(&key)?;
                let place = self.feed.subscribe(&key, after);
                let data = json!({
                    "session_id": session, "first": place.first, "last": place.last,
                    "state": place.state, "queued": place.queued,
                });
                one("subscribed", &session, data)
            }
            Request::Unsubscribe { session } => {
                self.feed.unsubscribe(&key(&session));
                one("unsubscribed", &session, json!({"session_id": session}))
            }
            Request::List { follow } => {
                self.switches.list.store(follow, Relaxed);
                Ok(vec![self.list(id).await])
            }
            Request::Stats { session } => {
                let stats = crate::rest::stats_of(&self.shared, &self.principal, &session).await?;
                one("stats", &session, stats)
            }
            Request::Version => Ok(vec![reply("version", None, id, self.version())]),
            Request::Ping => Ok(vec![reply("pong", None, id, json!({}))]),
        }
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

    async fn list(&self, id: Option<u64>) -> String {
        match self.shared.hub.list(&self.principal).await {
            Ok(sessions) => reply("list", None, id, json!({"sessions": sessions})),
            Err(refusal) => refused(&refusal, self.dialect, None, id)
                .pop()
                .unwrap_or_default(),
        }
    }

    fn version(&self) -> serde_json::Value {
        let engines = crate::rest::engines_of(&self.shared, &self.principal);
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "protocol": "hotplex.v1",
            "engines": engines,
            "work_dir": self.principal.roots.first(),
            "roots": self.principal.roots,
        })
    }
}

/// Rings for a change of the list, but not at once after the last one.
async fn changed(list: &mut watch::Receiver<u64>, listed: Instant) {
    // First the pause: once a change is seen it must not be lost by somebody else's being quicker.
    tokio::time::sleep_until(listed + LIST_PAUSE).await;
    // The sender lives as long as the hub.
    let _ = list.changed().await;
}

async fn send(
    sink: &mut SplitSink<WebSocket, Message>,
    frames: Vec<String>,
) -> Result<(), axum::Error> {
    for frame in frames {
        sink.feed(Message::Text(frame.into())).await?;
    }
    sink.flush().await
}

fn session_of(request: &Request) -> Option<&str> {
    match request {
        Request::Execute(execute, _) => Some(&execute.session),
        Request::Stop { session, .. }
        | Request::Interrupt { session, .. }
        | Request::Answer { session, .. }
        | Request::Subscribe { session, .. }
        | Request::Unsubscribe { session }
        | Request::Stats { session } => Some(session),
        Request::List { .. } | Request::Version | Request::Ping => None,
    }
}
