//! The REST interface, `/api/v1`. Its description is made from the handlers and compared with
//! docs/openapi.json by a test.

mod approvals;
mod engines;
mod events;
mod execute;
mod health;
mod processes;
mod sessions;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::gatekeeper::Shared;
use crate::http::problem::{FailureBody, Problem};
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

/// A body of JSON. Keys that nobody knows are errors.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Shared> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, shared: &Shared) -> Result<Body<T>, Problem> {
        let read = Bytes::from_request(request, shared);
        let bytes = tokio::time::timeout(shared.limits.body_timeout, read).await;
        let late = |_| {
            let status = StatusCode::REQUEST_TIMEOUT;
            Problem::new(status, "timed_out", "the body did not come in time")
        };
        let bytes = bytes
            .map_err(late)?
            .map_err(|rejection| match rejection.status() {
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
