//! `make install`, and a program that finds what it put there through pkg-config.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{Stage, all_of, built, done, root};

/// Installs the library that the tests have built already.
fn install(arguments: &[String]) {
    let target = built().parent().expect("the target directory");
    let mut make = Command::new("make");
    make.args(["install", "PROFILE=debug"]).args(arguments);
    done(make.current_dir(root()).env("CARGO_TARGET_DIR", target));
}

fn pkg_config(installed: &Path, arguments: &[&str]) -> Vec<String> {
    let mut command = Command::new("pkg-config");
    command.env("PKG_CONFIG_PATH", installed.join("lib/pkgconfig"));
    let flags = done(command.args(arguments).arg("hotplex"));
    flags.split_whitespace().map(str::to_owned).collect()
}

/// Asks the stand-in agent and gets its answer.
fn say_hello(stage: &Stage, program: &Path, libraries: &Path) {
    let mut command = stage.command(program);
    command.env("LD_LIBRARY_PATH", libraries);
    command.arg(built().join("stand-in-agent")).arg("hello");
    let output = stage.run(&mut command);
    assert!(output.status.success(), "{}", all_of(&output));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("echo: hello"), "{said}");
}

#[test]
fn a_program_is_built_against_what_was_installed() {
    let stage = Stage::new("install");
    let prefix = stage.directory.join("usr");
    install(&[format!("PREFIX={}", prefix.display())]);

    let version = pkg_config(&prefix, &["--modversion"]);
    assert_eq!(version, [env!("CARGO_PKG_VERSION")]);
    let library = prefix.join("lib/libhotplex.so");
    let real = fs::canonicalize(&library).expect("the links lead to the library");
    let name = format!("libhotplex.so.{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(
        real.file_name().and_then(|name| name.to_str()),
        Some(&*name)
    );
    assert!(prefix.join("lib/libhotplex.so.0").exists());

    let hello = root().join("bindings/c/examples/hello.c");
    let nowhere = stage.directory.join("nowhere");
    let ways = [
        ("shared", ["--cflags", "--libs"].as_slice(), [].as_slice()),
        ("static", &["--static", "--cflags", "--libs"], &["-static"]),
    ];
    for (way, questions, options) in ways {
        let program = stage.directory.join(way);
        let mut compiler = Command::new("cc");
        compiler.args(options).arg(&hello).arg("-o").arg(&program);
        done(compiler.args(pkg_config(&prefix, questions)));
        let libraries = match way {
            "shared" => &prefix.join("lib"),
            _ => &nowhere,
        };
        say_hello(&stage, &program, libraries);
    }
}

#[test]
fn packagers_install_below_a_directory_of_theirs() {
    let stage = Stage::new("destdir");
    let below = stage.directory.join("package");
    install(&[
        "PREFIX=/usr".to_owned(),
        "LIBDIR=/usr/lib/here".to_owned(),
        format!("DESTDIR={}", below.display()),
    ]);
    for file in [
        "include/hotplex.h",
        "lib/here/libhotplex.so",
        "lib/here/libhotplex.a",
    ] {
        assert!(below.join("usr").join(file).exists(), "{file}");
    }
    let pc = fs::read_to_string(below.join("usr/lib/here/pkgconfig/hotplex.pc"));
    let pc = pc.expect("hotplex.pc");
    assert!(pc.contains("libdir=/usr/lib/here\n"), "{pc}");
    assert!(!pc.contains(&*below.to_string_lossy()), "{pc}");
    assert!(!pc.contains('@'), "{pc}");
}
