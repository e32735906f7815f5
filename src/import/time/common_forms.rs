//! The two forms in which most exports write their times, read without a search: `2017-01-01T04:26:40`
//! and `5/10/2016 6:55:26 AM`. Every other form, and every doubt, is left to [`crate::import::time::stamp`].

use crate::import::report::Reason;
use crate::import::time::clock_text::{parse_zone_text, time_of_day_ms};
use crate::import::time::dates::{WrittenDate, check_year, date};
use crate::import::time::stamp::{AfterYear, Stamp, Zone};

/// Reads a time in one of the common forms; `None` for every other form.
pub(in crate::import) fn read(text: &[u8]) -> Option<Result<Stamp, Reason>> {
    let text = text.trim_ascii();
    match text {
        [_, _, _, _, b'-', ..] => iso(text),
        [_, b'/', ..] | [_, _, b'/', ..] => american(text),
        _ => None,
    }
}

/// `2017-01-01T04:26:40` and a zone or none: all its numbers stand at known places.
fn iso(text: &[u8]) -> Option<Result<Stamp, Reason>> {
    let (fixed, rest) = text.split_first_chunk::<19>()?;
    let [y1, y2, y3, y4, b'-', mo1, mo2, b'-', d1, d2, b'T' | b' ', h1, h2, b':', mi1, mi2, b':', s1, s2] = *fixed
    else {
        return None;
    };
    // Fractions, and AM or PM, are for the others to read.
    if !matches!(rest.first(), None | Some(b'Z' | b'+' | b'-')) || rest.last() == Some(&b']') {
        return None;
    }
    let digits = [y1, y2, y3, y4, mo1, mo2, d1, d2, h1, h2, mi1, mi2, s1, s2];
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let two = |tens: u8, ones: u8| (tens - b'0') * 10 + (ones - b'0');
    // The day may be second, in some tables.
    if two(mo1, mo2) > 12 {
        return None;
    }
    let after_year = if fixed[10] == b'T' { AfterYear::Month } else { AfterYear::Likely };
    let zone = match rest {
        [] => Zone::None,
        b"Z" => Zone::Utc,
        &[sign @ (b'+' | b'-'), h1, h2, b':', m1, m2]
            if [h1, h2, m1, m2].iter().all(u8::is_ascii_digit) && two(h1, h2) < 18 && two(m1, m2) < 60 =>
        {
            let secs = (i32::from(two(h1, h2)) * 60 + i32::from(two(m1, m2))) * 60;
            Zone::Offset(if sign == b'-' { -secs } else { secs })
        }
        // Blanks of another kind may follow.
        rest => parse_zone_text(rest).ok()?,
    };
    let year = u32::from(two(y1, y2)) * 100 + u32::from(two(y3, y4));
    let read = || {
        let date = date(year, two(mo1, mo2), two(d1, d2))?;
        let time_ms = time_of_day_ms([two(h1, h2), two(mi1, mi2), two(s1, s2)].map(u32::from))?;
        Ok(Stamp { zone, after_year, ..Stamp::at(WrittenDate::Clear(date), Some(time_ms)) })
    };
    Some(read())
}

/// `5/10/2016 6:55:26 AM`: numbers without leading zeros, a year of four digits, twelve hours.
fn american(text: &[u8]) -> Option<Result<Stamp, Reason>> {
    let (first, rest) = number_before(text, b'/')?;
    let (second, rest) = number_before(rest, b'/')?;
    let (&[y1, y2, y3, y4, b' '], rest) = rest.split_first_chunk()? else { return None };
    let (hour, rest) = number_before(rest, b':')?;
    let [mi1, mi2, b':', s1, s2, b' ', half @ (b'A' | b'P'), b'M'] = *rest else { return None };
    let digits = [y1, y2, y3, y4, mi1, mi2, s1, s2];
    if !digits.iter().all(u8::is_ascii_digit) || !(1..=12).contains(&hour) {
        return None;
    }
    let two = |tens: u8, ones: u8| u32::from(tens - b'0') * 10 + u32::from(ones - b'0');
    let read = || {
        let year = check_year(two(y1, y2) * 100 + two(y3, y4))?;
        let hour = u32::from(hour) % 12 + if half == b'P' { 12 } else { 0 };
        let time_ms = time_of_day_ms([hour, two(mi1, mi2), two(s1, s2)])?;
        let date = WrittenDate::TwoNumbers { first, second, year, short_year: false, dotted: false };
        Ok(Stamp { twelve_hours: true, ..Stamp::at(date, Some(time_ms)) })
    };
    Some(read())
}

/// A number of one or two digits, and what follows the byte that ends it.
fn number_before(text: &[u8], end: u8) -> Option<(u8, &[u8])> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| byte - b'0');
    match *text {
        [a, byte, ref rest @ ..] if byte == end => Some((digit(a)?, rest)),
        [a, b, byte, ref rest @ ..] if byte == end => Some((digit(a)? * 10 + digit(b)?, rest)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_forms_are_read_as_every_other() {
        let iso = ["2017-01-01T04:26:40", "2017-01-01T24:26:40", "2017-01-01 04:26:60"];
        for text in iso {
            for zone in ["", "Z", "+02:00", "-0800"] {
                // A fraction makes it another form of the same time.
                let other = Stamp::parse_any(&format!("{text}.0{zone}"));
                assert_eq!(read(format!("{text}{zone}").as_bytes()), Some(other));
            }
            for zone in ["-25:00", "Zz", "+x"] {
                assert_eq!(read(format!("{text}{zone}").as_bytes()), None);
            }
        }
        let american = ["5/10/2016 6:55:26", "12/1/2016 12:00:00", "1/31/1816 1:00:00", "1/1/2016 1:60:00"];
        for text in american {
            for half in ["AM", "PM"] {
                assert_eq!(read(format!("{text} {half}").as_bytes()), Some(Stamp::parse(&format!("{text}.0 {half}"))));
            }
        }
        for text in
            ["5/10/2016 13:00:00 PM", "5/10/2016 0:00:00 AM", "5/10/16 6:55:26 AM", "5/10/2016 6:55:26 am", "5/"]
        {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }
}
