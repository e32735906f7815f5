//! Times of day and zones as they are written.

use crate::import::report::Reason;
use crate::import::time::cursor::Cursor;
use crate::import::time::stamp::Zone;

/// `14:32`, `14:32:17`, `14:32:17.250`, each also with AM or PM; `14h32`, `143217`. The second says
/// whether it was AM or PM.
pub(in crate::import) fn parse_time(cursor: &mut Cursor) -> Result<(u32, bool), Reason> {
    let (mut hour, digits) = cursor.number().ok_or(Reason::BadTime)?;
    match digits {
        6 => return Ok((time_of_day_ms([hour / 10_000, hour / 100 % 100, hour % 100])?, false)),
        3 | 4 => return Ok((time_of_day_ms([hour / 100, hour % 100, 0])?, false)),
        _ => {}
    }
    if cursor.eat_any(b":hH").is_none() {
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
    let twelve_hours =
        match (half(b"a.m.", b"am") || half(b"a. m.", b"a m"), half(b"p.m.", b"pm") || half(b"p. m.", b"p m")) {
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
    Ok((time_of_day_ms([hour, minute, second])? + ms, twelve_hours))
}

/// Milliseconds since midnight of an hour, minute and second.
pub(in crate::import) fn time_of_day_ms([hour, minute, second]: [u32; 3]) -> Result<u32, Reason> {
    if hour > 23 || minute > 59 || second > 59 {
        return Err(Reason::NoSuchTime);
    }
    Ok(((hour * 60 + minute) * 60 + second) * 1000)
}

/// The zone that a text is.
pub(in crate::import) fn parse_zone_text(text: &[u8]) -> Result<Zone, Reason> {
    parse_zone(&mut Cursor(text))
}

pub(in crate::import) fn parse_zone(cursor: &mut Cursor) -> Result<Zone, Reason> {
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
