//! What the guard says.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::text_of;
use crate::verdict::{Level, Verdict};

impl Verdict {
    /// The verdict as a JSON object: `verdict` and, unless it is a plain allow, why.
    pub fn to_json(&self) -> String {
        text_of(self)
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("verdict", self.judgement.as_str())?;
        if !self.is_plain_allow() {
            write_reasons(self, &mut map)?;
        }
        map.end()
    }
}

/// The keys that a verdict and a danger event have in common.
pub(super) fn write_reasons<M: SerializeMap>(
    verdict: &Verdict,
    map: &mut M,
) -> Result<(), M::Error> {
    map.serialize_entry("operation", &verdict.operation)?;
    map.serialize_entry("reason", &verdict.reason)?;
    map.serialize_entry("rule", &verdict.rule)?;
    map.serialize_entry("level", &verdict.level.map(Level::as_str))?;
    map.serialize_entry("category", &verdict.category)?;
    map.serialize_entry("suggestions", &verdict.suggestions)
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
