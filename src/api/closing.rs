//! Ways to close an engine for callers who cannot wait.

use std::thread;
use std::time::Duration;

use super::engine::Engine;
use crate::error::{Error, ErrorKind};
use crate::process;

impl Engine {
    /// Begins to close and returns at once: no turn is accepted any more, every turn ends as
    /// stopped, agents get `grace` to end. Called again it can only shorten the grace. Events still
    /// come until the engine has ended; [`Engine::close`] waits for that and clears up.
    pub fn begin_close(&self, grace: Duration) {
        if let Ok(inner) = self.own() {
            inner.begin_close(grace);
        }
    }

    /// Begins to close, and has a thread of its own (`hotplex-close`) wait for the end and clear
    /// up. What cannot be ended goes to the log.
    ///
    /// # Errors
    /// `Internal` if the thread cannot be started; the engine is closing all the same.
    pub fn close_in_background(&self, grace: Duration) -> Result<(), Error> {
        self.own()?.begin_close(grace);
        let engine = self.clone();
        let thread = thread::Builder::new().name("hotplex-close".to_owned());
        let started = thread.spawn(move || {
            process::block_all_signals();
            if let Err(error) = engine.close(grace) {
                log::error!("closing the engine: {error}");
            }
        });
        started.map(drop).map_err(|error| {
            let message = format!("the thread that closes cannot be started: {error}");
            Error::new(ErrorKind::Internal, message).because(error)
        })
    }
}
