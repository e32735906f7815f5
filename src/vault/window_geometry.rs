//! Where the window was, as the settings keep it.

use std::collections::BTreeMap;

use ron::Value;

/// The size and the place of a window, in points.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WindowGeometry {
    /// Width and height of what is inside its frame.
    pub size: [i32; 2],
    /// The upper left corner of its frame, on desktops that tell.
    pub corner: Option<[i32; 2]>,
    /// Whether it fills the screen.
    pub maximized: bool,
    /// How much larger than usual everything in it is, in per cent.
    pub zoom_percent: i32,
}

impl Default for WindowGeometry {
    fn default() -> Self {
        Self { size: [1_160, 820], corner: None, maximized: false, zoom_percent: 100 }
    }
}

const WINDOW: &str = "window";
const CORNER: &str = "window corner";
const MAXIMIZED: &str = "window maximized";
const ZOOM: &str = "zoom percent";

/// A pair of numbers of a settings file, each within bounds.
fn pair(value: &Value, bounds: std::ops::RangeInclusive<i32>) -> Option<[i32; 2]> {
    let Value::Seq(numbers) = value else { return None };
    let numbers: Option<Vec<i32>> = numbers.iter().map(number).collect();
    let numbers: [i32; 2] = numbers?.try_into().ok()?;
    numbers.iter().all(|number| bounds.contains(number)).then_some(numbers)
}

fn number(value: &Value) -> Option<i32> {
    let Value::Number(number) = value else { return None };
    let number = number.into_f64();
    (number.fract() == 0.0 && number.abs() <= f64::from(i32::MAX)).then_some(number as i32)
}

impl WindowGeometry {
    /// Takes the place out of the entries of a settings file; what makes no sense is left there, and
    /// the usual place is taken.
    pub(super) fn take_from(entries: &mut BTreeMap<String, Value>) -> Self {
        let mut geometry = Self::default();
        if let Some(size) = entries.get(WINDOW).and_then(|value| pair(value, 200..=20_000)) {
            entries.remove(WINDOW);
            geometry.size = size;
        }
        if let Some(corner) = entries.get(CORNER).and_then(|value| pair(value, -50_000..=50_000)) {
            entries.remove(CORNER);
            geometry.corner = Some(corner);
        }
        if let Some(percent) = entries.get(ZOOM).and_then(number).filter(|percent| (50..=300).contains(percent)) {
            entries.remove(ZOOM);
            geometry.zoom_percent = percent;
        }
        if entries.get(MAXIMIZED) == Some(&Value::Bool(true)) {
            entries.remove(MAXIMIZED);
            geometry.maximized = true;
        }
        geometry
    }

    /// Puts the place among the entries of a settings file.
    pub(super) fn put_into(self, entries: &mut BTreeMap<String, Value>) {
        let pair = |pair: [i32; 2]| Value::Seq(pair.map(|number| Value::Number(number.into())).into());
        entries.insert(WINDOW.into(), pair(self.size));
        if let Some(corner) = self.corner {
            entries.insert(CORNER.into(), pair(corner));
        }
        if self.maximized {
            entries.insert(MAXIMIZED.into(), Value::Bool(true));
        }
        if self.zoom_percent != 100 {
            entries.insert(ZOOM.into(), Value::Number(self.zoom_percent.into()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_its_entries_and_nonsense_is_left_where_it_is() {
        let geometry = WindowGeometry { size: [900, 600], corner: Some([-20, 40]), maximized: true, zoom_percent: 150 };
        let mut entries = BTreeMap::new();
        geometry.put_into(&mut entries);
        assert_eq!(WindowGeometry::take_from(&mut entries), geometry);
        assert!(entries.is_empty());
        let text = r#"{"window": [3, 1e9], "window corner": "left", "zoom percent": 7}"#;
        let mut entries: BTreeMap<String, Value> = ron::from_str(text).unwrap();
        assert_eq!(WindowGeometry::take_from(&mut entries), WindowGeometry::default());
        assert_eq!(entries.len(), 3);
    }
}
