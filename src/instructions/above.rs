//! What lies between a work directory and the root of its repository.

use std::fs;
use std::path::{Path, PathBuf};

/// The directories above, up to the root of the repository; none if it is in no repository.
pub(super) fn above(work_dir: &Path) -> Vec<PathBuf> {
    let Ok(real) = fs::canonicalize(work_dir) else {
        return Vec::new();
    };
    let is_root = |directory: &&Path| fs::symlink_metadata(directory.join(".git")).is_ok();
    let Some(root) = real.ancestors().find(is_root) else {
        return Vec::new();
    };
    let between = real.ancestors().skip(1);
    let between = between.take_while(|directory| directory.starts_with(root));
    between.map(Path::to_owned).collect()
}
