//! One process, held by a descriptor instead of its number. All signals are sent from here.
//!
//! A number may be given to another process once its owner was reaped, and in a host that ignores
//! SIGCHLD or waits for any child that can happen behind our back. A pidfd never changes its owner.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;
use std::time::{Duration, Instant};

use super::super::exit::Exit;
use super::fork::Unshared;

/// Makes `pidfd_send_signal` reach the whole process group, since Linux 6.9.
const PIDFD_SIGNAL_PROCESS_GROUP: libc::c_uint = 1 << 2;

/// What the kernel says of a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChildState {
    /// It has not ended.
    Running,
    /// It has ended and its number is kept for us until it is reaped.
    Ended(Exit),
    /// It was reaped, or was never our child; its number may belong to another process.
    NotOurs,
}

/// A process, held so that it cannot be taken for another one.
#[derive(Debug)]
pub(crate) struct Pidfd {
    descriptor: Unshared<OwnedFd>,
    pid: u32,
}

impl Pidfd {
    /// Holds whatever process has this number now.
    pub(crate) fn open(pid: u32) -> io::Result<Pidfd> {
        let open = || {
            // SAFETY: the call takes two plain numbers.
            let opened = unsafe { libc::syscall(libc::SYS_pidfd_open, pid as libc::pid_t, 0) };
            if opened < 0 {
                return Err(io::Error::last_os_error());
            }
            // SAFETY: the call succeeded, so the descriptor is open and nobody else's; it closes on
            // exec without being asked to.
            Ok(unsafe { OwnedFd::from_raw_fd(opened as RawFd) })
        };
        let descriptor = Unshared::make(open)?;
        Ok(Pidfd { descriptor, pid })
    }

    /// Holds a child that was just started. One that cannot be held is ended and reaped at once: later its
    /// number may be another process's.
    pub(crate) fn open_child(pid: u32) -> io::Result<Pidfd> {
        Pidfd::open(pid).inspect_err(|_| end_by_number(pid))
    }

    /// False in a child of the process that opened it, where the descriptor is closed.
    pub(crate) fn is_own(&self) -> bool {
        self.descriptor.is_own()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    pub(crate) fn descriptor(&self) -> RawFd {
        self.descriptor.as_raw_fd()
    }

    /// Sends a signal to this process alone.
    pub(crate) fn send(&self, signal: libc::c_int) -> io::Result<()> {
        self.send_with(signal, 0)
    }

    /// Sends a signal to the process group that this process leads, or led.
    ///
    /// A kernel too old to do that by descriptor does it by number, which is safe as long as the
    /// leader is our child and not reaped. There, a host that ignores SIGCHLD leaves a window of
    /// microseconds between that question and the signal.
    pub(crate) fn send_to_group(&self, signal: libc::c_int) -> io::Result<()> {
        match self.send_with(signal, PIDFD_SIGNAL_PROCESS_GROUP) {
            Err(error) if error.raw_os_error() != Some(libc::ESRCH) => {
                self.send_to_group_by_number(signal)
            }
            answer => answer,
        }
    }

    /// False for one that has moved to another process group. A number that is not ours any more may say
    /// anything; a signal by the descriptor then reaches no process.
    pub(crate) fn is_in_own_group(&self) -> bool {
        let pid = self.pid as libc::pid_t;
        // SAFETY: the call takes and gives plain numbers.
        unsafe { libc::getpgid(pid) == pid }
    }

    /// The way of kernels before Linux 6.9; see [`Pidfd::send_to_group`].
    pub(crate) fn send_to_group_by_number(&self, signal: libc::c_int) -> io::Result<()> {
        if self.state() == ChildState::NotOurs {
            return Err(io::Error::from_raw_os_error(libc::ESRCH));
        }
        // SAFETY: the call takes two plain numbers, and the group's is not free for reuse.
        success(unsafe { libc::kill(-(self.pid as libc::pid_t), signal) }.into())
    }

    fn send_with(&self, signal: libc::c_int, flags: libc::c_uint) -> io::Result<()> {
        let descriptor = self.descriptor();
        let no_details = ptr::null::<libc::siginfo_t>();
        // SAFETY: the descriptor is open, and without details the kernel fills in its own.
        success(unsafe {
            libc::syscall(
                libc::SYS_pidfd_send_signal,
                descriptor,
                signal,
                no_details,
                flags,
            )
        })
    }

    /// What has become of the child; leaves its status where it is.
    pub(crate) fn state(&self) -> ChildState {
        self.ask(libc::WNOWAIT)
    }

    /// What has become of the child; if it has ended, its number is free afterwards.
    pub(crate) fn reap(&self) -> ChildState {
        self.ask(0)
    }

    fn ask(&self, how: libc::c_int) -> ChildState {
        let mut details = MaybeUninit::<libc::siginfo_t>::zeroed();
        let options = libc::WEXITED | libc::WNOHANG | how;
        let id = self.descriptor() as libc::id_t;
        // SAFETY: the descriptor is open, and waitid writes at most one siginfo_t.
        let answer = unsafe { libc::waitid(libc::P_PIDFD, id, details.as_mut_ptr(), options) };
        if answer != 0 {
            return ChildState::NotOurs;
        }
        // SAFETY: all zeroes is a valid siginfo_t, and waitid filled it or left it so.
        let details = unsafe { details.assume_init() };
        // SAFETY: after waitid the details are those of a child, or zero while it runs.
        match unsafe { (details.si_pid(), details.si_status()) } {
            (0, _) => ChildState::Running,
            (_, code) if details.si_code == libc::CLD_EXITED => ChildState::Ended(Exit::Code(code)),
            (_, signal) => ChildState::Ended(Exit::Signal(signal)),
        }
    }

    /// Waits until the process has ended, at most so long. False if it has not.
    pub(crate) fn wait_for_end(&self, at_most: Duration) -> bool {
        let deadline = Instant::now() + at_most;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.poll(left) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                answer => return answer.is_ok_and(|ready| ready),
            }
        }
    }

    fn poll(&self, at_most: Duration) -> io::Result<bool> {
        let mut question = libc::pollfd {
            fd: self.descriptor(),
            events: libc::POLLIN,
            revents: 0,
        };
        // A wait of less than a millisecond must not become none at all, which would spin.
        let milliseconds = at_most.as_micros().div_ceil(1000).min(60_000) as libc::c_int;
        // SAFETY: the pointer leads to one pollfd, as the count says.
        match unsafe { libc::poll(&mut question, 1, milliseconds) } {
            -1 => Err(io::Error::last_os_error()),
            ready => Ok(ready == 1),
        }
    }
}

fn end_by_number(pid: u32) {
    let pid = pid as libc::pid_t;
    // SAFETY: both calls take plain numbers and a null pointer for "no status". The child was
    // started a moment ago and is not reaped, so the number is its own.
    unsafe {
        libc::kill(-pid, libc::SIGKILL);
        libc::waitpid(pid, ptr::null_mut(), 0);
    }
}

fn success(answer: libc::c_long) -> io::Result<()> {
    match answer {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
