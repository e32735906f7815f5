//! Tables that are known by name: what says so, and what their times and rates are.

use jiff::civil::Date;

use crate::import::error::ImportError;
use crate::import::table::columns::Columns;
use crate::import::table::names::plain;
use crate::import::table::plan::{Cell, Clock, DELIMITERS, Line, Plan, names, recognise};
use crate::import::time::clock_text::time_of_day_ms;
use crate::import::time::dates::WrittenDate;
use crate::import::time::stamp::Stamp;
use crate::reading::Kind;

/// Exports of studies, whose `Id` is a person.
pub(in crate::import) const FITABASE: &str = "Fitabase";

/// Shapes that are known by name.
pub(in crate::import) fn known_shape(lines: &[Line], file: &str) -> Result<Option<Plan>, ImportError> {
    let Some(first) = lines.first() else { return Ok(None) };
    let starts = |line: &Line, start: &[u8]| line.text.trim_ascii().to_ascii_lowercase().starts_with(start);
    let header_with = |wanted: &[&str]| {
        lines.iter().enumerate().find_map(|(at, line)| {
            DELIMITERS.into_iter().find_map(|delimiter| {
                let names: Vec<_> = names(line.text, delimiter).iter().map(|name| plain(name)).collect();
                let indices: Vec<_> =
                    wanted.iter().filter_map(|wanted| names.iter().position(|name| name == wanted)).collect();
                (indices.len() == wanted.len()).then_some((at, delimiter, indices))
            })
        })
    };
    let columns = |time, rate| Columns {
        time,
        time_of_day: None,
        zone: None,
        utc: false,
        rate,
        kind: Kind::Sample,
        person: None,
    };

    if file.rsplit('/').next().unwrap_or_default().starts_with("daily_resting_heart_rate")
        && let Some((at, delimiter, indices)) = header_with(&["timestamp", "beats per minute"])
    {
        let columns = Columns { kind: Kind::Resting, ..columns(indices[0], indices[1]) };
        let plan = Plan::after(lines, at, delimiter, columns, "Fitbit resting rates (Google Takeout)");
        return Ok(Some(Plan { clock: Clock::Date, ..plan }));
    }
    if starts(first, b"com.samsung.") && lines.len() > 1 {
        let Ok(columns) = recognise(lines[1].text, b',') else { return Ok(None) };
        let plan = Plan::after(lines, 1, b',', columns, "Samsung Health");
        let details = plan.header.iter().position(|name| plain(name) == "binning data");
        return Ok(Some(Plan { clock: Clock::Utc, details, ..plan }));
    }
    if let Some((at, delimiter, indices)) = header_with(&["pkg name", "time offset", "heart rate", "start time"]) {
        let plan = Plan::after(lines, at, delimiter, columns(indices[3], indices[2]), "Samsung Health (web download)");
        // The offsets are the watch's; the times are of the zone in which the browser was.
        let words = "Samsung's web download has times of the browser's zone: they were taken as local time, and the \
            column “time_offset” was not applied";
        return Ok(Some(Plan { remarks: vec![words.into()], ..plan }));
    }
    if let Some((at, delimiter, indices)) =
        header_with(&["activity id", "activity date", "filename", "average heart rate"])
    {
        // Its dates are in UTC, and say nothing of it.
        let columns = Columns { kind: Kind::Activity, ..columns(indices[1], indices[3]) };
        let plan = Plan::after(lines, at, delimiter, columns, "Strava activities");
        return Ok(Some(Plan { clock: Clock::Utc, ..plan }));
    }
    if let Some((at, delimiter, indices)) = header_with(&["sample rate", "time", "hr bpm"])
        && at >= 2
        && let Some(base) = polar_start(lines)
    {
        let plan = Plan::after(lines, at, delimiter, columns(indices[1], indices[2]), "Polar Flow session");
        return Ok(Some(Plan { clock: Clock::Since(base), ..plan }));
    }
    if let Some(base) = lines.iter().take(8).find_map(|line| wahoo_start(line.text))
        && let Some((at, delimiter, indices)) = header_with(&["hr heartrate"])
    {
        let names: Vec<_> = names(lines[at].text, delimiter).iter().map(|name| plain(name)).collect();
        let elapsed = ["rawtime", "raw time", "time", "secs", "seconds", "elapsed", "elapsed time", "elapsed seconds"];
        let time = elapsed
            .iter()
            .find_map(|wanted| names.iter().position(|name| name == wanted))
            .or_else(|| rising_column(&lines[at + 1..], delimiter, indices[0]));
        let time = time.ok_or(ImportError::lacks("times"))?;
        let plan = Plan::after(lines, at, delimiter, columns(time, indices[0]), "Wahoo");
        return Ok(Some(Plan { clock: Clock::Since(base), ..plan }));
    }
    if let Some((at, delimiter, indices)) = header_with(&["start", "duration", "value"]) {
        // Steps, calories and distances have the same header: only the file's name tells.
        let file = file.rsplit('/').next().unwrap_or_default().to_lowercase();
        if file.starts_with("raw_") && !file.contains("hr") && !file.contains("heart") {
            return Err(ImportError::lacks("heart rates"));
        }
        let plan = Plan::after(lines, at, delimiter, columns(indices[0], indices[2]), "Withings");
        return Ok(Some(Plan { cell: Cell::Arrays(indices[1]), ..plan }));
    }
    if let Some((at, delimiter, indices)) = header_with(&["uid", "sid", "key", "time", "value", "update time"]) {
        let columns = Columns { person: Some(indices[0]), ..columns(indices[3], indices[4]) };
        let plan = Plan::after(lines, at, delimiter, columns, "Mi Fitness");
        return Ok(Some(Plan { cell: Cell::Json { key: indices[2] }, ..plan }));
    }
    if let Some((at, delimiter, indices)) = header_with(&["id", "time", "value"])
        && names(lines[at].text, delimiter).len() == 3
    {
        let columns = Columns { person: Some(indices[0]), ..columns(indices[1], indices[2]) };
        return Ok(Some(Plan::after(lines, at, delimiter, columns, FITABASE)));
    }
    Ok(None)
}

/// The start of a Polar Flow session: a row of values under `Date` and `Start time`, the day first.
fn polar_start(lines: &[Line]) -> Option<Stamp> {
    let (names, values) = (names(lines[0].text, b','), names(lines[1].text, b','));
    let value = |wanted: &str| names.iter().position(|name| plain(name) == wanted).and_then(|at| values.get(at));
    let stamp = Stamp::parse(value("date")?).ok()?.with_time(value("start time")?).ok()?;
    Some(match stamp.date {
        WrittenDate::TwoNumbers { first, second, year, .. } => {
            let date = crate::import::time::dates::new_date(year, second, first).ok()?;
            Stamp { date: WrittenDate::Clear(date), ..stamp }
        }
        WrittenDate::Clear(_) | WrittenDate::YearThen { .. } => stamp,
    })
}

/// The start in a Wahoo file: `Year,2016,Month,10,Day,7,Hour,17,Minute,24,Second,2,…`.
fn wahoo_start(line: &[u8]) -> Option<Stamp> {
    let fields = names(line, b',');
    let value = |wanted: &str| -> Option<u32> {
        let at = fields.iter().position(|field| field.eq_ignore_ascii_case(wanted))?;
        fields.get(at + 1)?.parse().ok()
    };
    let date =
        Date::new(value("year")?.try_into().ok()?, value("month")?.try_into().ok()?, value("day")?.try_into().ok()?);
    let (hour, minute, second) = (value("hour")?, value("minute")?, value("second")?);
    let time_ms = time_of_day_ms([hour, minute, second]).ok()?;
    Some(Stamp::at(WrittenDate::Clear(date.ok()?), Some(time_ms)))
}

/// A column of numbers that rise from line to line, other than `not`.
fn rising_column(lines: &[Line], delimiter: u8, not: usize) -> Option<usize> {
    let rows: Vec<_> = lines.iter().take(50).map(|line| names(line.text, delimiter)).collect();
    let rises = |column: usize| {
        let values: Option<Vec<f64>> =
            rows.iter().filter(|row| row.len() > 1).map(|row| row.get(column)?.parse().ok()).collect();
        values.is_some_and(|values| {
            values.len() >= 2 && values.windows(2).all(|pair| pair[0] <= pair[1]) && values.first() < values.last()
        })
    };
    (0..rows.first()?.len()).find(|&column| column != not && rises(column))
}
