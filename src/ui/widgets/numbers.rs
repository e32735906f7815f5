//! Numbers and messages as people write them.

use std::time::Duration;

/// `1234567` as `1,234,567`.
pub(in crate::ui) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut out = digits[..first].to_owned();
    for (i, group) in digits.as_bytes()[first..].chunks(3).enumerate() {
        if first > 0 || i > 0 {
            out.push(',');
        }
        out.push_str(std::str::from_utf8(group).unwrap_or_default());
    }
    out
}

/// `1` reading, `2` readings.
pub(in crate::ui) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// Bytes in the unit that suits them.
pub(in crate::ui) fn bytes(number: u64) -> String {
    match number {
        0..1_000 => format!("{number} B"),
        1_000..1_000_000 => format!("{:.1} kB", number as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", number as f64 / 1e6),
        _ => format!("{:.1} GB", number as f64 / 1e9),
    }
}

/// A measured time in the unit that suits it.
pub(in crate::ui) fn time(time: Duration) -> String {
    match time.as_secs_f64() {
        secs if secs < 0.9995 => format!("{:.1} ms", secs * 1e3),
        secs if secs < 99.95 => format!("{secs:.1} s"),
        secs => format!("{} min {} s", secs as u64 / 60, secs as u64 % 60),
    }
}

/// A message with its first letter large.
pub(in crate::ui) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!([grouped(0), grouped(999), grouped(1_000), grouped(1_234_567)], ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([bytes(999), bytes(24_604), bytes(15_000_000)], ["999 B", "24.6 kB", "15.0 MB"]);
        assert_eq!([counted(1, "reading", "readings"), counted(2, "reading", "readings")], ["1 reading", "2 readings"]);
        assert_eq!(bytes(2_500_000_000), "2.5 GB");
        let times = [0.4, 999.4, 20_308.4, 125_000.0].map(|ms| time(Duration::from_secs_f64(ms / 1e3)));
        assert_eq!(times, ["0.4 ms", "999.4 ms", "20.3 s", "2 min 5 s"]);
        assert_eq!(sentence("could not"), "Could not");
    }
}
