//! Heart rates as exact integers.

use std::fmt;

/// A heart rate in 1/100 bpm, from 20.00 to 275.99.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct Rate(u16);

/// Why a text or a number is not a heart rate.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord, thiserror::Error)]
pub enum RateError {
    /// It says that nothing was measured: blank, `--`, `null`, `NaN`, 0, -1, 255 or 65535.
    #[error("no value")]
    Missing,
    /// It is not a number.
    #[error("the rate is not a number")]
    NotANumber,
    /// It is outside of 20 to 275.99 bpm.
    #[error("the rate is outside 20 to 275.99 bpm")]
    OutOfRange,
}

/// The number of decimals that are used; those beyond only show whether a number is exact.
const DECIMALS: usize = 20;
/// 1/100 in these decimals.
const UNIT: u128 = 10u128.pow(DECIMALS as u32 - 2);

/// A number without the unit that some exports repeat in every cell.
fn without_unit(text: &str) -> &str {
    const UNITS: [&str; 5] = ["bpm", "beats/min", "count/min", "1/min", "/min"];
    let cut = |unit: &&str| {
        let (number, end) = text.split_at_checked(text.len().checked_sub(unit.len())?)?;
        (!number.is_empty() && end.eq_ignore_ascii_case(unit)).then(|| number.trim_end())
    };
    UNITS.iter().find_map(cut).unwrap_or(text)
}

impl Rate {
    /// The lowest accepted rate.
    pub const MIN: Self = Self(20_00);
    /// The highest accepted rate.
    pub const MAX: Self = Self(275_99);

    /// A rate from 1/100 bpm.
    pub const fn from_centi_bpm(value: u32) -> Option<Self> {
        if value < Self::MIN.0 as u32 || value > Self::MAX.0 as u32 { None } else { Some(Self(value as u16)) }
    }

    /// The rate in 1/100 bpm.
    pub const fn centi_bpm(self) -> u16 {
        self.0
    }

    /// The rate in bpm.
    pub fn bpm(self) -> f64 {
        f64::from(self.0) / 100.0
    }

    /// Whether the rate is accepted but looks implausible: outside of 30 to 220 bpm.
    pub const fn is_implausible(self) -> bool {
        self.0 < 30_00 || self.0 > 220_00
    }

    /// Reads the commonest forms at once: `76`, `120`, `76.0`. `None` for every other, and for numbers
    /// that are not rates.
    fn plain(text: &[u8]) -> Option<Self> {
        let (whole, tenths) = match *text {
            [a, b] => ([b'0', a, b], b'0'),
            [a, b, c] if b != b'.' => ([a, b, c], b'0'),
            [a, b, b'.', d] => ([b'0', a, b], d),
            [a, b, c, b'.', d] => ([a, b, c], d),
            _ => return None,
        };
        let digit = |byte: u8| byte.is_ascii_digit().then(|| u32::from(byte - b'0'));
        let bpm = digit(whole[0])? * 100 + digit(whole[1])? * 10 + digit(whole[2])?;
        let centi = bpm * 100 + digit(tenths)? * 10;
        Self::from_centi_bpm(centi).filter(|_| centi != 255_00)
    }

    /// Reads a number as [`Self::parse`] does, from bytes; `None` if they are not text.
    pub fn parse_bytes(bytes: &[u8]) -> Option<Result<(Self, bool), RateError>> {
        match Self::plain(bytes.trim_ascii()) {
            Some(rate) => Some(Ok((rate, false))),
            None => std::str::from_utf8(bytes).ok().map(Self::parse),
        }
    }

    /// Reads a decimal number of bpm (`76`, `76.0`, `59.99`, `59,99`). More than two decimals are
    /// rounded to the nearest 1/100, halves up; the second value says whether that changed it.
    pub fn parse(text: &str) -> Result<(Self, bool), RateError> {
        match Self::plain(text.as_bytes()) {
            Some(rate) => Ok((rate, false)),
            None => Self::parse_times(text, 1),
        }
    }

    /// Reads a decimal number of beats a second, rounded once.
    pub fn parse_per_second(text: &str) -> Result<(Self, bool), RateError> {
        Self::parse_times(text, 60)
    }

    /// Reads a decimal number and takes it so many times.
    fn parse_times(text: &str, times: u128) -> Result<(Self, bool), RateError> {
        let text = without_unit(text.trim());
        let is_number = text.as_bytes().first().is_some_and(u8::is_ascii_digit);
        if text.is_empty()
            || !is_number
                && ["--", "-", "null", "nan", "none", "n/a", "na"].iter().any(|t| text.eq_ignore_ascii_case(t))
        {
            return Err(RateError::Missing);
        }
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() && fraction.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(RateError::NotANumber);
        }
        // Nine digits are far past any rate and still far from an overflow.
        let whole: u128 = match whole.trim_start_matches('0') {
            "" => 0,
            long if long.len() > 9 => return Err(RateError::OutOfRange),
            short => short.parse().map_err(|_| RateError::NotANumber)?,
        };
        let digit = |i: usize| fraction.as_bytes().get(i).map_or(0, |b| u128::from(b - b'0'));
        let scaled = (0..DECIMALS).fold(whole, |scaled, i| scaled * 10 + digit(i)) * times;
        let beyond = fraction.bytes().skip(DECIMALS).any(|b| b != b'0');
        let (exact, rest) = (scaled / UNIT, scaled % UNIT);
        let rounded = exact + u128::from(rest * 2 >= UNIT);
        let inexact = rest != 0 || beyond;
        if (!inexact && (exact == 0 || (exact == 255_00 || exact == 65_535_00) && !negative && times == 1))
            || (negative && exact == 1_00 && !inexact)
        {
            return Err(RateError::Missing);
        }
        if negative {
            return Err(RateError::OutOfRange);
        }
        let rate = u32::try_from(rounded).ok().and_then(Self::from_centi_bpm).ok_or(RateError::OutOfRange)?;
        Ok((rate, inexact))
    }
}

impl fmt::Display for Rate {
    /// The rate in bpm with only the decimals that it has: `72`, `72.5`, `59.99`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, cents) = (self.0 / 100, self.0 % 100);
        match (cents / 10, cents % 10) {
            (0, 0) => write!(f, "{whole}"),
            (tenth, 0) => write!(f, "{whole}.{tenth}"),
            (tenth, cent) => write!(f, "{whole}.{tenth}{cent}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn centi(text: &str) -> Result<u16, RateError> {
        Rate::parse(text).map(|(rate, _)| rate.centi_bpm())
    }

    #[test]
    fn decimal_rates_are_read_exactly() {
        assert_eq!(centi("76"), Ok(7600));
        assert_eq!(centi(" 76.0 "), Ok(7600));
        assert_eq!(centi("59.99"), Ok(5999));
        assert_eq!(centi("72,5"), Ok(7250));
        assert_eq!(centi("20"), Ok(2000));
        assert_eq!(centi("275.99"), Ok(27599));
        assert_eq!(centi("0072.5"), Ok(7250));
    }

    #[test]
    fn more_decimals_are_rounded_and_said() {
        assert_eq!(Rate::parse("71.826"), Ok((Rate(7183), true)));
        assert_eq!(Rate::parse("71.825"), Ok((Rate(7183), true)));
        assert_eq!(Rate::parse("71.8249"), Ok((Rate(7182), true)));
        assert_eq!(Rate::parse("71.8200"), Ok((Rate(7182), false)));
        assert_eq!(Rate::parse("19.995"), Ok((Rate(2000), true)));
        assert_eq!(centi("275.995"), Err(RateError::OutOfRange));
    }

    #[test]
    fn beats_a_second_are_rounded_once() {
        let centi = |text| Rate::parse_per_second(text).map(|(rate, rounded)| (rate.centi_bpm(), rounded));
        assert_eq!(centi("1.2833333333333334"), Ok((7700, true)));
        assert_eq!(centi("1.25"), Ok((7500, false)));
        // 72.00499999…: through 72.0050 it would become 72.01.
        assert_eq!(centi("1.20008333333"), Ok((7200, true)));
        assert_eq!(centi("4.25"), Ok((25500, false)), "no value is 255 bpm and not 4.25 beats a second");
        assert_eq!((centi("0"), centi("75")), (Err(RateError::Missing), Err(RateError::OutOfRange)));
    }

    #[test]
    fn values_that_mean_nothing_was_measured_are_missing() {
        for text in ["", "  ", "--", "null", "NaN", "0", "0.0", "0.00", "-1", "-1.0", "255", "255.0", "-0"] {
            assert_eq!(centi(text), Err(RateError::Missing), "{text:?}");
        }
        // Not the sentinel itself.
        assert_eq!(centi("255.5"), Ok(25550));
    }

    #[test]
    fn a_unit_is_no_part_of_the_number() {
        for text in ["70 bpm", "70bpm", "70 BPM", "70 count/min", "70/min"] {
            assert_eq!(centi(text), Ok(7000), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for text in ["19.99", "276", "-70", "-255", "99999999999999999999999", "1.0", "0.001"] {
            assert_eq!(centi(text), Err(RateError::OutOfRange), "{text:?}");
        }
        for text in ["abc", "7e1", "0x40", "7.1.2", "٧٠", ".", "1,000.5", "inf", "70 bpmx", "bpm", "70 kg"] {
            assert_eq!(centi(text), Err(RateError::NotANumber), "{text:?}");
        }
    }

    #[test]
    fn a_rate_is_shown_with_the_decimals_that_it_has() {
        let shown = |centi| Rate::from_centi_bpm(centi).unwrap().to_string();
        assert_eq!([shown(7200), shown(7250), shown(5999), shown(6005)], ["72", "72.5", "59.99", "60.05"]);
    }
}
