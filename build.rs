//! Compiles the program that agents start as their hook, which the library carries.
//!
//! It is linked statically where that can be done, so that it starts in a jail and on a system whose
//! C library is older than that of the machine it was built on.

#![allow(
    clippy::print_stdout,
    reason = "it is how a build script speaks to cargo"
)]

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = "src/provider/hook_program/main.rs";

fn main() {
    println!("cargo::rerun-if-changed={SOURCE}");
    let out = PathBuf::from(variable("OUT_DIR")).join("hook");
    // A documentation build has no linker that it could count on.
    if env::var_os("DOCS_RS").is_some() {
        std::fs::write(&out, b"").expect("OUT_DIR can be written");
        return;
    }
    if compile(&out, &["-Ctarget-feature=+crt-static"]).is_err()
        && let Err(why) = compile(&out, &[])
    {
        panic!("{SOURCE} cannot be compiled: {why}");
    }
}

fn compile(out: &Path, flags: &[&str]) -> Result<(), String> {
    let mut rustc = Command::new(variable("RUSTC"));
    rustc.args(["--edition=2024", "--crate-type=bin", "--crate-name=hook"]);
    rustc.args([
        "-Copt-level=s",
        "-Cpanic=abort",
        "-Cstrip=symbols",
        "-Clto=fat",
    ]);
    rustc.arg("--target").arg(variable("TARGET"));
    if let Some(linker) = env::var_os("RUSTC_LINKER") {
        let mut flag = OsString::from("-Clinker=");
        flag.push(linker);
        rustc.arg(flag);
    }
    rustc.args(flags).arg("-o").arg(out).arg(SOURCE);
    let output = rustc.output().map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

fn variable(name: &str) -> OsString {
    env::var_os(name).expect("cargo sets it")
}
