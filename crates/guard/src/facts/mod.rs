//! What is known at a point of a script: directory, variables, files it wrote, where paths lead, and
//! what was found so far.
//!
//! The evaluator changes the facts as commands go by; the checks read them, report what they find and
//! leave what is to be evaluated next. A leaf below both. Pure; any thread.

mod contents;
mod disk;
mod finding;
mod paths;
mod pending;
mod places;
mod script;

pub(crate) use finding::Finding;
pub(crate) use pending::Pending;
pub(crate) use script::{Facts, ITSELF, bounded};
