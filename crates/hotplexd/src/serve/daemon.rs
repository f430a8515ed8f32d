//! Everything that runs: what the daemon is put together from.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::listening::{self, Listener};
use super::router::router;
use super::{pump, systemd};
use crate::access::Access;
use crate::access::site::Site;
use crate::cli::Serve;
use crate::config::{Environment, Settings};
use crate::engines::{Engines, Opened};
use crate::http::accept::{self, Front};
use crate::http::gatekeeper::{Rules, Shared};
use crate::hub::Hub;
use crate::run_file::{RunFile, Running};

/// Everything that runs.
pub(super) struct Daemon {
    pub(super) flags: Serve,
    pub(super) settings: Settings,
    pub(super) shared: Shared,
    pub(super) front: Arc<Front>,
    /// Sockets that go with the daemon.
    pub(super) socket_files: Vec<PathBuf>,
}

impl Daemon {
    pub(super) fn new(flags: Serve, settings: Settings, rules: Rules, engines: Engines) -> Daemon {
        let hub = Hub::new(engines, &settings.limits);
        let shared = Shared {
            hub: Arc::clone(&hub),
            rules: Arc::new(RwLock::new(Arc::new(rules))),
            limits: settings.limits,
            ending: CancellationToken::new(),
            cut: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        let front = Front {
            router: router(shared.clone()),
            limits: settings.limits,
            hub,
            slots: Arc::new(Semaphore::new(settings.limits.connections)),
            ending: shared.ending.clone(),
            cut: shared.cut.clone(),
            tasks: shared.tasks.clone(),
            #[cfg(feature = "tls")]
            tls: None,
        };
        Daemon {
            flags,
            settings,
            shared,
            front: Arc::new(front),
            socket_files: Vec::new(),
        }
    }

    pub(super) async fn run(
        mut self,
        listeners: Vec<Listener>,
        streams: Vec<Opened>,
        fresh: Option<String>,
    ) -> Result<(), String> {
        self.set_tls()?;
        for (served, stream) in streams {
            let pump = pump::start(Arc::clone(&self.shared.hub), served, stream)?;
            tokio::spawn(pump);
        }
        let mut urls = Vec::new();
        for listener in listeners {
            match listener.listen()? {
                listening::Listening::Tcp(listener) => {
                    let address = listener.local_addr().map_err(|error| error.to_string())?;
                    urls.push(format!("{}://{address}/", self.scheme()));
                    tokio::spawn(accept::tcp(Arc::clone(&self.front), listener));
                }
                listening::Listening::Unix(listener, file) => {
                    urls.push(format!("unix:{}", file.path.display()));
                    self.socket_files.extend(file.is_own.then_some(file.path));
                    tokio::spawn(accept::unix(Arc::clone(&self.front), listener));
                }
            }
        }
        // First, so that a reader of the announcement finds it.
        let _run_file = self.write_run_file(&urls);
        self.announce(&urls, fresh.as_deref());
        systemd::ready();
        self.until_told().await
    }

    fn scheme(&self) -> &'static str {
        match self.settings.tls {
            Some(_) => "https",
            None => "http",
        }
    }

    #[cfg(feature = "tls")]
    fn set_tls(&mut self) -> Result<(), String> {
        if let (Some(files), Some(front)) = (&self.settings.tls, Arc::get_mut(&mut self.front)) {
            front.tls = Some(crate::http::tls::acceptor(files)?);
        }
        Ok(())
    }

    #[cfg(not(feature = "tls"))]
    fn set_tls(&mut self) -> Result<(), String> {
        match self.settings.tls {
            Some(_) => Err("tls: this program was built without the feature `tls`".to_owned()),
            None => Ok(()),
        }
    }

    /// Says where the daemon is. The token is shown to a person who has not seen it yet, and never
    /// where what is written is kept: not in the log, and not under systemd.
    fn announce(&self, urls: &[String], fresh: Option<&str>) {
        let mut out = std::io::stdout();
        let kept = std::env::var_os("JOURNAL_STREAM").is_some();
        for url in urls {
            tracing::info!(%url, "listening");
            let shown = match (&self.settings.token_file, fresh) {
                (Some(_), Some(token))
                    if url.starts_with("http") && (out.is_terminal() || !kept) =>
                {
                    format!("{}#token={token}", to_open(url))
                }
                _ => to_open(url),
            };
            // If our output is closed the URL is not wanted.
            let _ = writeln!(out, "{shown}");
        }
        if let (Some(path), None) = (&self.settings.token_file, fresh) {
            let _ = writeln!(out, "The token is in {}.", path.display());
        }
        let _ = out.flush();
    }

    /// Tells the command line where the daemon is. Without it, it must be told by `--url`.
    fn write_run_file(&self, urls: &[String]) -> Option<RunFile> {
        let path = Environment::of_process().run_file()?;
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let urls = urls.iter().map(|url| match url.strip_prefix("unix:") {
            Some(path) => format!("unix:{}", absolute(Path::new(path)).display()),
            None => url.clone(),
        });
        let urls = urls.collect();
        let running = Running {
            pid: std::process::id(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            urls,
            token_file: self.settings.token_file.as_ref().map(|path| absolute(path)),
        };
        let written = RunFile::write(&path, &running);
        if let Err(error) = &written {
            tracing::warn!(%error, file = %path.display(), "the run file cannot be written");
        }
        written.ok()
    }

    /// Reads tokens, keys, roots, hosts and origins again. What is wrong leaves all as it was.
    pub(super) fn reload(&mut self) {
        let settings = Settings::new(&self.flags, &Environment::of_process());
        let read = settings.and_then(|settings| {
            let (access, _) = Access::new(&settings)?;
            let site = Site::new(&settings);
            Ok((settings, Rules { site, access }))
        });
        match read {
            Ok((settings, rules)) => {
                self.settings.grace = settings.grace;
                self.shared.set_rules(rules);
                tracing::info!("the configuration was read again");
            }
            Err(error) => tracing::error!(%error, "the configuration was not taken over"),
        }
    }
}

/// A URL that a browser can open: "every address" is none that it can ask for.
fn to_open(url: &str) -> String {
    let url = url.replacen("//0.0.0.0:", "//127.0.0.1:", 1);
    url.replacen("//[::]:", "//[::1]:", 1)
}

#[cfg(test)]
mod tests {
    use super::to_open;

    #[test]
    fn what_is_shown_can_be_opened() {
        let table = [
            ("http://0.0.0.0:8080/", "http://127.0.0.1:8080/"),
            ("https://[::]:8080/", "https://[::1]:8080/"),
            ("http://10.0.0.0:80/", "http://10.0.0.0:80/"),
            ("unix:/run/0.0.0.0:1", "unix:/run/0.0.0.0:1"),
        ];
        for (listened, opened) in table {
            assert_eq!(to_open(listened), opened);
        }
    }
}
