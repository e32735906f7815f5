//! Dates and times in the names of files.

use crate::import::time::stamp::Stamp;

/// The time in a name such as `2017-07-19 07-50-42.txt`.
pub(in crate::import) fn start_in_name(name: &str) -> Option<Stamp> {
    let parts = numbers(name);
    let index =
        parts.windows(5).position(|parts| parts[0].len() == 4 && parts[1..].iter().all(|part| part.len() <= 2))?;
    let second = parts.get(index + 5).filter(|second| second.len() == 2).unwrap_or(&"00");
    let [year, month, day, hour, minute] = parts[index..index + 5] else { return None };
    Stamp::parse(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}")).ok()
}

/// The day in a name such as `2024-01-05.csv` or `HR_20240105.csv`, if there is one and no other.
pub(in crate::import) fn day_in_name(name: &str) -> Option<Stamp> {
    let name = name.rsplit('/').next().unwrap_or(name);
    let parts = numbers(name);
    let written = parts.windows(3).filter(|parts| parts[0].len() == 4 && parts[1].len() == 2 && parts[2].len() == 2);
    let written = written.map(|parts| format!("{}-{}-{}", parts[0], parts[1], parts[2]));
    let packed = parts.iter().filter(|part| part.len() == 8);
    let packed = packed.map(|part| format!("{}-{}-{}", &part[..4], &part[4..6], &part[6..]));
    let mut days: Vec<_> = written.chain(packed).filter_map(|day| Stamp::parse(&day).ok()).collect();
    days.dedup();
    if let [day] = days[..] { Some(day) } else { None }
}

fn numbers(name: &str) -> Vec<&str> {
    name.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_found_in_a_name() {
        for name in ["2017-07-19 07-50-42.txt", "rr_2017-07-19_07-50-42.csv", "2017.07.19 07.50.42"] {
            let stamp = start_in_name(name).unwrap();
            assert_eq!(stamp.time_ms, Some((7 * 3600 + 50 * 60 + 42) * 1000), "{name}");
        }
        assert!(start_in_name("beats.txt").is_none());
        assert!(start_in_name("2017-13-19 07-50-42.txt").is_none());
    }

    #[test]
    fn a_day_is_found_in_a_name_if_there_is_one_alone() {
        let day = Stamp::parse("2024-01-05").ok();
        for name in ["2024-01-05.csv", "Takeout/Fit/2023/2024-01-05.csv", "HR_20240105.csv", "2024_01_05-1.csv"] {
            assert_eq!(day_in_name(name), day, "{name}");
        }
        for name in ["heart.csv", "2024-13-05.csv", "2024-01-05_2024-01-06.csv", "12345.csv"] {
            assert_eq!(day_in_name(name), None, "{name}");
        }
    }
}
