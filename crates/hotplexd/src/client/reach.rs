//! Where the daemon is, and how it is reached.

use std::path::{Path, PathBuf};

use hyper::Method;
use serde_json::Value;
use tokio::net::{TcpStream, UnixStream};

use super::rest;
use super::wire::Wire;
use crate::access::token;
use crate::byte_stream::ByteStream;
use crate::cli::{Endpoint, Serve, TurnArgs};
use crate::config::{Environment, Settings};
use crate::failure::{Failure, failed, unreachable, usage};
use crate::run_file;
use crate::serve::Embedded;

/// Where a daemon listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// Host and port.
    Tcp(String),
    /// Host and port, over TLS.
    Tls(String),
    Unix(PathBuf),
}

impl Address {
    /// # Errors
    /// It is none that can be used here.
    fn parse(url: &str) -> Result<Address, String> {
        if let Some(path) = url.strip_prefix("unix:") {
            return Ok(Address::Unix(path.into()));
        }
        let (is_tls, host) = match url.strip_prefix("https://") {
            Some(host) => (true, host),
            None => (false, url.strip_prefix("http://").unwrap_or(url)),
        };
        if is_tls && cfg!(not(feature = "tls")) {
            return Err(format!(
                "{url}: this hotplexd was built without the feature tls"
            ));
        }
        let host = host.split('/').next().unwrap_or_default();
        let with_port = match is_tls && !host.is_empty() && !has_port(host) {
            true => format!("{host}:443"),
            false => host.to_owned(),
        };
        match with_port.rsplit_once(':') {
            Some((name, port)) if !name.is_empty() && port.parse::<u16>().is_ok() => {
                // What listens everywhere is reached here.
                let name = match name {
                    "0.0.0.0" => "127.0.0.1",
                    "[::]" => "[::1]",
                    name => name,
                };
                let host = format!("{name}:{port}");
                Ok(if is_tls {
                    Address::Tls(host)
                } else {
                    Address::Tcp(host)
                })
            }
            _ => Err(format!(
                "{url:?} is none of http://HOST:PORT, https://HOST and unix:PATH"
            )),
        }
    }

    /// What is sent stays on this machine.
    fn is_private(&self) -> bool {
        match self {
            Address::Unix(_) => true,
            Address::Tcp(host) | Address::Tls(host) => is_loopback(host),
        }
    }
}

fn has_port(host: &str) -> bool {
    // The colons of an address of IPv6 are in brackets.
    host.rsplit_once(']')
        .map_or(host, |(_, rest)| rest)
        .contains(':')
}

/// Whether this machine itself is meant; a host's name may begin with 127, too.
fn is_loopback(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let name = name.trim_start_matches('[').trim_end_matches(']');
    let address = name.parse::<std::net::IpAddr>();
    name == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Address::Tcp(host) => write!(f, "http://{host}"),
            Address::Tls(host) => write!(f, "https://{host}"),
            Address::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// A daemon that can be asked.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) address: Address,
    token: Option<String>,
    /// The certificates that vouch for its own, if the user named a file.
    #[cfg_attr(
        not(feature = "tls"),
        allow(dead_code, reason = "nothing is vouched for")
    )]
    roots: Option<PathBuf>,
}

impl Target {
    /// The daemon that the flags, the environment or the run file name; `None` if none runs.
    ///
    /// # Errors
    /// What they name makes no sense.
    pub(crate) fn find(reach: &Endpoint) -> Result<Option<Target>, Failure> {
        let environment = Environment::of_process();
        let url = reach.url.clone().or_else(|| environment.url.clone());
        if let Some(url) = url {
            let address = Address::parse(&url).map_err(usage)?;
            let token = token_of(reach, &environment, &address)?;
            let roots = reach.ca.clone();
            return Ok(Some(Target {
                address,
                token,
                roots,
            }));
        }
        let Some(path) = environment.run_file() else {
            return Ok(None);
        };
        let Some(running) = run_file::find(&path).map_err(failed)? else {
            return Ok(None);
        };
        // A socket first: it needs no port, and no other program can have it.
        let (sockets, others): (Vec<_>, Vec<_>) = running
            .urls
            .iter()
            .partition(|url| url.starts_with("unix:"));
        let urls = sockets.into_iter().chain(others);
        let mut addresses: Vec<_> = urls.map(|url| Address::parse(url)).collect();
        addresses.sort_by_key(Result::is_err);
        let address = addresses.into_iter().next();
        let address = address.unwrap_or_else(|| Err("the daemon listens nowhere".to_owned()));
        let file = reach.token_file.as_ref().or(running.token_file.as_ref());
        Ok(Some(Target {
            address: address.map_err(failed)?,
            token: file.map(|path| read_token(path)).transpose()?,
            roots: reach.ca.clone(),
        }))
    }

    /// # Errors
    /// None runs.
    pub(crate) fn need(reach: &Endpoint) -> Result<Target, Failure> {
        let found = Target::find(reach)?;
        found.ok_or_else(|| {
            unreachable("no daemon runs; start one by `hotplexd serve`, or name it by --url")
        })
    }

    async fn connect(&self) -> Result<Box<dyn ByteStream>, Failure> {
        let refused = |error: std::io::Error| unreachable(format!("{}: {error}", self.address));
        Ok(match &self.address {
            Address::Tcp(host) => Box::new(tcp(host).await.map_err(refused)?),
            #[cfg(feature = "tls")]
            Address::Tls(host) => {
                let stream = tcp(host).await.map_err(refused)?;
                Box::new(super::tls::connect(stream, host, self.roots.as_deref()).await?)
            }
            #[cfg(not(feature = "tls"))]
            Address::Tls(_) => return Err(usage("this hotplexd was built without TLS")),
            Address::Unix(path) => Box::new(UnixStream::connect(path).await.map_err(refused)?),
        })
    }

    fn host(&self) -> &str {
        match &self.address {
            Address::Tcp(host) | Address::Tls(host) => host,
            Address::Unix(_) => "localhost",
        }
    }

    /// One request over HTTP. The status and the body.
    ///
    /// # Errors
    /// The daemon cannot be reached, or what it says is not an answer.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(u16, Value), Failure> {
        let stream = self.connect().await?;
        let token = self.token.as_deref();
        rest::ask(stream, self.host(), token, method, path, body).await
    }
}

async fn tcp(host: &str) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(host).await?;
    // Without it requests are only slower.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

fn token_of(
    reach: &Endpoint,
    environment: &Environment,
    address: &Address,
) -> Result<Option<String>, Failure> {
    let named = reach.token_file.clone();
    if let Some(path) = named.or_else(|| environment.client_token_file.clone()) {
        return read_token(&path).map(Some);
    }
    // The daemon's own token leaves the machine only if the user says so.
    let usual = environment.token_file();
    let usual = usual.filter(|path| address.is_private() && path.exists());
    usual.map(|path| read_token(&path)).transpose()
}

fn read_token(path: &Path) -> Result<String, Failure> {
    token::read(path).map_err(|error| usage(format!("token file {}: {error}", path.display())))
}

/// Where an agent is to work: as the flags say, else here.
///
/// # Errors
/// There is no such directory.
pub(crate) fn work_dir(turn_args: &TurnArgs) -> Result<PathBuf, Failure> {
    let named = turn_args.work_dir.clone().unwrap_or_else(|| ".".into());
    let real = named.canonicalize();
    real.map_err(|error| usage(format!("{}: {error}", named.display())))
}

/// Who does the work: a daemon, or the engine of this process.
pub(crate) enum Backend {
    Daemon(Target),
    Embedded(Box<Embedded>),
}

impl Backend {
    /// The daemon that runs, unless what is asked for takes an engine of this process. A runtime
    /// must be running.
    ///
    /// # Errors
    /// What is asked for makes no sense, or the engine does not open.
    pub(crate) fn open(turn_args: &TurnArgs) -> Result<Backend, Failure> {
        if !turn_args.is_embedded()
            && let Some(target) = Target::find(&turn_args.reach)?
        {
            return Ok(Backend::Daemon(target));
        }
        let flags = Serve {
            config: turn_args.config.clone(),
            allowed_tools: turn_args.allowed_tools.clone(),
            engine_options: turn_args.engine_options.clone(),
            no_token: true,
            work_roots: vec![work_dir(turn_args)?],
            ..Serve::default()
        };
        let environment = Environment {
            port: None,
            ..Environment::of_process()
        };
        let settings = Settings::new(&flags, &environment).map_err(usage)?;
        let embedded = Embedded::open(settings).map_err(failed)?;
        Ok(Backend::Embedded(Box::new(embedded)))
    }

    /// A connection that requests go over.
    ///
    /// # Errors
    /// The daemon cannot be reached, or refuses.
    pub(crate) async fn wire(&self) -> Result<Wire, Failure> {
        match self {
            Backend::Daemon(target) => {
                let stream = target.connect().await?;
                Wire::new(stream, target.host(), target.token.as_deref()).await
            }
            Backend::Embedded(embedded) => {
                Wire::new(Box::new(embedded.connect()), "localhost", None).await
            }
        }
    }

    /// Ends what runs in this process; a daemon goes on.
    ///
    /// # Errors
    /// Agents could not be ended.
    pub(crate) async fn close(self) -> Result<(), Failure> {
        match self {
            Backend::Daemon(_) => Ok(()),
            Backend::Embedded(embedded) => embedded.close().await.map_err(failed),
        }
    }
}

impl std::fmt::Display for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Backend::Daemon(target) => write!(f, "the daemon at {}", target.address),
            Backend::Embedded(_) => f.write_str("an engine of its own"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_private_ones_known() {
        let table = [
            ("http://127.0.0.1:8080/", Some(("127.0.0.1:8080", true))),
            ("http://0.0.0.0:1/", Some(("127.0.0.1:1", true))),
            ("box.lan:80", Some(("box.lan:80", false))),
            (
                "http://localhost.evil:80",
                Some(("localhost.evil:80", false)),
            ),
            ("http://[::]:9/x", Some(("[::1]:9", true))),
            ("http://box.lan", None),
            (
                "http://127.evil.example:80",
                Some(("127.evil.example:80", false)),
            ),
            ("http://127.0.0.2:80", Some(("127.0.0.2:80", true))),
            ("https://", None),
            ("", None),
        ];
        for (url, expected) in table {
            let read = Address::parse(url).ok();
            let private = read.as_ref().is_some_and(Address::is_private);
            let read = read.map(|read| (read.to_string(), private));
            let expected = expected.map(|(host, private)| (format!("http://{host}"), private));
            assert_eq!(read, expected, "{url}");
        }
        let secure =
            ["https://box.lan/x", "https://box.lan:443", "https://[::1]"].map(Address::parse);
        if cfg!(feature = "tls") {
            let hosts = ["box.lan:443", "box.lan:443", "[::1]:443"];
            assert_eq!(secure, hosts.map(|host| Ok(Address::Tls(host.to_owned()))));
        } else {
            assert!(
                secure.iter().all(Result::is_err),
                "and is not sent in the clear"
            );
        }
        let socket = Address::parse("unix:/run/x").expect("an address");
        assert!(socket.is_private() && socket == Address::Unix("/run/x".into()));
    }
}
