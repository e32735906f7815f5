//! Settings of zones: the maximum rate, and where zones start.

use egui::{RichText, Ui};

use crate::statistics::{Maximum, ZoneBounds, Zones, ZonesError};
use crate::ui::model::Model;
use crate::ui::theme::palette;
use crate::ui::widgets::kit::{field, muted, segmented, title};
use crate::vault::ZoneSettings;

#[derive(Clone, Copy, PartialEq, Eq)]
enum MaximumBy {
    Usual,
    Age,
    Typed,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum BoundsBy {
    Maximum,
    Reserve,
    Typed,
}

/// The text typed into the form, once a person has begun to.
pub(in crate::ui) struct ZoneForm {
    maximum: MaximumBy,
    bounds: BoundsBy,
    age: String,
    typed: String,
    resting: String,
    starts: String,
}

impl ZoneForm {
    fn of(settings: ZoneSettings) -> Self {
        let starts = settings.zones().all()[1..].iter().map(|zone| zone.from_bpm.to_string()).collect::<Vec<_>>();
        let (maximum, age) = match settings.maximum {
            Maximum::Unknown => (MaximumBy::Usual, String::new()),
            Maximum::Age(age) => (MaximumBy::Age, age.to_string()),
            Maximum::Typed(_) => (MaximumBy::Typed, String::new()),
        };
        let (bounds, resting) = match settings.bounds {
            ZoneBounds::OfMaximum => (BoundsBy::Maximum, String::new()),
            ZoneBounds::OfReserve { resting_bpm } => (BoundsBy::Reserve, resting_bpm.to_string()),
            ZoneBounds::Typed(_) => (BoundsBy::Typed, String::new()),
        };
        Self { maximum, bounds, age, typed: settings.maximum.bpm().to_string(), resting, starts: starts.join(", ") }
    }

    fn read(&self) -> Result<ZoneSettings, ZonesError> {
        let maximum = match self.maximum {
            MaximumBy::Usual => Maximum::Unknown,
            MaximumBy::Age => Maximum::Age(self.age.trim().parse().map_err(|_| ZonesError::Age)?),
            MaximumBy::Typed => Maximum::Typed(self.typed.trim().parse().map_err(|_| ZonesError::Maximum)?),
        };
        let bounds = match self.bounds {
            BoundsBy::Maximum => ZoneBounds::OfMaximum,
            BoundsBy::Reserve => {
                ZoneBounds::OfReserve { resting_bpm: self.resting.trim().parse().map_err(|_| ZonesError::Resting)? }
            }
            BoundsBy::Typed => {
                let starts: Option<Vec<u16>> = self.starts.split(',').map(|start| start.trim().parse().ok()).collect();
                let starts = starts.and_then(|starts| starts.try_into().ok());
                ZoneBounds::Typed(starts.ok_or(ZonesError::Bounds)?)
            }
        };
        Zones::new(bounds, maximum).map(|_| ZoneSettings { maximum, bounds })
    }
}

pub(in crate::ui) fn zones_ui(ui: &mut Ui, model: &mut Model, form: &mut Option<ZoneForm>) {
    title(ui, "Zones");
    let form = form.get_or_insert_with(|| ZoneForm::of(model.settings.zones));
    let mut changed = false;
    muted(ui, "Your maximum rate");
    let options = [(MaximumBy::Usual, "190 bpm"), (MaximumBy::Age, "From my age"), (MaximumBy::Typed, "I know it")];
    changed |= segmented(ui, &mut form.maximum, &options);
    changed |= match form.maximum {
        MaximumBy::Usual => false,
        MaximumBy::Age => field(ui, "Age in years (208 − 0.7 × age)", &mut form.age, 200.0).changed(),
        MaximumBy::Typed => field(ui, "Maximum rate, bpm", &mut form.typed, 200.0).changed(),
    };
    muted(ui, "Zones start at");
    let options = [
        (BoundsBy::Maximum, "50–90 % of the maximum"),
        (BoundsBy::Reserve, "50–90 % of the reserve"),
        (BoundsBy::Typed, "By hand"),
    ];
    changed |= segmented(ui, &mut form.bounds, &options);
    changed |= match form.bounds {
        BoundsBy::Maximum => false,
        BoundsBy::Reserve => field(ui, "Resting rate, bpm (Karvonen)", &mut form.resting, 200.0).changed(),
        BoundsBy::Typed => field(ui, "Five starts in bpm, with commas between", &mut form.starts, 280.0).changed(),
    };
    match form.read() {
        Ok(settings) => {
            if changed {
                model.settings.zones = settings;
                model.save_settings();
            }
            let zones = settings.zones().all();
            let words = zones[1..].iter().map(|zone| format!("{} from {} bpm", zone.name, zone.from_bpm));
            muted(ui, words.collect::<Vec<_>>().join(" · "));
            muted(ui, "A zone's lower bound belongs to it. Information, not diagnosis");
        }
        Err(error) => {
            let colour = palette(ui).heart;
            ui.label(RichText::new(crate::ui::widgets::numbers::sentence(&error.to_string())).small().color(colour));
        }
    }
}
