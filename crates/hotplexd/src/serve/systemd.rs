//! What systemd wants to hear, and hands over.

use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
use sd_notify::NotifyState;

/// The sockets that systemd opened for this process.
///
/// # Errors
/// They cannot be taken over.
pub(super) fn sockets() -> Result<Vec<OwnedFd>, String> {
    let wrong = |error: std::io::Error| format!("the sockets of systemd: {error}");
    let numbers = sd_notify::listen_fds().map_err(wrong)?;
    // Taken from this process as from another: so no number is trusted to be a descriptor.
    let taken = numbers.map(|number| {
        let own = pidfd_open(getpid(), PidfdFlags::empty())?;
        pidfd_getfd(own, number, PidfdGetfdFlags::empty())
    });
    let taken: Result<Vec<_>, _> = taken.collect();
    taken.map_err(|error| wrong(error.into()))
}

/// It serves.
pub(super) fn ready() {
    tell(&[NotifyState::Ready]);
}

/// It ends.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// It is alive: told from the loop that serves, so that one that hangs is not.
pub(super) fn alive() {
    tell(&[NotifyState::Watchdog]);
}

/// How often systemd wants to hear that it is alive; half of the time after which it gives up.
pub(super) fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled().map(|limit| limit / 2)
}

fn tell(states: &[NotifyState<'_>]) {
    // Without systemd there is nobody to tell.
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd could not be told");
    }
}
