//! Numbers of tokens, as agents tell them.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A number of tokens. What is none, or less than none, counts for nothing: it must not cost the other
/// numbers, nor the end of a turn that they stand in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count(pub(super) u64);

impl Count {
    /// This member of an object.
    pub(super) fn of(object: Option<&Value>, member: &str) -> Option<u64> {
        Count::read(object?.get(member)?)
    }

    fn read(value: &Value) -> Option<u64> {
        // The conversion ends at the limits of its type. Some write whole numbers with a point.
        value
            .as_u64()
            .or_else(|| value.as_f64().map(|it| it as u64))
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Count, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(Count(Count::read(&value).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::Count;

    #[test]
    fn whatever_stands_there_is_a_number_or_none() {
        let table = [
            ("7", 7),
            ("7.0", 7),
            ("7.9", 7),
            ("-1", 0),
            ("-1.5", 0),
            ("18446744073709551615", u64::MAX),
            ("18446744073709551616", u64::MAX),
            ("1e300", u64::MAX),
            ("null", 0),
            ("\"NaN\"", 0),
            ("[1]", 0),
            ("{}", 0),
        ];
        for (text, expected) in table {
            let count: Count = serde_json::from_str(text).unwrap();
            assert_eq!(count.0, expected, "{text}");
        }
    }
}
