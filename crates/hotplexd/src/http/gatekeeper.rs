//! Who is let in: `Host` and `Origin` on every route, a token on all that is not public.

use std::sync::{Arc, RwLock};

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use crate::access::site::Site;
use crate::access::{Access, Principal};
use crate::hub::Hub;

/// What can change while the daemon runs.
pub(crate) struct Rules {
    pub(crate) site: Site,
    pub(crate) access: Access,
}

/// What every handler can ask for.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) hub: Arc<Hub>,
    pub(crate) rules: Arc<RwLock<Arc<Rules>>>,
    pub(crate) limits: crate::config::Limits,
    pub(crate) ending: tokio_util::sync::CancellationToken,
    pub(crate) cut: tokio_util::sync::CancellationToken,
    pub(crate) tasks: tokio_util::task::TaskTracker,
}

impl Shared {
    pub(crate) fn rules(&self) -> Arc<Rules> {
        // Only whole sets of rules are put in.
        let rules = self
            .rules
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        Arc::clone(&rules)
    }

    /// The new rules hold for open connections, too.
    pub(crate) fn set_rules(&self, mut rules: Rules) {
        rules.access.take_over_counts(&self.rules().access);
        {
            let current = self.rules.write();
            let mut current = current.unwrap_or_else(|poisoned| poisoned.into_inner());
            *current = Arc::new(rules);
        }
        self.hub.wake_all();
    }

    /// What a client that came in before may do now; `None` if nothing any more.
    pub(crate) fn renewed(&self, principal: &Principal) -> Option<Arc<Principal>> {
        self.rules().access.renewed(principal)
    }
}

/// Before every route.
pub(crate) async fn check_site(
    State(shared): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    let is_upgrade = request.headers().contains_key(header::UPGRADE);
    let checked = shared.rules().site.check(request.uri(), request.headers());
    let mut response = match checked {
        Ok(()) => next.run(request).await,
        Err(why) => {
            shared.hub.metrics.refused("site");
            Problem::new(StatusCode::FORBIDDEN, "forbidden", why).into_response()
        }
    };
    // Heads after one that wanted another protocol are not looked at any more: see strict.rs.
    if is_upgrade && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

/// The client that a request comes from. A handler that takes it serves no request without a token.
pub(crate) struct Client(pub(crate) Arc<Principal>);

impl FromRequestParts<Shared> for Client {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Client, Problem> {
        let principal = shared.rules().access.principal_of(&parts.headers);
        principal.map(Client).ok_or_else(|| {
            shared.hub.metrics.refused("token");
            unauthorized()
        })
    }
}

pub(crate) fn unauthorized() -> Problem {
    let why = "the token is missing or wrong";
    Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", why)
}
