//! Sessions: list, look at, interrupt, end.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::extract::{Body, Id};
use crate::access::Principal;
use crate::blocking::blocking;
use crate::http::gatekeeper::{Client, Shared};
use crate::http::problem::{FailureBody, Problem};
use crate::hub::list::Listed;
use crate::hub::log::Activity;
use crate::refusal::Refusal;

/// Sessions, by name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionList {
    sessions: Vec<Listed>,
}

/// Lists the sessions that the client may see.
#[utoipa::path(get, path = "/api/v1/sessions", operation_id = "list_sessions", responses(
    (status = 200, body = SessionList),
    (status = 401, body = FailureBody),
))]
pub(crate) async fn list(
    Client(client): Client,
    State(shared): State<Shared>,
) -> Result<Json<SessionList>, Problem> {
    let sessions = shared.hub.list(&client).await?;
    Ok(Json(SessionList { sessions }))
}

async fn find(shared: &Shared, client: &Principal, id: &str) -> Result<Listed, Problem> {
    let sessions = shared.hub.list(client).await?;
    let found = sessions
        .into_iter()
        .find(|session| session.session_id == id);
    Ok(found.ok_or_else(|| no_session(id))?)
}

pub(super) fn no_session(id: &str) -> Refusal {
    Refusal::new("not_found", format!("there is no session {id}"))
}

/// One session.
#[utoipa::path(get, path = "/api/v1/sessions/{id}", operation_id = "get_session",
    params(("id" = String, Path, description = "The session")),
    responses(
    (status = 200, body = Listed),
    (status = 400, body = FailureBody),
    (status = 401, body = FailureBody),
    (status = 404, body = FailureBody),
))]
pub(crate) async fn one(
    Client(client): Client,
    Id(id): Id,
    State(shared): State<Shared>,
) -> Result<Json<Listed>, Problem> {
    find(&shared, &client, &id).await.map(Json)
}

/// What a session has done since it came into the pool.
#[utoipa::path(get, path = "/api/v1/sessions/{id}/stats", operation_id = "get_session_stats",
    params(("id" = String, Path, description = "The session")),
    responses(
    (status = 200, body = Object),
    (status = 400, body = FailureBody),
    (status = 401, body = FailureBody),
    (status = 404, body = FailureBody),
))]
pub(crate) async fn stats(
    Client(client): Client,
    Id(id): Id,
    State(shared): State<Shared>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(stats_of(&shared, &client, &id).await?))
}

/// The engine's figures of a session.
pub(crate) async fn stats_of(
    shared: &Shared,
    client: &Principal,
    id: &str,
) -> Result<Value, Refusal> {
    let key = client.key_of(id);
    let served = shared.hub.engine_of(&key).ok_or_else(|| no_session(id))?;
    let stats = blocking(move || served.engine.session_stats(&key)).await??;
    let mut stats: Value = serde_json::from_str(&stats.to_json()).unwrap_or_default();
    if let Some(name) = stats.get_mut("session_id") {
        *name = Value::from(id);
    }
    Ok(stats)
}

/// Turns that were asked to end.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Interrupted {
    session_id: String,
    turns: Vec<u64>,
}

/// Which turn to interrupt.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InterruptBody {
    /// Its number; default: the current one.
    turn: Option<u64>,
}

/// Asks the agent to let go of its turn; its process stays.
#[utoipa::path(post, path = "/api/v1/sessions/{id}/interrupt", operation_id = "interrupt_session",
    params(("id" = String, Path, description = "The session")),
    request_body = InterruptBody,
    responses(
    (status = 200, body = Interrupted),
    (status = 400, body = FailureBody),
    (status = 401, body = FailureBody),
    (status = 404, body = FailureBody),
    (status = 408, body = FailureBody),
    (status = 413, body = FailureBody),
))]
pub(crate) async fn interrupt(
    Client(client): Client,
    Id(id): Id,
    State(shared): State<Shared>,
    body: MaybeBody<InterruptBody>,
) -> Result<Json<Interrupted>, Problem> {
    let turns = shared
        .hub
        .interrupt(&client.key_of(&id), body.0.turn)
        .await?;
    Ok(Json(Interrupted {
        session_id: id,
        turns,
    }))
}

/// Why a session is ended.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StopBody {
    /// Goes into the end of its turns.
    reason: Option<String>,
}

/// A session whose process was told to end.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ended)]
pub(crate) struct EndedSession {
    session_id: String,
    /// False if it had no process.
    stopped: bool,
}

async fn end(
    shared: &Shared,
    client: &Principal,
    id: String,
    body: StopBody,
) -> Result<Json<EndedSession>, Problem> {
    let key = client.key_of(&id);
    if shared.hub.engine_of(&key).is_none() {
        return Err(no_session(&id).into());
    }
    let reason = body.reason.as_deref().unwrap_or("client requested stop");
    let stopped = shared.hub.stop(&key, reason).await?;
    Ok(Json(EndedSession {
        session_id: id,
        stopped,
    }))
}

/// Ends the session's process politely. Its turns end as stopped, its conversation is kept.
#[utoipa::path(post, path = "/api/v1/sessions/{id}/stop", operation_id = "stop_session",
    params(("id" = String, Path, description = "The session")),
    request_body = StopBody,
    responses(
    (status = 200, body = EndedSession),
    (status = 400, body = FailureBody),
    (status = 401, body = FailureBody),
    (status = 404, body = FailureBody),
    (status = 408, body = FailureBody),
    (status = 413, body = FailureBody),
))]
pub(crate) async fn stop(
    Client(client): Client,
    Id(id): Id,
    State(shared): State<Shared>,
    body: MaybeBody<StopBody>,
) -> Result<Json<EndedSession>, Problem> {
    end(&shared, &client, id, body.0).await
}

/// Ends the process of a session that is idle; 409 if a turn is under way.
#[utoipa::path(post, path = "/api/v1/sessions/{id}/hibernate", operation_id = "hibernate_session",
    params(("id" = String, Path, description = "The session")),
    responses(
    (status = 200, body = EndedSession),
    (status = 400, body = FailureBody),
    (status = 401, body = FailureBody),
    (status = 404, body = FailureBody),
    (status = 409, body = FailureBody),
))]
pub(crate) async fn hibernate(
    Client(client): Client,
    Id(id): Id,
    State(shared): State<Shared>,
) -> Result<Json<EndedSession>, Problem> {
    let session = find(&shared, &client, &id).await?;
    if !matches!(session.state, Activity::Ready | Activity::Ended) {
        let status = axum::http::StatusCode::CONFLICT;
        return Err(Problem::new(status, "busy", "a turn is under way"));
    }
    let body = StopBody {
        reason: Some("hibernated".to_owned()),
    };
    end(&shared, &client, id, body).await
}

/// Ends the session's process whatever it does, within the engine's grace, and forgets what is held
/// of its events. The agent keeps the conversation.
#[utoipa::path(post, path = "/api/v1/sessions/{id}/terminate", operation_id = "terminate_session",
    params(("id" = String, Path, description = "The session")),
    request_body = StopBody,
    responses(
    (status = 200, body = EndedSession),
    (status = 400, body = FailureBody),
    (status = 401, body = FailureBody),
    (status = 404, body = FailureBody),
    (status = 408, body = FailureBody),
    (status = 413, body = FailureBody),
))]
pub(crate) async fn terminate(
    Client(client): Client,
    Id(id): Id,
    State(shared): State<Shared>,
    body: MaybeBody<StopBody>,
) -> Result<Json<EndedSession>, Problem> {
    let key = client.key_of(&id);
    let ended = end(&shared, &client, id, body.0).await?;
    shared.hub.forget(&key);
    Ok(ended)
}

/// A body that may be left out.
pub(crate) struct MaybeBody<T>(T);

impl<T: serde::de::DeserializeOwned + Default> axum::extract::FromRequest<Shared> for MaybeBody<T> {
    type Rejection = Problem;

    async fn from_request(
        request: axum::extract::Request,
        shared: &Shared,
    ) -> Result<Self, Problem> {
        use axum::body::HttpBody;
        if request.body().is_end_stream() {
            return Ok(MaybeBody(T::default()));
        }
        let Body(body) = Body::from_request(request, shared).await?;
        Ok(MaybeBody(body))
    }
}
