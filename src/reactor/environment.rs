//! The environment of one process: what all of its engine have, and what is its own. Runs on the
//! spawn thread.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::private::Private;
use crate::project::Project;
use crate::provider::Provider;
use crate::repository::GitSetting;

/// Counts the settings that git takes from the variables `GIT_CONFIG_KEY_n` and `GIT_CONFIG_VALUE_n`.
const GIT_COUNT: &str = "GIT_CONFIG_COUNT";
const GIT_KEY: &str = "GIT_CONFIG_KEY_";
const GIT_VALUE: &str = "GIT_CONFIG_VALUE_";

/// Settings by which a repository has git start a program when an agent asks for the status or the log
/// by itself, and without which the user's own work with git is what it was. Not among them are hooks,
/// filters and the program of ssh: a commit without its filter would hold what the filter keeps out.
const GIT_STARTS_NOTHING: [(&str, &str); 2] =
    [("core.fsmonitor", "false"), ("log.showSignature", "false")];

/// With this the status does not write the index, so that no hook is told of that.
const GIT_WRITES_NO_INDEX: (&str, &str) = ("GIT_OPTIONAL_LOCKS", "0");

/// `engine`s variables, with those of one process that works in `work_dir`.
pub(super) fn of_process(
    engine: &[(OsString, OsString)],
    work_dir: &Path,
    project: Project,
    provider: &dyn Provider,
    private: Option<&Private>,
) -> Vec<(OsString, OsString)> {
    let mut environment = engine.to_vec();
    environment.push(("PWD".into(), work_dir.into()));
    if let Some(private) = private {
        private.add_to(&mut environment);
    }
    for (name, value) in provider.pinned(project) {
        set(&mut environment, name, value);
    }
    for name in provider.held_empty(project) {
        if !environment.iter().any(|(set, _)| set == name) {
            environment.push((name.into(), OsString::new()));
        }
    }
    if project != Project::Trusted {
        start_nothing_by_git(&mut environment);
    }
    environment
}

/// Lays the variables of one process over `environment`.
pub(super) fn lay_over(
    environment: &mut Vec<(OsString, OsString)>,
    own: Vec<(&'static str, OsString)>,
) {
    for (name, value) in own {
        environment.retain(|(set, _)| set != name);
        environment.push((name.into(), value));
    }
}

fn set(environment: &mut Vec<(OsString, OsString)>, name: &str, value: impl AsRef<OsStr>) {
    let value = value.as_ref();
    environment.retain(|(set, _)| set != name);
    environment.push((name.into(), value.into()));
}

/// A repository can name programs that git then starts, and agents ask git by themselves. What the
/// environment says comes last, so it wins over the repository; git has this since 2.31, and an older
/// one takes no notice.
fn start_nothing_by_git(environment: &mut Vec<(OsString, OsString)>) {
    let settings = GIT_STARTS_NOTHING.map(|(key, value)| (key.into(), value.into()));
    tell_git(environment, &settings);
    let (name, value) = GIT_WRITES_NO_INDEX;
    set(environment, name, value);
}

/// Tells git settings after all that `environment` tells it.
pub(super) fn tell_git(environment: &mut Vec<(OsString, OsString)>, settings: &[GitSetting]) {
    if settings.is_empty() {
        return;
    }
    let count = environment.iter().find(|(name, _)| name == GIT_COUNT);
    let count = count.and_then(|(_, count)| count.to_str()?.parse().ok());
    let mut count: u32 = count.unwrap_or(0);
    for (key, value) in settings {
        set(environment, &format!("{GIT_KEY}{count}"), key);
        set(environment, &format!("{GIT_VALUE}{count}"), value);
        count = count.saturating_add(1);
    }
    set(environment, GIT_COUNT, count.to_string());
}

/// What the git of tools is told, where the agent's own is told more.
pub(super) fn git_of_tools(engine: &[(OsString, OsString)]) -> Vec<(OsString, OsString)> {
    let mut environment = engine.to_vec();
    start_nothing_by_git(&mut environment);
    let is_setting = |name: &OsString| {
        let name = name.to_string_lossy();
        name == GIT_COUNT || name.starts_with(GIT_KEY) || name.starts_with(GIT_VALUE)
    };
    environment.retain(|(name, _)| is_setting(name));
    environment
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(variables: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = variables
            .iter()
            .map(|(name, value)| (name.into(), value.into()));
        let mut environment: Vec<(OsString, OsString)> = owned.collect();
        start_nothing_by_git(&mut environment);
        let texts = environment.into_iter().map(|(name, value)| {
            let text = |text: OsString| text.into_string().unwrap();
            (text(name), text(value))
        });
        texts.collect()
    }

    /// What is told after as many settings of the host's.
    fn ours(first: usize) -> Vec<(String, String)> {
        let mut ours = Vec::new();
        for (number, (key, value)) in GIT_STARTS_NOTHING.iter().enumerate() {
            let number = first + number;
            ours.push((format!("GIT_CONFIG_KEY_{number}"), (*key).to_owned()));
            ours.push((format!("GIT_CONFIG_VALUE_{number}"), (*value).to_owned()));
        }
        let count = first + GIT_STARTS_NOTHING.len();
        ours.push((GIT_COUNT.to_owned(), count.to_string()));
        ours.push(("GIT_OPTIONAL_LOCKS".to_owned(), "0".to_owned()));
        ours
    }

    #[test]
    fn git_is_told_after_all_that_the_host_tells_it() {
        assert_eq!(told(&[]), ours(0));
        let hosts = [
            ("GIT_OPTIONAL_LOCKS", "1"),
            (GIT_COUNT, "1"),
            ("GIT_CONFIG_KEY_0", "core.fsmonitor"),
            ("GIT_CONFIG_VALUE_0", "true"),
        ];
        let with_hosts = told(&hosts);
        assert_eq!(with_hosts[2..], ours(1));
        assert_eq!(with_hosts[0].0, "GIT_CONFIG_KEY_0");
        assert_eq!(told(&[(GIT_COUNT, "many")]), ours(0));
    }

    /// Only the count tells them apart: what lies beyond it git does not read.
    #[test]
    fn the_git_of_tools_is_told_what_the_host_tells_it_and_not_what_the_agents_is() {
        let pair = |name: &str, value: &str| (OsString::from(name), OsString::from(value));
        let host = vec![
            pair("PATH", "/bin"),
            pair(GIT_COUNT, "1"),
            pair("GIT_CONFIG_KEY_0", "user.name"),
            pair("GIT_CONFIG_VALUE_0", "anna"),
        ];
        let tools = git_of_tools(&host);
        let mut agent = host.clone();
        start_nothing_by_git(&mut agent);
        tell_git(&mut agent, &[pair("filter.a.process", "")]);
        let find = |environment: &[(OsString, OsString)], name: &str| {
            let found = environment.iter().find(|(set, _)| set == name);
            found.map(|(_, value)| value.clone().into_string().unwrap())
        };
        assert_eq!(find(&tools, "PATH"), None);
        assert_eq!(find(&tools, "GIT_CONFIG_VALUE_0").as_deref(), Some("anna"));
        assert_eq!(find(&tools, GIT_COUNT).as_deref(), Some("3"));
        assert_eq!(find(&agent, GIT_COUNT).as_deref(), Some("4"));
        let last = find(&agent, "GIT_CONFIG_KEY_3");
        assert_eq!(last.as_deref(), Some("filter.a.process"));
        assert_eq!(find(&tools, "GIT_CONFIG_KEY_3"), None);
    }
}
