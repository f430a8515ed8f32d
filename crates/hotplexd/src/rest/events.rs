//! What happens, as a stream of server-sent events and as a list.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::extract::{Id, Params, invalid};
use super::sessions::no_session;
use crate::access::Principal;
use crate::http::gatekeeper::{Client, Shared};
use crate::http::problem::{FailureBody, Problem};
use crate::hub::feed::{Feed, FeedItem};
use crate::wire::{Dialect, View, Wants};

const BATCH: usize = 64 << 10;

/// Proxies close what is silent for a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct After {
    /// Only what comes after this number; 0 for all that is held.
    #[param(maximum = 9007199254740991_f64)]
    after: Option<u64>,
}

/// Follows a session: its events as server-sent events.
///
/// Each has the number of the event as its `id`, so that a client that comes back goes on where it
/// was (`Last-Event-ID`, which wins over `after`). `data` is the object that a WebSocket client with
/// `hotplex.v1` gets. A `gap` comes first if something is not held any more.
#[utoipa::path(get, path = "/api/v1/sessions/{id}/events", operation_id = "follow_session",
    params(("id" = String, Path, description = "The session"), After,
        ("Last-Event-ID" = Option<String>, Header, description = "The number of the last event that was seen")),
    responses(
    (status = 200, body = String, content_type = "text/event-stream"),
    (status = 400, body = FailureBody),
    (status = 401, body = FailureBody),
))]
pub(crate) async fn follow(
    Client(client): Client,
    Id(id): Id,
    Params(query): Params<After>,
    headers: HeaderMap,
    State(shared): State<Shared>,
) -> Result<Response, Problem> {
    let last = headers.get("last-event-id").map(|value| {
        let number = value.to_str().ok().and_then(|text| text.parse().ok());
        number.ok_or_else(|| invalid("Last-Event-ID is not the number of an event".to_owned()))
    });
    let after = last.transpose()?.or(query.after);
    let feed = Feed::new(&shared.hub);
    feed.subscribe(&client.key_of(&id), after)?;
    Ok(sse(Following::new(shared, client, feed, false)))
}

/// The events of the one turn that a feed was made for.
pub(super) fn of_turn(shared: Shared, client: Arc<Principal>, feed: Feed) -> Response {
    sse(Following::new(shared, client, feed, true))
}

fn sse(following: Following) -> Response {
    let stream = Sse::new(stream_of(following)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    // Proxies that buffer would hold the events back.
    ([("x-accel-buffering", "no")], stream).into_response()
}

struct Following {
    shared: Shared,
    client: Arc<Principal>,
    feed: Feed,
    /// The stream ends with the turn.
    one_turn: bool,
    waiting: VecDeque<Event>,
    over: bool,
}

impl Following {
    fn new(shared: Shared, client: Arc<Principal>, feed: Feed, one_turn: bool) -> Following {
        Following {
            shared,
            client,
            feed,
            one_turn,
            waiting: VecDeque::new(),
            over: false,
        }
    }

    fn take(&mut self) {
        let told = self.feed.take(BATCH);
        let view = View {
            principal: &self.client,
            dialect: Dialect::V1,
            wants: Wants::all(),
        };
        for told in &told {
            self.waiting.extend(
                view.frames(told)
                    .into_iter()
                    .map(|frame| event(frame, told)),
            );
        }
        self.over = self.one_turn && !self.feed.is_owed();
    }
}

/// A frame as a server-sent event. What has no number of its own gets that of the event it came
/// with, so that a client that comes back does not get it twice.
fn event(frame: String, told: &FeedItem) -> Event {
    #[derive(Deserialize)]
    struct Head<'a> {
        event: &'a str,
    }
    let name = serde_json::from_str::<Head<'_>>(&frame).map(|head| head.event.to_owned());
    let event = Event::default().event(name.unwrap_or_default()).data(frame);
    match told {
        FeedItem::Event { entry, .. } => event.id(entry.seq.to_string()),
        FeedItem::Gap { .. } => event,
    }
}

fn stream_of(following: Following) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(following, |mut following| async move {
        loop {
            if let Some(event) = following.waiting.pop_front() {
                return Some((Ok(event), following));
            }
            let is_let_in = following.shared.renewed(&following.client).is_some();
            if following.over || !is_let_in {
                return None;
            }
            following.take();
            if !following.waiting.is_empty() || following.over {
                continue;
            }
            let owed = following.feed.is_owed();
            tokio::select! {
                () = following.feed.wake().notified() => {}
                () = following.shared.ending.cancelled(), if !owed => return None,
                () = following.shared.cut.cancelled() => return None,
            }
        }
    })
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Page {
    /// Only what comes after this number.
    #[param(maximum = 9007199254740991_f64)]
    after: Option<u64>,
    /// The last so many at most.
    #[param(minimum = 1, maximum = 10000)]
    limit: Option<usize>,
}

/// Events that are held of a session.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct History {
    session_id: String,
    /// Oldest first, as a WebSocket client with `hotplex.v1` gets them.
    #[schema(value_type = Vec<Object>)]
    events: Vec<Value>,
}

/// The last events of a session, as far as they are held.
#[utoipa::path(get, path = "/api/v1/sessions/{id}/history", operation_id = "session_history",
    params(("id" = String, Path, description = "The session"), Page),
    responses(
    (status = 200, body = History),
    (status = 400, body = FailureBody),
    (status = 401, body = FailureBody),
    (status = 404, body = FailureBody),
))]
pub(crate) async fn history(
    Client(client): Client,
    Id(id): Id,
    Params(page): Params<Page>,
    State(shared): State<Shared>,
) -> Result<Json<History>, Problem> {
    let key = client.key_of(&id);
    if shared.hub.engine_of(&key).is_none() {
        return Err(no_session(&id).into());
    }
    let feed = Feed::new(&shared.hub);
    feed.subscribe(&key, Some(page.after.unwrap_or(0)))?;
    let view = View {
        principal: &client,
        dialect: Dialect::V1,
        wants: Wants::all(),
    };
    let told = feed.take(usize::MAX);
    let frames = told.iter().flat_map(|told| view.frames(told));
    let read = frames.filter_map(|frame| serde_json::from_str(&frame).ok());
    let mut events: Vec<Value> = read.collect();
    let limit = page.limit.unwrap_or(usize::MAX);
    events.drain(..events.len().saturating_sub(limit));
    Ok(Json(History {
        session_id: id,
        events,
    }))
}
