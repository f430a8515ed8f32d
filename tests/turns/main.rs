//! What becomes of a turn, whatever the agent does and the caller wants.
//!
//! One program: to run the tests of a file, `cargo test --test turns agent_that_does_not_read::`. Tests that look at their
//! whole process start the program again (`alone`), so that they may stand beside others.

#[path = "../common/mod.rs"]
mod common;

mod agent_that_does_not_read;
mod approvals;
mod background_work;
mod broken_output;
mod cancelling;
mod crash_mid_turn;
mod double_results;
mod exit_after_turn;
mod late_output;
mod long_commands;
mod long_lines;
mod queued_turns;
mod refusals;
mod self_started_turns;
mod time_limits;
mod turn_statistics;
mod whose_result;
