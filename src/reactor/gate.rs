//! The gate: every call of a tool before it runs, and every prompt before it is sent, judged by the
//! guard and by the lists of tools.
//!
//! Prompts are judged on callers' threads. Of calls of tools, the io thread judges short commands,
//! which takes microseconds: the steps of a judgement are bounded by the length of what is judged.
//! All else is for the judge thread: what is long, and what names a file and passed by its name,
//! because only the disk tells where links lead. If a judgement itself fails, the tool does not run.

use std::borrow::Cow;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::symlinks::{LinksOnDisk, Root};
use crate::lock::RwLock;

use crate::error::Error;
use crate::event::ToolUse;
use crate::private::Private;
use crate::provider::Provider;
use hotplex_guard::ToolEffect;
use hotplex_guard::Verdict;
use hotplex_guard::{Guard, GuardContext, PathAccess, ToolLists};

/// How much text is judged at once, in bytes. Hardly a command is longer, and the worst of this
/// length takes a fifth of a millisecond.
const SHORT: usize = 1024;

/// Where a session works, as its commands and paths may call it.
pub(crate) struct SessionDirs<'a> {
    pub(crate) work_dir: Cow<'a, Path>,
    /// The work directory without symbolic links, once a process is in it.
    pub(crate) real_work_dir: Option<Cow<'a, Path>>,
    /// What the agent's process alone has in its jail.
    pub(crate) private: Option<Cow<'a, Path>>,
    /// Where the agent is at the moment, if it said so.
    pub(crate) current_dir: Option<Cow<'a, str>>,
}

impl SessionDirs<'_> {
    /// Which of its directories are behind links, as far as agents have no say in it.
    fn roots(&self) -> impl Iterator<Item = Root> {
        let real = self.real_work_dir.as_deref();
        let work_dir = real.and_then(|real| Root::new(real, &self.work_dir));
        let private = self.private.as_deref().and_then(Root::look_up);
        work_dir.into_iter().chain(private)
    }

    /// The same place, to take to another thread.
    pub(crate) fn into_owned(self) -> SessionDirs<'static> {
        SessionDirs {
            work_dir: Cow::Owned(self.work_dir.into_owned()),
            real_work_dir: self.real_work_dir.map(|path| Cow::Owned(path.into_owned())),
            private: self.private.map(|path| Cow::Owned(path.into_owned())),
            current_dir: self.current_dir.map(|path| Cow::Owned(path.into_owned())),
        }
    }
}

/// True if a judgement of these by name is a matter of microseconds.
fn is_short(effects: &[ToolEffect]) -> bool {
    let lengths = effects.iter().map(|effect| effect.text().len());
    lengths.sum::<usize>() <= SHORT
}

/// A guard, and the roots that stood behind links when it was set. A link that is put in their place
/// later frees nothing.
#[derive(Clone)]
struct Set {
    guard: Arc<Guard>,
    roots: Arc<[Root]>,
}

/// The gate of one engine.
pub(crate) struct Gate {
    /// Replaced as a whole, so that a judgement never sees half of a change.
    set: RwLock<Set>,
    tools: ToolLists,
    /// What is the same for all sessions.
    context: GuardContext,
    /// The agent's own directory without a jail, and where in it its own tools may write.
    own_directory: PathBuf,
    scratch_dirs: &'static [&'static str],
}

impl Gate {
    /// # Errors
    /// A list of tools for a provider that does not ask before it runs them: the list would only
    /// look as if it held.
    pub(crate) fn new(
        guard: Guard,
        tools: ToolLists,
        provider: &dyn Provider,
        environment: &[(OsString, OsString)],
    ) -> Result<Gate, Error> {
        if !tools.are_empty() && !provider.capabilities().tool_gate {
            return Err(Error::invalid(format!(
                "allowed_tools and disallowed_tools cannot be enforced: {} does not ask before each call of a tool",
                provider.name()
            )));
        }
        let variable = |name: &str| {
            let found = environment.iter().find(|(variable, _)| variable == name);
            found.map(|(_, value)| value.to_string_lossy().into_owned())
        };
        let home = variable("HOME").unwrap_or_default();
        let user = variable("USER").or_else(|| variable("LOGNAME"));
        let mut context = GuardContext::new("/", home.clone(), user.unwrap_or_default());
        let own_temporary = variable("TMPDIR").filter(|path| path.starts_with('/'));
        context.temp_dirs.extend(own_temporary);
        let own_directory = provider.own_directory(Path::new(&home));
        let scratch_dirs = provider.scratch_dirs();
        let set = Set {
            roots: roots_behind_links(&guard, &context, &own_directory, scratch_dirs),
            guard: Arc::new(guard),
        };
        Ok(Gate {
            set: RwLock::new(set),
            tools,
            context,
            own_directory,
            scratch_dirs,
        })
    }

    pub(crate) fn guard(&self) -> Arc<Guard> {
        Arc::clone(&self.set.read().guard)
    }

    /// The next judgement is by this guard. Looks at the disk.
    pub(crate) fn set_guard(&self, guard: Guard) {
        let roots = roots_behind_links(
            &guard,
            &self.context,
            &self.own_directory,
            self.scratch_dirs,
        );
        let guard = Arc::new(guard);
        *self.set.write() = Set { guard, roots };
    }

    /// A prompt that the guard fails at passes: the gate before the tools is the one that counts.
    pub(crate) fn judge_prompt(&self, text: &str, dirs: &SessionDirs<'_>) -> Verdict {
        let guard = self.guard();
        if guard.sees_nothing_in(text) {
            return Verdict::allow();
        }
        let judge = || guard.check_prompt(text, &self.context_of(dirs));
        catch_unwind(AssertUnwindSafe(judge))
            .unwrap_or_else(|_| Verdict::failure_passed("a prompt", "it panicked"))
    }

    /// What a call of a tool does.
    ///
    /// # Errors
    /// A call that cannot be understood is blocked.
    pub(crate) fn effects(
        &self,
        tool: &ToolUse,
        provider: &dyn Provider,
    ) -> Result<Vec<ToolEffect>, Box<Verdict>> {
        let failure = |why: &str| Box::new(Verdict::failure(&tool.name, why));
        catch_unwind(AssertUnwindSafe(|| provider.effects(tool)))
            .map_err(|_| failure("it panicked"))?
            .map_err(|why| failure(&why))
    }

    /// What is to be done about a call of a tool that does this. Looks at the disk.
    pub(crate) fn judge_tool(
        &self,
        tool: &str,
        effects: &[ToolEffect],
        dirs: &SessionDirs<'_>,
    ) -> Verdict {
        let judge = || self.judge_effects(tool, effects, dirs);
        catch_unwind(AssertUnwindSafe(judge))
            .unwrap_or_else(|_| Verdict::failure(tool, "it panicked"))
    }

    /// The same if it needs neither time nor the disk; else `None`.
    pub(crate) fn judge_at_once(
        &self,
        tool: &str,
        effects: &[ToolEffect],
        dirs: &SessionDirs<'_>,
    ) -> Option<Verdict> {
        let judge = || self.judge_by_name(tool, effects, dirs);
        let names_file =
            |effect: &ToolEffect| matches!(effect, ToolEffect::Read(_) | ToolEffect::Write(_));
        if !is_short(effects) || effects.iter().any(names_file) {
            return None;
        }
        catch_unwind(AssertUnwindSafe(judge))
            .unwrap_or_else(|_| Some(Verdict::failure(tool, "it panicked")))
    }

    /// A block is one wherever the links lead.
    fn judge_by_name(
        &self,
        tool: &str,
        effects: &[ToolEffect],
        dirs: &SessionDirs<'_>,
    ) -> Option<Verdict> {
        let context = self.context_of(dirs);
        let guard = self.guard();
        let mut verdict = self.tools.check(tool, effects, &context);
        let mut names_paths = false;
        for effect in effects {
            if let ToolEffect::Run(text) = effect {
                let (by_name, names_any) = guard.check_command_by_name(text, &context);
                verdict = verdict.graver(by_name);
                names_paths |= names_any;
            }
        }
        (verdict.is_blocked() || !names_paths).then_some(verdict)
    }

    fn judge_effects(&self, tool: &str, effects: &[ToolEffect], dirs: &SessionDirs<'_>) -> Verdict {
        let Set { guard, roots } = self.set.read().clone();
        let mut context = self.context_of(dirs);
        let mut roots = roots.to_vec();
        roots.extend(dirs.roots());
        context.links = Some(Arc::new(LinksOnDisk::new(roots)));
        let listed = self.tools.check(tool, effects, &context);
        let judge = |effect| self.judge_effect(&guard, effect, &context, dirs);
        let of_effects = effects.iter().map(judge);
        std::iter::once(listed)
            .chain(of_effects)
            .reduce(Verdict::graver)
            .unwrap_or_else(Verdict::allow)
    }

    fn judge_effect(
        &self,
        guard: &Guard,
        effect: &ToolEffect,
        context: &GuardContext,
        dirs: &SessionDirs<'_>,
    ) -> Verdict {
        match effect {
            ToolEffect::Run(text) => guard.check_command(text, context),
            ToolEffect::Read(path) => guard.check_path(path, PathAccess::Read, context),
            ToolEffect::Write(path) => {
                let mut context = context.clone();
                context.extra_roots.extend(self.scratch_dirs_of(dirs));
                guard.check_path(path, PathAccess::Write, &context)
            }
            ToolEffect::Fetch(_) | ToolEffect::Use(_) => Verdict::allow(),
        }
    }

    /// Where the agent's own tools may write: the names are the agent's, the place is its own in a
    /// jail, where its user's directories are behind links.
    fn scratch_dirs_of(&self, dirs: &SessionDirs<'_>) -> impl Iterator<Item = String> {
        let own = dirs.private.as_deref().map(Private::agents_own);
        let places = own.into_iter().chain([self.own_directory.clone()]);
        places.flat_map(|place| {
            let names = self.scratch_dirs.iter();
            names.map(move |name| place.join(name).display().to_string())
        })
    }

    fn context_of(&self, dirs: &SessionDirs<'_>) -> GuardContext {
        let mut context = self.context.clone();
        context.work_dir = dirs.work_dir.display().to_string();
        context.current_dir = dirs.current_dir.as_deref().map(str::to_owned);
        let real = dirs.real_work_dir.as_deref();
        let real = real.filter(|real| *real != dirs.work_dir);
        let temporary = dirs.private.as_deref().map(Private::temporary);
        context
            .temp_dirs
            .extend(temporary.map(|path| path.display().to_string()));
        context
            .extra_roots
            .extend(real.map(|real| real.display().to_string()));
        context
    }
}

fn roots_behind_links(
    guard: &Guard,
    context: &GuardContext,
    own_directory: &Path,
    scratch_dirs: &[&str],
) -> Arc<[Root]> {
    let named = context.roots().into_iter().map(PathBuf::from);
    let of_guard = guard.extra_roots().iter().map(PathBuf::from);
    let scratch_dirs = scratch_dirs.iter().map(|name| own_directory.join(name));
    let named = named.chain(of_guard).chain(scratch_dirs);
    named
        .chain([own_directory.to_owned()])
        .filter_map(|root| Root::look_up(&root))
        .collect()
}
