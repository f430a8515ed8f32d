//! The tests that are written in C, each as it is, under AddressSanitizer and LeakSanitizer, and
//! under valgrind. What each of them promises stands in `c/`.

mod common;

use std::path::PathBuf;

use common::{Stage, all_of, c_compiler, compile};

/// The ways to run a program, each with eyes for other faults.
#[derive(Clone, Copy)]
enum Under {
    Nothing,
    Sanitizers,
    Valgrind,
}

fn source(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/c")
        .join(name)
}

fn run(name: &str, under: Under, arguments: &[&str]) -> std::process::Output {
    let stage = Stage::new(name);
    let program = stage.directory.join("program");
    let (compiler, standard) = match name.ends_with(".cpp") {
        true => ("c++".to_owned(), "-std=c++11"),
        false => (c_compiler(), "-std=gnu11"),
    };
    let sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    let mut options = vec![standard, "-O1"];
    if let Under::Sanitizers = under {
        options.extend(sanitizers);
    }
    let mut sources = vec![source(name)];
    if let Under::Valgrind = under {
        sources.push(source("pidfd.c"));
    }
    compile(&compiler, &options, &sources, &program);
    let mut command = match under {
        Under::Valgrind => {
            let mut valgrind = stage.command("valgrind");
            // What other threads held when it forked is lost in a child, where they are not.
            let leaks = if name == "forks.c" { "no" } else { "full" };
            valgrind.args(["--quiet", "--error-exitcode=99"]);
            valgrind.arg(format!("--leak-check={leaks}"));
            valgrind.args(["--errors-for-leak-kinds=definite,possible"]);
            valgrind.args(["--show-leak-kinds=definite,possible"]);
            valgrind.args(["--fair-sched=yes", "--child-silent-after-fork=yes"]);
            // The name that tells whose a block is stands deep below Rust's own.
            valgrind.arg("--num-callers=40");
            let known = source("valgrind.supp");
            valgrind.arg(format!("--suppressions={}", known.display()));
            valgrind.env("THIN", "").arg(program);
            valgrind
        }
        _ => stage.command(program),
    };
    if name == "forks.c" {
        // The same as for valgrind, above.
        command.env("ASAN_OPTIONS", "detect_leaks=0");
    }
    stage.run(command.args(arguments))
}

fn passes(name: &str, under: Under) {
    let output = run(name, under, &[]);
    assert!(output.status.success(), "{name}: {}", all_of(&output));
}

/// A test for each program and each way to run it.
macro_rules! programs {
    ($($name:ident: $file:literal;)*) => {
        $(mod $name {
            use super::{Under, passes};

            #[test]
            fn as_it_is() {
                passes($file, Under::Nothing);
            }

            #[test]
            fn under_sanitizers() {
                passes($file, Under::Sanitizers);
            }

            #[test]
            fn under_valgrind() {
                passes($file, Under::Valgrind);
            }
        })*
    };
}

programs! {
    basics: "basics.c";
    misuse: "misuse.c";
    hosts: "hosts.c";
    turns: "turns.c";
    taking: "taking.c";
    endings: "endings.c";
    forks: "forks.c";
    last_words: "last_words.c";
    guard: "guard.c";
    crowds: "crowds.c";
}

#[test]
fn exceptions_leave_callbacks() {
    passes("exceptions.cpp", Under::Nothing);
}

/// The stage finds out whether an agent is left.
#[test]
fn a_host_may_end_with_an_engine_at_work() {
    use std::os::unix::process::ExitStatusExt;
    for how in ["return", "exit", "free", "abort", "callback"] {
        let output = run("abandoned.c", Under::Nothing, &[how]);
        let status = output.status;
        let expected = match how {
            "abort" => status.signal() == Some(6),
            _ => status.code() == Some(7),
        };
        assert!(expected, "{how}: {}", all_of(&output));
    }
}
