//! Times as they are written, before anyone knows their place.

use jiff::civil::Date;

use super::report::Reason;

/// What a written time says about its zone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Zone {
    /// Nothing.
    None,
    /// `Z` or `UTC`: an instant without a place.
    Utc,
    /// An offset in seconds: the place's own, unless it is zero throughout the file.
    Offset(i32),
    /// An offset from a column of its own: the place's, zero or not.
    Place(i32),
    /// The time is UTC, and the place's offset is this.
    UtcAt(i32),
}

/// A date as it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum WrittenDate {
    /// Year, month and day are clear.
    Clear(Date),
    /// Three numbers, and the year is not first: day and month in one order or the other. A year of
    /// two digits may be the first of the three after all. With dots between, the day comes first.
    TwoNumbers { first: u8, second: u8, year: i16, dotted: bool },
}

/// A time as it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stamp {
    pub(super) date: WrittenDate,
    /// Milliseconds of the day, or `None` for a date alone.
    pub(super) time_ms: Option<u32>,
    pub(super) zone: Zone,
    /// Whether it was written with AM or PM.
    pub(super) twelve_hours: bool,
    /// Milliseconds that have passed since, on a clock that nobody changes.
    pub(super) later_ms: u32,
}

/// Reads the form that most exports have, `2017-01-01T04:26:40` and a zone or none: all its numbers
/// stand at known places. `None` for every other form.
fn common_form(text: &[u8]) -> Option<Result<Stamp, Reason>> {
    let (fixed, rest) = text.split_first_chunk::<19>()?;
    let [y1, y2, y3, y4, b'-', mo1, mo2, b'-', d1, d2, b'T' | b' ', h1, h2, b':', mi1, mi2, b':', s1, s2] = *fixed
    else {
        return None;
    };
    // Fractions, and AM or PM, are for the others to read.
    if !matches!(rest.first(), None | Some(b'Z' | b'+' | b'-')) {
        return None;
    }
    let digits = [y1, y2, y3, y4, mo1, mo2, d1, d2, h1, h2, mi1, mi2, s1, s2];
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let two = |tens: u8, ones: u8| (tens - b'0') * 10 + (ones - b'0');
    let year = u32::from(two(y1, y2)) * 100 + u32::from(two(y3, y4));
    let [hour, minute, second] = [two(h1, h2), two(mi1, mi2), two(s1, s2)].map(u32::from);
    let read = || {
        let date = date(year, two(mo1, mo2), two(d1, d2))?;
        if hour > 23 || minute > 59 || second > 59 {
            return Err(Reason::NoSuchTime);
        }
        let zone = match rest {
            [] => Zone::None,
            b"Z" => Zone::Utc,
            rest => parse_zone(&mut Cursor(rest))?,
        };
        let time_ms = Some(((hour * 60 + minute) * 60 + second) * 1000);
        Ok(Stamp { date: WrittenDate::Clear(date), time_ms, zone, twelve_hours: false, later_ms: 0 })
    };
    Some(read())
}

/// Without white space around it. Most texts have none, which is seen at once.
fn trim(text: &str) -> &str {
    let plain = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    if plain(text.as_bytes().first()) && plain(text.as_bytes().last()) { text } else { text.trim() }
}

struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    /// A run of digits: its value and length.
    fn number(&mut self) -> Option<(u32, usize)> {
        let len = self.0.iter().take_while(|b| b.is_ascii_digit()).count();
        if len == 0 || len > 9 {
            return None;
        }
        let value = self.0[..len].iter().fold(0, |value, b| value * 10 + u32::from(b - b'0'));
        self.0 = &self.0[len..];
        Some((value, len))
    }

    fn eat(&mut self, wanted: u8) -> bool {
        self.eat_any(&[wanted]).is_some()
    }

    fn eat_any(&mut self, wanted: &[u8]) -> Option<u8> {
        let (&first, rest) = self.0.split_first().filter(|(first, _)| wanted.contains(first))?;
        self.0 = rest;
        Some(first)
    }

    fn eat_word(&mut self, word: &[u8]) -> bool {
        let found = self.0.len() >= word.len() && self.0[..word.len()].eq_ignore_ascii_case(word);
        if found {
            self.0 = &self.0[word.len()..];
        }
        found
    }

    fn skip_spaces(&mut self) {
        while self.eat_any(b" \t").is_some() {}
        // Newer exports put a narrow no-break space before AM and PM.
        while self.eat_word("\u{202f}".as_bytes()) || self.eat_word("\u{a0}".as_bytes()) {}
    }
}

impl Stamp {
    /// Reads a time, or a date alone.
    pub(super) fn parse(text: &str) -> Result<Self, Reason> {
        let text = trim(text);
        if text.is_empty() {
            return Err(Reason::NoTime);
        }
        if let Some(stamp) = common_form(text.as_bytes()) {
            return stamp;
        }
        let mut cursor = Cursor(text.as_bytes());
        if let Some(ms) = epoch_ms(text) {
            return of_epoch_ms(ms);
        }
        let date = parse_date(&mut cursor)?;
        if cursor.eat_any(b"T,").is_some() || !cursor.0.is_empty() {
            cursor.skip_spaces();
            let (time_ms, twelve_hours) = parse_time(&mut cursor)?;
            let zone = parse_zone(&mut cursor)?;
            return Ok(Self { date, time_ms: Some(time_ms), zone, twelve_hours, later_ms: 0 });
        }
        Ok(Self { date, time_ms: None, zone: Zone::None, twelve_hours: false, later_ms: 0 })
    }

    /// The same time as an instant of UTC, at a place with this offset if one is known.
    pub(super) fn utc(self, offset: Option<i32>) -> Self {
        Self { zone: offset.map_or(Zone::Utc, Zone::UtcAt), ..self }
    }

    /// Reads a place's offset: `UTC-04:00`, `+0200`, `-7`, `Z`.
    pub(super) fn parse_offset(text: &str) -> Result<i32, Reason> {
        let mut cursor = Cursor(text.trim().as_bytes());
        match parse_zone(&mut cursor).map_err(|_| Reason::BadZone)? {
            Zone::Offset(secs) => Ok(secs),
            Zone::Utc => Ok(0),
            _ => Err(Reason::BadZone),
        }
    }

    /// The time that is so much later.
    pub(super) fn later(self, by_ms: u64) -> Result<Self, Reason> {
        let by_ms = u32::try_from(by_ms).map_err(|_| Reason::NoSuchTime)?;
        let later_ms = self.later_ms.checked_add(by_ms).ok_or(Reason::NoSuchTime)?;
        if self.time_ms.is_none() { Err(Reason::BadTime) } else { Ok(Self { later_ms, ..self }) }
    }

    /// Reads time since a start, in milliseconds: `00:12:07`, `00:12:07.5`, `12:07`, or seconds.
    pub(super) fn parse_elapsed(text: &str) -> Result<u64, Reason> {
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
        let digit = |place: usize| fraction.as_bytes().get(place).map_or(0, |byte| u64::from(byte - b'0'));
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
    pub(super) fn with_time(self, text: &str) -> Result<Self, Reason> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Reason::NoTime);
        }
        let mut cursor = Cursor(text.as_bytes());
        let (time_ms, twelve_hours) = parse_time(&mut cursor)?;
        Ok(Self { time_ms: Some(time_ms), zone: parse_zone(&mut cursor)?, twelve_hours, ..self })
    }
}

impl Stamp {
    /// An instant, in seconds since the Unix epoch.
    pub(super) fn of_epoch_secs(secs: i64) -> Result<Self, Reason> {
        of_epoch_ms(secs.saturating_mul(1000))
    }
}

fn of_epoch_ms(ms: i64) -> Result<Stamp, Reason> {
    let civil =
        jiff::Timestamp::from_millisecond(ms).map_err(|_| Reason::NoSuchTime)?.to_zoned(jiff::tz::TimeZone::UTC);
    Ok(Stamp {
        date: WrittenDate::Clear(civil.date()),
        time_ms: Some((ms.rem_euclid(86_400_000)) as u32),
        zone: Zone::Utc,
        twelve_hours: false,
        later_ms: 0,
    })
}

/// Seconds (10 digits), milliseconds (13), microseconds (16) or nanoseconds (19) since the Unix epoch;
/// seconds may have a fraction. The result is in milliseconds.
fn epoch_ms(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    match whole.len() {
        10 => {
            let digit = |place: usize| fraction.as_bytes().get(place).map_or(0, |byte| i64::from(byte - b'0'));
            Some(number * 1000 + digit(0) * 100 + digit(1) * 10 + digit(2))
        }
        13 => Some(number),
        16 => Some(number / 1000),
        19 => Some(number / 1_000_000),
        _ => None,
    }
}

fn parse_date(cursor: &mut Cursor) -> Result<WrittenDate, Reason> {
    if !cursor.0[0].is_ascii_digit() {
        return parse_named_date(cursor);
    }
    let (first, first_len) = cursor.number().ok_or(Reason::BadTime)?;
    if cursor.0.get(1).is_some_and(|&next| !next.is_ascii_digit()) {
        // 20-Sep-2016, 25 Mai 2012, 25. Mai 2012
        return finish_named_date(cursor, first);
    }
    let separator = cursor.eat_any(b"-/.").ok_or(Reason::BadTime)?;
    let (second, _) = cursor.number().ok_or(Reason::BadTime)?;
    if !cursor.eat(separator) {
        return Err(Reason::BadTime);
    }
    let (third, third_len) = cursor.number().ok_or(Reason::BadTime)?;
    if first_len == 4 {
        return date(first, small(second)?, small(third)?).map(WrittenDate::Clear);
    }
    let year = check_year(whole_year(third, third_len)?)?;
    Ok(WrittenDate::TwoNumbers { first: small(first)?, second: small(second)?, year, dotted: separator == b'.' })
}

fn small(value: u32) -> Result<u8, Reason> {
    u8::try_from(value).map_err(|_| Reason::NoSuchTime)
}

fn whole_year(number: u32, digits: usize) -> Result<u32, Reason> {
    match digits {
        4 => Ok(number),
        2 => Ok(2000 + number),
        _ => Err(Reason::BadTime),
    }
}

/// `Fr, 25 Mai 2012`, `Sep 20, 2016`.
fn parse_named_date(cursor: &mut Cursor) -> Result<WrittenDate, Reason> {
    let word = eat_letters(cursor);
    let is_weekday = |cursor: &mut Cursor| {
        let comma = cursor.eat_any(b",.").is_some();
        cursor.eat(b',');
        cursor.skip_spaces();
        comma || cursor.0.first().is_some_and(|byte| !byte.is_ascii_digit())
    };
    match month_named(word) {
        None if word.is_empty() || !is_weekday(cursor) => Err(Reason::BadTime),
        None => match cursor.number() {
            Some((day, _)) => finish_named_date(cursor, day),
            None => parse_named_date_after_weekday(cursor),
        },
        Some(month) => month_then_day(cursor, month),
    }
}

fn parse_named_date_after_weekday(cursor: &mut Cursor) -> Result<WrittenDate, Reason> {
    let month = month_named(eat_letters(cursor)).ok_or(Reason::BadTime)?;
    month_then_day(cursor, month)
}

fn month_then_day(cursor: &mut Cursor, month: u8) -> Result<WrittenDate, Reason> {
    cursor.eat(b'.');
    cursor.skip_spaces();
    let (day, _) = cursor.number().ok_or(Reason::BadTime)?;
    cursor.eat(b',');
    cursor.skip_spaces();
    let (year, digits) = cursor.number().ok_or(Reason::BadTime)?;
    date(whole_year(year, digits)?, month, small(day)?).map(WrittenDate::Clear)
}

/// A month's name and a year, after the day.
fn finish_named_date(cursor: &mut Cursor, day: u32) -> Result<WrittenDate, Reason> {
    cursor.eat(b'.');
    let dash = cursor.eat(b'-');
    cursor.skip_spaces();
    let month = month_named(eat_letters(cursor)).ok_or(Reason::BadTime)?;
    cursor.eat(b'.');
    if dash && !cursor.eat(b'-') {
        return Err(Reason::BadTime);
    }
    cursor.skip_spaces();
    let (year, digits) = cursor.number().ok_or(Reason::BadTime)?;
    date(whole_year(year, digits)?, month, small(day)?).map(WrittenDate::Clear)
}

/// A run of letters, of any alphabet.
fn eat_letters<'a>(cursor: &mut Cursor<'a>) -> &'a [u8] {
    let len = cursor.0.iter().take_while(|byte| byte.is_ascii_alphabetic() || **byte >= 0x80).count();
    let (word, rest) = cursor.0.split_at(len);
    cursor.0 = rest;
    word
}

/// A month by the first letters of its name in the languages that exports are written in: English,
/// German, French, Spanish, Italian, Portuguese, Dutch and Swedish.
fn month_named(word: &[u8]) -> Option<u8> {
    const STARTS: [&[&str]; 12] = [
        &["jan", "ene", "gen", "jän"],
        &["feb", "fév", "fev"],
        &["mar", "mär", "maa", "mrt", "mrz"],
        &["apr", "avr", "abr"],
        &["may", "mai", "maj", "mei", "mag"],
        &["jun", "juin", "giu"],
        &["jul", "juil", "lug"],
        &["aug", "aoû", "aou", "ago"],
        &["sep", "set"],
        &["oct", "okt", "ott", "out"],
        &["nov"],
        &["dec", "dez", "déc", "dic"],
    ];
    let word = std::str::from_utf8(word).ok()?.to_lowercase();
    // Longer starts first: `juin` and `juil` share three letters with nothing else.
    let place = STARTS.iter().position(|starts| starts.iter().any(|start| word.starts_with(start)))?;
    (word.chars().count() >= 3).then_some(place as u8 + 1)
}

fn check_year(year: u32) -> Result<i16, Reason> {
    if (1900..2200).contains(&year) { Ok(year as i16) } else { Err(Reason::YearOutOfRange) }
}

fn date(year: u32, month: u8, day: u8) -> Result<Date, Reason> {
    new_date(check_year(year)?, month, day)
}

/// A date, if there is such a one.
pub(super) fn new_date(year: i16, month: u8, day: u8) -> Result<Date, Reason> {
    // i8 in jiff's interface; larger values are no months or days anyway.
    let small = |value: u8| i8::try_from(value).map_err(|_| Reason::NoSuchTime);
    Date::new(year, small(month)?, small(day)?).map_err(|_| Reason::NoSuchTime)
}

/// `14:32`, `14:32:17`, `14:32:17.250`, each also with AM or PM. The second says whether it was.
fn parse_time(cursor: &mut Cursor) -> Result<(u32, bool), Reason> {
    let (mut hour, _) = cursor.number().ok_or(Reason::BadTime)?;
    if !cursor.eat(b':') {
        return Err(Reason::BadTime);
    }
    let (minute, _) = cursor.number().ok_or(Reason::BadTime)?;
    let (mut second, mut ms) = (0, 0);
    if cursor.eat(b':') {
        (second, _) = cursor.number().ok_or(Reason::BadTime)?;
        if cursor.eat_any(b".,").is_some() {
            let digits = cursor.0.iter().take_while(|b| b.is_ascii_digit()).count();
            if digits == 0 {
                return Err(Reason::BadTime);
            }
            let digit = |i: usize| if i < digits { u32::from(cursor.0[i] - b'0') } else { 0 };
            ms = digit(0) * 100 + digit(1) * 10 + digit(2);
            cursor.0 = &cursor.0[digits..];
        }
    }
    let before = cursor.0;
    cursor.skip_spaces();
    let mut half = |long: &[u8], short: &[u8]| cursor.eat_word(long) || cursor.eat_word(short);
    let twelve_hours = match (half(b"a.m.", b"am"), half(b"p.m.", b"pm")) {
        (false, false) => {
            cursor.0 = before;
            false
        }
        _ if hour == 0 || hour > 12 => return Err(Reason::NoSuchTime),
        (true, _) => {
            hour %= 12;
            true
        }
        (false, true) => {
            hour = hour % 12 + 12;
            true
        }
    };
    if hour > 23 || minute > 59 || second > 59 {
        return Err(Reason::NoSuchTime);
    }
    Ok((((hour * 60 + minute) * 60 + second) * 1000 + ms, twelve_hours))
}

fn parse_zone(cursor: &mut Cursor) -> Result<Zone, Reason> {
    cursor.skip_spaces();
    let named = cursor.eat_word(b"utc") || cursor.eat_word(b"gmt") || cursor.eat(b'Z') || cursor.eat(b'z');
    let zone = match cursor.eat_any(b"+-") {
        None if named => Zone::Utc,
        None => Zone::None,
        Some(sign) => {
            let (number, len) = cursor.number().ok_or(Reason::BadTime)?;
            let (hours, minutes) = match len {
                1 | 2 if cursor.eat(b':') => (number, cursor.number().ok_or(Reason::BadTime)?.0),
                1 | 2 => (number, 0),
                4 => (number / 100, number % 100),
                _ => return Err(Reason::BadTime),
            };
            if hours > 15 || minutes > 59 {
                return Err(Reason::NoSuchTime);
            }
            let secs = (hours * 3600 + minutes * 60) as i32;
            Zone::Offset(if sign == b'-' { -secs } else { secs })
        }
    };
    if cursor.0.is_empty() { Ok(zone) } else { Err(Reason::BadTime) }
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
            ("1500000000", "2017-07-14 9600000 Utc"),
            ("1500000000123", "2017-07-14 9600123 Utc"),
            ("1500000000.5", "2017-07-14 9600500 Utc"),
            ("1500000000123456", "2017-07-14 9600123 Utc"),
            ("1500000000123456789", "2017-07-14 9600123 Utc"),
            ("5/10/2016 1:05:00 p.m.", "5 10 2016 47100000 None"),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }

    #[test]
    fn the_common_form_is_read_as_every_other() {
        for text in ["2017-01-01T04:26:40", "2017-13-01T04:26:40", "2017-01-01T24:26:40", "2017-01-01 04:26:60"] {
            for zone in ["", "Z", "+02:00", "-0800", "-25:00", "Zz", "+x"] {
                let text = format!("{text}{zone}");
                // A fraction makes it another form of the same time.
                let (start, end) = text.split_at(19);
                let general = Stamp::parse(&format!("{start}.0{end}"));
                assert_eq!(common_form(text.as_bytes()), Some(general), "{text}");
            }
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
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }
}
