//! All routes in one place.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::http::gatekeeper::{Shared, check_site};
use crate::http::problem::Problem;
use crate::{page, rest, ws};

pub(crate) fn router(shared: Shared) -> Router {
    Router::new()
        .merge(rest::router())
        .merge(page::router())
        .route("/ws/v1/agent", get(ws::upgrade))
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(shared.limits.body_bytes))
        .layer(middleware::from_fn_with_state(shared.clone(), check_site))
        .with_state(shared)
}

async fn nothing_here() -> Response {
    Problem::new(
        StatusCode::NOT_FOUND,
        "not_found",
        "there is nothing at this path",
    )
    .into_response()
}

async fn wrong_method() -> Response {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    Problem::new(status, "invalid_argument", "this path has no such method").into_response()
}
