//! Values as people write them in flags, variables and files: durations, sizes, names of hosts.

pub(crate) mod duration;
pub(crate) mod names;
pub(crate) mod size;
