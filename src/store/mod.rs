//! What stays on disk when an engine is gone: the records of sessions with their locks, and the audit.
//!
//! Threads: files are read, and locks taken, on the callers'; they are written on the spawn thread. The io
//! thread comes here for nothing that touches a file.

mod audit;
mod state_dir;

pub(crate) use audit::{AuditEntry, AuditTrail};
pub(crate) use state_dir::{Claim, Holders, InUse, Names, Record, Remembered, StateDir};
