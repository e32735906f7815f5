//! Zones of intensity. Information, not diagnosis.

use super::sums::{BINS, FIRST_BIN_BPM, Sums};

/// The names of the zones, from below the first to the highest.
const NAMES: [&str; 6] = ["Below", "Very light", "Light", "Moderate", "Hard", "Maximum"];
/// Where zones start by default, in percent.
const PERCENTS: [u16; 5] = [50, 60, 70, 80, 90];
/// Past the highest rate that there is.
const END_BPM: u16 = FIRST_BIN_BPM + BINS as u16;

/// The highest rate of a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Maximum {
    /// As the person says, in bpm.
    Typed(u16),
    /// From the age in years: 208 − 0.7·age, rounded to whole bpm (Tanaka, Monahan and Seals, Journal of
    /// the American College of Cardiology 37, 2001).
    Age(u8),
    /// Not known: 190 bpm is used.
    Unknown,
}

impl Maximum {
    /// The rate in bpm.
    pub fn bpm(self) -> u16 {
        match self {
            Self::Typed(bpm) => bpm,
            Self::Age(age) => (2080 - 7 * u16::from(age) + 5) / 10,
            Self::Unknown => 190,
        }
    }
}

/// Where zones start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ZoneBounds {
    /// At 50, 60, 70, 80 and 90 % of the maximum.
    OfMaximum,
    /// At these shares of the reserve, the maximum less the resting rate in bpm, above the resting rate
    /// (Karvonen, Kentala and Mustala, 1957).
    OfReserve {
        /// The resting rate in bpm.
        resting_bpm: u16,
    },
    /// As the person says, in bpm.
    Typed([u16; 5]),
}

/// Why zones are impossible.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ZonesError {
    /// The maximum is out of range.
    #[error("the maximum must be a whole number from 100 to 250 bpm")]
    Maximum,
    /// The age is out of range.
    #[error("the age must be a whole number from 5 to 110 years")]
    Age,
    /// The resting rate is out of range, or above the maximum.
    #[error("the resting rate must be a whole number from 25 to 120 bpm")]
    Resting,
    /// The bounds do not rise.
    #[error("the five bounds must be whole numbers of bpm from 21 to 275, each above the one before")]
    Bounds,
}

/// A zone: from its lower bound, included, to the next zone's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Zone {
    /// Its name.
    pub name: &'static str,
    /// The lowest rate in it, in bpm.
    pub from_bpm: u16,
    /// The lowest rate above it, in bpm.
    pub to_bpm: u16,
}

/// How much of some readings is in a zone.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct InZone {
    /// The zone.
    pub zone: Zone,
    /// Seconds in it, or readings where each counts once.
    pub amount: u64,
    /// Their share of all; `None` where there are none.
    pub share: Option<f64>,
}

/// Five zones and what is below them. Bounds are whole bpm and rise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Zones([u16; 5]);

impl Default for Zones {
    fn default() -> Self {
        Self(PERCENTS.map(|percent| of_maximum(percent, Maximum::Unknown.bpm())))
    }
}

fn of_maximum(percent: u16, maximum: u16) -> u16 {
    (percent * maximum + 50) / 100
}

impl Zones {
    /// The zones of a person. Percentages are rounded to whole bpm, halves up.
    pub fn new(bounds: ZoneBounds, maximum: Maximum) -> Result<Self, ZonesError> {
        if let ZoneBounds::Typed(bounds) = bounds {
            // They say all, whatever the maximum is.
            return Self::rising(bounds);
        }
        if matches!(maximum, Maximum::Age(age) if !(5..=110).contains(&age)) {
            return Err(ZonesError::Age);
        }
        let maximum = maximum.bpm();
        if !(100..=250).contains(&maximum) {
            return Err(ZonesError::Maximum);
        }
        let bounds = match bounds {
            ZoneBounds::OfMaximum => PERCENTS.map(|percent| of_maximum(percent, maximum)),
            ZoneBounds::OfReserve { resting_bpm }
                if (25..=120).contains(&resting_bpm) && resting_bpm + 20 < maximum =>
            {
                PERCENTS.map(|percent| resting_bpm + of_maximum(percent, maximum - resting_bpm))
            }
            ZoneBounds::OfReserve { .. } => return Err(ZonesError::Resting),
            ZoneBounds::Typed(bounds) => bounds,
        };
        Self::rising(bounds)
    }

    fn rising(bounds: [u16; 5]) -> Result<Self, ZonesError> {
        let rising = bounds.is_sorted_by(|a, b| a < b) && FIRST_BIN_BPM < bounds[0] && bounds[4] < END_BPM;
        if rising { Ok(Self(bounds)) } else { Err(ZonesError::Bounds) }
    }

    /// The zones, lowest first; the first is what is below all zones.
    pub fn all(self) -> [Zone; 6] {
        let starts = |at: usize| if at == 0 { FIRST_BIN_BPM } else { self.0[at - 1] };
        let ends = |at: usize| self.0.get(at).copied().unwrap_or(END_BPM);
        std::array::from_fn(|at| Zone { name: NAMES[at], from_bpm: starts(at), to_bpm: ends(at) })
    }

    /// How much of the samples is in each zone: time, or readings where each counts once. `None` where there are
    /// a device's averages only.
    pub fn share(self, sums: &Sums) -> Option<[InZone; 6]> {
        let bins = sums.sample_bins()?;
        let all: u64 = bins.iter().sum();
        let index = |bpm: u16| usize::from(bpm - FIRST_BIN_BPM);
        Some(self.all().map(|zone| {
            let amount = bins[index(zone.from_bpm)..index(zone.to_bpm)].iter().sum();
            let share = (all > 0).then(|| amount as f64 / all as f64);
            InZone { zone, amount, share }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(zones: Zones) -> [u16; 6] {
        zones.all().map(|zone| zone.from_bpm)
    }

    #[test]
    fn bounds_are_whole_bpm() {
        assert_eq!(starts(Zones::default()), [20, 95, 114, 133, 152, 171]);
        assert_eq!(Maximum::Age(30).bpm(), 187);
        assert_eq!(Maximum::Age(45).bpm(), 177, "176.5 is rounded up");
        let of_age = Zones::new(ZoneBounds::OfMaximum, Maximum::Age(30)).unwrap();
        assert_eq!(starts(of_age), [20, 94, 112, 131, 150, 168]);
        let reserve = Zones::new(ZoneBounds::OfReserve { resting_bpm: 60 }, Maximum::Typed(180)).unwrap();
        assert_eq!(starts(reserve), [20, 120, 132, 144, 156, 168]);
    }

    #[test]
    fn zones_that_cannot_be_are_refused() {
        let new = Zones::new;
        assert_eq!(new(ZoneBounds::Typed([100, 120, 120, 150, 170]), Maximum::Unknown), Err(ZonesError::Bounds));
        assert_eq!(new(ZoneBounds::Typed([20, 120, 130, 150, 170]), Maximum::Unknown), Err(ZonesError::Bounds));
        assert_eq!(new(ZoneBounds::OfMaximum, Maximum::Typed(99)), Err(ZonesError::Maximum));
        assert_eq!(new(ZoneBounds::OfMaximum, Maximum::Age(255)), Err(ZonesError::Age));
        assert_eq!(new(ZoneBounds::OfReserve { resting_bpm: 119 }, Maximum::Typed(120)), Err(ZonesError::Resting));
    }

    #[test]
    fn the_lower_bound_belongs_to_the_zone() {
        let mut bins = Box::new([0; BINS]);
        bins[94 - 20] = 3;
        bins[95 - 20] = 1;
        let sums = Sums { count: 4, bins: Some(bins), ..Sums::default() };
        let shares = Zones::default().share(&sums).unwrap();
        assert_eq!((shares[0].amount, shares[1].amount, shares[1].share), (3, 1, Some(0.25)));
        assert_eq!(shares.iter().map(|zone| zone.amount).sum::<u64>(), 4);
    }
}
