//! Agents over WebSocket: `GET /ws/v1/agent`. The words are those of docs/protocol.md.

mod code;
mod connection;
mod due;
mod request;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts, State};
use axum::http::header::SEC_WEBSOCKET_KEY;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::access::{TOKEN_PROTOCOL, offered_protocols};
use crate::http::gatekeeper::Shared;
use crate::http::problem::Problem;
use crate::rest::Params;
use crate::wire::Dialect;
use code::UNAUTHORIZED;

/// The subprotocol of new clients.
const V1: &str = "hotplex.v1";

/// A small one: the usual 128 KiB are allocated for every connection at once, and with a thousand of
/// them halve the throughput (measured).
const READ_BUFFER: usize = 4096;

/// What may stand in the query of an upgrade.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    /// Read by a proxy that leads each session to its machine.
    #[serde(rename = "session")]
    _session: Option<String>,
}

pub(crate) async fn upgrade(State(shared): State<Shared>, mut parts: Parts) -> Response {
    let headers = parts.headers.clone();
    let query = Params::<Query>::from_request_parts(&mut parts, &shared).await;
    if let Err(problem) = query {
        return problem.into_response();
    }
    if let Some(name) = doubtful(&headers) {
        return not_upgraded(
            StatusCode::BAD_REQUEST,
            format!("{name} is not what it has to be"),
        );
    }
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &shared).await;
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return not_upgraded(rejection.status(), rejection.body_text()),
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

/// The header of an upgrade that another reader may understand differently: it stands there twice, or
/// is no key (RFC 6455, 4.2.1: 16 bytes in base64).
fn doubtful(headers: &HeaderMap) -> Option<&'static str> {
    let once = |name: &'static str| headers.get_all(name).iter().count() <= 1;
    let of_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/".contains(byte);
    let is_key = |key: &[u8]| match key.split_last_chunk() {
        Some((digits, b"==")) => digits.len() == 22 && digits.iter().all(of_base64),
        _ => false,
    };
    let key = headers.get(SEC_WEBSOCKET_KEY);
    match key.is_none_or(|key| is_key(key.as_bytes())) && once("sec-websocket-key") {
        false => Some("Sec-WebSocket-Key"),
        true if !once("sec-websocket-version") => Some("Sec-WebSocket-Version"),
        true => None,
    }
}

fn not_upgraded(status: StatusCode, why: String) -> Response {
    Problem::new(status, "invalid_argument", why).into_response()
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
