//! Mends lines of JSON that are nearly right, since a line that is lost may be the one that is waited for.
//!
//! - half a character: see [`surrogates`];
//! - a control character in a text, which JSON has escaped, and a NUL anywhere else;
//! - a member that stands twice: the last one holds, as nearly every reader of JSON has it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{from_str, to_string};

use super::surrogates;

/// Members that stand twice are looked for so deep: what is read by its members is not deeper, and trees
/// take the last by themselves.
const DEEPEST: usize = 8;

/// The line with all that mended; `None` if there is nothing to mend.
pub(super) fn mended(line: &str) -> Option<String> {
    let escaped = escaped(line);
    let line = escaped.as_deref().unwrap_or(line);
    let whole = surrogates::lone_surrogates(line);
    let line = whole.as_deref().unwrap_or(line);
    last_of_each(line).or(whole).or(escaped)
}

/// Reads a member that was left raw when its line was read, mended if it needs it.
pub(super) fn read<T: DeserializeOwned>(raw: &RawValue) -> serde_json::Result<T> {
    from_str(raw.get()).or_else(|fault| match mended(raw.get()) {
        Some(mended) => from_str(&mended),
        None => Err(fault),
    })
}

/// Escapes control characters in texts, and drops those that stand between.
fn escaped(line: &str) -> Option<String> {
    if !line.bytes().any(|byte| byte < b' ') {
        return None;
    }
    let mut escaped = String::with_capacity(line.len() + 16);
    let (mut is_in_text, mut is_escape) = (false, false);
    for letter in line.chars() {
        match letter {
            _ if letter >= ' ' => escaped.push(letter),
            _ if is_in_text => escaped.push_str(&format!("\\u{:04x}", u32::from(letter))),
            '\t' | '\r' => escaped.push(letter),
            _ => {}
        }
        is_in_text ^= letter == '"' && !is_escape;
        is_escape = is_in_text && letter == '\\' && !is_escape;
    }
    (escaped != line).then_some(escaped)
}

/// The line with the last of the members of one name alone; `None` if each stands once.
fn last_of_each(line: &str) -> Option<String> {
    let mut out = String::new();
    copy(line, DEEPEST, &mut out).then_some(out)
}

/// True if a member was left out.
fn copy(value: &str, depth: usize, out: &mut String) -> bool {
    let value = value.trim_ascii();
    match value.as_bytes().first() {
        Some(b'{') if depth > 0 => {
            if let Ok(Members(members)) = from_str(value) {
                return copy_object(&members, depth, out);
            }
        }
        Some(b'[') if depth > 0 => {
            if let Ok(entries) = from_str::<Vec<&RawValue>>(value) {
                return copy_array(&entries, depth, out);
            }
        }
        _ => {}
    }
    out.push_str(value);
    false
}

fn copy_object(members: &[(Cow<'_, str>, &RawValue)], depth: usize, out: &mut String) -> bool {
    let places = members.iter().enumerate();
    let last: HashMap<&str, usize> = places.map(|(at, (name, _))| (&**name, at)).collect();
    let mut is_less = false;
    let mut before = '{';
    for (at, (name, value)) in members.iter().enumerate() {
        if last.get(&**name) != Some(&at) {
            is_less = true;
            continue;
        }
        out.push(before);
        before = ',';
        out.push_str(&to_string(name).unwrap_or_default());
        out.push(':');
        is_less |= copy(value.get(), depth - 1, out);
    }
    if before == '{' {
        out.push('{');
    }
    out.push('}');
    is_less
}

fn copy_array(entries: &[&RawValue], depth: usize, out: &mut String) -> bool {
    let mut is_less = false;
    out.push('[');
    for (at, entry) in entries.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        is_less |= copy(entry.get(), depth - 1, out);
    }
    out.push(']');
    is_less
}

/// The members of an object in their order, each as often as it stands there.
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearly_json_becomes_json_and_what_is_json_stays() {
        let deep = format!(r#"{}{{"a":1,"a":2}}{}"#, "[".repeat(9), "]".repeat(9));
        let table = [
            (r#"{"a":1,"b":[1.50,{"c":"\n\t"}]}"#, None),
            ("{\"a\":1}\r", None),
            (r#"{"a":1,"a":2}"#, Some(r#"{"a":2}"#)),
            (
                r#"{"a":1,"b":2,"\u0061":3.00}"#,
                Some(r#"{"b":2,"a":3.00}"#),
            ),
            (
                r#"{"x":[{"a":{"b":1,"b":2}}]}"#,
                Some(r#"{"x":[{"a":{"b":2}}]}"#),
            ),
            (r#"{"x":{},"a":1,"a":[]}"#, Some(r#"{"x":{},"a":[]}"#)),
            (deep.as_str(), None),
            (
                "{\"a\":\"x\0y\ttab\"}",
                Some(r#"{"a":"x\u0000y\u0009tab"}"#),
            ),
            ("\0\0{\"a\":\"\\\"\u{1}\"}\0", Some(r#"{"a":"\"\u0001"}"#)),
            (
                r#"{"a":"\ud83d","a":1,"b":"\ud83d"}"#,
                Some(r#"{"a":1,"b":"\ufffd"}"#),
            ),
            (r#"{"a":1"#, None),
            ("no JSON", None),
            ("", None),
        ];
        for (line, expected) in table {
            assert_eq!(mended(line).as_deref(), expected, "{line}");
        }
    }
}
