//! Which columns of a table hold what, by their names.

use super::report::Unusable;

/// The columns that a reading is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Columns {
    /// A date and time, or a date alone if there is a `time_of_day`.
    pub(super) time: usize,
    pub(super) time_of_day: Option<usize>,
    pub(super) rate: usize,
    /// Whose reading it is.
    pub(super) person: Option<usize>,
}

/// Names of each kind of column, likeliest first, in the form that `plain` gives them.
const TIMES: [&str; 14] = [
    "timestamp",
    "datetime",
    "date time",
    "start time",
    "start date",
    "starttime",
    "startdate",
    "start",
    "recorded at",
    "created at",
    "time",
    "date",
    "day",
    "datum",
];
const TIMES_OF_DAY: [&str; 3] = ["time", "time of day", "zeit"];
const RATES: [&str; 17] = [
    "beats per minute",
    "heart rate",
    "heartrate",
    "heart rate bpm",
    "heartrate bpm",
    "hr bpm",
    "bpm",
    "hr",
    "pulse",
    "pulse bpm",
    "heart rate count min",
    "avg heart rate",
    "average heart rate",
    "avg hr",
    "average hr",
    "rate",
    "value",
];
const PEOPLE: [&str; 5] = ["id", "user code", "user id", "person", "participant"];

/// A column's name in lower case, with single spaces for everything that is neither letter nor digit.
fn plain(name: &str) -> String {
    let spaced: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl Columns {
    /// Recognises the columns of a header.
    pub(super) fn recognise<'a>(header: impl IntoIterator<Item = &'a str>) -> Result<Self, Unusable> {
        let names: Vec<String> = header.into_iter().map(plain).collect();
        let find = |wanted: &[&str]| wanted.iter().find_map(|wanted| names.iter().position(|name| name == wanted));
        let date = find(&["date", "day", "datum"]);
        let (time, time_of_day) = match (find(&TIMES[..10]), date, find(&TIMES_OF_DAY)) {
            (Some(time), ..) => (time, None),
            (None, Some(date), Some(time)) => (date, Some(time)),
            _ => (find(&TIMES).ok_or(Unusable::NoColumn("times"))?, None),
        };
        let rate = find(&RATES).ok_or(Unusable::NoColumn("heart rates"))?;
        Ok(Self { time, time_of_day, rate, person: find(&PEOPLE) })
    }

    /// The last column that every line needs.
    pub(super) fn last(&self) -> usize {
        self.time.max(self.rate).max(self.time_of_day.unwrap_or(0)).max(self.person.unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognised(header: &str) -> Option<(usize, Option<usize>, usize, Option<usize>)> {
        let columns = Columns::recognise(header.split(',')).ok()?;
        Some((columns.time, columns.time_of_day, columns.rate, columns.person))
    }

    #[test]
    fn columns_are_recognised_by_name() {
        assert_eq!(recognised("timestamp,beats per minute"), Some((0, None, 1, None)));
        assert_eq!(recognised("timestamp,beats per minute,data source"), Some((0, None, 1, None)));
        assert_eq!(recognised("Id,Time,Value"), Some((1, None, 2, Some(0))));
        assert_eq!(recognised("date,time,heartRate"), Some((0, Some(1), 2, None)));
        assert_eq!(recognised("Heart Rate (bpm),Start time"), Some((1, None, 0, None)));
        assert_eq!(recognised("HR,Date"), Some((1, None, 0, None)));
        assert_eq!(recognised("steps,calories"), None);
        assert_eq!(recognised("time,steps"), None);
        assert_eq!(recognised("bpm,steps"), None);
    }
}
