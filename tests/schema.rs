//! What the library takes is what `schema/options.json` says, by name, default and effect. What it
//! tells is held against the other files beside the words, in `src/json/golden.rs`.

use std::collections::BTreeSet;

use hotplex::{Check, Decision, EngineOptions, Error, GuardConfig, Request, WarmUp};
use serde_json::{Value, json};

fn options() -> Value {
    serde_json::from_str(include_str!("../schema/options.json")).expect("schema/options.json")
}

fn rows(part: &str) -> Vec<Value> {
    let options = options();
    let rows = options[part].as_array().expect("an array of options");
    rows.clone()
}

fn name(row: &Value) -> &str {
    row["name"].as_str().expect("a name")
}

/// A reader of JSON that gives what it read as text for comparison.
type Reader = fn(&str) -> Result<String, Error>;

/// What the engine and the guard are opened with, each beside what reads it.
const SETTINGS: [(&str, Reader); 2] = [
    ("engine", |json| {
        EngineOptions::from_json(json).map(|read| format!("{read:?}"))
    }),
    ("guard", |json| {
        GuardConfig::from_json(json).map(|read| format!("{read:?}"))
    }),
];

/// What calls are told, each beside what reads it.
const CALLS: [(&str, Reader); 3] = [
    ("turn", |json| {
        Request::from_json(json, "hello").map(|read| format!("{read:?}"))
    }),
    ("warm_up", |json| {
        WarmUp::from_json(json).map(|read| format!("{read:?}"))
    }),
    ("check", |json| {
        Check::from_json(json).map(|read| format!("{read:?}"))
    }),
];

fn read(reader: Reader, json: &Value) -> String {
    reader(&json.to_string()).unwrap_or_else(|error| panic!("{json}: {error}"))
}

/// The keys that are understood, as the refusal of an unknown one lists them.
fn understood(reader: Reader) -> BTreeSet<String> {
    let refusal = reader(r#"{"unheard_of": 1}"#).expect_err("it is unknown");
    let quoted = refusal.message().split('`').skip(1).step_by(2);
    let names = quoted.map(str::to_owned);
    names.filter(|name| name != "unheard_of").collect()
}

#[test]
fn every_key_is_in_the_schema_and_no_other() {
    for (part, reader) in SETTINGS.into_iter().chain(CALLS) {
        let names = |row: &Value| {
            let earlier = row["aliases"].as_array().into_iter().flatten();
            let earlier: Vec<_> = earlier.filter_map(Value::as_str).collect();
            earlier
                .into_iter()
                .chain([name(row)])
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let listed: BTreeSet<_> = rows(part).iter().flat_map(names).collect();
        assert_eq!(understood(reader), listed, "{part}");
    }
}

/// Whoever set an option by the name it had before sets the same option, and cannot set it twice.
#[test]
fn an_earlier_name_means_the_same_option() {
    let mut aliases = 0;
    for (part, reader) in SETTINGS {
        for row in rows(part) {
            let with = |name: &str| read(reader, &json!({ name: row["other"] }));
            for alias in row["aliases"].as_array().into_iter().flatten() {
                let alias = alias.as_str().expect("a name");
                assert_eq!(with(alias), with(name(&row)), "{part}: {alias}");
                let both = json!({ alias: row["other"], name(&row): row["other"] });
                let refusal = reader(&both.to_string()).expect_err("it is set twice");
                assert!(refusal.message().contains(name(&row)), "{refusal}");
                aliases += 1;
            }
        }
    }
    assert!(aliases > 0, "the schema names none");
}

#[test]
fn defaults_are_the_defaults_and_anything_else_is_not() {
    for (part, reader) in SETTINGS {
        let usual = read(reader, &json!({}));
        for row in rows(part) {
            let with = |value: &Value| read(reader, &json!({ name(&row): value }));
            assert_eq!(with(&row["default"]), usual, "{part}: {row}");
            assert_ne!(with(&row["other"]), usual, "{part}: {row} is ignored");
        }
    }
}

#[test]
fn every_key_of_a_call_has_an_effect() {
    for (part, reader) in CALLS {
        let pairs = rows(part).into_iter();
        let pairs = pairs.map(|row| (name(&row).to_owned(), row["example"].clone()));
        let all: serde_json::Map<_, _> = pairs.collect();
        let complete = read(reader, &Value::Object(all.clone()));
        for key in all.keys() {
            let mut others = all.clone();
            others.remove(key);
            let without = reader(&Value::Object(others).to_string());
            assert_ne!(without.ok(), Some(complete.clone()), "{part}: {key}");
        }
    }
}

#[test]
fn every_decision_is_read() {
    for decision in rows("decisions") {
        let read = Decision::from_json(&decision.to_string());
        assert!(read.is_ok(), "{decision}: {read:?}");
    }
}
