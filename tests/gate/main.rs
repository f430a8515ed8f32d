//! The gate: what is judged before a tool runs.
//!
//! One program: to run the tests of a file, `cargo test --test gate links::`. Tests that look at their
//! whole process start the program again (`alone`), so that they may stand beside others.

#[path = "../common/mod.rs"]
mod common;

mod links;
mod tools;
