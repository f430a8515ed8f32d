//! What the linker is told about `libhotplex.so`, and the link under which programs look for it.

use std::path::Path;

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
    link_by_soname();
}

/// Beside the library, so that a program can be run against the build's own directory. Without the
/// link everything works but that, so it is no error if it cannot be made.
fn link_by_soname() {
    // <profile>/build/<package>/out
    let out = std::env::var_os("OUT_DIR").unwrap_or_default();
    if let Some(profile) = Path::new(&out).ancestors().nth(3) {
        let _ = std::os::unix::fs::symlink("libhotplex.so", profile.join(SONAME));
    }
}
