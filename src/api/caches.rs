//! Where jailed build tools have their caches.
//!
//! A cache holds what is run later, outside the jail too: unpacked packages, built objects, downloaded
//! programs. No tool looks at these again before it uses them. So a jailed tool does not write the user's: its variable
//! names a directory of the jail's own, below the state directory. All jailed agents of that state
//! directory share it and it stays, so that it is filled once. What the user has fetched already is seen
//! there ([`seeds`](super::cache_seeds)).
//!
//! A cache that the engine's own `env` names is the operator's word, and is opened as it is.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::cache_seeds::{Seed, lay_seeds};
use super::environment_paths::{Variables, is_variable, joined, make_private};
use crate::private::{JAVA_OPTIONS, java_option};

/// Where one tool keeps what it can fetch or make again.
struct Cache {
    /// What names the tool's directory; the first is the one that is looked at.
    variables: &'static [&'static str],
    /// That directory in a home, if the variable is not set.
    usual: &'static str,
    /// What of the user's is seen in the jail's own.
    seeds: &'static [Seed],
    /// What is opened of one that the operator named. The rest is settings, credentials and programs.
    opened: &'static [&'static str],
}

/// All the way down: directories are the jail's own, files the user's.
const ALL: usize = usize::MAX;

const CACHES: [Cache; 10] = [
    Cache {
        variables: &["XDG_CACHE_HOME"],
        usual: ".cache",
        seeds: &[
            Seed("ms-playwright", 1),
            Seed("puppeteer", 2),
            Seed("Cypress", 1),
            Seed("node/corepack", 3),
            Seed("huggingface/hub", 1),
        ],
        opened: &[""],
    },
    Cache {
        variables: &["npm_config_cache"],
        usual: ".npm",
        // Not `_npx`, whose programs npx runs.
        seeds: &[
            Seed("_cacache/content-v2", ALL),
            Seed("_cacache/index-v5", ALL),
        ],
        opened: &[""],
    },
    Cache {
        variables: &["YARN_GLOBAL_FOLDER"],
        usual: ".yarn/berry",
        seeds: &[Seed("cache", 1)],
        opened: &[""],
    },
    Cache {
        // pnpm reads the second from release 11 on.
        variables: &["npm_config_store_dir", "pnpm_config_store_dir"],
        usual: ".local/share/pnpm/store",
        seeds: &[],
        opened: &[""],
    },
    Cache {
        variables: &["BUN_INSTALL_CACHE_DIR"],
        usual: ".bun/install/cache",
        seeds: &[Seed("", 1)],
        opened: &[""],
    },
    Cache {
        variables: &["NUGET_PACKAGES"],
        usual: ".nuget/packages",
        seeds: &[Seed("", 2)],
        opened: &[""],
    },
    Cache {
        variables: &["CARGO_HOME"],
        usual: ".cargo",
        // Not `registry/src`: cargo unpacks it anew.
        seeds: &[
            Seed("config.toml", 0),
            Seed("config", 0),
            Seed("credentials.toml", 0),
            Seed("credentials", 0),
            Seed("registry/cache", ALL),
            Seed("registry/index", ALL),
        ],
        opened: &[
            "registry",
            "git",
            // Locks, and a list of what was used when, beside its settings.
            ".package-cache",
            ".package-cache-mutate",
            ".global-cache",
        ],
    },
    Cache {
        variables: &["GOPATH"],
        usual: "go",
        // Not the unpacked modules: Go unpacks them anew and compares.
        seeds: &[Seed("src", 0), Seed("pkg/mod/cache/download", ALL)],
        opened: &["pkg"],
    },
    Cache {
        variables: &["GRADLE_USER_HOME"],
        usual: ".gradle",
        seeds: &[
            Seed("gradle.properties", 0),
            Seed("init.gradle", 0),
            Seed("init.gradle.kts", 0),
            Seed("init.d", 0),
            Seed("jdks", 1),
            Seed("wrapper/dists", 3),
        ],
        opened: &["caches", "daemon", "native", "wrapper"],
    },
    Cache {
        variables: &[MAVEN_HOME],
        usual: ".m2",
        seeds: &[Seed("repository", ALL), Seed("wrapper/dists", 3)],
        opened: &["repository", "wrapper"],
    },
];

/// What Maven's wrapper reads, and what Maven does.
const MAVEN_HOME: &str = "MAVEN_USER_HOME";
const MAVEN_OPTIONS: &str = "MAVEN_OPTS";

/// What else a variable names as a cache, as what is being built, or as room for that: each by the
/// documentation of its tool, with what is opened of one that the operator named. Where it is not set,
/// such a cache is in one of the above. What a tool installs, and a user runs later, has variables of
/// its own and is not among them.
const NAMED_CACHES: [(&str, &[&str]); 29] = [
    ("GOCACHE", &[""]),
    ("GOMODCACHE", &[""]),
    ("GOTMPDIR", &[""]),
    ("GOLANGCI_LINT_CACHE", &[""]),
    ("CARGO_TARGET_DIR", &[""]),
    ("CARGO_BUILD_TARGET_DIR", &[""]),
    ("CARGO_BUILD_BUILD_DIR", &[""]),
    ("SCCACHE_DIR", &[""]),
    ("CCACHE_DIR", &[""]),
    ("CCACHE_TEMPDIR", &[""]),
    ("UV_CACHE_DIR", &[""]),
    ("PIP_CACHE_DIR", &[""]),
    ("PIPENV_CACHE_DIR", &[""]),
    // Its environments are in the same directory.
    ("POETRY_CACHE_DIR", &["cache", "artifacts"]),
    ("PDM_CACHE_DIR", &[""]),
    ("MYPY_CACHE_DIR", &[""]),
    ("RUFF_CACHE_DIR", &[""]),
    ("HF_HOME", &[""]),
    ("YARN_CACHE_FOLDER", &[""]),
    ("npm_config_cache_dir", &[""]),
    ("DENO_DIR", &[""]),
    ("COMPOSER_CACHE_DIR", &[""]),
    ("ZIG_GLOBAL_CACHE_DIR", &[""]),
    ("ZIG_LOCAL_CACHE_DIR", &[""]),
    // Programs that it installed are in the same directory.
    ("PUB_CACHE", &["hosted", "git"]),
    ("TURBO_CACHE_DIR", &[""]),
    ("NX_CACHE_DIRECTORY", &[""]),
    ("BUNDLE_USER_CACHE", &[""]),
    ("VCPKG_DEFAULT_BINARY_CACHE", &[""]),
];

/// What jailed tools are told of their caches, and what they reach of these.
#[derive(Default)]
pub(super) struct Caches {
    pub(super) writable: Vec<PathBuf>,
    /// Where what is seen of the user's really is.
    pub(super) readable: Vec<PathBuf>,
    variables: Vec<(&'static str, OsString)>,
}

/// Finds the caches for an environment, and makes them. `is_named` says which variables the operator
/// set; `own` is the directory of the jail's own, which nobody but the engine can move or replace.
pub(super) fn caches(
    variables: &Variables<'_>,
    is_named: &dyn Fn(&str) -> bool,
    own: &Path,
) -> Caches {
    let mut found = Caches::default();
    make_private(own);
    // Where the state directory is in a place that agents write, this could be a link to anywhere.
    if fs::symlink_metadata(own).is_ok_and(|own| own.is_dir()) {
        found.writable.push(own.to_owned());
    }
    for cache in &CACHES {
        let named = cache.variables.iter().find(|name| is_named(name));
        match named.and_then(|name| variables.path(name)) {
            Some(place) => found.open(&place, cache.opened),
            None => found.take_own(cache, variables, own),
        }
    }
    for (variable, opened) in NAMED_CACHES {
        // A relative one is below the work directory, where the tool runs.
        let Some(place) = variables.path(variable) else {
            continue;
        };
        match is_named(variable) {
            true => found.open(&place, opened),
            false => found.tell(variable, own.join(variable.to_lowercase())),
        }
    }
    found.tell_maven(variables);
    found
}

impl Caches {
    /// Sets the variables, in place of what was inherited.
    pub(super) fn add_to(self, environment: &mut Vec<(OsString, OsString)>) {
        let is_own = |name: &OsString| {
            let mut own = self.variables.iter();
            own.any(|(own, _)| is_variable(name, own))
        };
        environment.retain(|(name, _)| !is_own(name));
        let own = self.variables.into_iter();
        environment.extend(own.map(|(name, value)| (name.into(), value)));
    }

    /// A missing one is made, because a jailed tool could not make it in the home and would give up, as
    /// npm 10 does (measured).
    fn open(&mut self, place: &Path, below: &[&str]) {
        for name in below {
            let place = joined(place, name);
            // A name that begins with a dot is a file's, which is the tool's to make.
            if !name.starts_with('.') {
                make_private(&place);
            }
            self.writable.push(place);
        }
    }

    fn take_own(&mut self, cache: &'static Cache, variables: &Variables<'_>, own: &Path) {
        let [first, ..] = cache.variables else { return };
        let usual = || Some(variables.path("HOME")?.join(cache.usual));
        let place = own.join(first.to_lowercase());
        if let Some(users) = variables.path(first).or_else(usual) {
            lay_seeds(&users, &place, cache.seeds);
            let seeds = cache.seeds.iter().map(|seed| joined(&users, seed.0));
            self.readable
                .extend(seeds.filter(|place| !has_secrets(place)));
        }
        for variable in cache.variables {
            self.tell(variable, place.clone());
        }
    }

    fn tell(&mut self, variable: &'static str, place: PathBuf) {
        self.variables.push((variable, place.into()));
    }

    /// Maven has no variable for its repository alone. Its script takes the options apart at blanks, so a
    /// place with a blank is told to its Java.
    fn tell_maven(&mut self, variables: &Variables<'_>) {
        const REPOSITORY: &str = "maven.repo.local";
        let mut told = self.variables.iter();
        let told = told.find(|(name, _)| *name == MAVEN_HOME);
        let told = told.and_then(|(_, place)| place.to_str());
        let Some(place) = told.or_else(|| variables.text(MAVEN_HOME)) else {
            return;
        };
        let mut given = [MAVEN_OPTIONS, JAVA_OPTIONS].map(|name| variables.text(name));
        if given.iter().flatten().any(|text| text.contains(REPOSITORY)) {
            return;
        }
        let option = java_option(REPOSITORY, &Path::new(place).join("repository"));
        let variable = match place.contains(char::is_whitespace) {
            true => JAVA_OPTIONS,
            false => MAVEN_OPTIONS,
        };
        let given = given[usize::from(variable == JAVA_OPTIONS)].take();
        let mut all = OsString::from(given.map_or_else(String::new, |given| format!("{given} ")));
        all.push(option);
        self.variables.push((variable, all));
    }
}

fn has_secrets(place: &Path) -> bool {
    let name = place.file_stem().unwrap_or_default();
    name == "credentials" || place.ends_with("gradle.properties")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    /// What is inherited gives way to the jail's own, whatever its case; what the operator names stays.
    #[test]
    fn an_inherited_cache_is_replaced_and_one_that_the_operator_names_is_opened() {
        let root = Scratch::new();
        let place = |name: &str| root.join(name);
        let inherited = [
            "GOCACHE",
            "CARGO_HOME",
            "NPM_Config_Cache",
            "UV_CACHE_DIR",
            "GOPATH",
        ];
        let mut environment = vec![("HOME".into(), place("home").into())];
        for name in inherited {
            environment.push((OsString::from(name), place(name).into()));
        }
        environment.push(("MAVEN_OPTS".into(), "-Xmx1g".into()));
        let is_named = |name: &str| ["UV_CACHE_DIR", "GOPATH"].contains(&name);
        let own = place("state/caches");
        let found = caches(&Variables(&environment), &is_named, &own);
        let expected = [own.clone(), place("GOPATH/pkg"), place("UV_CACHE_DIR")];
        assert_eq!(found.writable, expected);
        found.add_to(&mut environment);
        let variables = Variables(&environment);
        for (name, expected) in [
            ("GOCACHE", own.join("gocache")),
            ("CARGO_HOME", own.join("cargo_home")),
            ("npm_config_cache", own.join("npm_config_cache")),
            ("XDG_CACHE_HOME", own.join("xdg_cache_home")),
            ("GOPATH", place("GOPATH")),
            ("UV_CACHE_DIR", place("UV_CACHE_DIR")),
        ] {
            assert_eq!(variables.path(name), Some(expected), "{name}");
        }
        let options = format!(
            "-Xmx1g -Dmaven.repo.local={}/maven_user_home/repository",
            own.display()
        );
        assert_eq!(variables.text("MAVEN_OPTS"), Some(&*options));
        assert!(
            !environment
                .iter()
                .any(|(name, _)| name == "NPM_Config_Cache")
        );
    }

    #[test]
    fn maven_is_told_of_a_place_with_a_blank_too() {
        let root = Scratch::named("hotplex caches");
        let place = |name: &str| root.join(name);
        let environment = vec![
            ("HOME".into(), place("home").into()),
            ("MAVEN_OPTS".into(), "-Xmx1g".into()),
            ("JAVA_TOOL_OPTIONS".into(), "-Xss1m".into()),
        ];
        let found = caches(&Variables(&environment), &|_| false, &place("caches"));
        let told = |name: &str| found.variables.iter().find(|(found, _)| *found == name);
        assert_eq!(told("MAVEN_OPTS"), None, "it stays as it is");
        let expected = format!(
            "-Xss1m \"-Dmaven.repo.local={}/maven_user_home/repository\"",
            place("caches").display()
        );
        assert_eq!(
            told("JAVA_TOOL_OPTIONS"),
            Some(&("JAVA_TOOL_OPTIONS", expected.into()))
        );
    }
}
