//! The committed header is the one that the sources make. `make header` writes it anew.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn generated() -> String {
    let config = cbindgen::Config::from_file(root().join("cbindgen.toml")).expect("cbindgen.toml");
    let header = cbindgen::Builder::new()
        .with_crate(env!("CARGO_MANIFEST_DIR"))
        .with_config(config)
        .generate()
        .expect("a header");
    let mut text = Vec::new();
    header.write(&mut text);
    String::from_utf8(text).expect("text")
}

#[test]
fn the_header_is_the_one_that_the_sources_make() {
    let path = root().join("include/hotplex.h");
    let made = generated();
    if std::env::var_os("HOTPLEX_WRITE_HEADER").is_some() {
        fs::write(&path, &made).expect("the header can be written");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == made,
        "include/hotplex.h is not what the sources make: run `make header`"
    );
}
