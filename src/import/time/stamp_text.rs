//! Reading times: the text of a field becomes a [`Stamp`].

use jiff::tz::TimeZone;

use crate::import::options::OffsetUnit;
use crate::import::report::Reason;
use crate::import::time::clock_text::{parse_time, parse_zone, parse_zone_text};
use crate::import::time::common_forms;
use crate::import::time::cursor::Cursor;
use crate::import::time::dates::{WrittenDate, parse_date};
use crate::import::time::local_time::{LocalZone, NOON_MS, civil_ms};
use crate::import::time::stamp::{AfterYear, Stamp, Zone, of_epoch_ms};

/// The text without white space around it. Most texts have none, which is checked first.
fn trim(text: &str) -> &str {
    let plain = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    if plain(text.as_bytes().first()) && plain(text.as_bytes().last()) { text } else { text.trim() }
}

impl Stamp {
    /// Reads a time, or a date alone, whose month comes before its day where the year is first.
    pub(in crate::import) fn parse(text: &str) -> Result<Self, Reason> {
        match Self::parse_any(text)? {
            Self { date: WrittenDate::YearThen { .. }, .. } => Err(Reason::NoSuchTime),
            stamp => Ok(Self { after_year: AfterYear::Month, ..stamp }),
        }
    }

    /// The same where the day may come before the month though the year is first.
    pub(in crate::import) fn parse_any(text: &str) -> Result<Self, Reason> {
        let text = trim(text);
        if text.is_empty() {
            return Err(Reason::NoTime);
        }
        if let Some(stamp) = common_forms::read(text.as_bytes()) {
            return stamp;
        }
        if let Some((ms, counted)) = epoch_ms(text) {
            return of_epoch_ms(ms).map(|stamp| Self { counted, ..stamp });
        }
        // 2026-10-30T10:00[Europe/Berlin]
        let (text, local) = match text.strip_suffix(']').and_then(|text| text.rsplit_once('[')) {
            Some((text, local)) => (trim(text), Some(local)),
            None => (text, None),
        };
        if let Some(stamp) = time_then_date(text) {
            return stamp;
        }
        let moved = year_behind_its_day(text);
        let text = moved.as_deref().unwrap_or(text);
        let mut cursor = Cursor(text.as_bytes());
        let date = if cursor.0.is_empty() { Err(Reason::NoTime) } else { parse_date(&mut cursor) }?;
        let mut stamp = Self::at(date, None);
        let iso = matches!(cursor.0.first(), Some(b'T' | b't'));
        if cursor.eat_any(b"Tt,").is_some() || !cursor.0.is_empty() {
            cursor.skip_spaces();
            let (time_ms, twelve_hours) = parse_time(&mut cursor)?;
            stamp = Self { twelve_hours, zone: parse_zone(&mut cursor)?, ..Self::at(date, Some(time_ms)) };
        }
        let year_first = text.as_bytes().get(4).is_some_and(|byte| b"-/.".contains(byte));
        if year_first && !iso {
            stamp.after_year = AfterYear::Likely;
        } else if let WrittenDate::YearThen { .. } = stamp.date {
            return Err(Reason::NoSuchTime);
        }
        match (local, stamp.zone) {
            // A written offset says more than a name.
            (Some(local), Zone::None | Zone::Utc) => stamp.in_zone(local),
            _ => Ok(stamp),
        }
    }

    /// The same time at a place that is known by an offset (`UTC-04:00`) or by the name of its zone.
    /// A zone's offset depends on the date, so that the date must be clear.
    pub(in crate::import) fn in_zone(self, text: &str) -> Result<Self, Reason> {
        if let Ok(secs) = Self::parse_offset(text) {
            return Ok(self.ahead(secs));
        }
        let zone = TimeZone::get(text.trim()).map_err(|_| Reason::BadZone)?;
        let WrittenDate::Clear(date) = self.date else { return Err(Reason::BadZone) };
        let (mut local, written_ms) = (LocalZone::new(&zone), civil_ms(date, self.time_ms.unwrap_or(NOON_MS)));
        if self.zone == Zone::Utc {
            return Ok(Self { zone: Zone::UtcAt(local.offset_at(written_ms)), ..self });
        }
        let (instant_ms, offset, unclear) = local.resolve(written_ms);
        if !unclear {
            return Ok(Self { zone: Zone::Local(offset), ..self });
        }
        let Self { later_ms, .. } = self;
        Ok(Self { zone: Zone::UtcAt(offset), later_ms, unclear, ..of_epoch_ms(instant_ms)? })
    }

    /// The same time at a place whose offset is a number of some unit; or a text, as [`Self::in_zone`] reads it.
    pub(in crate::import) fn in_offset(self, text: &str, unit: OffsetUnit) -> Result<Self, Reason> {
        let Ok(number) = text.trim().parse::<f64>() else { return self.in_zone(text) };
        let secs = (number * unit.seconds()).round();
        if secs.is_nan() || secs.abs() > 18.0 * 3600.0 {
            return Err(Reason::BadZone);
        }
        Ok(self.ahead(secs as i32))
    }

    /// The same time at a place that is so many seconds ahead of UTC.
    pub(in crate::import) fn ahead(self, secs: i32) -> Self {
        Self { zone: if self.zone == Zone::Utc { Zone::UtcAt(secs) } else { Zone::Local(secs) }, ..self }
    }

    /// Whether a text names a zone or an offset: a sign, `Z`, or a name, and not a number alone.
    pub(in crate::import) fn names_zone(text: &str) -> bool {
        Self::parse_offset(text).is_ok() || TimeZone::get(text.trim()).is_ok()
    }

    /// Reads a place's offset: `UTC-04:00`, `+0200`, `-7`, `Z`.
    fn parse_offset(text: &str) -> Result<i32, Reason> {
        match parse_zone_text(text.trim().as_bytes()).map_err(|_| Reason::BadZone)? {
            Zone::Offset(secs) => Ok(secs),
            Zone::Utc => Ok(0),
            _ => Err(Reason::BadZone),
        }
    }

    /// Reads time since a start, in milliseconds: `00:12:07`, `00:12:07.5`, `12:07`, or seconds.
    pub(in crate::import) fn parse_elapsed(text: &str) -> Result<u64, Reason> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Reason::NoTime);
        }
        let (rest, seconds) = text.rsplit_once(':').map_or((None, text), |(rest, seconds)| (Some(rest), seconds));
        let (whole, fraction) = seconds.split_once(['.', ',']).unwrap_or((seconds, ""));
        let number = |text: &str| text.parse::<u64>().ok().filter(|&n| n < 100_000_000).ok_or(Reason::BadTime);
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Reason::BadTime);
        }
        let digit = |at: usize| fraction.as_bytes().get(at).map_or(0, |byte| u64::from(byte - b'0'));
        let mut total = number(whole)? * 1000 + digit(0) * 100 + digit(1) * 10 + digit(2);
        let mut unit = 60_000;
        for part in rest.into_iter().flat_map(|rest| rest.rsplit(':')) {
            total += number(part)? * unit;
            unit *= 60;
            if unit > 216_000_000 {
                return Err(Reason::BadTime);
            }
        }
        Ok(total)
    }

    /// Reads a time of day from a column of its own, and joins it with a date's.
    pub(in crate::import) fn with_time(self, text: &str) -> Result<Self, Reason> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Reason::NoTime);
        }
        let mut cursor = Cursor(text.as_bytes());
        let (time_ms, twelve_hours) = parse_time(&mut cursor)?;
        Ok(Self { time_ms: Some(time_ms), zone: parse_zone(&mut cursor)?, twelve_hours, ..self })
    }
}

/// `22:15:02 20/01/2024`, `11:20:29PM Jan 05, 2024`; `None` for what does not start with a time.
fn time_then_date(text: &str) -> Option<Result<Stamp, Reason>> {
    let starts =
        |at: usize| text.as_bytes().get(at) == Some(&b':') && text.as_bytes()[..at].iter().all(u8::is_ascii_digit);
    if !starts(1) && !starts(2) {
        return None;
    }
    let mut cursor = Cursor(text.as_bytes());
    let (time_ms, twelve_hours) = parse_time(&mut cursor).ok()?;
    cursor.eat(b',');
    cursor.skip_spaces();
    if cursor.0.is_empty() {
        return None;
    }
    let date = parse_date(&mut cursor);
    Some(match date {
        Ok(date) if cursor.0.is_empty() => Ok(Stamp { twelve_hours, ..Stamp::at(date, Some(time_ms)) }),
        Ok(_) => Err(Reason::BadTime),
        Err(reason) => Err(reason),
    })
}

/// `Thu Aug 1 17:56:21 GMT+0200 2024`, as C and Java write it, with the year behind the day.
fn year_behind_its_day(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_ascii_whitespace().take(7).collect();
    let (&year, words) = words.split_last()?;
    let time = words.iter().position(|word| word.contains(':')).filter(|&at| at >= 2)?;
    let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    let starts_with_name = words[0].as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
    (is_year && starts_with_name && words.len() > time)
        .then(|| format!("{} {year} {}", words[..time].join(" "), words[time..].join(" ")))
}

/// Seconds (9 or 10 digits), milliseconds (13), microseconds (16) or nanoseconds (19) since an epoch;
/// seconds may have a fraction. The result is in milliseconds, and says whether devices count so from 1989 too.
fn epoch_ms(text: &str) -> Option<(i64, bool)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    match whole.len() {
        // From 2005 to 2021, devices that count from 1989 wrote nine digits.
        9 | 10 if number >= 470_000_000 => {
            let digit = |at: usize| fraction.as_bytes().get(at).map_or(0, |byte| i64::from(byte - b'0'));
            Some((number * 1000 + digit(0) * 100 + digit(1) * 10 + digit(2), true))
        }
        13 => Some((number, true)),
        16 => Some((number / 1000, false)),
        19 => Some((number / 1_000_000, false)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match Stamp::parse(text) {
            Err(reason) => format!("{reason:?}"),
            Ok(Stamp { date, time_ms, zone, .. }) => {
                let date = match date {
                    WrittenDate::Clear(date) => date.to_string(),
                    WrittenDate::TwoNumbers { first, second, year, .. } => format!("{first} {second} {year}"),
                    WrittenDate::YearThen { year, first, second } => format!("{year} {first} {second}"),
                };
                format!("{date} {} {zone:?}", time_ms.map_or("-".into(), |ms| ms.to_string()))
            }
        }
    }

    #[test]
    fn times_are_read_as_they_are_written() {
        for (text, expected) in [
            ("2017-01-01T04:26:40Z", "2017-01-01 16000000 Utc"),
            ("2022-05-03T19:03:32+02:00", "2022-05-03 68612000 Offset(7200)"),
            ("2020-02-12 08:14:43-08:00", "2020-02-12 29683000 Offset(-28800)"),
            ("2024-01-05 08:00:00 +0100", "2024-01-05 28800000 Offset(3600)"),
            ("2023-05-01 12:00:00.250", "2023-05-01 43200250 None"),
            ("2023-05-01 12:00:00.123456", "2023-05-01 43200123 None"),
            ("5/10/2016 6:55:26 AM", "5 10 2016 24926000 None"),
            ("5/10/2016 12:00:00 AM", "5 10 2016 0 None"),
            ("5/10/2016 12:00:00 PM", "5 10 2016 43200000 None"),
            ("5/10/2016 6:55:26\u{202f}PM", "5 10 2016 68126000 None"),
            ("01/25/23 13:00:07", "1 25 2023 46807000 None"),
            ("18.02.12", "18 2 2012 - None"),
            ("2022-09-13", "2022-09-13 - None"),
            (" 2022-09-13 19:40 ", "2022-09-13 70800000 None"),
            ("2022/09/13 19:40", "2022-09-13 70800000 None"),
            ("2020-01-01 00:00:00 UTC", "2020-01-01 0 Utc"),
            ("2020-01-01T00:00:00+0000", "2020-01-01 0 Offset(0)"),
            ("20-Sep-2016 12:18", "2016-09-20 44280000 None"),
            ("Fr, 25 Mai 2012 20:31", "2012-05-25 73860000 None"),
            ("25. März 2012 20:31", "2012-03-25 73860000 None"),
            ("ven. 25 juil. 2012 20:31", "2012-07-25 73860000 None"),
            ("Sep 20, 2016 12:18:00 PM", "2016-09-20 44280000 None"),
            ("Tue, Sep 20 2016 1:18", "2016-09-20 4680000 None"),
            ("5 août 2020", "2020-08-05 - None"),
            ("Thu Aug 1 17:56:21 GMT+0200 2024", "2024-08-01 64581000 Offset(7200)"),
            ("Thu Aug  1 17:56:21 2024", "2024-08-01 64581000 None"),
            ("1500000000", "2017-07-14 9600000 Utc"),
            ("1500000000123", "2017-07-14 9600123 Utc"),
            ("1500000000.5", "2017-07-14 9600500 Utc"),
            ("1500000000123456", "2017-07-14 9600123 Utc"),
            ("1500000000123456789", "2017-07-14 9600123 Utc"),
            ("5/10/2016 1:05:00 p.m.", "5 10 2016 47100000 None"),
            ("20230101T100001", "2023-01-01 36001000 None"),
            ("20230101T100001Z", "2023-01-01 36001000 Utc"),
            ("20230101 1000+0100", "2023-01-01 36000000 Offset(3600)"),
            ("20230101", "2023-01-01 - None"),
            ("20230101100001", "2023-01-01 36001000 None"),
            ("2023-01-01 10h05", "2023-01-01 36300000 None"),
            ("2023-01-01T10:00[Europe/Berlin]", "2023-01-01 36000000 Local(3600)"),
            ("2023-07-01T10:00:00Z[Europe/Berlin]", "2023-07-01 36000000 UtcAt(7200)"),
            ("2023-07-01T10:00:00+02:00[Europe/Berlin]", "2023-07-01 36000000 Offset(7200)"),
            // It occurs twice: the first of the two, as an instant.
            ("2023-10-29T02:30[Europe/Berlin]", "2023-10-29 1800000 UtcAt(7200)"),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }

    #[test]
    fn time_since_a_start_is_read() {
        for (text, ms) in [
            ("0", 0),
            ("12.5", 12_500),
            ("00:00:01", 1_000),
            ("01:02:03.25", 3_723_250),
            ("02:03", 123_000),
            ("90000", 90_000_000),
        ] {
            assert_eq!(Stamp::parse_elapsed(text), Ok(ms), "{text}");
        }
        for text in ["", "-1", "1:2:3:4", "abc", "1e5", "99999999999999999999", "1:x"] {
            assert!(Stamp::parse_elapsed(text).is_err(), "{text}");
        }
        let start = Stamp::parse("2016-12-31T23:59:59").unwrap();
        assert_eq!(start.later(2_500).unwrap().later(500).unwrap().later_ms, 3_000);
        assert!(start.later(u64::MAX).is_err());
        assert!(start.later(u64::from(u32::MAX)).unwrap().later(1).is_err());
    }

    #[test]
    fn offsets_of_places_are_read() {
        for (text, secs) in
            [("UTC-04:00", -14_400), ("UTC-0500", -18_000), ("+0530", 19_800), ("UTC", 0), ("-7", -25_200), ("Z", 0)]
        {
            assert_eq!(Stamp::parse_offset(text), Ok(secs), "{text}");
        }
        for text in ["", "somewhere", "UTC+99", "0500"] {
            assert_eq!(Stamp::parse_offset(text), Err(Reason::BadZone), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_says_so() {
        for (text, expected) in [
            ("", "NoTime"),
            ("  ", "NoTime"),
            ("yesterday", "BadTime"),
            ("2022-13-01T00:00:00", "NoSuchTime"),
            ("2023-02-29 10:00", "NoSuchTime"),
            ("2022-01-01T24:00:00", "NoSuchTime"),
            ("2022-01-01T10:60", "NoSuchTime"),
            ("1/1/2016 13:00:00 PM", "NoSuchTime"),
            ("1/1/2016 0:10:00 AM", "NoSuchTime"),
            ("2022-01-01T10:00:00+25:00", "NoSuchTime"),
            ("2022-01-01T10:00:00 somewhere", "BadTime"),
            ("2022-01-01T", "BadTime"),
            ("2022-01-01T10", "BadTime"),
            ("0001-01-01T10:00", "YearOutOfRange"),
            ("99999999999999999999", "BadTime"),
            ("12345678901", "BadTime"),
            ("1-1", "BadTime"),
            ("20-Foo-2016 12:18", "BadTime"),
            ("Fr, 31 Feb 2012 20:31", "NoSuchTime"),
            ("Friday", "BadTime"),
            ("20231301T100001", "NoSuchTime"),
            ("2023-01-01T10:00[Middle/Earth]", "BadZone"),
            ("[Europe/Berlin]", "NoTime"),
            ("5/10/2016 10:00[Europe/Berlin]", "BadZone"),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }
}
