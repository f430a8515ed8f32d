//! The REST interface, `/api/v1`. Its description is made from the handlers and compared with
//! docs/openapi.json by a test.

mod approvals;
mod engines;
mod events;
mod execute;
mod extract;
mod health;
mod parameters;
mod processes;
mod sessions;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::gatekeeper::Shared;
pub(crate) use engines::engines_of;
pub(crate) use extract::Params;
use parameters::Parameters;
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
    let known = Arc::new(Parameters::of(&document));
    router
        .route("/api/v1/openapi.json", axum::routing::get(answer))
        .route_layer(middleware::from_fn_with_state(known, parameters::check))
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
