//! HTTPS from the client's side: the daemon's own, or that of a proxy in front of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::failure::{Failure, unreachable, usage};

/// Where systems keep the certificates that they trust: Debian and Alpine, Fedora, others.
const OF_THE_SYSTEM: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
];

/// A connection to a server that has a certificate for the name, signed by these roots.
///
/// # Errors
/// There are no roots, or the server has no such certificate.
pub(super) async fn connect(
    stream: TcpStream,
    host: &str,
    roots: Option<&Path>,
) -> Result<TlsStream<TcpStream>, Failure> {
    let config = ClientConfig::builder().with_root_certificates(read(roots)?);
    let mut config = config.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let name = name
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    let name = ServerName::try_from(name).map_err(|error| usage(format!("{host}: {error}")))?;
    let connected = TlsConnector::from(Arc::new(config)).connect(name, stream);
    let refused = |error| unreachable(format!("https://{host}: {error}"));
    connected.await.map_err(refused)
}

fn read(named: Option<&Path>) -> Result<RootCertStore, Failure> {
    let variable = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    let usual = || {
        OF_THE_SYSTEM
            .map(PathBuf::from)
            .into_iter()
            .find(|path| path.exists())
    };
    let path = named.map(Path::to_owned).or(variable).or_else(usual);
    let path =
        path.ok_or_else(|| usage("this system has no list of trusted certificates: --ca"))?;
    let wrong = |why: String| usage(format!("{}: {why}", path.display()));
    let certificates = CertificateDer::pem_file_iter(&path);
    let certificates = certificates.map_err(|error| wrong(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    let readable: Vec<_> = certificates.filter_map(Result::ok).collect();
    // Lists of systems have some that cannot be parsed.
    match roots.add_parsable_certificates(readable) {
        (0, _) => Err(wrong("no certificate is in it".to_owned())),
        _ => Ok(roots),
    }
}
