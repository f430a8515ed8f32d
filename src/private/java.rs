//! What Java is told by its environment: it reads no variable for its directories.

use std::ffi::OsString;
use std::path::Path;

/// Options of each Java on top of its command line; of two settings of a property it takes the last.
pub(crate) const JAVA_OPTIONS: &str = "JAVA_TOOL_OPTIONS";

/// A property that is a path, as [`JAVA_OPTIONS`] takes it: Java splits at white space outside of quotes,
/// and has no way to escape one.
pub(crate) fn java_option(property: &str, place: &Path) -> OsString {
    let text = place.to_string_lossy();
    let quote = match () {
        () if !text.contains([' ', '\t', '\n', '\'', '"']) => "",
        () if text.contains('"') => "'",
        () => "\"",
    };
    let mut option = OsString::from(quote);
    option.push(format!("-D{property}="));
    option.push(place);
    option.push(quote);
    option
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_is_told_in_one_word() {
        let table = [
            ("/run/tmp", "-Djava.io.tmpdir=/run/tmp"),
            ("/a b/tmp", "\"-Djava.io.tmpdir=/a b/tmp\""),
            ("/a's/tmp", "\"-Djava.io.tmpdir=/a's/tmp\""),
            ("/a\"b/tmp", "'-Djava.io.tmpdir=/a\"b/tmp'"),
        ];
        for (place, option) in table {
            assert_eq!(java_option("java.io.tmpdir", Path::new(place)), option);
        }
    }
}
