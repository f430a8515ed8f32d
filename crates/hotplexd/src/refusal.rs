//! Why a request is not done.

use hotplex::Verdict;

/// Why a request is not done.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) kind: &'static str,
    pub(crate) message: String,
    /// What the guard said of a blocked prompt.
    pub(crate) verdict: Option<Box<Verdict>>,
}

impl Refusal {
    pub(crate) fn new(kind: &'static str, message: impl Into<String>) -> Refusal {
        Refusal {
            kind,
            message: message.into(),
            verdict: None,
        }
    }
}

impl From<hotplex::Error> for Refusal {
    fn from(error: hotplex::Error) -> Refusal {
        Refusal {
            kind: error.kind().as_str(),
            message: error.message().to_owned(),
            verdict: error.verdict().cloned().map(Box::new),
        }
    }
}
