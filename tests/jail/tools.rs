//! Build tools work in the jail: with caches of the jail's own in a home that has none yet, and wherever
//! the engine's `env` says that a cache is.
//!
//! The tools that few machines have are below `target/tools`: `make build-tools` puts them there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::Stage;
use crate::common::skipped::skip_row;
use crate::work::{has, run, stage};

/// A tool and a command of it that fills its cache.
struct Row {
    program: &'static str,
    variable: &'static str,
    command: &'static str,
    /// Where the cache is below the jail's own, if no variable says where it is.
    usual: &'static str,
    /// What is in the cache afterwards.
    filled: &'static str,
}

const fn row(
    program: &'static str,
    variable: &'static str,
    command: &'static str,
    usual: &'static str,
    filled: &'static str,
) -> Row {
    Row {
        program,
        variable,
        command,
        usual,
        filled,
    }
}

const COMPILERS: [Row; 7] = [
    row(
        "go",
        "GOCACHE",
        "go build -o x . && ./x",
        "xdg_cache_home/go-build",
        "README",
    ),
    row(
        "go",
        "GOMODCACHE",
        "GOPROXY=file://$PWD/proxy GONOSUMDB=* GOFLAGS=-modcacherw go mod download example.com/m@v1.0.0",
        "gopath/pkg/mod",
        "example.com/m@v1.0.0/m.go",
    ),
    row(
        "go",
        "GOPATH",
        "GOPROXY=file://$PWD/proxy GONOSUMDB=* GOFLAGS=-modcacherw go mod download example.com/m@v1.0.0",
        "gopath",
        "pkg/mod/example.com/m@v1.0.0/m.go",
    ),
    row(
        "cargo",
        "CARGO_HOME",
        BUILD_WITH_GIT,
        "cargo_home",
        "git/db",
    ),
    // What is built stays in the work directory.
    row(
        "cargo",
        "CARGO_TARGET_DIR",
        "cargo build -q --offline",
        "",
        "debug/x",
    ),
    row(
        "cargo",
        "CARGO_BUILD_TARGET_DIR",
        "cargo build -q --offline",
        "",
        "debug/x",
    ),
    row(
        "ccache",
        "CCACHE_DIR",
        "ccache gcc -c -o x.o package/x.c",
        "xdg_cache_home/ccache",
        "tmp",
    ),
];

const BUILD_WITH_GIT: &str = "git init -q dep && cd dep && cargo init -q --lib --vcs none --name dep \
     && git add . && git -c user.name=t -c user.email=t@example.com commit -q -m one && cd .. \
     && sed \"s|@|$PWD|\" dependency.toml >> Cargo.toml \
     && cargo build -q";

const NODE: [Row; 9] = [
    row(
        "npm",
        "npm_config_cache",
        "npm cache add ./package.tgz --offline",
        "npm_config_cache",
        "_cacache/index-v5",
    ),
    row(
        "npm",
        "NPM_CONFIG_CACHE",
        "npm cache add ./package.tgz --offline",
        "npm_config_cache",
        "_cacache/index-v5",
    ),
    row(
        "npx",
        "npm_config_cache",
        "npx --yes --offline ./package.tgz",
        "npm_config_cache",
        "_npx",
    ),
    row(
        "yarn",
        "YARN_CACHE_FOLDER",
        "yarn add --offline --silent --ignore-engines file:./package.tgz",
        "xdg_cache_home/yarn",
        "v6",
    ),
    row(
        "yarn-berry",
        "YARN_GLOBAL_FOLDER",
        "touch yarn.lock && YARN_ENABLE_TELEMETRY=0 YARN_NODE_LINKER=node-modules \
         yarn-berry add dep@file:./package.tgz",
        "yarn_global_folder",
        "cache",
    ),
    row(
        "pnpm",
        "pnpm_config_store_dir",
        "pnpm add --offline ./package.tgz",
        "npm_config_store_dir",
        "v11",
    ),
    // What is in its cache has a name by its content.
    row(
        "bun",
        "BUN_INSTALL_CACHE_DIR",
        "bun add ./package.tgz && ls \"$BUN_INSTALL_CACHE_DIR\" | grep @T@",
        "bun_install_cache_dir",
        "",
    ),
    row(
        "deno",
        "DENO_DIR",
        "deno run m.ts",
        "xdg_cache_home/deno",
        "gen",
    ),
    row(
        "corepack",
        "XDG_CACHE_HOME",
        "corepack install -g --cache-only ./manager.tgz",
        "xdg_cache_home",
        "node/corepack/v1/yarn/1.22.99/bin/yarn.js",
    ),
];

/// Of what it builds itself from a package of sources it keeps the result.
const PIP: &str = "python3 -m venv v \
     && v/bin/pip install -q --no-index --disable-pip-version-check ./x-1.0.tar.gz";

const PYTHON: [Row; 4] = [
    row(
        "uv",
        "UV_CACHE_DIR",
        "uv venv -q --offline v && uv pip install --python v -q --offline --no-index ./x-1.0-py3-none-any.whl",
        "xdg_cache_home/uv",
        "archive-v0",
    ),
    row("pip3", "PIP_CACHE_DIR", PIP, "xdg_cache_home/pip", "wheels"),
    row(
        "pip3",
        "XDG_CACHE_HOME",
        PIP,
        "xdg_cache_home",
        "pip/wheels",
    ),
    row(
        "pre-commit",
        "XDG_CACHE_HOME",
        "git init -q . && git add .pre-commit-config.yaml && pre-commit run -a",
        "xdg_cache_home",
        "pre-commit/db.db",
    ),
];

const JAVA: [Row; 2] = [
    row(
        "gradle",
        "GRADLE_USER_HOME",
        "gradle --offline --no-daemon -q help",
        "gradle_user_home",
        "caches",
    ),
    row(
        "mvn",
        "MAVEN_USER_HOME",
        "mvn -o -X validate | grep -F \"Using local repository at ${MAVEN_USER_HOME}/repository\"",
        "maven_user_home",
        "repository",
    ),
];

/// Where `make build-tools` puts programs.
fn own_programs() -> PathBuf {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    scratch.parent().unwrap_or(scratch).join("tools/bin")
}

/// The search path with these programs before all others.
fn search_path() -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    format!("{}:{path}", own_programs().display())
}

fn is_there(program: &str) -> bool {
    own_programs().join(program).exists() || has(program)
}

fn project(directory: &Path) {
    for folder in [
        "src",
        "package",
        "proxy/example.com/m/@v",
        "x-1.0",
        "yarn/1.22.99/bin",
    ] {
        fs::create_dir_all(directory.join(folder)).expect("a directory");
    }
    for (name, content) in [
        ("go.mod", "module x\n\ngo 1.20\n"),
        ("main.go", "package main\nfunc main() {}\n"),
        (
            "proxy/example.com/m/@v/v1.0.0.info",
            "{\"Version\":\"v1.0.0\"}",
        ),
        (
            "proxy/example.com/m/@v/v1.0.0.mod",
            "module example.com/m\n",
        ),
        (
            "Cargo.toml",
            "[package]\nname = \"x\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n",
        ),
        ("src/main.rs", "fn main() {}\n"),
        (
            "dependency.toml",
            "[dependencies]\ndep = { git = \"file://@/dep\" }\n",
        ),
        ("package.json", "{\"name\":\"x\",\"private\":true}"),
        (
            "package/package.json",
            "{\"name\":\"dep\",\"version\":\"1.0.0\",\"bin\":{\"dep\":\"x.js\"}}",
        ),
        ("package/x.js", "#!/usr/bin/env node\n"),
        ("package/x.c", "int x;\n"),
        ("m.ts", "const x: number = 1;\nconsole.log(x);\n"),
        (".pre-commit-config.yaml", HOOKS),
        ("yarn/1.22.99/.corepack", MANAGER),
        ("yarn/1.22.99/bin/yarn.js", "\n"),
        ("pom.xml", POM),
        ("settings.gradle", ""),
        ("packages.py", PACKAGES),
        ("x-1.0/pyproject.toml", PYPROJECT),
        (
            "x-1.0/PKG-INFO",
            "Metadata-Version: 2.1\nName: x\nVersion: 1.0\n",
        ),
        ("x-1.0/backend.py", BACKEND),
    ] {
        fs::write(directory.join(name), content).expect("a file");
    }
    let packed = Command::new("python3")
        .arg("packages.py")
        .current_dir(directory)
        .status();
    assert!(packed.expect("python3 starts").success());
}

const POM: &str = "<project><modelVersion>4.0.0</modelVersion><groupId>x</groupId>\
     <artifactId>x</artifactId><version>1</version><packaging>pom</packaging></project>";

const HOOKS: &str = "repos:\n- repo: local\n  hooks:\n  - id: a\n    name: a\n    entry: echo\n    language: system\n";

/// A package manager as corepack packs it.
const MANAGER: &str = r#"{"locator":{"name":"yarn","reference":"1.22.99"},"bin":{"yarn":"./bin/yarn.js"},"hash":"sha512.0"}"#;

const PYPROJECT: &str =
    "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n";

/// Builds a wheel without anything that would have to be fetched.
const BACKEND: &str = r#"
import os, zipfile

def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = "x-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as wheel:
        wheel.writestr("x.py", "")
        wheel.writestr("x-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: x\nVersion: 1.0\n")
        tag = "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr("x-1.0.dist-info/WHEEL", tag)
        wheel.writestr("x-1.0.dist-info/RECORD", "x.py,,\nx-1.0.dist-info/METADATA,,\n"
            "x-1.0.dist-info/WHEEL,,\nx-1.0.dist-info/RECORD,,\n")
    return name
"#;

/// The packages that the tools are to install.
const PACKAGES: &str = r#"
import sys, tarfile, zipfile
sys.path.insert(0, "x-1.0")
import backend
backend.build_wheel(".")
for name, folder in [("package.tgz", "package"), ("x-1.0.tar.gz", "x-1.0"), ("manager.tgz", "yarn")]:
    with tarfile.open(name, "w:gz") as file:
        file.add(folder)
with zipfile.ZipFile("proxy/example.com/m/@v/v1.0.0.zip", "w") as module:
    module.writestr("example.com/m@v1.0.0/go.mod", "module example.com/m\n")
    module.writestr("example.com/m@v1.0.0/m.go", "package m\n")
"#;

/// Each row twice: where its variable says, and in a home that has no cache. In CI no tool is missing.
fn assert_used(rows: &[Row]) {
    let Some(stage) = stage() else { return };
    for (at, row) in rows.iter().enumerate() {
        if !is_there(row.program) {
            let why = format!("{} is not installed", row.program);
            assert!(
                std::env::var_os("CI").is_none_or(|ci| ci != "true"),
                "{why}"
            );
            skip_row(&why);
            continue;
        }
        let place = stage.path(&format!("cache-{at}"));
        assert_fills(&stage, row, &format!("named-{at}"), Some(&place));
        if !row.usual.is_empty() {
            assert_fills(&stage, row, &format!("usual-{at}"), None);
        }
    }
}

fn assert_fills(stage: &Stage, row: &Row, name: &str, named: Option<&Path>) {
    let work_dir = stage.path(name);
    project(&work_dir);
    let path = search_path();
    let place = named.map(|place| place.display().to_string());
    let mut variables = vec![
        ("PATH", path.as_str()),
        ("npm_config_update_notifier", "false"),
    ];
    variables.extend(place.as_deref().map(|place| (row.variable, place)));
    let (well, said) = run(stage, &variables, &work_dir, row.command);
    assert!(well, "{} {name}: {said}", row.variable);
    let usual = stage.path("state/caches").join(row.usual);
    let cache = named.map_or(usual, Path::to_owned);
    let filled = cache.join(row.filled).exists();
    assert!(
        filled,
        "{} {name}: nothing is in {}: {said}",
        row.variable,
        cache.display()
    );
    let home: Vec<_> = fs::read_dir(stage.home())
        .expect("a home")
        .flatten()
        .collect();
    let written = home
        .iter()
        .find(|entry| entry.file_name() != ".claude" && entry.file_name() != ".local");
    assert!(
        written.is_none(),
        "{}: written in the home: {written:?}",
        row.variable
    );
}

#[test]
fn compilers_fill_their_caches() {
    assert_used(&COMPILERS);
}

#[test]
fn npm_and_those_beside_it_fill_their_caches() {
    assert_used(&NODE);
}

#[test]
fn tools_of_python_fill_their_caches() {
    assert_used(&PYTHON);
}

#[test]
fn gradle_and_maven_fill_their_caches() {
    assert_used(&JAVA);
}
