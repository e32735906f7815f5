//! Sizes as people write them: `500MB`, `1 GB`, or bytes.

/// A size in bytes, for options: a whole number, and kB, MB, GB or TB (powers of 1000) if need be.
pub(super) fn parse_size(text: &str) -> Result<u64, String> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let unit = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => Some(1),
        "k" | "kb" => Some(1_000),
        "m" | "mb" => Some(1_000_000),
        "g" | "gb" => Some(1_000_000_000),
        "t" | "tb" => Some(1_000_000_000_000),
        _ => None,
    };
    let bytes = number.parse::<u64>().ok().zip(unit).and_then(|(number, unit)| number.checked_mul(unit));
    bytes.ok_or_else(|| format!("“{text}” is not a size; sizes look like 500MB, 2GB or 1000000"))
}

#[cfg(test)]
mod tests {
    use super::parse_size;

    #[test]
    fn sizes_are_whole_numbers_with_a_unit_or_none() {
        for (text, bytes) in [("0", 0), ("17", 17), ("5kB", 5_000), ("1 GB", 1_000_000_000), ("2g", 2_000_000_000)] {
            assert_eq!(parse_size(text), Ok(bytes));
        }
        for text in ["", "GB", "1.5GB", "-1", "1GiB", "99999999999999999999", "99999999TB"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }
}
