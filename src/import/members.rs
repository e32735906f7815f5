//! All files of an archive, each read as a whole or left out as a whole.

use super::archive::{Archive, Members};
use super::error::ImportError;
use super::options::Options;
use super::report::LeftOut;
use super::rows::Rows;
use super::source::FileObserver;
use super::{read_any, words};

/// The format of an archive that has averages of activities and nothing else.
const ACTIVITIES: &str = "Archive of activities";
/// Reads the files of an archive that hold readings. That others in it hold none is no error, unless there are only
/// such; which were left out, and why, is said.
pub(super) fn read(
    archive: &mut Archive,
    options: &Options,
    rows: &mut Rows,
    (watch, depth): (&FileObserver, usize),
) -> Result<&'static str, ImportError> {
    let (mut format, mut several, mut failed) = (None, false, None);
    let mut summaries = Vec::new();
    let Members { candidates, packed, others } = archive.members();
    rows.know_details(candidates.iter().map(|(_, name)| &**name));
    let mut left_out = Vec::new();
    // Empatica's rates are computed from the beats beside them.
    let folder = |name: &str, file: &str| name.strip_suffix(file).map(str::to_owned);
    let rates: Vec<_> = candidates.iter().filter_map(|(_, name)| folder(name, "HR.csv")).collect();
    for (index, name) in candidates {
        if folder(&name, "IBI.csv").is_some_and(|folder| rates.contains(&folder)) {
            left_out.push(("the beats that HR.csv beside it was computed from".into(), name));
            continue;
        }
        let mut file = Rows::with_room_of(rows);
        let read = read_any(&mut archive.entry(index, watch), &name, options, &mut file, (watch, depth));
        match read {
            Ok(_) if file.is_of_activities() => summaries.push((file, name)),
            // Rows of which the archive has more.
            Ok(_) if !file.has_any() && file.report.detailed > 0 => rows.report.detailed += file.report.detailed,
            Ok((read, _)) => {
                several |= format.is_some_and(|format| format != read);
                format = Some(read);
                rows.join_file(file, &name);
            }
            Err(ImportError::Stopped) => return Err(ImportError::Stopped),
            // Whose readings they are has to be said for the whole archive.
            Err(asked @ ImportError::MayNamePeople { .. }) => return Err(asked),
            Err(error) => {
                left_out.push((reason(&error), name));
                failed = failed.or(Some(error));
            }
        }
    }
    for (file, name) in summaries {
        if format.is_none() || format == Some(ACTIVITIES) {
            format = Some(ACTIVITIES);
            rows.join_file(file, &name);
        } else {
            left_out.push(("averages of activities, where the archive has readings".into(), name));
        }
    }
    if format.is_some() {
        let packed = packed.into_iter().map(|name| ("an archive; unpack it, and import what is in it".into(), name));
        let others = others.into_iter().map(|name| ("not looked at".into(), name));
        for (why, name) in left_out.into_iter().chain(packed).chain(others) {
            LeftOut::add(&mut rows.report.left_out, why, name);
        }
    }
    match (format, archive.foreign().or(failed)) {
        (Some(_), _) if several => Ok("Archive of several exports"),
        (Some(format), _) => Ok(format),
        (None, Some(error)) => Err(error),
        (None, None) => Err(ImportError::Foreign("an archive without an export of heart rates")),
    }
}

/// Why a file is left out, in words that many files share.
fn reason(error: &ImportError) -> String {
    match error {
        ImportError::NoColumn { .. } | ImportError::NoTable(_) | ImportError::Empty => {
            "no columns that are known as times and heart rates".into()
        }
        ImportError::OtherJson(_) => "JSON without heart rates".into(),
        ImportError::Database => "an SQLite database without heart rates".into(),
        ImportError::OtherXml(_) => "XML of a kind that is not known".into(),
        ImportError::NoRates { format, .. } => format!("{format} without heart rates"),
        error => words::clean(&error.to_string()),
    }
}
