//! Health Auto Export's JSON: `{"data": {"metrics": [{"name": "heart_rate", "data": […]}]}}`.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::import::formats::lenient_json::{Each, Scalar};
use crate::import::report::Reason;
use crate::import::rows::Rows;
use crate::import::time::stamp::Stamp;
use crate::reading::{Kind, Rate, RateError};

/// Points kept while the name of their metric is not known yet. Mostly it comes first.
const MOST_NAMELESS: usize = 1_000_000;
/// Said where that is not enough.
pub(in crate::import) const TOO_MANY: &str =
    "a metric has more than a million points before its name; export it in parts";

/// One point of a metric: an average over some time, or a single quantity.
#[derive(Deserialize)]
struct Point {
    #[serde(default)]
    date: Scalar,
    #[serde(default, rename = "Avg", alias = "avg")]
    average: Scalar,
    #[serde(default)]
    qty: Scalar,
}

/// The kind of a metric, by its name. The points of `Other` are no heart rates and are left out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Metric {
    HeartRate,
    Resting,
    Other,
}

impl Metric {
    fn named(name: &str) -> Self {
        match name {
            "heart_rate" => Self::HeartRate,
            "resting_heart_rate" => Self::Resting,
            _ => Self::Other,
        }
    }

    fn take(self, point: Measured, number: u64, rows: &mut Rows) {
        let Measured { stamp, average, qty } = point;
        let (kind, rate) = match (self, average, qty) {
            (Self::Other, ..) => return,
            (Self::Resting, average, qty) => (Kind::Resting, qty.or(average)),
            (Self::HeartRate, Some(average), _) => (Kind::Average, Some(average)),
            (Self::HeartRate, None, qty) => (Kind::Sample, qty),
        };
        rows.take("", number, kind, rate.unwrap_or(Err(RateError::Missing)).map_err(Reason::Rate), || stamp);
    }
}

/// A point as it was read: without its texts it is small.
#[derive(Clone, Copy)]
struct Measured {
    stamp: Result<Stamp, Reason>,
    average: Option<Result<(Rate, bool), RateError>>,
    qty: Option<Result<(Rate, bool), RateError>>,
}

impl From<Point> for Measured {
    fn from(Point { date, average, qty }: Point) -> Self {
        let rate = |text: Scalar| text.plain().map(|text| Rate::parse(&text));
        Self { stamp: Stamp::parse(&date.plain().unwrap_or_default()), average: rate(average), qty: rate(qty) }
    }
}

/// The object under `data`. Says whether a metric in it was a heart rate.
pub(in crate::import) struct Metrics<'a> {
    pub(in crate::import) rows: &'a mut Rows,
    pub(in crate::import) number: &'a mut u64,
    pub(in crate::import) found: &'a mut bool,
}

impl<'de> Visitor<'de> for Metrics<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("metrics")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            if name == "metrics" {
                map.next_value_seed(MetricList(&mut self))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

struct MetricList<'a, 'b>(&'a mut Metrics<'b>);

impl<'de> DeserializeSeed<'de> for MetricList<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for MetricList<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list of metrics")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(OneMetric(self.0))?.is_some() {}
        Ok(())
    }
}

struct OneMetric<'a, 'b>(&'a mut Metrics<'b>);

impl<'de> DeserializeSeed<'de> for OneMetric<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for OneMetric<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a metric")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Metrics { rows, number, found } = self.0;
        let (mut metric, mut nameless) = (None, Vec::new());
        while let Some(name) = map.next_key::<String>()? {
            match (&*name, metric) {
                ("name", _) => metric = Some(Metric::named(&map.next_value::<Scalar>()?.plain().unwrap_or_default())),
                ("data", Some(Metric::Other)) => drop(map.next_value::<IgnoredAny>()?),
                ("data", metric) => map.next_value_seed(Each(&mut |point: Point| {
                    let point = Measured::from(point);
                    **number += 1;
                    match metric {
                        Some(metric) => metric.take(point, **number, rows),
                        None if nameless.len() < MOST_NAMELESS => nameless.push((**number, point)),
                        None => return Err(TOO_MANY),
                    }
                    Ok(())
                }))?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let metric = metric.unwrap_or(Metric::Other);
        **found |= metric != Metric::Other;
        for (number, point) in nameless {
            metric.take(point, number, rows);
        }
        Ok(())
    }
}
