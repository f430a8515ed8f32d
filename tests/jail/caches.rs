//! What a user's tools run later without a jail, nobody in one plants: in the user's caches, nor over what
//! is seen of them in the jail's own.

use std::fs;
use std::path::Path;

use crate::common::Stage;
use crate::work::{run_in, stage};
use hotplex::Jail;

/// Directories of a home whose files its tools run, or build from without another look.
const RUN_LATER: [&str; 29] = [
    ".cache/corepack",
    ".cache/go-build/00",
    ".cache/huggingface/hub/models--x--y",
    ".cache/ms-playwright/chromium-1",
    ".cache/node/corepack/v1/yarn/4.0.0",
    ".cache/pip/wheels",
    ".cache/pre-commit/repo",
    ".cache/puppeteer/chrome/linux-1",
    ".cache/uv/archive-v0",
    ".bun/install/cache/x@1.0.0",
    ".cargo/bin",
    ".cargo/git/checkouts/x",
    ".cargo/registry/cache/index",
    ".cargo/registry/index/index/.cache/x",
    ".cargo/registry/src/index/x-1.0.0",
    ".gradle/caches/modules-2",
    ".gradle/init.d",
    ".gradle/wrapper/dists/gradle-8-bin/hash/gradle-8",
    ".local/bin",
    ".local/share/pnpm/store/v10/files",
    ".m2/repository/g/a/1",
    ".m2/wrapper/dists/maven-3/hash/bin",
    ".npm/_cacache/content-v2/sha512/00",
    ".npm/_npx/hash/node_modules/.bin",
    ".nuget/packages/x/1.0.0",
    ".yarn/berry/cache",
    "go/bin",
    "go/pkg/mod/cache/download/example.com/m/@v",
    "go/pkg/mod/example.com/m@v1.0.0",
];

/// Longer than what is copied into the jail's own.
const LENGTH: usize = 100_000;

fn plant_as_user(stage: &Stage) {
    for directory in RUN_LATER {
        let directory = stage.home().join(directory);
        fs::create_dir_all(&directory).expect("a directory");
        fs::write(directory.join("program"), "k".repeat(LENGTH)).expect("a file");
        fs::write(directory.join("list"), "kept").expect("a file");
    }
    fs::write(stage.home().join(".cargo/config.toml"), "# kept").expect("a file");
}

fn assert_untouched(home: &Path, after: &str) {
    for directory in RUN_LATER {
        let directory = home.join(directory);
        let names = fs::read_dir(&directory).expect("it is there").flatten();
        let mut names: Vec<_> = names.map(|entry| entry.file_name()).collect();
        names.sort();
        assert_eq!(names, ["list", "program"], "{directory:?} after {after}");
        let program = fs::read_to_string(directory.join("program")).expect("it is there");
        assert!(program == "k".repeat(LENGTH), "{directory:?} after {after}");
        let list = fs::read_to_string(directory.join("list")).expect("it is there");
        assert_eq!(list, "kept", "{directory:?} after {after}");
    }
    let settings = fs::read_to_string(home.join(".cargo/config.toml"));
    assert_eq!(settings.expect("it is there"), "# kept");
}

#[test]
fn nothing_is_planted_in_the_users_caches() {
    let Some(stage) = stage() else { return };
    plant_as_user(&stage);
    let mut script = String::new();
    for directory in RUN_LATER {
        script += &format!(
            "d=\"$HOME/{directory}\"; echo x > \"$d/new\" && echo planted; rm -f \"$d/list\"; \
             echo x >> \"$d/program\"; mv -f mine \"$d/program\"; rm -rf \"$d\"; "
        );
    }
    // And by way of all that leads out of the jail's own.
    script += "find \"${XDG_CACHE_HOME%/*}\" | while read -r p; do \
         echo x >> \"$p\"; echo x > \"$p/new\"; rm -f \"$p/list\"; done; touch mine; \
         find \"${XDG_CACHE_HOME%/*}/\" -type l | wc -l";
    for jail in [Jail::Write, Jail::Strict] {
        let script = script.clone().replace('\n', " ");
        let (_, said) = run_in(&stage, jail, &[], &stage.path("work"), &script);
        assert!(!said.contains("planted"), "{jail:?}: {said}");
        assert_untouched(&stage.home(), jail.as_str());
    }
}

#[test]
fn what_the_user_has_fetched_is_seen_in_the_jails_own() {
    let Some(stage) = stage() else { return };
    plant_as_user(&stage);
    let seen = [
        "$XDG_CACHE_HOME/ms-playwright/chromium-1/program",
        "$XDG_CACHE_HOME/node/corepack/v1/yarn/4.0.0/program",
        "$npm_config_cache/_cacache/content-v2/sha512/00/program",
        "$CARGO_HOME/registry/cache/index/program",
        "$GOPATH/pkg/mod/cache/download/example.com/m/@v/program",
        "$GRADLE_USER_HOME/wrapper/dists/gradle-8-bin/hash/gradle-8/program",
        "$MAVEN_USER_HOME/repository/g/a/1/program",
    ];
    let files = seen.map(|file| format!("\"{file}\"")).join(" ");
    let command = format!("cat {files} | wc -c; cat \"$CARGO_HOME/config.toml\"");
    for jail in [Jail::Write, Jail::Strict] {
        let (well, said) = run_in(&stage, jail, &[], &stage.path("work"), &command);
        let expected = format!("{}\n# kept", LENGTH * seen.len());
        assert!(well && said.trim() == expected, "{jail:?}: {said}");
    }
}

/// The next engine opens what is there by name.
#[test]
fn a_cache_that_an_agent_replaced_by_a_link_leads_no_later_agent_out() {
    let Some(stage) = stage() else { return };
    plant_as_user(&stage);
    let replace = "rm -rf \"$CARGO_HOME\" \"$GOPATH\"; ln -s \"$HOME\" \"$CARGO_HOME\"; \
         ln -s \"$HOME/.npm\" \"$GOPATH\"; rm -rf \"${CARGO_HOME%/*}\"; echo done";
    let plant = "echo x > \"$CARGO_HOME/.cargo/bin/new\"; echo x > \"$GOPATH/new\"; \
         mv \"${CARGO_HOME%/*}\" \"${CARGO_HOME%/*}-away\" && echo moved; echo done";
    for command in [replace, plant, plant] {
        let (_, said) = run_in(&stage, Jail::Write, &[], &stage.path("work"), command);
        let said = said.trim();
        assert!(said.ends_with("done") && !said.contains("moved"), "{said}");
        assert_untouched(&stage.home(), command);
    }
}
