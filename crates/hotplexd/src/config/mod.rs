//! The configuration: flags, environment and file, and what is in force.

mod environment;
mod file;
mod listen;
mod mistakes;
mod print;
mod settings;

pub(crate) use environment::Environment;
#[cfg(feature = "tls")]
pub(crate) use file::TlsFile;
pub(crate) use listen::Listen;
pub(crate) use print::print;
pub(crate) use settings::{Limits, Settings};
