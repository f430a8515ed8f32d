//! Where the daemon listens.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use super::environment::Environment;
use super::file::File;
use crate::cli::Serve;

const DEFAULT_PORT: u16 = 8080;

/// One place to listen at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Listen {
    Tcp(SocketAddr),
    /// A socket in the file system, for this user alone.
    Unix(PathBuf),
}

impl Listen {
    pub(super) fn parse(text: &str) -> Result<Listen, String> {
        if let Some(path) = text.strip_prefix("unix:") {
            return match path {
                "" => Err("\"unix:\" names no path".to_owned()),
                path => Ok(Listen::Unix(path.into())),
            };
        }
        // Names are not looked up: what is listened at must not depend on a resolver.
        let with_port = match text.strip_prefix("localhost:") {
            Some(port) => format!("127.0.0.1:{port}"),
            None => text.to_owned(),
        };
        let address = with_port.parse();
        let wrong = |_| format!("{text:?} is neither IP:PORT nor unix:PATH");
        address.map(Listen::Tcp).map_err(wrong)
    }

    /// True if only this machine can reach it.
    pub(crate) fn is_private(&self) -> bool {
        match self {
            Listen::Tcp(address) => address.ip().is_loopback(),
            Listen::Unix(_) => true,
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Listen::Tcp(address) => write!(f, "{address}"),
            Listen::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

pub(super) fn addresses(
    flags: &Serve,
    environment: &Environment,
    file: &File,
) -> Result<Vec<Listen>, String> {
    if !flags.listen.is_empty() {
        let listen = flags.listen.iter().map(|text| Listen::parse(text));
        let listen: Result<_, String> = listen.collect();
        return listen.map_err(|error| format!("--listen: {error}"));
    }
    let of_environment = match (&environment.port, flags.port) {
        (Some(text), None) => {
            let port = text.parse();
            Some(port.map_err(|_| format!("PORT: {text:?} is not the number of a port"))?)
        }
        _ => None,
    };
    if let (Some(listen), None, None) = (&file.listen, flags.port, of_environment) {
        return listen.iter().map(|text| Listen::parse(text)).collect();
    }
    let port = flags.port.or(of_environment).or(file.port);
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let address = SocketAddr::new(loopback, port.unwrap_or(DEFAULT_PORT));
    Ok(vec![Listen::Tcp(address)])
}
