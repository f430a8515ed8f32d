//! The table of hostile projects: what each lays into the work directory, and what it waits for.
//!
//! In files, links and prompts stand for what is only known when they are laid out: `@MARK@` the file
//! that tells that the project won, `@STRANGER@` the address of its server, `@SECRET@` a file of the
//! home with `@WORDS@` in it, `@WORK@` and `@HOME@` the directories.

mod hooks;
mod places;
mod servers;
mod texts;

/// All of them.
pub(super) fn all() -> impl Iterator<Item = &'static Project> {
    let tables = [
        hooks::PROJECTS,
        servers::PROJECTS,
        texts::PROJECTS,
        places::PROJECTS,
    ];
    tables.into_iter().flatten()
}

/// One hostile project.
#[derive(Debug)]
pub(super) struct Project {
    /// Also the name of its mark.
    pub(super) name: &'static str,
    pub(super) group: Group,
    /// Below the work directory. JSON of several projects is merged.
    pub(super) files: &'static [(&'static str, &'static str)],
    /// Path and target.
    pub(super) links: &'static [(&'static str, &'static str)],
    /// Turns that reach for what it has laid out.
    pub(super) prompts: &'static [&'static str],
    /// Whether it wins by itself in Claude Code 2.1.330 where it is trusted and in no jail. The others
    /// win where more is told, or later, or are held by the guard, which follows links at every level.
    pub(super) bites: bool,
    /// Whether it wins depends on the clock's minute.
    pub(super) by_the_clock: bool,
    /// Without a jail nothing holds it: a script that is run may do what the user may.
    pub(super) needs_jail: bool,
}

/// What kind of thing a project tries. Projects of one group do not hide each other's success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// Code at the start, at prompts, calls and ends; escapes that last.
    Hooks,
    /// Another command than the one that was judged, by a hook.
    Rewriting,
    /// The same by the environment of the tools.
    Environment,
    /// Servers that nobody approved.
    Servers,
    /// Programs that give keys, and other models.
    Models,
    /// Templates, secrets, agents, plugins, language servers, schedules.
    Texts,
    /// Files above the work directory, up to the root of its repository.
    Above,
    /// The whole `.claude` is a link.
    Linked,
    /// What a call of a tool plants, by a script or through a link.
    Planting,
}

pub(super) const GROUPS: [Group; 9] = [
    Group::Hooks,
    Group::Rewriting,
    Group::Environment,
    Group::Servers,
    Group::Models,
    Group::Texts,
    Group::Above,
    Group::Linked,
    Group::Planting,
];

const NONE: Project = Project {
    name: "",
    group: Group::Hooks,
    files: &[],
    links: &[],
    prompts: &[],
    bites: true,
    by_the_clock: false,
    needs_jail: false,
};

const SETTINGS: &str = ".claude/settings.json";
const LOCAL: &str = ".claude/settings.local.json";
