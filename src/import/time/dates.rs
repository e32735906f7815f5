//! Dates as they are written: with numbers in any order, or with the month's name.

use jiff::civil::Date;

use crate::import::report::Reason;
use crate::import::time::cursor::Cursor;
use crate::import::time::months::month_named;
use crate::reading::YEARS;

/// A date as it is written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::import) enum WrittenDate {
    /// Year, month and day are clear.
    Clear(Date),
    /// Three numbers, and the year is not first: day and month in one order or the other. A year of
    /// two digits (`short_year`) may be the first of the three after all. With dots between, the day
    /// comes first.
    TwoNumbers { first: u8, second: u8, year: i16, short_year: bool, dotted: bool },
    /// The year is first, and month and day follow in one order or the other.
    YearThen { year: i16, first: u8, second: u8 },
}

/// Reads a date from the start of a text.
pub(in crate::import) fn parse_date(cursor: &mut Cursor) -> Result<WrittenDate, Reason> {
    if !cursor.0[0].is_ascii_digit() {
        return parse_named_date(cursor);
    }
    if let Some((compact, rest)) = cursor.0.split_first_chunk::<8>()
        && compact.iter().all(u8::is_ascii_digit)
        && (matches!(rest.first(), None | Some(b'T' | b' ')) || rest.len() == 6)
    {
        // 20230101T100001
        cursor.0 = rest;
        let number = compact.iter().fold(0, |number, byte| number * 10 + u32::from(byte - b'0'));
        return date(number / 10_000, small(number / 100 % 100)?, small(number % 100)?).map(WrittenDate::Clear);
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
        let (year, second, third) = (check_year(first)?, small(second)?, small(third)?);
        // Only the table that it is in tells whether the day may be second.
        return match new_date(year, second, third) {
            Err(reason) if new_date(year, third, second).is_err() => Err(reason),
            Err(_) => Ok(WrittenDate::YearThen { year, first: second, second: third }),
            Ok(date) => Ok(WrittenDate::Clear(date)),
        };
    }
    let year = check_year(whole_year(third, third_len)?)?;
    Ok(WrittenDate::TwoNumbers {
        first: small(first)?,
        second: small(second)?,
        year,
        short_year: third_len == 2,
        dotted: separator == b'.',
    })
}

fn small(value: u32) -> Result<u8, Reason> {
    u8::try_from(value).map_err(|_| Reason::NoSuchTime)
}

fn whole_year(number: u32, digits: usize) -> Result<u32, Reason> {
    match digits {
        4 => Ok(number),
        2 => Ok(two_digit_year(number)),
        _ => Err(Reason::BadTime),
    }
}

/// The year that is written with two digits, as POSIX reads `%y`: 1969 to 2068.
pub(in crate::import) fn two_digit_year(number: u32) -> u32 {
    if number < 69 { 2000 + number } else { 1900 + number }
}

/// `Fr, 25 Mai 2012`, `Sep 20, 2016`, `mar. 25 juil. 2012`.
fn parse_named_date(cursor: &mut Cursor) -> Result<WrittenDate, Reason> {
    let word = cursor.letters();
    if word.is_empty() {
        return Err(Reason::BadTime);
    }
    if let Some(month) = month_named(word) {
        let mut ahead = Cursor(cursor.0);
        if let Ok(date) = month_then_day(&mut ahead, month) {
            *cursor = ahead;
            return Ok(date);
        }
        // Tuesday is `mar` in three languages.
    }
    let comma = cursor.eat_any(b",.").is_some();
    cursor.eat(b',');
    cursor.skip_spaces();
    match cursor.number() {
        Some((day, _)) if comma || month_named(word).is_some() => finish_named_date(cursor, day),
        Some(_) => Err(Reason::BadTime),
        None => {
            let month = month_named(cursor.letters()).ok_or(Reason::BadTime)?;
            month_then_day(cursor, month)
        }
    }
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
    let month = month_named(cursor.letters()).ok_or(Reason::BadTime)?;
    cursor.eat(b'.');
    if dash && !cursor.eat(b'-') {
        return Err(Reason::BadTime);
    }
    cursor.skip_spaces();
    let (year, digits) = cursor.number().ok_or(Reason::BadTime)?;
    date(whole_year(year, digits)?, month, small(day)?).map(WrittenDate::Clear)
}

pub(in crate::import) fn check_year(year: u32) -> Result<i16, Reason> {
    i16::try_from(year).ok().filter(|year| YEARS.contains(year)).ok_or(Reason::YearOutOfRange)
}

pub(in crate::import) fn date(year: u32, month: u8, day: u8) -> Result<Date, Reason> {
    new_date(check_year(year)?, month, day)
}

/// A date, if there is such a one.
pub(in crate::import) fn new_date(year: i16, month: u8, day: u8) -> Result<Date, Reason> {
    // i8 in jiff's interface; larger values are not months or days anyway.
    let small = |value: u8| i8::try_from(value).map_err(|_| Reason::NoSuchTime);
    Date::new(year, small(month)?, small(day)?).map_err(|_| Reason::NoSuchTime)
}
