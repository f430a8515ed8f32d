//! The jail: what a jailed agent, and whatever it starts, reaches.
//!
//! One program: to run the tests of a file, `cargo test --test jail files::`. Tests that look at their
//! whole process start the program again (`alone`), so that they may stand beside others.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/processes.rs"]
mod processes;

mod caches;
mod files;
mod git;
mod signing;
mod tools;
mod ways_out;
mod work;
