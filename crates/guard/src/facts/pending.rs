//! What a check leaves to be evaluated: it knows the text, and the evaluator knows how.

/// Text, words or code that a command would run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pending {
    /// Source of a shell, in a subshell of its own.
    Source(String),
    /// One command as its words.
    Argv(Vec<String>),
    /// Code in the language of an interpreter.
    Code { language: String, text: String },
}
