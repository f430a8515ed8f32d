//! How the daemon ends: no new turns, the grace for those under way, nothing left.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, interval, sleep, sleep_until, timeout};

use super::daemon::Daemon;
use super::systemd;

/// What the agents get of the grace, once the turns had the rest.
const FOR_AGENTS: Duration = Duration::from_secs(2);

/// What clients get to take their last events and go, beyond the grace.
const FOR_CLIENTS: Duration = Duration::from_millis(300);

struct Signals {
    term: Signal,
    int: Signal,
    hup: Signal,
}

impl Signals {
    fn new() -> Result<Signals, String> {
        let on = |kind| signal(kind).map_err(|error| format!("signals: {error}"));
        Ok(Signals {
            term: on(SignalKind::terminate())?,
            int: on(SignalKind::interrupt())?,
            hup: on(SignalKind::hangup())?,
        })
    }

    async fn end(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.int.recv() => {}
        }
    }
}

impl Daemon {
    /// Serves until TERM or INT, and ends.
    pub(super) async fn until_told(mut self) -> Result<(), String> {
        let mut signals = Signals::new()?;
        // Without a watchdog a beat a day costs nothing.
        let beat = systemd::watchdog();
        let mut beats = interval(beat.unwrap_or(Duration::from_secs(86_400)));
        loop {
            tokio::select! {
                _ = signals.term.recv() => break,
                _ = signals.int.recv() => break,
                _ = signals.hup.recv() => self.reload(),
                _ = beats.tick() => if beat.is_some() { systemd::alive() },
            }
        }
        systemd::stopping();
        self.end(&mut signals).await
    }

    async fn end(self, signals: &mut Signals) -> Result<(), String> {
        let deadline = Instant::now() + self.settings.grace;
        let under_way = self.shared.hub.turns_under_way();
        tracing::info!(turns = under_way, "ending");
        self.shared.hub.drain();
        self.shared.ending.cancel();
        let for_turns = deadline - FOR_AGENTS.min(self.settings.grace / 4);
        let mut at_once = tokio::select! {
            () = self.shared.hub.until_idle() => false,
            () = sleep_until(for_turns) => false,
            () = signals.end() => true,
        };
        let rest = deadline.saturating_duration_since(Instant::now());
        let closing = self.close_engines(if at_once { Duration::ZERO } else { rest });
        tokio::pin!(closing);
        let closed = tokio::select! {
            closed = closing.as_mut() => closed,
            () = signals.end(), if !at_once => {
                at_once = true;
                self.begin_close_now();
                closing.await
            }
        };
        self.let_clients_go(if at_once { Instant::now() } else { deadline })
            .await;
        for path in &self.socket_files {
            // Another daemon would find it stale all the same.
            let _ = std::fs::remove_file(path);
        }
        tracing::info!("ended");
        closed
    }

    /// Ends what is under way as stopped, and every agent.
    pub(super) async fn close_engines(&self, grace: Duration) -> Result<(), String> {
        let closings: Vec<_> = self
            .shared
            .hub
            .engines
            .all()
            .map(|served| {
                let engine = served.engine.clone();
                tokio::task::spawn_blocking(move || engine.close(grace))
            })
            .collect();
        let mut problems = Vec::new();
        for closing in closings {
            match closing.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => problems.push(error.to_string()),
                Err(error) => problems.push(error.to_string()),
            }
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems.join("; "))
        }
    }

    fn begin_close_now(&self) {
        for served in self.shared.hub.engines.all() {
            served.engine.begin_close(Duration::ZERO);
        }
    }

    /// Clients that are owed something get it until the deadline; all are told to come back, and cut
    /// a little later.
    async fn let_clients_go(&self, deadline: Instant) {
        self.shared.tasks.close();
        while self.shared.hub.is_anybody_owed() && Instant::now() < deadline {
            if timeout(Duration::from_millis(20), self.shared.tasks.wait())
                .await
                .is_ok()
            {
                return;
            }
        }
        let _ = timeout(FOR_CLIENTS, self.shared.tasks.wait()).await;
        self.shared.cut.cancel();
        let _ = timeout(FOR_CLIENTS, self.shared.tasks.wait()).await;
        // What was written last is on its way.
        sleep(Duration::ZERO).await;
    }
}
