//! A verdict as JSON, in the spelling that every binding shares.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::verdict::{Level, Verdict};

impl Verdict {
    /// The verdict as a JSON object: `verdict` and, unless it is a plain allow, why.
    pub fn to_json(&self) -> String {
        // It has text for keys and nothing that fails, so this never comes out empty.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("verdict", self.judgement.as_str())?;
        if !self.is_plain_allow() {
            self.serialize_reasons(&mut map)?;
        }
        map.end()
    }
}

impl Verdict {
    /// Writes why it is not a plain allow into a map: the keys that a verdict has in common with
    /// whatever carries it, as a danger event does.
    ///
    /// # Errors
    /// What the map's serializer fails with.
    pub fn serialize_reasons<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("operation", &self.operation)?;
        map.serialize_entry("reason", &self.reason)?;
        map.serialize_entry("rule", &self.rule)?;
        map.serialize_entry("level", &self.level.map(Level::as_str))?;
        map.serialize_entry("category", &self.category)?;
        map.serialize_entry("suggestions", &self.suggestions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Judgement;

    #[test]
    fn a_plain_allow_says_nothing_else() {
        assert_eq!(Verdict::allow().to_json(), r#"{"verdict":"allow"}"#);
    }

    #[test]
    fn what_is_not_allowed_says_why() {
        for judgement in [Judgement::Flag, Judgement::Block] {
            let verdict = Verdict {
                judgement,
                rule: "r".to_owned(),
                ..Verdict::allow()
            };
            let expected = format!(
                r#"{{"verdict":"{}","operation":"","reason":"","rule":"r","level":null,"category":"","suggestions":[]}}"#,
                judgement.as_str()
            );
            assert_eq!(verdict.to_json(), expected);
        }
    }
}
