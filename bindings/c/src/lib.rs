//! libhotplex: the C interface of hotplex. `include/hotplex.h` is made from the comments here.
//!
//! A thin skin: every function finds its engine by its handle, hands on to the Rust library's own
//! interface, and turns what comes back into a status and text. Nothing is decided here.
//!
//! | file | holds |
//! |---|---|
//! | `status` | what functions return |
//! | `text` | strings in and out |
//! | `logging`, `sink` | the log, on a descriptor |
//! | `engine` | beginning and end |
//! | `engines` | what stands behind a handle |
//! | `ending` | ends that are told, and those that a thread brings |
//! | `turns`, `pool`, `check` | what one asks of an engine |
//! | `providers` | which agents there are |
//! | `taking`, `event` | what an engine tells |
//! | `consumer` | the one who takes, behind `taking` |
//! | `registry` | handles to things |
//! | `entry`, `panics` | the threshold: panics and forks stop there |
//!
//! # Rules
//!
//! 1. No function waits but those with a `timeout_ms`, and no thread of an engine calls back.
//! 2. Outputs are written only on success. What is given is the caller's.
//! 3. No panic crosses the border, and no handle is followed as an address.

#![allow(
    clippy::missing_safety_doc,
    reason = "the comments become the header's, and there the duties of the caller stand in the text"
)]
#![allow(
    unreachable_pub,
    reason = "what C sees is public by its exported name, not by a path"
)]

mod status;
mod text;
mod version;

mod logging;

mod ending;
mod engine;
mod engines;
mod turns;

mod pool;

mod check;

mod providers;

mod event;
mod taking;

mod consumer;
mod entry;
mod panics;
mod registry;
mod sink;
