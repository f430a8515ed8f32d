//! aider: plain text over pipes, and a part of ours inside it.
//!
//! aider has no protocol. What it writes is for a person, and it waits for a line with a prompt that an
//! answer may hold as well. So `sitecustomize.py` is loaded into its Python before it begins: an audit hook,
//! which asks the engine before a file is written or a program started, and marks on stdout where aider waits
//! for a line. The marks have a nonce of the process, which no model knows.
//!
//! | file | owns |
//! |---|---|
//! | `launch` | arguments, variables, state, options |
//! | `protocol` | one process: prompts, turns, the handshake |
//! | `output` | text and marks, cut out of what comes |
//! | `lines` | what a line of aider's own words says |
//! | `gate` | what the audit hook asks, and what it is answered |

mod gate;
mod launch;
mod lines;
mod output;
mod protocol;
#[cfg(test)]
mod tests;

pub(super) use launch::{Aider, NAME};
