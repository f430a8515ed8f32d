//! The Dockerfile, as far as it can be tested where no image can be built: that what it copies, builds,
//! calls and asks for is there.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::daemon::Stage;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Instructions and their arguments, in order; lines that go on are joined.
fn instructions() -> Vec<(String, String)> {
    let text = read("crates/hotplexd/docker/Dockerfile").replace("\\\n", " ");
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let split = lines.map(|line| {
        line.split_once(' ')
            .expect("an instruction and its arguments")
    });
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    split
        .map(|(name, rest)| (name.to_owned(), words(rest)))
        .collect()
}

fn last<'a>(instructions: &'a [(String, String)], name: &str) -> &'a str {
    let found = instructions.iter().rev().find(|(known, _)| known == name);
    found.map_or_else(|| panic!("no {name}"), |(_, rest)| rest)
}

/// Places of an instruction in the first and in the second stage.
fn stages(instructions: &[(String, String)]) -> [&[(String, String)]; 2] {
    let second = instructions.iter().rposition(|(name, _)| name == "FROM");
    let (build, run) = instructions.split_at(second.expect("two stages"));
    [build, run]
}

#[test]
fn it_is_built_as_the_makefile_builds_it_from_what_the_repository_has() {
    let all = instructions();
    let [build, run] = stages(&all);
    let makefile = read("Makefile");
    let (_, recipe) = makefile.split_once("\nhotplexd:\n\t").expect("a recipe");
    let recipe = recipe.lines().next().unwrap_or_default();
    assert_eq!(last(build, "RUN").replace(" --locked", ""), recipe);
    // All that is committed is copied: nothing that cargo wants is ignored.
    assert_eq!(last(build, "COPY"), ". .");
    let ignored = read("crates/hotplexd/docker/Dockerfile.dockerignore");
    assert_eq!(
        ignored.lines().collect::<Vec<_>>(),
        [".git", "target", "**/node_modules"]
    );
    // What is copied on is what that command makes, where it makes it.
    let copied = last(run, "COPY");
    assert_eq!(
        copied,
        "--from=build /src/target/daemon/hotplexd /usr/local/bin/hotplexd"
    );
    assert_eq!(
        (last(build, "WORKDIR"), last(run, "ENTRYPOINT")),
        ("/src", "[\"hotplexd\"]")
    );
}

#[test]
fn its_compiler_is_new_enough() {
    let all = instructions();
    let (image, stage) = all[0].1.split_once(" AS ").expect("a named stage");
    let version = image
        .strip_prefix("rust:")
        .and_then(|tag| tag.split('-').next());
    let manifest: HashMap<String, Value> =
        toml::from_str(&read("crates/hotplexd/Cargo.toml")).expect("a manifest");
    let wanted = manifest["package"]["rust-version"].as_str();
    assert_eq!((version, stage), (wanted, "build"));
}

#[test]
fn it_runs_as_nobody_special_and_keeps_what_restarts_need() {
    let all = instructions();
    let [_, run] = stages(&all);
    assert_eq!(last(run, "USER"), "hotplex");
    let unit = read("crates/hotplexd/systemd/hotplexd.service");
    let environment = unit
        .lines()
        .find_map(|line| line.strip_prefix("Environment="));
    assert_eq!(environment, Some(last(run, "ENV")), "as below systemd");
    let volumes: Vec<String> = serde_json::from_str(last(run, "VOLUME")).expect("a list");
    assert_eq!(volumes, ["/var/lib/hotplex", "/work"]);
}

#[test]
fn the_daemon_takes_its_arguments_and_serves_what_the_health_check_asks() {
    let all = instructions();
    let [_, run] = stages(&all);
    let (_, check) = last(run, "HEALTHCHECK")
        .split_once("CMD ")
        .expect("a command");
    let check: Vec<String> = serde_json::from_str(check).expect("a list");
    let path = check
        .last()
        .and_then(|url| url.strip_prefix("http://127.0.0.1:8080"));
    let described: Value = serde_json::from_str(&read("docs/openapi.json")).expect("JSON");
    assert!(described["paths"][path.expect("a path")]["get"].is_object());

    let stage = Stage::new("container");
    let arguments: Vec<String> = serde_json::from_str(last(run, "CMD")).expect("a list");
    let work = stage.work();
    let arguments = arguments.iter().map(|word| match word.as_str() {
        "/work" => work.as_str(),
        word => word,
    });
    let arguments: Vec<&str> = arguments.chain(["--print-config"]).collect();
    let output = stage.hotplexd(&arguments).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("0.0.0.0:8080"),
        "{said}"
    );
}
