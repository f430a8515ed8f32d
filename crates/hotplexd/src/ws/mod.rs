//! Agents over WebSocket: `GET /ws/v1/agent`. The words are those of docs/protocol.md.

mod code;
mod connection;
mod due;
mod request;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::access::{TOKEN_PROTOCOL, offered_protocols};
use crate::http::gatekeeper::Shared;
use crate::http::problem::Problem;
use crate::wire::Dialect;
use code::UNAUTHORIZED;

/// The subprotocol of new clients.
const V1: &str = "hotplex.v1";

/// A small one: the usual 128 KiB are allocated for every connection at once, and with a thousand of
/// them halve the throughput (measured).
const READ_BUFFER: usize = 4096;

pub(crate) async fn upgrade(State(shared): State<Shared>, mut parts: Parts) -> Response {
    let headers = parts.headers.clone();
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &shared).await;
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let is_v1 = offered_protocols(&headers).any(|name| name == V1);
    let upgrade = upgrade
        .protocols(chosen_protocol(&headers, is_v1))
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(4 * READ_BUFFER)
        .max_frame_size(shared.limits.frame_bytes)
        .max_message_size(shared.limits.frame_bytes);
    let Some(principal) = shared.rules().access.principal_of(&headers) else {
        shared.hub.metrics.refused("token");
        return match is_v1 {
            true => upgrade
                .on_upgrade(|socket| close(socket, UNAUTHORIZED, "the token is missing or wrong")),
            false => Problem::new(
                StatusCode::UNAUTHORIZED,
                "unauthorized",
                "the token is missing or wrong",
            )
            .into_response(),
        };
    };
    if shared.hub.is_draining() {
        let message = "the daemon is ending";
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, "closed", message).into_response();
    }
    let dialect = if is_v1 { Dialect::V1 } else { Dialect::Go };
    upgrade.on_upgrade(move |socket| {
        let tasks = shared.tasks.clone();
        // Told apart from the connection's task, which ends with the upgrade.
        tasks.track_future(connection::serve(socket, shared, principal, dialect))
    })
}

/// A client that offers protocols must be given one of them. The one with the token is given back
/// only to those who offer nothing else.
fn chosen_protocol(headers: &HeaderMap, is_v1: bool) -> Option<String> {
    if is_v1 {
        return Some(V1.to_owned());
    }
    let mut offered = offered_protocols(headers);
    offered
        .find(|name| name.starts_with(TOKEN_PROTOCOL))
        .map(str::to_owned)
}

async fn close(mut socket: WebSocket, code: u16, reason: &'static str) {
    let frame = CloseFrame {
        code,
        reason: reason.into(),
    };
    // Whoever has gone does not need to be told.
    let _ = socket.send(Message::Close(Some(frame))).await;
    let patience = std::time::Duration::from_secs(2);
    let _ = tokio::time::timeout(patience, async { while socket.recv().await.is_some() {} }).await;
}
