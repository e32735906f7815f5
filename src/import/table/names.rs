//! The names of columns, as they are compared.

use crate::import::options::OffsetUnit;

/// A column's name in lower case, with single spaces between its words (`timezoneOffset` has two) and for everything
/// that is neither letter nor digit, and without the dotted path that Samsung puts before it. A share in percent has no
/// name: it is not what its other words say.
pub(in crate::import) fn plain(name: &str) -> String {
    let last = name.rsplit_once('.').filter(|(path, _)| path.contains('.')).map_or(name, |(_, last)| last);
    if last.contains('%') {
        return String::new();
    }
    let mut spaced = String::with_capacity(last.len() + 4);
    let mut before = ' ';
    for c in last.chars() {
        if before.is_ascii_lowercase() && c.is_ascii_uppercase() {
            spaced.push(' ');
        }
        spaced.push(if c.is_alphanumeric() { c } else { ' ' });
        before = c;
    }
    spaced.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The unit that the name of a column of offsets ends with, and the name before it: `utc offset min`.
pub(in crate::import) fn offset_unit(plain: &str) -> (&str, Option<OffsetUnit>) {
    let Some((name, word)) = plain.rsplit_once(' ') else { return (plain, None) };
    let unit = match word {
        "hours" | "hour" | "hrs" | "h" => OffsetUnit::Hours,
        "minutes" | "minute" | "mins" | "min" => OffsetUnit::Minutes,
        "seconds" | "second" | "secs" | "sec" | "s" => OffsetUnit::Seconds,
        "milliseconds" | "millis" | "ms" => OffsetUnit::Milliseconds,
        _ => return (plain, None),
    };
    (name.strip_suffix(" in").unwrap_or(name), Some(unit))
}

/// Whether two plain names are the same but for spaces.
pub(in crate::import) fn same_letters(one: &str, other: &str) -> bool {
    one.bytes().filter(|&byte| byte != b' ').eq(other.bytes().filter(|&byte| byte != b' '))
}
