//! How dates and times are written: as the system's locale has it, unless the settings choose another way.

use pure_rust_locales::{Locale, locale_match};

use crate::reading::WeekStart;
use crate::vault::{Clock, DateOrder, Settings};

/// The order of a date, the clock, and the first day of a week.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DateForms {
    /// The order of day, month and year.
    pub order: DateOrder,
    /// Twelve or twenty-four hours.
    pub clock: Clock,
    /// The first day of a week.
    pub weeks: WeekStart,
}

impl DateForms {
    /// The forms of a locale, such as `en_US.UTF-8` or `en-US`: those of glibc. Those of ISO 8601 where the name is
    /// unknown, or is that of no place (`C`, `POSIX`).
    pub fn of_locale(name: &str) -> Self {
        let plain: String = name.split(['.', '@']).next().unwrap_or_default().replace('-', "_");
        let Ok(locale) = Locale::try_from(plain.as_str()) else { return Self::default() };
        if plain == "POSIX" {
            return Self::default();
        }
        let date = locale_match!(locale => LC_TIME::D_FMT);
        let place = |letters: [char; 3]| date.find(|c| letters.contains(&c)).unwrap_or(usize::MAX);
        let (day, month, year) = (place(['d', 'e', 'j']), place(['m', 'b', 'B']), place(['Y', 'y', 'G']));
        let order = match () {
            () if year < day && year < month => DateOrder::YearFirst,
            () if month < day => DateOrder::MonthFirst,
            () => DateOrder::DayFirst,
        };
        let time = locale_match!(locale => LC_TIME::T_FMT);
        let twelve = ["%I", "%l", "%r"].iter().any(|form| time.contains(form));
        let clock = if twelve { Clock::Twelve } else { Clock::TwentyFour };
        // Counted from the first day of `week`, which is that of a date: 1997-11-30 was a Sunday.
        let first = locale_match!(locale => LC_TIME::FIRST_WEEKDAY).unwrap_or(1);
        let from_monday = matches!(locale_match!(locale => LC_TIME::WEEK), Some([_, 19_971_201, ..]));
        let weeks = match (first + i64::from(from_monday)) % 7 {
            1 => WeekStart::Sunday,
            0 => WeekStart::Saturday,
            _ => WeekStart::Monday,
        };
        Self { order, clock, weeks }
    }

    /// These, but for what the settings choose.
    #[must_use]
    pub fn with(self, settings: &Settings) -> Self {
        Self {
            order: settings.dates.unwrap_or(self.order),
            clock: settings.clock.unwrap_or(self.clock),
            weeks: settings.weeks.unwrap_or(self.weeks),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use {Clock::*, DateOrder::*, WeekStart::*};

    #[test]
    fn forms_are_those_of_the_place() {
        let forms = |name| {
            let DateForms { order, clock, weeks } = DateForms::of_locale(name);
            (order, clock, weeks)
        };
        for (name, expected) in [
            ("en_US.UTF-8", (MonthFirst, Twelve, Sunday)),
            ("en-US", (MonthFirst, Twelve, Sunday)),
            ("en_GB.UTF-8", (DayFirst, TwentyFour, Monday)),
            ("de_DE@euro", (DayFirst, TwentyFour, Monday)),
            ("sv_SE", (YearFirst, TwentyFour, Monday)),
            ("hu_HU.UTF-8", (YearFirst, TwentyFour, Monday)),
            ("ar_EG", (DayFirst, Twelve, Saturday)),
            ("C.UTF-8", (DayFirst, TwentyFour, Monday)),
            ("POSIX", (DayFirst, TwentyFour, Monday)),
            ("xx", (DayFirst, TwentyFour, Monday)),
        ] {
            assert_eq!(forms(name), expected, "{name}");
        }
    }
}
