//! The configuration: flags, environment and file, and what is in force.

pub(crate) mod duration;
mod environment;
mod file;
mod listen;
mod mistakes;
pub(crate) mod names;
mod print;
mod settings;
pub(crate) mod size;

pub(crate) use environment::Environment;
#[cfg(feature = "tls")]
pub(crate) use file::TlsFile;
pub(crate) use listen::Listen;
pub(crate) use print::print;
pub(crate) use settings::{Limits, Settings};
