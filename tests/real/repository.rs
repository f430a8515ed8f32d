//! What a repository brings along beside settings of agents, for every agent: settings of git, files of
//! the directories above, of tools and of other agents, and files that are none.
//!
//! [`ground`] lays them out; here they are played. Nobody may run a program of theirs, tell the model
//! words of what is not the project's, or wait for them: each turn ends and the allowed work is done.

mod ground;

use hotplex::{Jail, Project as Level};

use crate::common::{self, Played};
use crate::site::{Site, is_whole};
use ground::Ground;

/// A few turns of one engine, and what came of them.
struct Run<'a> {
    site: &'a Site,
    ground: &'a Ground,
    setting: Setting,
    /// Whether it is enough that each turn ends.
    may_fail: bool,
}

impl Run<'_> {
    fn play(&self) -> Vec<Played> {
        let Setting { mode, jail, level } = self.setting;
        let builder = self.site.builder().permission_mode(mode);
        let builder = builder.jail(jail).project(level);
        let engine = builder.namespace(self.to_string()).open();
        let engine = engine.expect("an engine");
        self.site.take_requests();
        let prompts = ["MODEL:text hello".to_owned(), self.ground.prompt()];
        let play = |prompt: &String| {
            let request = hotplex::Request::new("a", self.ground.work_dir(), prompt.as_str());
            common::finish(engine.execute(request).expect("accepted"))
        };
        let played: Vec<_> = prompts.iter().map(play).collect();
        engine.close(common::PATIENCE).expect("everything ends");
        played
    }

    /// What ran, what the model was told of others' words, and what did not end well.
    fn complaints(&self) -> Vec<String> {
        let played = self.play();
        let mut complaints = self.ground.marks();
        let heard = self.site.take_requests().concat();
        complaints.extend(self.ground.words_in(&heard));
        if !self.may_fail {
            let answered = played[0].answers().contains(&"hello");
            if !answered || played.iter().any(|turn| turn.end.error.is_some()) {
                complaints.push(format!("a turn did not end well: {played:?}"));
            }
        }
        complaints
    }

    fn assert_nothing(&self) {
        assert_eq!(self.complaints(), Vec::<String>::new(), "{self}");
    }
}

impl std::fmt::Display for Run<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Setting { mode, jail, level } = self.setting;
        write!(f, "{mode}-{}-{}", level.as_str(), jail.as_str())
    }
}

/// A mode, with and without a jail in turns, and one of them without instructions.
#[derive(Clone, Copy)]
struct Setting {
    mode: &'static str,
    jail: Jail,
    level: Level,
}

/// The modes that hold, each once. Of them a ground gets the one of its number unless the whole is asked
/// for: there are more grounds than modes, so each is still played.
fn settings(site: &Site, ground: usize, is_held: impl Fn(&str) -> bool) -> Vec<Setting> {
    let modes = site.release.modes.iter().enumerate();
    let held = modes.filter(|(_, mode)| is_held(mode));
    let all: Vec<_> = held
        .map(|(number, mode)| Setting {
            mode,
            jail: match number % 2 == 1 && holds_git(site, mode) {
                true => Jail::Off,
                false => Jail::Write,
            },
            level: [Level::Instructions, Level::None][usize::from(number == 1)],
        })
        .collect();
    if is_whole() {
        return all;
    }
    vec![all[ground % all.len()]]
}

fn in_settings(site: &Site, lay: fn(&Site, &str) -> Ground, settings: Vec<Setting>) {
    for setting in settings {
        let ground = lay(site, &format!("ground-{}", setting.mode));
        let run = Run {
            site,
            ground: &ground,
            setting,
            may_fail: false,
        };
        run.assert_nothing();
    }
}

/// Files of tools, of other agents, of packages below and of directories above, and links that lead out.
pub(crate) fn nothing_beside_its_instructions_is_taken(site: &Site) {
    in_settings(site, ground::files, settings(site, 0, |_| true));
}

/// Files that some agent, its runtime or its libraries look for by themselves, of kinds of their own.
pub(crate) fn nothing_of_its_own_kinds_is_taken(site: &Site) {
    in_settings(site, ground::own, settings(site, 1, |_| true));
}

/// Where it only plans, the Claude Code in `claude-agent-acp` 0.101.0 asks for one more status, and takes
/// what git is told out of the environment before: the jail alone holds that, and so it does not start without.
fn holds_git(site: &Site, mode: &str) -> bool {
    site.release.provider != "claude-agent-acp" || mode != "plan"
}

/// What git would run, for an agent that asks for its status, its log or its remotes by itself.
pub(crate) fn git_runs_nothing_at_the_start(site: &Site) {
    in_settings(
        site,
        ground::git,
        settings(site, 2, |mode| holds_git(site, mode)),
    );
}

/// The directory of git is planted elsewhere in the project, and named by a file.
pub(crate) fn git_runs_nothing_of_a_planted_directory(site: &Site) {
    in_settings(
        site,
        ground::planted_git,
        settings(site, 3, |mode| holds_git(site, mode)),
    );
}

/// Objects are missing, and by its settings git would fetch them by programs of the repository.
pub(crate) fn git_fetches_nothing_that_is_missing(site: &Site) {
    in_settings(site, ground::partial_git, settings(site, 4, |_| true));
}

/// The filters are those of a submodule.
pub(crate) fn git_runs_nothing_of_a_submodule(site: &Site) {
    in_settings(site, ground::submodule_git, settings(site, 5, |_| true));
}

/// A file, a link or a setting has git tell of another repository of the user's: an agent tells its model.
pub(crate) fn git_tells_nothing_of_others(site: &Site) {
    // Claude Code tells its model by itself; the others tell when a tool asks, if at all.
    let ways = match is_whole() || site.release.provider == "claude-code" {
        true => 3,
        false => 1,
    };
    for number in 0..ways {
        let ground = ground::git_of_others(site, &format!("ground-{number}"));
        let run = Run {
            site,
            ground: &ground,
            setting: Setting {
                mode: site.release.modes[0],
                jail: [Jail::Write, Jail::Off][number % 2],
                level: Level::Instructions,
            },
            may_fail: false,
        };
        run.assert_nothing();
    }
}

/// What keeps the agent's own git from them does not reach the git of its tools: a filter that the user has
/// made for a repository filters what an agent commits.
pub(crate) fn filters_of_a_repository_work_for_tools(site: &Site) {
    let work_dir = site.stage.work_dir();
    std::fs::create_dir_all(&work_dir).expect("a directory");
    for arguments in [
        &["init", "-q", "."][..],
        &["config", "user.name", "n"],
        &["config", "user.email", "e@example.org"],
        &["config", "filter.hide.clean", "sed s/secret/hidden/"],
        &["config", "filter.hide.required", "true"],
    ] {
        crate::install::run(
            std::process::Command::new("git")
                .current_dir(&work_dir)
                .args(arguments),
        )
        .expect("git");
    }
    std::fs::write(work_dir.join(".gitattributes"), "*.txt filter=hide\n").expect("attributes");
    std::fs::write(work_dir.join("a.txt"), "secret\n").expect("a file");
    for jail in [Jail::Write, Jail::Off] {
        let builder = site
            .builder()
            .permission_mode("bypassPermissions")
            .jail(jail);
        let engine = builder.open().expect("an engine");
        let told = "git add a.txt && git commit -qm x --allow-empty && git show HEAD:a.txt > shown";
        site.stage
            .play(&engine, "a", &format!("MODEL:bash {told}"))
            .assert_completed();
        engine.close(common::PATIENCE).expect("everything ends");
        let shown = std::fs::read_to_string(work_dir.join("shown"));
        assert_eq!(shown.expect("the tool ran"), "hidden\n");
    }
}

/// Whoever cannot work with them says so in time: FIFOs, endless and huge files, loops of links, directories and unreadable text where a file with
/// instructions or settings would be. Whoever opens a FIFO waits for ever.
pub(crate) fn odd_files_keep_nobody_waiting(site: &Site) {
    for (level, lay) in [
        (
            Level::Instructions,
            ground::fifos as fn(&Site, &str) -> Ground,
        ),
        (Level::None, ground::fifos),
        (Level::Instructions, ground::odd),
    ] {
        let number = common::nobody_elses_number();
        let ground = lay(site, &format!("ground-{number}"));
        let run = Run {
            site,
            ground: &ground,
            setting: Setting {
                mode: site.release.modes[0],
                jail: Jail::Write,
                level,
            },
            // 2.0.76 and aider end at a link to itself; Codex, Gemini and OpenCode would wait for a FIFO among
            // their settings, and are not started.
            may_fail: ["aider", "codex", "codex-acp", "gemini", "opencode"]
                .contains(&site.release.provider)
                || site.release.version == "2.0.76",
        };
        run.assert_nothing();
    }
}
