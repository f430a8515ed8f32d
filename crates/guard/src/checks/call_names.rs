//! What languages call their ways to delete, write and list files: the last part of a name with dots.

/// Calls that delete a file or a tree.
pub(super) const DELETE_CALLS: [&str; 31] = [
    "removeDir",
    "removeDirectoryRecursive",
    "removePathForcibly",
    "removeFile",
    "deleteSync",
    "deleteIfExists",
    "deleteDir",
    "deleteRecursively",
    "removeItem",
    "rmtree",
    "removedirs",
    "rmSync",
    "unlinkSync",
    "rmdirSync",
    "rm_rf",
    "rm_r",
    "rm_f",
    "remove_dir",
    "remove_entry",
    "remove_entry_secure",
    "rimraf",
    "removeSync",
    "emptyDirSync",
    "remove_tree",
    "rimrafSync",
    "unlink",
    "rmdir",
    "remove",
    "rm",
    "delete",
    "truncate",
];

/// Of these names only a file's own are meant: lists have a `remove`, too.
pub(super) const OWNERS: [&str; 16] = [
    "Unix",
    "Sys",
    "Files",
    "file",
    "os",
    "fs",
    "File",
    "FileUtils",
    "shutil",
    "fsp",
    "promises",
    "Dir",
    "Deno",
    "fse",
    "pathlib",
    "Pathname",
];

/// Calls that write a file.
pub(super) const WRITE_CALLS: [&str; 11] = [
    "open",
    "writeFileSync",
    "writeFile",
    "write",
    "file_put_contents",
    "createWriteStream",
    "copyFileSync",
    "write_text",
    "writeString",
    "FileWriter",
    "FileOutputStream",
];

/// Calls that list files.
pub(super) const LIST_CALLS: [&str; 12] = [
    "walk",
    "glob",
    "rglob",
    "iglob",
    "listdir",
    "scandir",
    "readdirSync",
    "iterdir",
    "each_child",
    "children",
    "find",
    "Path",
];

/// Calls that list one level.
pub(super) const LEVEL_CALLS: [&str; 4] = ["listdir", "scandir", "readdirSync", "iterdir"];
