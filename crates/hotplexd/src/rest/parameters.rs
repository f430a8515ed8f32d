//! Parameters in the query that the description of the interface does not know: errors, as unknown keys
//! of a body are. One that was misspelled would else be one that was left out.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use axum::extract::{MatchedPath, Query, Request, State};
use axum::http::{Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{OpenApi, RefOr};

use super::extract::invalid;

/// Routes below this are held to it. Others are asked by programs that add something of their own, as
/// those that look whether the daemon is well.
const INTERFACE: &str = "/api/";

/// The names that each route knows, by its path and method.
pub(super) struct Parameters(HashMap<(String, Method), HashSet<String>>);

impl Parameters {
    /// Those of a description.
    pub(super) fn of(document: &OpenApi) -> Parameters {
        let routes = document.paths.paths.iter().flat_map(|(path, item)| {
            let methods = [(Method::GET, &item.get), (Method::POST, &item.post)];
            methods.into_iter().filter_map(move |(method, operation)| {
                Some(((path.clone(), method), names_of(operation.as_ref()?)))
            })
        });
        Parameters(routes.collect())
    }

    /// The first name of a query that the route does not know.
    fn unknown(&self, path: &str, method: &Method, query: &Uri) -> Option<String> {
        let known = self.0.get(&(path.to_owned(), method.clone()));
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(query);
        // What is no query at all is told by those who read it.
        let mut names = pairs
            .into_iter()
            .flat_map(|pairs| pairs.0)
            .map(|(name, _)| name);
        names.find(|name| known.is_none_or(|known| !known.contains(name)))
    }
}

fn names_of(operation: &Operation) -> HashSet<String> {
    let parameters = operation.parameters.iter().flatten();
    let of_query = parameters.filter_map(|parameter| match parameter {
        RefOr::T(parameter) if matches!(parameter.parameter_in, ParameterIn::Query) => {
            Some(parameter.name.clone())
        }
        // The handlers describe theirs in place.
        _ => None,
    });
    of_query.collect()
}

/// Before every route of the interface.
pub(super) async fn check(
    State(known): State<Arc<Parameters>>,
    path: MatchedPath,
    request: Request,
    next: Next,
) -> Response {
    let has_query = request.uri().query().is_some();
    let unknown = match has_query && path.as_str().starts_with(INTERFACE) {
        true => known.unknown(path.as_str(), request.method(), request.uri()),
        false => None,
    };
    match unknown {
        Some(name) => invalid(format!("there is no parameter {name:?} here")).into_response(),
        None => next.run(request).await,
    }
}
