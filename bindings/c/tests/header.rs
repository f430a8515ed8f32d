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

fn schema(name: &str) -> serde_json::Value {
    let path = root().join("schema").join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The constants of an enum of the header, by name without the prefix and in lower case.
fn constants(header: &str, kind: &str, prefix: &str) -> Vec<(String, i64)> {
    let (_, rest) = header
        .split_once(&format!("enum {kind} "))
        .expect("the enum is there");
    let body = rest.split('}').next().unwrap_or_default();
    let lines = body.lines().filter_map(|line| line.split_once(" = "));
    let constants = lines.filter_map(|(name, number)| {
        let name = name.trim().strip_prefix(prefix)?.to_lowercase();
        Some((name, number.trim().trim_end_matches(',').parse().ok()?))
    });
    constants.collect()
}

/// Every binding is held against the same file.
#[test]
fn the_numbers_are_those_of_the_schema() {
    let (header, schema, words) = (generated(), schema("abi.json"), schema("words.json"));
    let number = format!("#define HOTPLEX_ABI_VERSION {}\n", schema["abi_version"]);
    assert!(header.contains(&number), "{number}");
    for (kind, prefix, key) in [
        ("hotplex_status", "HOTPLEX_", "statuses"),
        ("hotplex_event_type", "HOTPLEX_EVENT_", "event_types"),
    ] {
        let mut made = constants(&header, kind, prefix);
        let listed = schema[key].as_object().expect("names and numbers").iter();
        let mut listed: Vec<_> = listed
            .map(|(name, number)| (name.clone(), number.as_i64().expect("a number")))
            .collect();
        made.sort();
        listed.sort();
        assert_eq!(made, listed, "{kind}");
    }
    for told in words["event_types"].as_array().expect("types") {
        let number = &schema["event_types"][told.as_str().expect("a type")];
        assert!(number.is_number(), "{told} has no number in C");
    }
}
