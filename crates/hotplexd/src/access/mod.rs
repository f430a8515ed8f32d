//! Who may do what: tokens, work directories, quotas.

pub(crate) mod quota;
pub(crate) mod roots;
pub(crate) mod site;
pub(crate) mod token;

use std::path::PathBuf;
use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};

use crate::config::Settings;
use quota::{Bounds, Quota};
use token::BearerToken;

/// The subprotocol by which a browser brings its token.
pub(crate) const TOKEN_PROTOCOL: &str = "hotplex-api-";

/// A client's rights.
#[derive(Debug)]
pub(crate) struct Principal {
    /// Name of its key; empty for the daemon's own token, and where none is needed.
    pub(crate) name: String,
    pub(crate) roots: Vec<PathBuf>,
    /// Names of the engines it may use; `None` for all.
    pub(crate) engines: Option<Vec<String>>,
    /// The only tools of its agents; `None` for those of the engine.
    pub(crate) tools: Option<Vec<String>>,
    pub(crate) quota: Quota,
    token: Option<BearerToken>,
}

impl Principal {
    /// True for the daemon's own user, who sees and ends the sessions of all.
    pub(crate) fn is_owner(&self) -> bool {
        self.name.is_empty()
    }

    /// Whose token it is, for a person.
    fn whose(&self) -> String {
        match self.is_owner() {
            true => "the daemon itself".to_owned(),
            false => format!("the key {}", self.name),
        }
    }

    /// The engine's name of a session of this client. Two keys may use the same name.
    pub(crate) fn key_of(&self, session: &str) -> String {
        match self.is_owner() {
            true => session.to_owned(),
            false => format!("{}:{session}", self.name),
        }
    }

    /// The client's own name of a session, if it may see it.
    pub(crate) fn name_of<'a>(&self, key: &'a str) -> Option<&'a str> {
        match self.is_owner() {
            true => Some(key),
            false => key.strip_prefix(&self.name)?.strip_prefix(':'),
        }
    }

    pub(crate) fn may_use(&self, engine: &str) -> bool {
        let allowed = self.engines.as_ref();
        allowed.is_none_or(|names| names.iter().any(|name| name == engine))
    }
}

/// Everybody who may come in.
#[derive(Debug)]
pub(crate) struct Access {
    principals: Vec<Arc<Principal>>,
    open: bool,
}

impl Access {
    /// Reads the tokens, and makes those that are missing. The second value is the owner's token, if
    /// it was made now.
    ///
    /// # Errors
    /// The file that cannot be used, and why: two keys with one token could not be told apart.
    pub(crate) fn new(settings: &Settings) -> Result<(Access, Option<String>), String> {
        let mut fresh = None;
        let mut owner = Principal {
            name: String::new(),
            roots: settings.work_roots.clone(),
            engines: None,
            tools: None,
            quota: Quota::new(Bounds::default()),
            token: None,
        };
        if let Some(path) = &settings.token_file {
            let (token, made) = token::read_or_make(path)?;
            fresh = made;
            owner.token = Some(token);
        }
        let open = owner.token.is_none();
        let mut principals = vec![Arc::new(owner)];
        for (name, key) in &settings.keys {
            let wrong = |why| settings.source.wrong_token(name, why);
            let (token, _) = token::read_or_make(&key.token_file).map_err(wrong)?;
            if let Some(other) = principals
                .iter()
                .find(|one| one.token.as_ref() == Some(&token))
            {
                return Err(wrong(format!("it is also the token of {}", other.whose())));
            }
            principals.push(Arc::new(Principal {
                name: name.clone(),
                roots: match &key.work_roots {
                    Some(paths) => roots::real(paths)?,
                    None => settings.work_roots.clone(),
                },
                engines: key.engines.clone(),
                tools: key.allowed_tools.clone(),
                quota: Quota::new(Bounds {
                    turns_at_once: key.turns_at_once,
                    turns_per_day: key.turns_per_day,
                    cost_usd_per_day: key.cost_usd_per_day,
                }),
                token: Some(token),
            }));
        }
        Ok((Access { principals, open }, fresh))
    }

    /// What the quotas of an earlier reading have counted goes on.
    pub(crate) fn take_over_counts(&mut self, earlier: &Access) {
        // They are not shared yet.
        for principal in self.principals.iter_mut().filter_map(Arc::get_mut) {
            let mut old = earlier.principals.iter();
            if let Some(old) = old.find(|old| old.name == principal.name) {
                principal.quota.take_over(&old.quota);
            }
        }
    }

    /// Who the request comes from; `None` if its token is missing or wrong. Where none is needed, a
    /// wrong one is as good as none.
    ///
    /// Several tokens must mean the same client: what stands before the daemon may have looked at
    /// another one of them. All are compared, so that the time tells nothing.
    pub(crate) fn principal_of(&self, headers: &HeaderMap) -> Option<Arc<Principal>> {
        let mut found = tokens_in(headers).map(|given| self.holder_of(given));
        let first = found.next().flatten();
        let agree = found.all(|other| match (&first, other) {
            (Some(first), Some(other)) => Arc::ptr_eq(first, &other),
            _ => false,
        });
        let open = || self.open.then(|| Arc::clone(&self.principals[0]));
        first.filter(|_| agree).or_else(open)
    }

    fn holder_of(&self, given: &str) -> Option<Arc<Principal>> {
        let mut found = None;
        for principal in &self.principals {
            let token = principal.token.as_ref();
            if token.is_some_and(|token| token.is(given)) {
                found = Some(Arc::clone(principal));
            }
        }
        found
    }

    /// What a client may do now that came in under an earlier reading; `None` if its key is gone or
    /// has another token.
    pub(crate) fn renewed(&self, earlier: &Principal) -> Option<Arc<Principal>> {
        let mut same = self.principals.iter();
        let same = same.find(|one| one.name == earlier.name && one.token == earlier.token);
        same.map(Arc::clone)
    }

    /// The lists of tools that keys have of their own, each once.
    pub(crate) fn tool_lists(&self) -> Vec<Option<Vec<String>>> {
        let mut lists: Vec<_> = self
            .principals
            .iter()
            .map(|principal| principal.tools.clone())
            .collect();
        lists.sort();
        lists.dedup();
        lists.retain(Option::is_some);
        lists
    }
}

/// Every token that a request brings. Another scheme than `Bearer` is the affair of a proxy.
fn tokens_in(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let bearer = headers.get_all(AUTHORIZATION).iter().filter_map(|value| {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        let is_bearer = scheme.eq_ignore_ascii_case("bearer");
        is_bearer.then(|| token.trim())
    });
    let keys = headers.get_all("x-api-key").iter();
    let keys = keys.map(|value| value.to_str().unwrap_or_default());
    let offered = offered_protocols(headers);
    let offered = offered.filter_map(|name| name.strip_prefix(TOKEN_PROTOCOL));
    bearer.chain(keys).chain(offered)
}

/// The subprotocols that a WebSocket client offers.
pub(crate) fn offered_protocols(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    let values = values.filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}
