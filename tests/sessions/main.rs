//! Sessions and their processes: how they start, go on, share what there is, and end.
//!
//! One program: to run the tests of a file, `cargo test --test sessions closing::`. Tests that look at their
//! whole process start the program again (`alone`), so that they may stand beside others.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/processes.rs"]
mod processes;

mod closing;
mod closing_in_time;
mod exit_while_idle;
mod failed_start;
mod idle_sessions;
mod listing;
mod long_prompts;
mod lost_conversations;
mod nothing_is_left;
mod pool;
mod prewarmed;
mod resume;
mod session_in_use;
mod session_start;
mod wait_for_the_clock;
mod work_dir_replaced;
