//! The REST interface, `/api/v1`. Its description is made from the handlers and compared with
//! docs/openapi.json by a test.

mod approvals;
mod engines;
mod events;
mod execute;
mod health;
mod processes;
mod sessions;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::gatekeeper::Shared;
use crate::hub::Refusal;
pub(crate) use engines::engines_of;
pub(crate) use sessions::stats_of;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "hotplexd",
        description = "Sessions of AI command-line agents: begin turns, follow, approve, interrupt and end them."
    ),
    modifiers(&Bearer),
    security(("token" = []))
)]
struct Description;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(health::health))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::one))
        .routes(routes!(sessions::stats))
        .routes(routes!(sessions::interrupt))
        .routes(routes!(sessions::stop))
        .routes(routes!(sessions::hibernate))
        .routes(routes!(sessions::terminate))
        .routes(routes!(processes::processes))
        .routes(routes!(execute::execute))
        .routes(routes!(events::follow))
        .routes(routes!(events::history))
        .routes(routes!(approvals::list))
        .routes(routes!(approvals::answer))
        .routes(routes!(engines::list))
        .routes(routes!(engines::spares))
        .routes(routes!(engines::prewarm))
        .routes(routes!(engines::check))
        .routes(routes!(engines::audit))
}

/// The routes, their description among them.
pub(crate) fn router() -> Router<Shared> {
    let (router, document) = routes().split_for_parts();
    let text = text_of(&document);
    let answer = move || {
        let text = text.clone();
        async move { ([("content-type", "application/json")], text) }
    };
    router.route("/api/v1/openapi.json", axum::routing::get(answer))
}

/// The description of the interface.
pub(crate) fn description() -> String {
    text_of(&routes().into_openapi())
}

fn text_of(document: &utoipa::openapi::OpenApi) -> String {
    // A document of strings and maps: nothing that JSON cannot say.
    let mut text = document.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// What a client did wrong, or what went wrong here.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    failure: Failure,
}

/// The body of every answer that is not 2xx.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FailureBody {
    error: Failure,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Failure {
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
            failure: Failure {
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
            failure: Failure {
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

/// A body of JSON. Keys that nobody knows are errors.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Shared> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, shared: &Shared) -> Result<Body<T>, Problem> {
        let bytes = Bytes::from_request(request, shared).await;
        let bytes = bytes.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "the body is too large",
            ),
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

fn invalid(message: String) -> Problem {
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
