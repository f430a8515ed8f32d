//! Is it alive, is it ready, and its figures.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::gatekeeper::{Client, Shared};
use crate::http::problem::{FailureBody, Problem};
use crate::metrics::Snapshot;
use crate::refusal::Refusal;

/// How the daemon is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`, or `ending`.
    status: String,
    /// Why it is not ready.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<String>,
}

/// Is it there at all. Needs no token.
#[utoipa::path(get, path = "/health", operation_id = "health", security(()), responses((status = 200, body = Health)))]
pub(crate) async fn health() -> Json<Health> {
    Json(Health {
        status: "ok".to_owned(),
        reasons: Vec::new(),
    })
}

/// Is it alive. Needs no token.
#[utoipa::path(get, path = "/health/live", operation_id = "live", security(()), responses((status = 200, body = Health)))]
pub(crate) async fn live() -> Json<Health> {
    health().await
}

/// Does it take turns. Needs no token.
#[utoipa::path(get, path = "/health/ready", operation_id = "ready", security(()), responses(
    (status = 200, body = Health),
    (status = 503, body = Health),
))]
pub(crate) async fn ready(State(shared): State<Shared>) -> (StatusCode, Json<Health>) {
    let mut reasons = Vec::new();
    if shared.hub.is_draining() {
        reasons.push("the daemon is ending".to_owned());
    }
    let engines: Vec<_> = shared.hub.engines.all().cloned().collect();
    let asked = tokio::task::spawn_blocking(move || {
        let closed = engines
            .iter()
            .filter(|served| served.engine.info().is_err());
        closed
            .map(|served| format!("engine {} is closed", served.name))
            .collect::<Vec<_>>()
    });
    reasons.extend(asked.await.unwrap_or_else(|error| vec![error.to_string()]));
    let (status, word) = match reasons.is_empty() {
        true => (StatusCode::OK, "ok"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "ending"),
    };
    let health = Health {
        status: word.to_owned(),
        reasons,
    };
    (status, Json(health))
}

/// Figures for Prometheus, in the text form of OpenMetrics.
#[utoipa::path(get, path = "/metrics", operation_id = "metrics", responses(
    (status = 200, body = String, content_type = "application/openmetrics-text"),
    (status = 401, body = FailureBody),
    (status = 403, body = FailureBody),
))]
pub(crate) async fn metrics(
    Client(client): Client,
    State(shared): State<Shared>,
) -> Result<([(&'static str, &'static str); 1], String), Problem> {
    if !client.is_owner() {
        return Err(Refusal::new("forbidden", "the figures are the owner's").into());
    }
    let engines: Vec<_> = shared.hub.engines.all().cloned().collect();
    let asked = tokio::task::spawn_blocking(move || {
        let snapshots = engines.iter().filter_map(|served| {
            Some(Snapshot {
                engine: served.label.clone(),
                info: served.engine.info().ok()?,
                sessions: served.engine.sessions().ok()?,
            })
        });
        snapshots.collect::<Vec<_>>()
    });
    let snapshots = asked
        .await
        .map_err(|error| Refusal::new("internal", error.to_string()))?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok((
        [("content-type", kind)],
        shared.hub.metrics.text(&snapshots),
    ))
}
