//! What the linker is told about `libhotplex.so`, the oldest C library that it runs with, and the link
//! under which programs look for it.

use std::env;
use std::path::Path;
use std::process::Command;

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

/// Links `floor/glibc.c`, so that the library runs with glibc 2.28 whatever it is built with. What it
/// names stood in libpthread and libdl in those days.
fn keep_the_floor() {
    const SOURCE: &str = "floor/glibc.c";
    println!("cargo::rerun-if-changed={SOURCE}");
    println!("cargo::rerun-if-env-changed=CC");
    let of_target = |name: &str| env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    let is_known = ["x86_64", "aarch64"].contains(&of_target("ARCH").as_str());
    if of_target("ENV") != "gnu" || !is_known || env::var("HOST") != env::var("TARGET") {
        return;
    }
    let object = Path::new(&env::var_os("OUT_DIR").unwrap_or_default()).join("floor.o");
    let compiler = env::var_os("CC").unwrap_or_else(|| "cc".into());
    let compiled = Command::new(compiler)
        .args(["-O2", "-fPIC", "-c", SOURCE, "-o"])
        .arg(&object)
        .status();
    if !compiled.is_ok_and(|status| status.success()) {
        println!(
            "cargo::warning={SOURCE} does not compile: libhotplex.so needs this machine's glibc"
        );
        return;
    }
    println!("cargo::rustc-cdylib-link-arg={}", object.display());
    for argument in [
        "-Wl,--push-state,--no-as-needed",
        "-l:libpthread.so.0",
        "-l:libdl.so.2",
        "-Wl,--pop-state",
    ] {
        println!("cargo::rustc-cdylib-link-arg={argument}");
    }
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
