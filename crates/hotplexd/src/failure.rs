//! How a command fails, and the exit codes. They are listed by `hotplexd --help`.

use std::process::ExitCode;

/// Why a command did not do what it was to do.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: u8,
    /// A line for a person; empty if all is said.
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }

    /// No daemon answers, or the one that did has gone.
    pub(crate) fn is_unreachable(&self) -> bool {
        self.code == UNREACHABLE
    }
}

const UNREACHABLE: u8 = 4;

/// It was tried and failed.
pub(crate) fn failed(message: impl Into<String>) -> Failure {
    Failure {
        code: 1,
        message: message.into(),
    }
}

/// Wrong usage or configuration.
pub(crate) fn usage(message: impl Into<String>) -> Failure {
    Failure {
        code: 2,
        message: message.into(),
    }
}

/// The guard blocks it.
pub(crate) fn blocked(message: impl Into<String>) -> Failure {
    Failure {
        code: 3,
        message: message.into(),
    }
}

/// No daemon answers.
pub(crate) fn unreachable(message: impl Into<String>) -> Failure {
    Failure {
        code: UNREACHABLE,
        message: message.into(),
    }
}

/// Ended by Ctrl-C, as a shell counts it.
pub(crate) fn interrupted() -> Failure {
    Failure {
        code: 130,
        message: String::new(),
    }
}
