//! A caller's answer to a permission request.

use serde::Deserialize;
use serde_json::Value;

use crate::error::Error;
use crate::event::Decision;

#[derive(Deserialize)]
#[serde(tag = "behavior", rename_all = "lowercase", deny_unknown_fields)]
enum DecisionJson {
    Allow {
        updated_input: Option<Value>,
    },
    Deny {
        #[serde(default)]
        message: String,
        #[serde(default)]
        interrupt: bool,
    },
}

impl Decision {
    /// From `{"behavior":"allow"}`, with `updated_input` if the tool is to run with another input,
    /// or `{"behavior":"deny"}`, with `message` and `interrupt` if wanted.
    ///
    /// # Errors
    /// `InvalidArgument` for anything else, with the place.
    pub fn from_json(json: &str) -> Result<Decision, Error> {
        let form = serde_json::from_str(json)
            .map_err(|error| Error::invalid(format!("decision: {error}")).because(error))?;
        match form {
            DecisionJson::Allow {
                updated_input: Some(input),
            } if !input.is_object() => {
                Err(Error::invalid("decision: updated_input is not an object"))
            }
            DecisionJson::Allow { updated_input } => Ok(Decision::Allow { updated_input }),
            DecisionJson::Deny { message, interrupt } => Ok(Decision::Deny { message, interrupt }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_understood_and_what_is_not() {
        let deny = |message: &str, interrupt| Decision::Deny {
            message: message.to_owned(),
            interrupt,
        };
        let change = Decision::Allow {
            updated_input: Some(json!({"a": 1})),
        };
        let table = [
            (r#"{"behavior":"allow"}"#, Some(Decision::allow())),
            (
                r#"{"behavior":"allow","updated_input":{"a":1}}"#,
                Some(change),
            ),
            (r#"{"behavior":"deny"}"#, Some(deny("", false))),
            (
                r#"{"behavior":"deny","message":"no","interrupt":true}"#,
                Some(deny("no", true)),
            ),
            (r#"{"behavior":"allow","updated_input":3}"#, None),
            (r#"{"behavior":"allow","message":"no"}"#, None),
            (r#"{"behavior":"maybe"}"#, None),
            (r#"{"message":"no"}"#, None),
            ("[]", None),
            ("", None),
        ];
        for (json, expected) in table {
            assert_eq!(Decision::from_json(json).ok(), expected, "{json}");
        }
    }

    #[test]
    fn an_unknown_key_is_named() {
        let error = Decision::from_json(r#"{"behavior":"deny","mesage":"no"}"#).unwrap_err();
        assert!(error.message().contains("mesage"), "{error}");
    }
}
