//! What one process has to itself: temporary files, what its agent keeps, and files of the engine's.

use std::fs;
use std::path::PathBuf;

use super::process_start::{PreparedWorkDir, ProcessStart, spawn_failed};
use crate::error::{Error, ErrorKind};
use crate::jail::Jail;
use crate::private::{Belongings, Private, PrivateRoots};
use crate::process::{self, SpawnError};
use crate::provider::Start;

impl ProcessStart<'_> {
    /// What this process alone has: in a jail temporary files and what its agent keeps, and files of ours.
    pub(super) fn private(
        &self,
        prepared: &PreparedWorkDir,
        roots: &mut PrivateRoots,
    ) -> Result<Option<Private>, Error> {
        let has_engine_files = self.has_engine_files(prepared);
        if !self.is_jailed() && !has_engine_files {
            return Ok(None);
        }
        let state = self.state(&prepared.real);
        let what = match self.is_jailed() {
            true => Belongings::Jailed(state.as_ref()),
            false => Belongings::EngineFiles,
        };
        let mut private = roots
            .make(self.number, what)
            .map_err(|error| self.nothing_private(error))?;
        if has_engine_files {
            self.make_engine_dir(&mut private, prepared)?;
        }
        if self.config.enforced.jail() == Jail::Write {
            self.lay_gnupg(&mut private);
        }
        Ok(Some(private))
    }

    /// Without it, commits are not signed by GnuPG, and nothing else is amiss. Where reading is
    /// restricted keys are not read.
    fn lay_gnupg(&self, private: &mut Private) {
        let named = self.variable("GNUPGHOME");
        // Only GnuPG's own sockets for the usual place are there.
        let user = process::effective_user();
        let sockets = PathBuf::from(format!("/run/user/{user}/gnupg"));
        let sockets = named.is_none().then_some(sockets);
        let usual = || Some(self.variable("HOME")?.join(".gnupg"));
        let Some(users) = named.or_else(usual) else {
            return;
        };
        if let Err(error) = private.lay_gnupg(&users, sockets.as_deref()) {
            log::warn!("GnuPG cannot be used in the jail: {error}");
        }
    }

    /// What an agent may write it may also replace, a gate of ours included.
    fn make_engine_dir(
        &self,
        private: &mut Private,
        prepared: &PreparedWorkDir,
    ) -> Result<(), Error> {
        let failed = |error| self.nothing_private(error);
        private.make_engine_dir().map_err(failed)?;
        let real = fs::canonicalize(private.engine_dir()).map_err(failed)?;
        let paths = &self.config.jail_paths;
        let writable = paths.roots.iter().chain(&paths.writable);
        let mut writable = writable.chain([&prepared.real]);
        // A rule of the jail is for where a path leads.
        let holds = |writable: &&PathBuf| {
            fs::canonicalize(writable).is_ok_and(|writable| real.starts_with(writable))
        };
        match writable.find(|writable| self.is_jailed() && holds(writable)) {
            None => Ok(()),
            Some(writable) => Err(Error::new(
                ErrorKind::SpawnFailed,
                format!(
                    "the engine's files for {} would lie in {}, which its jail lets it write: name a \
                     state_dir elsewhere",
                    self.config.provider.name(),
                    writable.display()
                ),
            )),
        }
    }

    fn has_engine_files(&self, prepared: &PreparedWorkDir) -> bool {
        let tools_differ = !prepared.git_of_tools.is_empty();
        self.config.provider.has_engine_files(tools_differ)
    }

    pub(super) fn engine_dir(
        &self,
        prepared: &PreparedWorkDir,
        private: Option<&Private>,
    ) -> Option<PathBuf> {
        let private = private.filter(|_| self.has_engine_files(prepared));
        private.map(Private::engine_dir)
    }

    pub(super) fn write_engine_files(
        &self,
        start: &Start<'_>,
        private: Option<&Private>,
    ) -> Result<(), Error> {
        let Some(private) = private else {
            return Ok(());
        };
        for file in self.config.provider.engine_files(start) {
            private
                .add_engine_file(file.name, &file.content, file.executable)
                .map_err(|error| self.nothing_private(error))?;
        }
        Ok(())
    }

    fn nothing_private(&self, error: std::io::Error) -> Error {
        let places = &self.config.private;
        let context = format!("no directory of the agent's own can be made in {places:?}");
        spawn_failed(SpawnError::new(context, error))
    }
}
