//! Under which names the daemon is reached, and whose pages may use it.
//!
//! A page of a foreign site can point its own name at 127.0.0.1 (DNS rebinding): its `Origin` and
//! `Host` agree then, so the `Host` is held against a list on every route.

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Uri};

use crate::config::{Listen, Settings};

/// Names that every daemon has.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

#[derive(Debug)]
pub(crate) struct Site {
    hosts: Vec<String>,
    origins: Vec<String>,
}

impl Site {
    pub(crate) fn new(settings: &Settings) -> Site {
        let mut hosts: Vec<String> = LOOPBACK.map(str::to_owned).into();
        for listen in &settings.listen {
            if let Listen::Tcp(address) = listen {
                let ip = address.ip();
                hosts.push(if ip.is_ipv6() {
                    format!("[{ip}]")
                } else {
                    ip.to_string()
                });
            }
        }
        hosts.extend(settings.hosts.iter().map(|host| host.to_ascii_lowercase()));
        let origins = settings.origins.iter();
        let origins = origins.map(|origin| origin.trim_end_matches('/').to_ascii_lowercase());
        Site {
            hosts,
            origins: origins.collect(),
        }
    }

    /// # Errors
    /// What is foreign.
    pub(crate) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), &'static str> {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let host = host.unwrap_or_default().to_ascii_lowercase();
        if !self.serves(&host) || uri.host().is_some_and(|name| !self.serves(name)) {
            return Err("this daemon is not reached under that Host; see --host");
        }
        let mut origins = headers.get_all(ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (None, _) => Ok(()),
            (Some(origin), None) if self.is_own(origin.to_str().unwrap_or_default(), &host) => {
                Ok(())
            }
            _ => Err("pages of that Origin may not use this daemon; see --origin"),
        }
    }

    fn serves(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        self.hosts
            .iter()
            .any(|known| *known == host || *known == without_port(&host))
    }

    /// A page of the daemon itself has the origin under which it was fetched.
    fn is_own(&self, origin: &str, host: &str) -> bool {
        let origin = origin.to_ascii_lowercase();
        let same = ["http://", "https://"]
            .iter()
            .any(|scheme| origin.strip_prefix(scheme) == Some(host));
        same || self.origins.contains(&origin)
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Site {
        Site {
            hosts: vec![
                "localhost".into(),
                "127.0.0.1".into(),
                "[::1]".into(),
                "box.lan".into(),
            ],
            origins: vec!["https://app.example".into()],
        }
    }

    #[test]
    fn host_and_origin_are_both_held_against_the_list() {
        let table = [
            ("localhost:8080", None, true),
            ("LOCALHOST", None, true),
            ("[::1]:8080", None, true),
            ("box.lan:1", Some("http://box.lan:1"), true),
            ("127.0.0.1:8080", Some("http://127.0.0.1:8080"), true),
            ("127.0.0.1:8080", Some("https://app.example"), true),
            ("127.0.0.1:8080", Some("http://127.0.0.1:9090"), false),
            ("127.0.0.1:8080", Some("http://localhost:8080"), false),
            ("127.0.0.1:8080", Some("https://evil.example"), false),
            ("127.0.0.1:8080", Some("null"), false),
            // Rebinding: the two agree.
            ("evil.example:8080", Some("http://evil.example:8080"), false),
            ("evil.example", None, false),
            ("localhost.evil.example", None, false),
            ("", None, false),
        ];
        for (host, origin, allowed) in table {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, host.parse().expect("a value"));
            if let Some(origin) = origin {
                headers.insert(ORIGIN, origin.parse().expect("a value"));
            }
            let checked = site().check(&Uri::from_static("/"), &headers);
            assert_eq!(checked.is_ok(), allowed, "{host} {origin:?}");
        }
    }
}
