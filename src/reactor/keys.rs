//! The names of slots, and those of processes in the poll.

/// A slot's name, never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SlotKey(pub(super) u64);

/// A process's name in the poll, never used again: a stale event cannot hit a new process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ChildKey(pub(super) u64);

/// Which descriptor of a process an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChildFd {
    Stdin,
    Stdout,
    Stderr,
    Exit,
    /// The socket of its hooks, and all who are connected.
    Hooks,
}

impl ChildKey {
    /// The name of this descriptor of the process in the poll.
    pub(super) fn of(self, stream: ChildFd) -> mio::Token {
        mio::Token(self.0 as usize * 8 + stream as usize)
    }

    /// Which process, and which of its descriptors, an event of the poll is about.
    pub(super) fn read(token: mio::Token) -> (ChildKey, ChildFd) {
        let stream = match token.0 % 8 {
            0 => ChildFd::Stdin,
            1 => ChildFd::Stdout,
            2 => ChildFd::Stderr,
            3 => ChildFd::Exit,
            _ => ChildFd::Hooks,
        };
        (ChildKey(token.0 as u64 / 8), stream)
    }
}
