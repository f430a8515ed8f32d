//! The threads of an engine: the poll loop, the spawn thread and the judge thread.
//!
//! The loop owns the poll and every process, buffer and timer. It is the only room where the others
//! meet: it passes what `provider` decodes to `session` and carries out what `session` asks for. It
//! runs no foreign code and calls nothing that can block; what may block is a job for the spawn thread.
//!
//! A pass of the loop: wait, take commands, mark who has something to read, visit each of those
//! for one budget, fire timers, find processes for those that wait.
//!
//! | file | what |
//! |---|---|
//! | `event_loop`, `resources`, `loop_state` | one pass of the loop, what it works with, what it knows |
//! | `keys`, `shared`, `counters` | its names for things, what callers see too, and what it counts |
//! | `command`, `dispatch` | what comes in from outside, and what that does |
//! | `slot`, `delivery`, `recording`, `first_notices` | one session: its process, its callers, its record, its first notices |
//! | `open_turn`, `open_call`, `record_progress`, `postponed`, `untested_version` | what a slot remembers of these |
//! | `child_io`, `outbox`, `stderr`, `ring_buffer` | the pipes of one process |
//! | `hook_socket` | where the hooks of one process ask |
//! | `scheduler` | who gets which process |
//! | `gate`, `tool_gate`, `judge`, `symlinks` | what may run, how the agent is answered, the judge thread, where paths lead |
//! | `timer`, `deadlines` | when a slot is due, and what an agent said in time |
//! | `bookkeeping` | lists, timers and names after something happened to a slot |
//! | `spawner`, `spawn_config`, `process_start`, `preconditions` | the spawn thread, what all starts share, one start, what must be so before it |
//! | `arguments`, `environment`, `belongings` | what a process is told, what it sees, and what it has to itself |

mod arguments;
mod belongings;
mod bookkeeping;
mod child_io;
pub(crate) mod command;
mod counters;
mod deadlines;
mod delivery;
mod dispatch;
mod environment;
mod event_loop;
mod first_notices;
pub(crate) mod gate;
mod hook_socket;
pub(crate) mod judge;
mod keys;
mod loop_state;
mod open_call;
mod open_turn;
mod outbox;
mod postponed;
mod preconditions;
mod process_start;
mod record_progress;
mod recording;
mod resources;
mod ring_buffer;
mod scheduler;
mod shared;
mod slot;
pub(crate) mod spawn_config;
pub(crate) mod spawner;
mod stderr;
mod symlinks;
mod timer;
mod tool_gate;
mod untested_version;

pub(crate) use event_loop::Loop;
pub(crate) use resources::{LoopOptions, Parts, new_poll};
pub(crate) use shared::{Shared, date_of};
