//! A turn by one request: its end as the answer, or its events as a stream.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use hotplex::{EventKind, TurnEnd};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::events;
use super::extract::{Body, Id};
use crate::access::Principal;
use crate::http::gatekeeper::{Client, Shared, unauthorized};
use crate::http::problem::{FailureBody, Problem, ProblemDetail, status_of};
use crate::hub::feed::{Feed, FeedItem};
use crate::hub::log::What;
use crate::hub::{Ask, Execute};

/// A turn that is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExecuteBody {
    /// What the agent is told.
    prompt: String,
    /// Where the agent works; below one of the key's roots. Default: the session's, else the first
    /// root.
    work_dir: Option<String>,
    /// Name of an engine; binds to the session.
    engine: Option<String>,
    /// True for the turn's events as they come (`text/event-stream`), false for its end.
    #[serde(default)]
    stream: bool,
    /// For this turn alone, put before the prompt.
    instructions: Option<String>,
    /// The model; binds when the session's process starts.
    model: Option<String>,
    /// How long the agent may work on this turn, in milliseconds.
    timeout_ms: Option<u64>,
    /// `ask` (default): a question of the agent waits for an answer; `deny`: it is denied at once.
    approvals: Option<Approvals>,
    /// `cancel` (default) or `detach`: whether the turn goes on when its client leaves.
    on_disconnect: Option<OnDisconnect>,
}

#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Approvals {
    Ask,
    Deny,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OnDisconnect {
    Cancel,
    Detach,
}

/// A turn that is over.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Executed {
    session_id: String,
    turn: u64,
    /// `completed`, `failed`, `cancelled`, `timed_out`, `crashed` or `stopped`.
    outcome: String,
    /// The finished pieces of the answer, one after the other.
    answer: String,
    /// Why it did not complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ProblemDetail>,
    /// Times, tokens, cost, tools, changed files.
    #[schema(value_type = Object)]
    stats: Value,
}

/// Runs a turn in a session, which is made if there is none.
///
/// The answer has the status 200 for a turn that completed; for others that of their error, with the
/// same body. When the client closes the connection before that, the turn is cancelled.
#[utoipa::path(post, path = "/api/v1/sessions/{id}/execute", operation_id = "execute",
    params(("id" = String, Path, description = "The session")),
    request_body = ExecuteBody,
    responses(
    (status = 200, description = "The turn completed, or its events", content(
        (Executed = "application/json"), (String = "text/event-stream"))),
    (status = 400, body = FailureBody),
    (status = 401, body = FailureBody),
    (status = 403, body = FailureBody),
    (status = 404, body = FailureBody),
    (status = 409, body = Executed, description = "It was stopped or cancelled"),
    (status = 408, body = FailureBody),
    (status = 413, body = FailureBody),
    (status = 429, body = FailureBody),
    (status = 502, body = Executed, description = "The agent failed or its process ended"),
    (status = 503, body = FailureBody),
    (status = 504, body = Executed, description = "It took too long"),
))]
pub(crate) async fn execute(
    Client(client): Client,
    Id(id): Id,
    State(shared): State<Shared>,
    Body(body): Body<ExecuteBody>,
) -> Result<Response, Problem> {
    let feed = Feed::new(&shared.hub);
    let stream = body.stream;
    let turn = shared
        .hub
        .execute(&feed, &client, wanted(&id, body))
        .await?;
    if stream {
        return Ok(events::of_turn(shared, client, feed));
    }
    let Some(end) = wait(&shared, &client, &feed, id, turn).await else {
        return Err(unauthorized());
    };
    Ok(end)
}

fn wanted(id: &str, body: ExecuteBody) -> Execute {
    Execute {
        session: id.to_owned(),
        prompt: body.prompt,
        work_dir: body.work_dir,
        instructions: body.instructions,
        model: body.model,
        engine: body.engine,
        timeout: body.timeout_ms.map(Duration::from_millis),
        detach: body.on_disconnect == Some(OnDisconnect::Detach),
        ask: match body.approvals {
            Some(Approvals::Deny) => Ask::Deny,
            _ => Ask::Client,
        },
        request_id: None,
    }
}

/// The answer that tells of the turn's end; `None` if the client's key is taken away before.
async fn wait(
    shared: &Shared,
    client: &Principal,
    feed: &Feed,
    session_id: String,
    turn: u64,
) -> Option<Response> {
    let mut answer = String::new();
    while shared.renewed(client).is_some() {
        for told in feed.take(1 << 20) {
            let FeedItem::Event {
                entry, mine: true, ..
            } = told
            else {
                continue;
            };
            match &entry.what {
                What::Agent(EventKind::Answer(text)) => answer.push_str(text),
                What::End(end) => return Some(executed(session_id, turn, answer, end)),
                _ => {}
            }
        }
        Arc::clone(feed.wake()).notified().await;
    }
    None
}

fn executed(session_id: String, turn: u64, answer: String, end: &TurnEnd) -> Response {
    let error = end.error.as_ref().map(|error| ProblemDetail {
        kind: error.kind().as_str().to_owned(),
        message: error.message().to_owned(),
        verdict: None,
    });
    let status = match &error {
        None => axum::http::StatusCode::OK,
        Some(error) => status_of(&error.kind),
    };
    let body = Executed {
        session_id,
        turn,
        outcome: end.outcome.as_str().to_owned(),
        answer,
        error,
        stats: serde_json::from_str(&end.stats_json()).unwrap_or_default(),
    };
    (status, Json(body)).into_response()
}
