//! The environment of one process: what all of its engine have, and what is its own. Runs on the
//! spawn thread.

use std::ffi::OsString;
use std::path::Path;

use crate::private::Private;
use crate::project::Project;
use crate::provider::Provider;

/// Counts the settings that git takes from the variables `GIT_CONFIG_KEY_n` and `GIT_CONFIG_VALUE_n`.
const GIT_COUNT: &str = "GIT_CONFIG_COUNT";

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
        without_file_monitor(&mut environment);
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

fn set(environment: &mut Vec<(OsString, OsString)>, name: &str, value: &str) {
    environment.retain(|(set, _)| set != name);
    environment.push((name.into(), value.into()));
}

/// A repository can name a program that each `git status` starts, and agents ask for the status by
/// themselves. What the environment says comes last, so it wins over the repository; git has this
/// since 2.31, and an older one takes no notice.
fn without_file_monitor(environment: &mut Vec<(OsString, OsString)>) {
    let count = environment.iter().find(|(name, _)| name == GIT_COUNT);
    let count = count.and_then(|(_, count)| count.to_str()?.parse().ok());
    let count: u32 = count.unwrap_or(0);
    set(
        environment,
        &format!("GIT_CONFIG_KEY_{count}"),
        "core.fsmonitor",
    );
    set(environment, &format!("GIT_CONFIG_VALUE_{count}"), "false");
    set(environment, GIT_COUNT, &count.saturating_add(1).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn monitored(variables: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = variables
            .iter()
            .map(|(name, value)| (name.into(), value.into()));
        let mut environment: Vec<(OsString, OsString)> = owned.collect();
        without_file_monitor(&mut environment);
        let texts = environment.into_iter().map(|(name, value)| {
            let text = |text: OsString| text.into_string().unwrap();
            (text(name), text(value))
        });
        texts.collect()
    }

    #[test]
    fn git_is_told_after_all_that_the_host_tells_it() {
        let own = |key: &str, value: &str, count: &str| {
            [
                (key.to_owned(), "core.fsmonitor".to_owned()),
                (value.to_owned(), "false".to_owned()),
                (GIT_COUNT.to_owned(), count.to_owned()),
            ]
        };
        assert_eq!(
            monitored(&[]),
            own("GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_0", "1")
        );
        let hosts = [
            (GIT_COUNT, "1"),
            ("GIT_CONFIG_KEY_0", "core.fsmonitor"),
            ("GIT_CONFIG_VALUE_0", "true"),
        ];
        let told = monitored(&hosts);
        assert_eq!(
            told[2..],
            own("GIT_CONFIG_KEY_1", "GIT_CONFIG_VALUE_1", "2")
        );
        assert_eq!(told[0].0, "GIT_CONFIG_KEY_0");
        let unreadable = monitored(&[(GIT_COUNT, "many")]);
        assert_eq!(unreadable.len(), 3, "{unreadable:?}");
    }
}
