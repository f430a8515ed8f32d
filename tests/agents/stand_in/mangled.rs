//! Lines that are not what they should be: `!mangle-end KIND` for the end of the turn, `!mangle-asks KIND` for
//! whatever this process asks from then on.
//!
//! | kind | the line |
//! |---|---|
//! | `twice` | has each of its members twice |
//! | `no-text`, `nul` | has bytes in a text that are no UTF-8, or a NUL |
//! | `deep` | has arrays in arrays, a thousand deep |
//! | `before`, `behind` | has other words before or behind it |
//! | `glued` | stands behind the half of another |
//! | `odd-types` | has members of another type than they should be |
//! | `cut` | lacks its last brace |
//! | `long`, `long-first` | has more than a megabyte, of a member at its end or at its beginning |
//! | `values`, `nested` | has some hundred thousand values, or arrays in as many arrays |

use serde_json::{Map, Value, from_str, json};

/// The line as that kind has it, with a newline; `line` has none.
pub(crate) fn mangled(kind: &str, line: &str) -> Vec<u8> {
    let megabyte = || "x".repeat(1_200_000);
    let mut mangled = match kind {
        "twice" => twice(&read(line), 4).into_bytes(),
        "no-text" => first(b"\"a\xff\xfe\"", line),
        "nul" => first(b"\"a\0b\"", line),
        "deep" => first(nested(1000).as_bytes(), line),
        "before" => format!("10 % {line}").into_bytes(),
        "behind" => format!("{line}done").into_bytes(),
        "glued" => format!(r#"{{"type":"note","text":"half{line}"#).into_bytes(),
        "odd-types" => odd_types(read(line)).to_string().into_bytes(),
        "cut" => line.as_bytes()[..line.len() - 1].to_vec(),
        "long" => {
            format!(r#"{},"filler":"{}"}}"#, &line[..line.len() - 1], megabyte()).into_bytes()
        }
        "long-first" => first(format!("\"{}\"", megabyte()).as_bytes(), line),
        "values" => first(format!("[0{}]", ",0".repeat(300_000)).as_bytes(), line),
        "nested" => first(nested(300_000).as_bytes(), line),
        _ => line.as_bytes().to_vec(),
    };
    mangled.push(b'\n');
    mangled
}

fn read(line: &str) -> Value {
    from_str(line).expect("the stand-in writes JSON")
}

fn nested(depth: usize) -> String {
    "[".repeat(depth) + &"]".repeat(depth)
}

/// The line with one more member before the others.
fn first(value: &[u8], line: &str) -> Vec<u8> {
    [b"{\"filler\":", value, b",", &line.as_bytes()[1..]].concat()
}

/// The first of both is not what is meant.
fn twice(value: &Value, depth: usize) -> String {
    let Value::Object(members) = value else {
        return value.to_string();
    };
    if depth == 0 {
        return value.to_string();
    }
    let pair = |(name, value): (&String, &Value)| {
        let name = Value::from(name.as_str());
        let value = twice(value, depth - 1);
        format!("{name}:{value},{name}:{value}")
    };
    format!(
        "{{{}}}",
        members.iter().map(pair).collect::<Vec<_>>().join(",")
    )
}

/// Whatever the protocol, the members that nobody needs, and of a call those that say what it is.
fn odd_types(mut line: Value) -> Value {
    let odd = [
        ("", "is_error", json!("no")),
        ("", "terminal_reason", json!(7)),
        ("", "usage", json!("many")),
        ("", "jsonrpc", json!(2)),
        ("/request", "tool_use_id", json!(7)),
        ("/request/input", "tool_use_id", json!(7)),
        ("/result", "usage", json!("many")),
        ("/result", "_meta", json!("many")),
        ("/params", "turnId", json!(7)),
        ("/params", "command", json!(7)),
        ("/params/toolCall", "title", json!(7)),
        ("/params/turn", "error", json!(7)),
    ];
    for (at, name, value) in odd {
        let members = line.pointer_mut(at).and_then(Value::as_object_mut);
        let there = members.filter(|members: &&mut Map<String, Value>| members.contains_key(name));
        if let Some(members) = there {
            members.insert(name.to_owned(), value);
        }
    }
    line
}
