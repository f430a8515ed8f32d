//! The daemon without sockets: the command line runs turns through it in its own process, by the
//! same words as over the network.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::DuplexStream;

use super::daemon::Daemon;
use super::pump;
use crate::access::Access;
use crate::access::site::Site;
use crate::cli::Serve;
use crate::config::Settings;
use crate::engines::Engines;
use crate::http::gatekeeper::Rules;

/// Between the two ends of a connection.
const BUFFER: usize = 64 << 10;

/// What agents get to end.
const GRACE: Duration = Duration::from_secs(2);

pub(crate) struct Embedded(Daemon);

impl Embedded {
    /// Opens the engines. A runtime must be running.
    ///
    /// # Errors
    /// What keeps them from opening.
    pub(crate) fn open(mut settings: Settings) -> Result<Embedded, String> {
        settings.token_file = None;
        settings.keys.clear();
        let (access, _) = Access::new(&settings)?;
        let (engines, streams) = Engines::open(&settings, &access)?;
        let rules = Rules {
            site: Site::new(&settings),
            access,
        };
        let daemon = Daemon::new(Serve::default(), settings, rules, engines);
        for (served, stream) in streams {
            let pump = pump::start(Arc::clone(&daemon.shared.hub), served, stream)?;
            tokio::spawn(pump);
        }
        Ok(Embedded(daemon))
    }

    /// A client's end of a new connection.
    pub(crate) fn connect(&self) -> DuplexStream {
        let (client, server) = tokio::io::duplex(BUFFER);
        self.0.front.serve_plain(server);
        client
    }

    /// Ends the agents.
    ///
    /// # Errors
    /// Some could not be ended.
    pub(crate) async fn close(self) -> Result<(), String> {
        self.0.close_engines(GRACE).await
    }
}
