//! The engine's own files for one process. They lie beside what the process writes, and not in it.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use super::{Private, make_directory};

impl Private {
    /// Where the engine's files for the process are, which no jail opens for writing.
    pub(crate) fn engine_dir(&self) -> PathBuf {
        self.directory.join("engine")
    }

    /// Makes that directory. A process that is restricted in what it reads may read it.
    pub(crate) fn make_engine_dir(&mut self) -> io::Result<()> {
        let directory = self.engine_dir();
        make_directory(&directory)?;
        self.readable.push(directory);
        Ok(())
    }

    /// Writes a file there, for its owner alone.
    pub(crate) fn add_engine_file(
        &self,
        name: &str,
        content: &[u8],
        executable: bool,
    ) -> io::Result<()> {
        let path = self.engine_dir().join(name);
        path.parent().map_or(Ok(()), make_directory)?;
        let mode = if executable { 0o500 } else { 0o400 };
        let mut options = OpenOptions::new();
        let options = options.write(true).create_new(true).mode(mode);
        options.open(path)?.write_all(content)
    }
}
