//! What was asked of links on the disk.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use crate::links::Links;

/// What is known of links on the disk.
#[derive(Default)]
pub(super) struct Disk<'c> {
    pub(super) links: Option<&'c dyn Links>,
    /// What was asked already.
    pub(super) known: RefCell<HashMap<String, Option<String>>>,
    /// Whether the script names a path at all.
    pub(super) names_paths: Cell<bool>,
}
