//! Reports of many kinds of readings: what must hold of each.

use std::sync::Arc;

use egui::Shape;
use skrifa::MetadataProvider;

use super::{Content, page, pdf};
use crate::client::Traffic;
use crate::reading::{Kind, Rate, Reading, Readings, Step, WeekStart};
use crate::session::{Overview, OwnData, View};
use crate::statistics::{Detail, ReportRequest, Zones, plain};
use crate::ui::charts::layers::Layers;
use crate::ui::locale::DateForms;
use crate::ui::theme::FACES;

const HOUR_MS: i64 = 3_600_000;

/// Readings of one kind, so many hours apart.
fn readings(kind: Kind, count: i64, hours: i64) -> Readings {
    let rate = |at: i64| Rate::from_centi_bpm(5_000 + (at * 7_919 % 9_000) as u32).unwrap();
    Readings::from_list((0..count).map(|at| Reading { kind, ..Reading::sample(at * hours * HOUR_MS, rate(at)) }))
}

fn content(readings: &Readings, step: Step) -> Content {
    let report = plain::report(readings, &ReportRequest::all(step, Detail::Statistics)).unwrap();
    let traffic = Traffic { ciphertexts: 15, known: 3, ..Traffic::default() };
    let (days, now) = (report.days, crate::client::Answered { report, traffic });
    let overview = Overview { view: View::default(), days, now, before: None, own: OwnData::default() };
    Content {
        overview: Arc::new(overview),
        year: None,
        // Every one that there is anything of.
        layers: Layers::named("90 % of time; Range; Resting; 7-day average; Trend; Zones; Notes; Compared"),
        zones: Zones::default(),
        weeks: WeekStart::default(),
        forms: DateForms::default(),
        made: "2026-10-02T08:30:00[UTC]".parse().unwrap(),
    }
}

fn all() -> Vec<Content> {
    vec![
        content(&readings(Kind::Sample, 1, 1), Step::Hour),
        content(&readings(Kind::Sample, 7 * 24, 1), Step::Hour),
        content(&readings(Kind::Sample, 30 * 24, 1), Step::Day),
        content(&readings(Kind::Sample, 90 * 24, 1), Step::Day),
        content(&readings(Kind::Sample, 400 * 12, 2), Step::Week(WeekStart::Sunday)),
        content(&readings(Kind::Sample, 3_650 * 2, 12), Step::Month),
        content(&readings(Kind::Average, 40, 24), Step::Day),
        content(&readings(Kind::Activity, 40, 30), Step::Day),
    ]
}

#[test]
fn nothing_reaches_into_the_foot_or_beyond_the_page() {
    for (number, content) in all().iter().enumerate() {
        for page in page::lay_out(content) {
            let foot = page::foot();
            for clipped in page {
                let seen = clipped.shape.visual_bounding_rect().intersect(clipped.clip_rect);
                let empty = matches!(&clipped.shape, Shape::Text(text) if text.galley.text().is_empty());
                if empty || !seen.is_positive() {
                    continue;
                }
                assert!(page::sheet().contains_rect(seen), "{number}: {:?}", clipped.shape);
                // The line over the foot is the first thing of it.
                let inside = seen.bottom() <= foot.top() - 8.0 || seen.top() >= foot.top() - 1.0;
                assert!(inside, "{number}: {seen:?} {:?}", clipped.shape);
            }
        }
    }
}

#[test]
fn every_letter_is_inters() {
    let faces = FACES.map(|(_, data)| skrifa::FontRef::new(data).unwrap());
    let mut letters = 0;
    for content in all() {
        for shape in page::lay_out(&content).concat() {
            let Shape::Text(text) = shape.shape else { continue };
            for letter in text.galley.rows.iter().flat_map(|row| &row.row.glyphs).map(|glyph| glyph.chr) {
                assert!(faces.iter().all(|face| face.charmap().map(letter).is_some()), "{letter:?}");
                letters += 1;
            }
        }
    }
    assert!(letters > 1_000, "{letters}");
}

#[test]
fn the_same_report_is_the_same_file_but_for_its_date() {
    let write = |content: &Content| pdf::write(&page::lay_out(content), "Heart rate", &content.made).unwrap();
    let before = content(&readings(Kind::Sample, 30 * 24, 1), Step::Day);
    let file = write(&before);
    assert_eq!(file, write(&before));
    let after = Content { made: "2026-10-03T08:30:00[UTC]".parse().unwrap(), ..before };
    assert_ne!(file, write(&after));
}
