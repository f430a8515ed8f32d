//! What handlers take out of a request: a body, a query, the session of a path.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_ENCODING;
use serde::de::DeserializeOwned;

use crate::http::gatekeeper::Shared;
use crate::http::problem::Problem;

/// A body of JSON. Keys that nobody knows are errors.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Shared> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, shared: &Shared) -> Result<Body<T>, Problem> {
        let encoding = request.headers().get(CONTENT_ENCODING);
        if encoding.is_some_and(|name| !name.as_bytes().eq_ignore_ascii_case(b"identity")) {
            let why = "a body is taken as it is: leave out Content-Encoding";
            return Err(invalid(why.to_owned()));
        }
        // A client that says so beforehand need not send it first.
        let most = shared.limits.body_bytes as u64;
        if axum::body::HttpBody::size_hint(request.body()).lower() > most {
            return Err(too_large());
        }
        let read = Bytes::from_request(request, shared);
        let bytes = tokio::time::timeout(shared.limits.body_timeout, read).await;
        let late = |_| {
            let status = StatusCode::REQUEST_TIMEOUT;
            Problem::new(status, "timed_out", "the body did not come in time")
        };
        let bytes = bytes
            .map_err(late)?
            .map_err(|rejection| match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => too_large(),
                _ => invalid(rejection.body_text()),
            })?;
        // An array would do as well for serde, by position, which nobody means.
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Err(invalid("the body is not a JSON object".to_owned()));
        }
        let value = serde_json::from_slice(&bytes);
        value.map(Body).map_err(|error| invalid(error.to_string()))
    }
}

fn too_large() -> Problem {
    let status = StatusCode::PAYLOAD_TOO_LARGE;
    Problem::new(status, "too_large", "the body is too large")
}

pub(super) fn invalid(message: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid_argument", message)
}

/// A name in the path or a query that cannot be read.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> axum::extract::FromRequestParts<Shared> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        shared: &Shared,
    ) -> Result<Params<T>, Problem> {
        let query = axum::extract::Query::<T>::from_request_parts(parts, shared).await;
        query
            .map(|query| Params(query.0))
            .map_err(|rejection| invalid(rejection.body_text()))
    }
}

/// The session that a path names.
pub(crate) struct Id(pub(crate) String);

impl axum::extract::FromRequestParts<Shared> for Id {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        shared: &Shared,
    ) -> Result<Id, Problem> {
        let path = axum::extract::Path::<String>::from_request_parts(parts, shared).await;
        let path = path.map_err(|rejection| invalid(rejection.body_text()))?;
        hotplex::SessionId::new(&path.0)?;
        Ok(Id(path.0))
    }
}
