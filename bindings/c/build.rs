//! What the linker is told about `libhotplex.so`, the oldest C library that it runs with, and the link
//! under which programs look for it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// What is put before the C library at the link.
const SCRIPT: &str = "hotplex-floor.ld";

/// What `floor/glibc.c` names, by the library where it was until glibc 2.34.
const MOVED: [(&str, &[&str]); 2] = [
    (
        "libpthread.so.0",
        &[
            "pthread_create",
            "pthread_join",
            "pthread_detach",
            "pthread_key_create",
            "pthread_key_delete",
            "pthread_setspecific",
            "pthread_attr_getguardsize",
            "pthread_attr_getstack",
            "pthread_attr_setstacksize",
            "pthread_getattr_np",
            "pthread_sigmask",
            "pthread_setname_np",
        ],
    ),
    ("libdl.so.2", &["dlsym"]),
];

/// What programs that were linked with the library ask the loader for. The number is that of the
/// interface, `HOTPLEX_ABI_VERSION`.
const SONAME: &str = "libhotplex.so.0";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // rustc gives the library no name, and then a program would ask for the very file it was linked
    // with.
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,{SONAME}");
    // Threads of an engine may still run when a host lets go of the library.
    println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    keep_the_floor();
    link_by_soname();
}

/// Links `floor/glibc.c`, so that the library runs with glibc 2.28 whatever it is built with.
///
/// What it names stood in libpthread and libdl in those days. Their loader looks for a function up to the
/// library that it was linked from, so it has to be linked from there: from stand-ins with their names
/// and versions. All comes by a script of the linker, ahead of the C library that is there.
fn keep_the_floor() {
    const SOURCE: &str = "floor/glibc.c";
    println!("cargo::rerun-if-changed={SOURCE}");
    println!("cargo::rerun-if-env-changed=CC");
    let of_target = |name: &str| env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    let (first, setname) = match of_target("ARCH").as_str() {
        "x86_64" => ("GLIBC_2.2.5", "GLIBC_2.12"),
        "aarch64" => ("GLIBC_2.17", "GLIBC_2.17"),
        _ => return,
    };
    if of_target("ENV") != "gnu" || env::var("HOST") != env::var("TARGET") {
        return;
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let object = out.join("floor.o");
    let mut made = compiled(
        Command::new(compiler()).args(["-O2", "-fPIC", "-c", SOURCE]),
        &object,
    );
    let mut input = vec![object];
    for (library, functions) in MOVED {
        let versions = functions.iter().map(|function| match *function {
            "pthread_setname_np" => (*function, setname),
            _ => (*function, first),
        });
        // Not by its own name: cargo has the loader of every test look into this directory.
        let file = out.join(format!("floor-{library}"));
        made &= stand_in(&file, library, &versions.collect::<Vec<_>>());
        input.push(file);
    }
    let quoted = input.iter().map(|file| format!("\"{}\"", file.display()));
    let script = format!("INPUT({})\n", quoted.collect::<Vec<_>>().join(" "));
    if !made || fs::write(out.join(SCRIPT), script).is_err() {
        println!(
            "cargo::warning={SOURCE} does not compile: libhotplex.so needs this machine's glibc"
        );
        return;
    }
    println!("cargo::rustc-link-search=native={}", out.display());
    println!("cargo::rustc-link-lib=dylib:+verbatim={SCRIPT}");
}

/// A library of this name that has these functions, each in its version. It is linked with and never run.
fn stand_in(file: &Path, name: &str, functions: &[(&str, &str)]) -> bool {
    let source = file.with_extension("c");
    let map = file.with_extension("map");
    let mut versions: Vec<_> = functions.iter().map(|(_, version)| version).collect();
    versions.dedup();
    let bodies = functions
        .iter()
        .map(|(name, _)| format!("void {name}(void) {{}}\n"));
    let nodes = versions.into_iter().map(|version| {
        let names = functions.iter().filter(|(_, of)| of == version);
        let names = names
            .map(|(name, _)| format!(" {name};"))
            .collect::<String>();
        format!("{version} {{ global:{names} }};\n")
    });
    let written = fs::write(&source, bodies.collect::<String>())
        .and_then(|()| fs::write(&map, nodes.collect::<String>()));
    let mut command = Command::new(compiler());
    command.args(["-shared", "-nostdlib", "-fPIC", "-fno-builtin", "-w"]);
    command.arg(format!("-Wl,-soname,{name}"));
    command.arg(format!("-Wl,--version-script={}", map.display()));
    written.is_ok() && compiled(command.arg(source), file)
}

fn compiler() -> OsString {
    env::var_os("CC").unwrap_or_else(|| "cc".into())
}

fn compiled(command: &mut Command, into: &Path) -> bool {
    let status = command.arg("-o").arg(into).status();
    status.is_ok_and(|status| status.success())
}

/// Beside the library, so that a program can be run against the build's own directory. Without the
/// link everything works but that, so it is no error if it cannot be made.
fn link_by_soname() {
    // <profile>/build/<package>/out
    let out = env::var_os("OUT_DIR").unwrap_or_default();
    if let Some(profile) = Path::new(&out).ancestors().nth(3) {
        let _ = std::os::unix::fs::symlink("libhotplex.so", profile.join(SONAME));
    }
}
