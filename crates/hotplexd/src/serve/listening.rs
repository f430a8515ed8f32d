//! Sockets: made here, or handed over by systemd.

use std::io::ErrorKind;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use rustix::net::{AddressFamily, sockopt};

use super::systemd;
use crate::config::{Listen, Settings};

/// A socket that is bound and not yet served.
pub(super) enum Listener {
    Tcp(std::net::TcpListener),
    Unix(std::os::unix::net::UnixListener, SocketFile),
}

/// Where a socket lies.
pub(super) struct SocketFile {
    pub(super) path: PathBuf,
    /// Bound here, and so to be removed here: those of systemd are systemd's.
    pub(super) is_own: bool,
}

/// A socket that is served.
pub(super) enum Listening {
    Tcp(tokio::net::TcpListener),
    Unix(tokio::net::UnixListener, SocketFile),
}

/// Binds what the settings name, or takes what systemd hands over instead of it.
///
/// # Errors
/// The address that cannot be had, and why.
pub(super) fn open(settings: &Settings) -> Result<Vec<Listener>, String> {
    let handed = systemd::sockets()?;
    if !handed.is_empty() {
        let private = settings.token_file.is_some();
        return handed
            .into_iter()
            .map(|socket| take(socket, private))
            .collect();
    }
    settings.listen.iter().map(bind).collect()
}

fn bind(listen: &Listen) -> Result<Listener, String> {
    let wrong = |error: std::io::Error| format!("{listen}: {error}");
    match listen {
        Listen::Tcp(address) => {
            let socket = std::net::TcpListener::bind(address).map_err(wrong)?;
            Ok(Listener::Tcp(socket))
        }
        Listen::Unix(path) => {
            clear_stale(path).map_err(wrong)?;
            // The mask is the process's; nothing else of it makes files yet.
            let before = rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o177));
            let socket = std::os::unix::net::UnixListener::bind(path);
            rustix::process::umask(before);
            let file = SocketFile {
                path: path.clone(),
                is_own: true,
            };
            Ok(Listener::Unix(socket.map_err(wrong)?, file))
        }
    }
}

/// Removes a socket that nobody listens at any more.
fn clear_stale(path: &Path) -> std::io::Result<()> {
    match path.symlink_metadata() {
        Ok(there) if there.file_type().is_socket() => match UnixStream::connect(path) {
            Ok(_) => Err(std::io::Error::new(
                ErrorKind::AddrInUse,
                "another daemon listens there",
            )),
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                std::fs::remove_file(path)
            }
            Err(error) => Err(error),
        },
        Ok(_) => Err(std::io::Error::new(
            ErrorKind::AlreadyExists,
            "it is no socket",
        )),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn take(socket: OwnedFd, has_token: bool) -> Result<Listener, String> {
    let wrong = |error: rustix::io::Errno| format!("a socket of systemd: {error}");
    match sockopt::socket_domain(&socket).map_err(wrong)? {
        AddressFamily::UNIX => {
            let socket = std::os::unix::net::UnixListener::from(socket);
            let address = socket.local_addr().ok();
            let path = address.and_then(|address| address.as_pathname().map(Path::to_owned));
            let file = SocketFile {
                path: path.unwrap_or_default(),
                is_own: false,
            };
            Ok(Listener::Unix(socket, file))
        }
        AddressFamily::INET | AddressFamily::INET6 => {
            let socket = std::net::TcpListener::from(socket);
            let address = socket.local_addr().map_err(|error| error.to_string())?;
            if !has_token && !address.ip().is_loopback() {
                return Err(format!(
                    "without a token the daemon listens on loopback alone, and {address} is not"
                ));
            }
            Ok(Listener::Tcp(socket))
        }
        other => Err(format!(
            "a socket of systemd is of family {}",
            other.as_raw()
        )),
    }
}

impl Listener {
    /// Hands the socket to the runtime.
    pub(super) fn listen(self) -> Result<Listening, String> {
        let wrong = |error: std::io::Error| error.to_string();
        // One that blocks would hang the runtime; systemd's do.
        match self {
            Listener::Tcp(socket) => {
                socket.set_nonblocking(true).map_err(wrong)?;
                Ok(Listening::Tcp(
                    tokio::net::TcpListener::from_std(socket).map_err(wrong)?,
                ))
            }
            Listener::Unix(socket, file) => {
                socket.set_nonblocking(true).map_err(wrong)?;
                let socket = tokio::net::UnixListener::from_std(socket).map_err(wrong)?;
                Ok(Listening::Unix(socket, file))
            }
        }
    }
}
