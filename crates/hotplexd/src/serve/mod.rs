//! The daemon: what it is put together from, and how it ends.

mod daemon;
mod embedded;
mod ending;
mod listening;
mod pump;
mod router;
mod systemd;

use std::io::Write;

use crate::access::Access;
use crate::access::site::Site;
use crate::cli::Serve;
use crate::config::{Environment, Settings, print};
use crate::engines::Engines;
use crate::failure::{Failure, failed, usage};
use crate::http::gatekeeper::Rules;
use crate::logs;
use daemon::Daemon;
pub(crate) use embedded::Embedded;

/// Serves until told to end.
///
/// # Errors
/// What keeps it from serving.
pub(crate) fn serve(flags: &Serve) -> Result<(), Failure> {
    let settings = Settings::new(flags, &Environment::of_process()).map_err(usage)?;
    if flags.print_config {
        let written = std::io::stdout().write_all(print(&settings).as_bytes());
        return written.map_err(|error| failed(error.to_string()));
    }
    logs::start(&settings.log_level, settings.log_format).map_err(usage)?;
    let (access, fresh) = Access::new(&settings).map_err(usage)?;
    // Before the engines: a port that is taken is told before agents are started.
    let listeners = listening::open(&settings).map_err(failed)?;
    let (engines, streams) = Engines::open(&settings, &access).map_err(failed)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| failed(format!("the runtime: {error}")))?;
    let rules = Rules {
        site: Site::new(&settings),
        access,
    };
    let ended = runtime.block_on(async {
        let daemon = Daemon::new(flags.clone(), settings, rules, engines);
        daemon.run(listeners, streams, fresh).await
    });
    // A call of the guard on a prompt of megabytes may still run; nobody waits for its answer.
    runtime.shutdown_timeout(std::time::Duration::from_millis(100));
    ended.map_err(failed)
}
