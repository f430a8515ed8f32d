//! Numbers of tokens and amounts of money, as agents tell them.

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

/// More than any turn costs; sums of so much stay numbers.
const DOLLARS_AT_MOST: f64 = 1e9;

/// An amount in US dollars. What is none, or less than none, counts for nothing: sums go by it, and limits on
/// what may be spent.
pub(super) fn dollars(told: f64) -> f64 {
    match told > 0.0 {
        true => told.min(DOLLARS_AT_MOST),
        false => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::{Count, dollars};

    #[test]
    fn an_amount_is_one_that_can_be_added_up() {
        let table = [
            (0.25, 0.25),
            (-3.0, 0.0),
            (f64::NAN, 0.0),
            (f64::INFINITY, 1e9),
            (f64::NEG_INFINITY, 0.0),
            (1e308, 1e9),
        ];
        for (told, expected) in table {
            assert_eq!(dollars(told), expected, "{told}");
        }
    }

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
