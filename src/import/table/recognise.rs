//! Recognising a table in its first lines: first the shapes that are known by name, then what a header says,
//! then columns that hold times and rates without a name, and finally what the person chooses.

use crate::import::error::ImportError;
use crate::import::options::{OffsetUnit, Options, PersonColumn};
use crate::import::table::columns::{Columns, Lacking, chosen, date_column};
use crate::import::table::names::{offset_unit, plain};
use crate::import::table::plan::{
    BARE, Cell, Clock, DELIMITERS, HRV, Line, Plan, TABLE, fields, lines_of, names, recognise,
};
use crate::import::table::vendor_tables::known_shape;
use crate::import::time::dates::WrittenDate;
use crate::import::time::name_dates::day_in_name;
use crate::import::time::stamp::Stamp;
use crate::import::words::clean;
use crate::reading::{Kind, Rate, RateError};

impl Plan {
    /// Recognises the table in the first bytes of a text; `whole` says whether they are all.
    pub(in crate::import) fn recognise(
        head: &[u8],
        whole: bool,
        name: &str,
        options: &Options,
    ) -> Result<Self, ImportError> {
        if !whole && !head.contains(&b'\n') {
            return Err(ImportError::Unreadable("its first line is longer than 256 KiB; this is not a table".into()));
        }
        let lines = lines_of(head, whole);
        let found = known_shape(&lines, name)?
            .map_or_else(|| by_header(&lines), Ok)
            .or_else(|unusable| without_header(&lines).ok_or(unusable));
        let plan = match found {
            _ if options.time_column.is_none() && options.rate_column.is_none() => found?,
            Ok(plan) => plan.with(options)?,
            // The columns are known, whatever their names.
            Err(_) => by_choice(&lines, options)?,
        };
        let mut plan = plan.with_people(options)?;
        plan.zone_or_none(&lines);
        plan.offsets_or_zones(&lines, options);
        plan.time_of_day_or_whole(&lines);
        plan.time_of_day_by_values(&lines);
        plan.day_in_name(&lines, name)?;
        Ok(plan)
    }

    /// The same with the column of people that a person chose.
    fn with_people(mut self, options: &Options) -> Result<Self, ImportError> {
        match &options.person_column {
            None => {}
            Some(PersonColumn::None) => self.columns.person = None,
            Some(PersonColumn::Named(column)) => {
                let names: Vec<_> = self.header.iter().map(|name| plain(name)).collect();
                self.columns.person =
                    Some(chosen(&names, column).ok_or(ImportError::NoSuchColumn(self.header.clone()))?);
            }
        }
        Ok(self)
    }

    /// Takes a column that is called a time, and holds times of day, together with the column of dates beside it.
    fn time_of_day_or_whole(&mut self, lines: &[Line]) {
        let plain_names: Vec<_> = self.header.iter().map(|name| plain(name)).collect();
        let Some(date) = date_column(&plain_names).filter(|&date| date != self.columns.time) else { return };
        if self.columns.time_of_day.is_some() || self.clock != Clock::Written {
            return;
        }
        let value = self.values(lines, self.columns.time).into_iter().next();
        if value.is_some_and(|text| Stamp::parse(&text).is_err() && is_time_of_day(&text)) {
            (self.columns.time, self.columns.time_of_day) = (date, Some(self.columns.time));
        }
    }

    /// Takes the one column that holds times of day and nothing else, whatever its name, where the column of times has
    /// dates alone. Beside an average it may be how long that took.
    fn time_of_day_by_values(&mut self, lines: &[Line]) {
        let dates = |value: &String| Stamp::parse_any(value).is_ok_and(|stamp| stamp.time_ms.is_none());
        let days = self.values(lines, self.columns.time);
        if self.columns.time_of_day.is_some()
            || self.clock != Clock::Written
            || matches!(self.columns.kind, Kind::Average | Kind::Activity)
            || days.is_empty()
            || !days.iter().all(dates)
        {
            return;
        }
        // Split once: a table may have thousands of columns.
        let lines = lines.iter().skip(self.lines_before as usize);
        let records: Vec<_> = lines.map(|line| names(line.text, self.delimiter)).collect();
        let is_of_day = |column: &usize| {
            let values = || records.iter().filter_map(|record| record.get(*column)).filter(|value| !value.is_empty());
            values().count() == days.len() && values().all(|value| value.contains(':') && is_time_of_day(value))
        };
        let used = [Some(self.columns.time), Some(self.columns.rate), self.columns.person];
        let mut columns = (0..self.header.len()).filter(|column| !used.contains(&Some(*column))).filter(is_of_day);
        if let (Some(column), None) = (columns.next(), columns.next()) {
            let name = clean(&self.header[column]);
            self.remarks
                .push(format!("The column “{name}” holds times of day, and they were taken as those of the dates"));
            self.columns.time_of_day = Some(column);
        }
    }

    /// Drops a column `zone` whose values name no time zone: it holds training zones, or something else.
    fn zone_or_none(&mut self, lines: &[Line]) {
        let Some(column) = self.columns.zone.filter(|&column| plain(&self.header[column]) == "zone") else { return };
        let values = self.values(lines, column);
        if !values.is_empty() && !values.iter().any(|value| Stamp::names_zone(value)) {
            self.leave_out_zone(column);
        }
    }

    fn leave_out_zone(&mut self, column: usize) {
        self.columns.zone = None;
        let name = clean(&self.header[column]);
        self.remarks.push(format!("The column “{name}” names no time zones, and was not used"));
    }

    /// Finds the unit of offsets that are numbers: in the name of their column, else a person says.
    fn offsets_or_zones(&mut self, lines: &[Line], options: &Options) {
        let Some(column) = self.columns.zone else { return };
        let values = self.values(lines, column);
        let numbers: Option<Vec<f64>> = values.iter().map(|value| value.parse().ok()).collect();
        let Some(numbers) = numbers.filter(|numbers| !numbers.is_empty()) else { return };
        let plain = plain(&self.header[column]);
        let named = offset_unit(&plain).1;
        if named.is_none() && values.iter().all(|value| Stamp::names_zone(value)) {
            return;
        }
        let fits = |unit: OffsetUnit| {
            // All zones are ahead by whole quarters of an hour.
            let quarters = |number: &f64| number * unit.seconds() / 900.0;
            numbers.iter().all(|number| quarters(number).fract() == 0.0 && quarters(number).abs() <= 18.0 * 4.0)
        };
        let likely = OffsetUnit::ALL.into_iter().find(|&unit| fits(unit));
        let Some(likely) = named.or(options.offset_unit).or(likely) else { return self.leave_out_zone(column) };
        self.offset_unit = Some(likely);
        if named.is_none() && numbers.iter().any(|&number| number != 0.0) {
            self.unclear_offsets = Some((likely, self.header[column].clone()));
        }
    }

    /// The values of a column in the first lines, blanks apart.
    fn values(&self, lines: &[Line], column: usize) -> Vec<String> {
        let lines = lines.iter().skip(self.lines_before as usize);
        let values = lines.filter_map(|line| names(line.text, self.delimiter).into_iter().nth(column));
        values.filter(|value| !value.is_empty()).collect()
    }

    /// Takes the day from the file's name where the times are times of day, and no column has dates.
    fn day_in_name(&mut self, lines: &[Line], name: &str) -> Result<(), ImportError> {
        if self.columns.time_of_day.is_some() || self.clock != Clock::Written {
            return Ok(());
        }
        let values = self.values(lines, self.columns.time);
        let of_day = |value: &String| value.contains(':') && Stamp::parse(value).is_err() && is_time_of_day(value);
        if values.is_empty() || !values.iter().all(of_day) {
            return Ok(());
        }
        let day = day_in_name(name).ok_or(ImportError::NoDay)?;
        self.clock = Clock::Of(day);
        Ok(())
    }

    /// The same with the columns that a person chose: how its times are meant stays as it is.
    fn with(self, options: &Options) -> Result<Self, ImportError> {
        let number = |chosen: &Option<String>, own: usize| chosen.clone().unwrap_or_else(|| (own + 1).to_string());
        let time = number(&options.time_column, self.columns.time);
        let rate = number(&options.rate_column, self.columns.rate);
        let names = self.header.iter().map(|name| &**name);
        let Ok(chosen) = Columns::recognise(names, Some(&time), Some(&rate)) else {
            return Err(ImportError::NoSuchColumn(self.header));
        };
        let mut plan = self;
        if chosen.time != plan.columns.time {
            plan.columns.time_of_day = None;
            plan.clock = match plan.clock {
                Clock::Written if chosen.utc => Clock::Utc,
                Clock::Utc if plan.columns.utc && !chosen.utc => Clock::Written,
                clock => clock,
            };
        }
        if chosen.rate != plan.columns.rate {
            plan.columns.kind = chosen.kind;
        }
        (plan.columns.time, plan.columns.rate, plan.columns.utc) = (chosen.time, chosen.rate, chosen.utc);
        Ok(plan)
    }
}

/// Whether a text is a time of day.
fn is_time_of_day(text: &str) -> bool {
    Stamp::at(WrittenDate::Clear(jiff::civil::Date::ZERO), None).with_time(text).is_ok()
}

/// The first line that names a column of times and one of rates.
fn by_header(lines: &[Line]) -> Result<Plan, ImportError> {
    let mut lacking = None;
    for (at, line) in lines.iter().enumerate() {
        // The delimiter that the line holds most of; the comma wins where nothing is more frequent.
        let mut delimiters = DELIMITERS;
        delimiters.sort_by_key(|&delimiter| std::cmp::Reverse(memchr::memchr_iter(delimiter, line.text).count()));
        for delimiter in delimiters {
            match recognise(line.text, delimiter) {
                Ok(columns) => {
                    let format = format_of(line.text, delimiter, &columns);
                    return Ok(Plan::after(lines, at, delimiter, columns, format));
                }
                Err(why) if at == 0 && delimiter == delimiters[0] => lacking = Some(why),
                Err(_) => {}
            }
        }
    }
    let columns = widest_line(lines).map(|(_, _, columns)| columns).unwrap_or_default();
    Err(match lacking {
        None => ImportError::Empty,
        Some(_) if columns.len() < 2 => {
            let first = lines.iter().map(|line| line.text.trim_ascii()).find(|line| !line.is_empty());
            ImportError::NoTable(String::from_utf8_lossy(first.unwrap_or_default()).into_owned())
        }
        Some(Lacking::Time) => ImportError::NoColumn { missing: "times", columns },
        Some(Lacking::Rate) => ImportError::NoColumn { missing: "heart rates", columns },
    })
}

/// A table whose columns a person has chosen. If the line whose fields were offered as names holds a
/// time where the times are, it is a line of values.
fn by_choice(lines: &[Line], options: &Options) -> Result<Plan, ImportError> {
    let (time, rate) = (options.time_column.as_deref(), options.rate_column.as_deref());
    let columns_of = |names: &[String]| Columns::recognise(names.iter().map(|name| &**name), time, rate);
    let number = |column: &str| column.parse::<usize>().is_ok();
    // A name tells its line; numbers are those of the line whose fields were offered.
    let named = if [time, rate].into_iter().flatten().all(number) {
        None
    } else {
        lines.iter().enumerate().find_map(|(at, line)| {
            let fields = DELIMITERS.into_iter().map(|delimiter| (at, delimiter, names(line.text, delimiter)));
            fields.into_iter().find(|(_, _, names)| columns_of(names).is_ok())
        })
    };
    let (at, delimiter, header) = named.or_else(|| widest_line(lines)).ok_or(ImportError::Empty)?;
    let columns = match columns_of(&header) {
        Ok(columns) => columns,
        // That one was chosen does not tell the other.
        Err(Lacking::Time) if options.time_column.is_none() => {
            return Err(ImportError::NoColumn { missing: "times", columns: header });
        }
        Err(Lacking::Rate) if options.rate_column.is_none() => {
            return Err(ImportError::NoColumn { missing: "heart rates", columns: header });
        }
        Err(_) => return Err(ImportError::NoSuchColumn(header)),
    };
    let values = header.get(columns.time).is_some_and(|time| Stamp::parse(time).is_ok());
    let kind = if values { Kind::Sample } else { columns.kind };
    let plan = Plan::after(lines, at, delimiter, Columns { kind, ..columns }, TABLE);
    Ok(if values {
        let start = at.checked_sub(1).map_or(0, |before| lines[before].end);
        let header = (1..=header.len()).map(|number| format!("column {number}")).collect();
        Plan { start, lines_before: at as u64, header, ..plan }
    } else {
        plan
    })
}

/// The first line that has most fields, its delimiter and its fields: where nothing else is known, the
/// likeliest header.
fn widest_line(lines: &[Line]) -> Option<(usize, u8, Vec<String>)> {
    let mut widest: Option<(usize, u8, Vec<String>)> = None;
    for (at, line) in lines.iter().enumerate() {
        for delimiter in DELIMITERS {
            let width = widest.as_ref().map_or(0, |(_, _, fields)| fields.len());
            if memchr::memchr_iter(delimiter, line.text).count() >= width {
                let fields = names(line.text, delimiter);
                if fields.len() > width {
                    widest = Some((at, delimiter, fields));
                }
            }
        }
    }
    widest
}

/// The name of a format that a header alone tells.
fn format_of(header: &[u8], delimiter: u8, columns: &Columns) -> &'static str {
    let names: Vec<_> = names(header, delimiter).iter().map(|name| plain(name)).collect();
    let names: Vec<&str> = names.iter().map(|name| &**name).collect();
    let has = |wanted: &[&str]| wanted.iter().all(|wanted| names.contains(wanted));
    match () {
        () if has(&["timestamp", "beats per minute"]) => "Fitbit (Google Takeout)",
        () if has(&["date", "time", "heart rate"]) => "Zepp / Amazfit",
        () if has(&["workout start time", "cycle timezone"]) => "WHOOP workouts",
        () if has(&["cycle start time", "cycle timezone"]) => "WHOOP cycles",
        () if names == ["timestamp", "bpm", "source"] => "Oura",
        () if has(&["user code", "datetime"]) => "Welltory",
        () if has(&["timespan", "elapsed time", "heart rate"]) => "Pulsometer",
        () if has(&["hr"]) && ["rmssd", "sdnn", "avnn"].iter().any(|variability| has(&[variability])) => HRV,
        () if names.iter().any(|name| name.ends_with("count min")) => "Health export (QS Access, Health Auto Export)",
        () if columns.kind == Kind::Activity => "Table of activities",
        () => TABLE,
    }
}

/// A table without any header: one column of times, one of rates, and no doubt about which. Where
/// there are names and none is of heart rates, the numbers may be anything.
fn without_header(lines: &[Line]) -> Option<Plan> {
    let is_time = |field: &[u8]| {
        // A number of nine digits may be anything.
        let stamp = std::str::from_utf8(field).ok().filter(|text| text.len() != 9).map(Stamp::parse);
        stamp.is_some_and(|stamp| stamp.is_ok_and(|stamp| stamp.time_ms.is_some()))
    };
    let is_rate = |field: &[u8]| {
        std::str::from_utf8(field).is_ok_and(|text| matches!(Rate::parse(text), Ok(_) | Err(RateError::Missing)))
    };
    for delimiter in DELIMITERS {
        let records: Vec<_> = lines.iter().map(|line| fields(line.text, delimiter)).collect();
        if records.first().is_none_or(|record| record.len() < 2 || !record.iter().any(is_time)) {
            continue;
        }
        let rows = &records[..];
        let width = rows[0].len();
        let most = |is: &dyn Fn(&[u8]) -> bool, column: usize| {
            let hits = rows.iter().filter(|row| row.get(column).is_some_and(is)).count();
            hits * 5 >= rows.len() * 4
        };
        let times: Vec<_> = (0..width).filter(|&column| most(&is_time, column)).collect();
        let rates: Vec<_> = (0..width)
            .filter(|&column| !times.contains(&column) && most(&is_rate, column))
            .filter(|&column| {
                rows.iter().any(|row| row.get(column).is_some_and(|field| !field.trim_ascii().is_empty()))
            })
            .collect();
        let (Some(&time), [rate]) = (times.first(), &rates[..]) else { continue };
        let columns =
            Columns { time, time_of_day: None, zone: None, utc: false, rate: *rate, kind: Kind::Sample, person: None };
        return Some(Plan {
            format: BARE,
            delimiter,
            start: 0,
            lines_before: 0,
            header: (1..=width).map(|number| format!("column {number}")).collect(),
            columns,
            details: None,
            offset_unit: None,
            unclear_offsets: None,
            remarks: Vec::new(),
            clock: Clock::Written,
            cell: Cell::Number,
        });
    }
    None
}
