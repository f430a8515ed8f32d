//! Answers that are not 2xx.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::refusal::Refusal;

/// What a client did wrong, or what went wrong here.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    failure: ProblemDetail,
}

/// The body of every answer that is not 2xx.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FailureBody {
    error: ProblemDetail,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Failure)]
pub(crate) struct ProblemDetail {
    /// A fixed word: `invalid_argument`, `not_found`, `blocked`, `busy`, `closed`, `timed_out`,
    /// `spawn_failed`, `agent_failed`, `crashed`, `cancelled`, `stopped`, `in_use`, `internal`,
    /// `forbidden`, `quota`, `unauthorized`, `too_large`.
    pub(crate) kind: String,
    /// A line for a person.
    pub(crate) message: String,
    /// What the guard said, if it refused a prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub(crate) verdict: Option<serde_json::Value>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, kind: &str, message: impl Into<String>) -> Problem {
        Problem {
            status,
            failure: ProblemDetail {
                kind: kind.to_owned(),
                message: message.into(),
                verdict: None,
            },
        }
    }
}

/// The status that goes with a kind of failure.
pub(crate) fn status_of(kind: &str) -> StatusCode {
    match kind {
        "invalid_argument" => StatusCode::BAD_REQUEST,
        "not_found" => StatusCode::NOT_FOUND,
        "blocked" | "forbidden" => StatusCode::FORBIDDEN,
        "busy" | "quota" => StatusCode::TOO_MANY_REQUESTS,
        "closed" => StatusCode::SERVICE_UNAVAILABLE,
        "timed_out" => StatusCode::GATEWAY_TIMEOUT,
        "spawn_failed" | "agent_failed" | "crashed" => StatusCode::BAD_GATEWAY,
        "cancelled" | "stopped" | "in_use" => StatusCode::CONFLICT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        let verdict = refusal.verdict.as_deref();
        Problem {
            status: status_of(refusal.kind),
            failure: ProblemDetail {
                kind: refusal.kind.to_owned(),
                message: refusal.message,
                verdict: verdict.and_then(|verdict| serde_json::to_value(verdict).ok()),
            },
        }
    }
}

impl From<hotplex::Error> for Problem {
    fn from(error: hotplex::Error) -> Problem {
        Refusal::from(error).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = FailureBody {
            error: self.failure,
        };
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = axum::http::HeaderValue::from_static("Bearer");
            response.headers_mut().insert("www-authenticate", challenge);
        }
        response
    }
}
