//! Sizes of memory as systemd and containers write them: `512M`, `8G`, `1.5G`, in powers of 1024.

/// Reads a size, in bytes.
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    let wrong = || format!("{text:?} is not a size such as 512M or 8G");
    let (number, unit) = match text.find(|c: char| c.is_ascii_alphabetic()) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let shift = match unit.to_ascii_uppercase().as_str() {
        "" | "B" => 0,
        "K" | "KB" | "KIB" => 10,
        "M" | "MB" | "MIB" => 20,
        "G" | "GB" | "GIB" => 30,
        "T" | "TB" | "TIB" => 40,
        _ => return Err(wrong()),
    };
    let is_plain = |c: char| c.is_ascii_digit() || c == '.';
    if !number.chars().all(is_plain) {
        return Err(wrong());
    }
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let bytes = number * (1_u64 << shift) as f64;
    // Far beyond any machine, and far below where a float has gaps that matter.
    match bytes < 1e18 {
        true => Ok(bytes as u64),
        false => Err(wrong()),
    }
}

/// As [`parse`], and more than nothing.
pub(crate) fn parse_some(text: &str) -> Result<u64, String> {
    let size = parse(text)?;
    match size {
        0 => Err(format!("{text:?} is nothing")),
        size => Ok(size),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        let table = [
            ("0", Some(0)),
            ("1", Some(1)),
            ("2k", Some(2048)),
            ("512M", Some(512 << 20)),
            ("1.5G", Some(1536 << 20)),
            ("8GiB", Some(8 << 30)),
            ("", None),
            ("G", None),
            ("-1G", None),
            ("8X", None),
            ("8 G", None),
            ("9999999T", None),
            ("inf", None),
        ];
        for (text, bytes) in table {
            assert_eq!(parse(text).ok(), bytes, "{text}");
        }
        assert!(parse_some("0").is_err());
    }
}
