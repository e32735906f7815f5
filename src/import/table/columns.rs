//! Which columns of a table hold what, by their names.

use crate::import::table::names::{offset_unit, plain, same_letters};
use crate::import::table::people::{Naming, naming};
use crate::reading::Kind;

/// The columns that a reading is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::import) struct Columns {
    /// A date and time, or a date alone if there is a `time_of_day`, or the time since a start.
    pub(in crate::import) time: usize,
    pub(in crate::import) time_of_day: Option<usize>,
    /// The place's offset.
    pub(in crate::import) zone: Option<usize>,
    /// Whether the name of the column of times says that they are UTC.
    pub(in crate::import) utc: bool,
    pub(in crate::import) rate: usize,
    pub(in crate::import) kind: Kind,
    /// Whose reading it is.
    pub(in crate::import) person: Option<usize>,
}

/// Names of columns of times, likeliest first, in the form that [`plain`] gives them.
const TIMES: [&str; 57] = [
    "local time",
    "utc time",
    "utc timestamp",
    "unix timestamp",
    "epoch",
    "iso date",
    "startzeit",
    "heure de début",
    "hora de início",
    "hora de inicio",
    "ora di inizio",
    "begintijd",
    "starttid",
    "时间",
    "timestamp measurement",
    "phone timestamp",
    "measurement date",
    "measurement time",
    "date and time",
    "fecha y hora",
    "data e ora",
    "data e hora",
    "datum en tijd",
    "activity date",
    "timestamp",
    "datetime",
    "date time",
    "timespan",
    "start time",
    "workout start time",
    "cycle start time",
    "start date",
    "starttime",
    "startdate",
    "start",
    "recorded at",
    "created at",
    "date time start",
    "zeitstempel",
    "horodatage",
    "time",
    "date",
    "day",
    "datum",
    "fecha",
    "data",
    "tag",
    "datum uhrzeit",
    "zeit",
    "dato",
    "päivämäärä",
    "日期",
    "日付",
    "날짜",
    "дата",
    "tarih",
    "dátum",
];
/// How many of them need no column for the time of day.
const WHOLE_TIMES: usize = 40;
const DATES: [&str; 14] = [
    "дата",
    "tarih",
    "dátum",
    "date",
    "day",
    "datum",
    "fecha",
    "data",
    "tag",
    "dato",
    "päivämäärä",
    "日期",
    "日付",
    "날짜",
];
const TIMES_OF_DAY: [&str; 15] = [
    "time",
    "time of day",
    "zeit",
    "uhrzeit",
    "heure",
    "hora",
    "ora",
    "tid",
    "tijd",
    "klokkeslæt",
    "start time",
    "starttime",
    "时间",
    "時刻",
    "시간",
];
const ZONES: [&str; 17] = [
    "gmt offset",
    "offset from utc",
    "offset utc",
    "cycle timezone",
    "workout timezone",
    "time offset",
    "timezone",
    "time zone",
    "timezone offset",
    "utc offset",
    "utcoffset",
    "tz offset",
    "zone offset",
    "offset",
    "zone",
    "tz",
    "zeitzone",
];
/// Names of columns of rates, likeliest first: samples, averages, resting rates, and at last those that
/// are rolling averages of samples beside them. Minimum and maximum are nobody's first choice: only a
/// person can choose them.
const RATES: [(&str, Kind); 92] = [
    ("чсс", Kind::Sample),
    ("pulso", Kind::Sample),
    ("pouls", Kind::Sample),
    ("hjertefrekvens", Kind::Sample),
    ("tepová frekvence", Kind::Sample),
    ("tep", Kind::Sample),
    ("пульс", Kind::Sample),
    ("частота сердечных сокращений", Kind::Sample),
    ("nabız", Kind::Sample),
    ("pulzus", Kind::Sample),
    ("pul", Kind::Sample),
    ("medelpuls", Kind::Average),
    ("průměrný tep", Kind::Average),
    ("durchschn herzfrequenz", Kind::Average),
    ("average resting heart rate", Kind::Resting),
    ("lowest resting heart rate", Kind::Resting),
    ("静息心率", Kind::Resting),
    ("beats per minute", Kind::Sample),
    ("heart rate", Kind::Sample),
    ("heartrate", Kind::Sample),
    ("heart rate bpm", Kind::Sample),
    ("heartrate bpm", Kind::Sample),
    ("heart rate beats min", Kind::Sample),
    ("hr heartrate", Kind::Sample),
    ("hr bpm", Kind::Sample),
    ("bpm", Kind::Sample),
    ("hr", Kind::Sample),
    ("pulse", Kind::Sample),
    ("pulse bpm", Kind::Sample),
    ("pulse rate", Kind::Sample),
    ("heart rate count min", Kind::Sample),
    ("herzfrequenz", Kind::Sample),
    ("herzfrequenz bpm", Kind::Sample),
    ("puls", Kind::Sample),
    ("hf", Kind::Sample),
    ("fréquence cardiaque", Kind::Sample),
    ("frecuencia cardíaca", Kind::Sample),
    ("frecuencia cardiaca", Kind::Sample),
    ("frequenza cardiaca", Kind::Sample),
    ("frequência cardíaca", Kind::Sample),
    ("hartslag", Kind::Sample),
    ("average hr bpm", Kind::Average),
    ("average hr", Kind::Average),
    ("avg hr", Kind::Average),
    ("avg hr bpm", Kind::Average),
    ("hr avg", Kind::Average),
    ("avg heart rate", Kind::Average),
    ("avg heart rate bpm", Kind::Average),
    ("average heart rate", Kind::Average),
    ("average heart rate bpm", Kind::Average),
    ("heart rate avg count min", Kind::Average),
    // Of all that Health Auto Export counts by the minute, only heart rates have an average.
    ("avg count min", Kind::Average),
    ("heart rate avg bpm", Kind::Average),
    ("heart rate avg", Kind::Average),
    ("mean heart rate", Kind::Average),
    ("ø hf", Kind::Average),
    ("ø herzfrequenz", Kind::Average),
    ("hfavg", Kind::Average),
    ("hf avg", Kind::Average),
    ("durchschnittliche herzfrequenz", Kind::Average),
    ("fréquence cardiaque moyenne", Kind::Average),
    ("fc moyenne", Kind::Average),
    ("fc media", Kind::Average),
    ("fc média", Kind::Average),
    ("gem hs", Kind::Average),
    ("resting heart rate bpm", Kind::Resting),
    ("resting heart rate", Kind::Resting),
    ("resting hr", Kind::Resting),
    ("rhr", Kind::Resting),
    ("ruhepuls", Kind::Resting),
    ("durchschnittliche hf", Kind::Average),
    ("fc moy", Kind::Average),
    ("frecuencia cardiaca media", Kind::Average),
    ("fc", Kind::Sample),
    ("gennemsnitlig puls", Kind::Average),
    ("genomsnittlig puls", Kind::Average),
    ("gjennomsnittlig puls", Kind::Average),
    ("snittpuls", Kind::Average),
    ("gemiddelde hartslag", Kind::Average),
    ("frequenza cardiaca media", Kind::Average),
    ("frequência cardíaca média", Kind::Average),
    ("frecuencia cardíaca media", Kind::Average),
    ("średnie tętno", Kind::Average),
    ("keskisyke", Kind::Average),
    ("平均心率", Kind::Average),
    ("平均心拍数", Kind::Average),
    ("평균 심박수", Kind::Average),
    ("tętno", Kind::Sample),
    ("syke", Kind::Sample),
    ("心率", Kind::Sample),
    ("心拍数", Kind::Sample),
    ("심박수", Kind::Sample),
];
/// Columns that only tables of activities have.
const ACTIVITIES: [&str; 24] = [
    "typ aktywności",
    "typ aktivity",
    "活动类型",
    "アクティビティタイプ",
    "aktiviteettityyppi",
    "suoritustyyppi",
    "activity type",
    "activity name",
    "activity id",
    "activity date",
    "workout type",
    "workout start time",
    "sport",
    "aktivitätstyp",
    "sportart",
    "type d activité",
    "tipo de actividad",
    "tipo di attività",
    "tipo de atividade",
    "activiteittype",
    "aktivitetstype",
    "aktivitetstyp",
    "elapsed time",
    "moving time",
];
/// Columns that tables of activities have, and tables of days beside their [`STEPS`].
const DISTANCES: [&str; 15] = [
    "distance",
    "distance km",
    "distance mi",
    "km",
    "duration",
    "duration min",
    "pace",
    "avg pace",
    "distanz",
    "strecke",
    "dauer",
    "distancia",
    "distanza",
    "distância",
    "afstand",
];
const STEPS: [&str; 5] = ["steps", "step count", "total steps", "schritte", "pas"];
const ROLLING: [&str; 2] = ["rolling avg hr", "rolling average hr"];

/// Tells the kind of the rates in a column by its name.
pub(in crate::import) fn kind_of(name: &str) -> Kind {
    let name = plain(name);
    if let Some((_, kind)) = RATES.iter().find(|(known, _)| *known == name) {
        return *kind;
    }
    let has = |words: &[&str]| name.split(' ').any(|word| words.contains(&word));
    if has(&["resting", "rhr", "ruhepuls"]) {
        Kind::Resting
    } else if has(&["avg", "average", "mean", "max", "maximum", "min", "minimum", "ø", "hfmax", "hfavg"]) {
        Kind::Average
    } else {
        Kind::Sample
    }
}

/// The column that a header lacks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::import) enum Lacking {
    Time,
    Rate,
}

/// Whether a name is that of a column in tables of readings or of other measures.
pub(in crate::import) fn is_known(name: &str) -> bool {
    let name = &*plain(name);
    [&TIMES[..], &TIMES_OF_DAY, &ZONES, &ACTIVITIES, &DISTANCES, &STEPS, &ROLLING]
        .iter()
        .any(|names| names.contains(&name))
        || RATES.iter().any(|(known, _)| *known == name)
}

/// The place of a column that a person chose among plain names, by its name or its number from 1.
pub(in crate::import) fn chosen(names: &[String], column: &str) -> Option<usize> {
    let by_number = || column.parse::<usize>().ok().filter(|&n| (1..=names.len()).contains(&n)).map(|n| n - 1);
    let wanted = plain(column);
    names.iter().position(|name| *name == wanted).or_else(by_number)
}

/// The column of dates among plain names.
pub(in crate::import) fn date_column(names: &[String]) -> Option<usize> {
    DATES.iter().find_map(|wanted| names.iter().position(|name| name == wanted))
}

/// Units that stand behind a name, in the form that [`plain`] gives them.
const UNITS: [&str; 13] = [
    "bpm",
    "1 min",
    "min 1",
    "count min",
    "beats min",
    "beats per minute",
    "schläge min",
    "lpm",
    "ppm",
    "spm",
    "次 分钟",
    "次 分",
    "уд мин",
];

/// The column of rates whose name is known without the unit behind it: `Pulse Rate(bpm)`.
fn by_name_without_unit(names: &[String], time: usize) -> Option<(usize, Kind)> {
    let bare: Vec<&str> = names
        .iter()
        .map(|name| UNITS.iter().find_map(|unit| name.strip_suffix(unit)?.strip_suffix(' ')).unwrap_or(name))
        .collect();
    let column = |known: &str| bare.iter().position(|name| *name == known).filter(|&column| column != time);
    RATES.iter().find_map(|&(known, kind)| Some((column(known)?, kind)))
}

impl Columns {
    /// Recognises the columns of a header. A column that a person chose, by its name or its number
    /// from 1, is taken whatever its name.
    pub(in crate::import) fn recognise<'a>(
        header: impl IntoIterator<Item = &'a str>,
        time: Option<&str>,
        rate: Option<&str>,
    ) -> Result<Self, Lacking> {
        let mut names: Vec<String> = header.into_iter().map(plain).collect();
        let mut utc = vec![false; names.len()];
        for (name, utc) in names.iter_mut().zip(&mut utc) {
            if ["utc time", "utc timestamp"].contains(&&**name) {
                *utc = true;
            } else if let Some(rest) = name.strip_suffix(" utc").or_else(|| name.strip_suffix(" gmt")) {
                (*name, *utc) = (rest.to_owned(), true);
            }
        }
        let find = |wanted: &[&str]| wanted.iter().find_map(|wanted| names.iter().position(|name| name == wanted));
        let chosen = |column: &str| chosen(&names, column);
        let (time, time_of_day) = match time {
            Some(time) => (chosen(time).ok_or(Lacking::Time)?, None),
            None => match (find(&TIMES[..WHOLE_TIMES]), find(&DATES), find(&TIMES_OF_DAY)) {
                (Some(time), ..) => (time, None),
                (None, Some(date), Some(time)) => (date, Some(time)),
                _ => (find(&TIMES).ok_or(Lacking::Time)?, None),
            },
        };
        let by_name = |(known, kind): &(&str, Kind)| Some((names.iter().position(|name| name == known)?, *kind));
        let rolling = || find(&ROLLING).map(|column| (column, Kind::Sample));
        let (rate, kind) = match rate {
            Some(rate) => chosen(rate).map(|column| (column, kind_of(&names[column]))),
            None => RATES.iter().find_map(by_name).or_else(rolling).or_else(|| by_name_without_unit(&names, time)),
        }
        .filter(|(rate, _)| *rate != time)
        .ok_or(Lacking::Rate)?;
        let has = |known: &[&str]| names.iter().any(|name| known.contains(&&**name));
        let activities = has(&ACTIVITIES) || has(&DISTANCES) && !has(&STEPS);
        let kind = if kind == Kind::Average && activities { Kind::Activity } else { kind };
        // Beside an average, a column of that name is how long it took.
        let time_of_day = time_of_day.filter(|_| !matches!(kind, Kind::Average | Kind::Activity));
        let zone =
            ZONES.iter().find_map(|wanted| names.iter().position(|name| same_letters(offset_unit(name).0, wanted)));
        let used = |column: usize| column == time || column == rate || Some(column) == time_of_day;
        let person = |wanted: Naming| {
            names.iter().enumerate().find(|(at, name)| naming(name) == Some(wanted) && !used(*at)).map(|(at, _)| at)
        };
        // What tells lines apart in a table of activities are their names and numbers.
        let perhaps = || if kind == Kind::Activity { None } else { person(Naming::Perhaps) };
        let person = person(Naming::Surely).or_else(perhaps);
        Ok(Self { time, time_of_day, zone, utc: utc[time], rate, kind, person })
    }

    /// The last column that every line needs.
    pub(in crate::import) fn last(&self) -> usize {
        self.time.max(self.rate).max(self.time_of_day.unwrap_or(0)).max(self.person.unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognised(header: &str) -> Option<(usize, Option<usize>, usize, Option<usize>)> {
        let columns = Columns::recognise(header.split(','), None, None).ok()?;
        Some((columns.time, columns.time_of_day, columns.rate, columns.person))
    }

    #[test]
    fn columns_are_recognised_by_name() {
        assert_eq!(recognised("timestamp,beats per minute"), Some((0, None, 1, None)));
        assert_eq!(recognised("timestamp,beats per minute,data source"), Some((0, None, 1, None)));
        assert_eq!(recognised("timestamp,value"), None, "values may be anything");
        assert_eq!(recognised("date,time,heartRate"), Some((0, Some(1), 2, None)));
        assert_eq!(recognised("Heart Rate (bpm),Start time"), Some((1, None, 0, None)));
        assert_eq!(recognised("HR,Date"), Some((1, None, 0, None)));
        assert_eq!(recognised("steps,calories"), None);
        assert_eq!(recognised("time,steps"), None);
        assert_eq!(recognised("bpm,steps"), None);
    }

    #[test]
    fn of_several_rates_the_plain_one_is_taken_then_average_then_resting() {
        let rate = |header: &str| {
            let columns = Columns::recognise(header.split(','), None, None).ok()?;
            Some((columns.rate, columns.kind))
        };
        assert_eq!(rate("date,Rolling Avg HR,HR"), Some((2, Kind::Sample)));
        assert_eq!(rate("date,Rolling Avg HR"), Some((1, Kind::Sample)));
        assert_eq!(
            rate("Cycle start time,Resting heart rate (bpm),Max HR (bpm),Average HR (bpm)"),
            Some((3, Kind::Average))
        );
        assert_eq!(rate("date,Resting heart rate (bpm),Max HR"), Some((1, Kind::Resting)));
        assert_eq!(rate("Datum,Maximale HF,Ø HF"), Some((2, Kind::Average)));
        assert_eq!(rate("Aktivitätstyp,Datum,Ø HF"), Some((2, Kind::Activity)));
        assert_eq!(rate("Activity Type,Date,Avg HR,Steps"), Some((2, Kind::Activity)));
        assert_eq!(rate("Date,Distance,Average heart rate"), Some((2, Kind::Activity)));
        assert_eq!(rate("Date,Distance,Steps,Average heart rate"), Some((3, Kind::Average)), "a table of days");
        assert_eq!(
            rate("Start,Heart Rate [Min] (count/min),Heart Rate [Max] (count/min),Heart Rate [Avg] (count/min)"),
            Some((3, Kind::Average))
        );
        assert_eq!(rate("date,Max HR,Min HR"), None);
        let chosen = Columns::recognise("when,Max HR,strain".split(','), Some("WHEN"), Some("2")).unwrap();
        assert_eq!((chosen.time, chosen.rate, chosen.kind), (0, 1, Kind::Average));
    }
}
