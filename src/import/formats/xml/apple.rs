//! Apple Health's export.

use std::io::Read;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use crate::import::error::ImportError;
use crate::import::formats::xml::{Depth, Xml};
use crate::import::report::Reason;
use crate::import::rows::Rows;
use crate::import::time::stamp::Stamp;
use crate::reading::{Kind, Rate};

/// `<Record type="HKQuantityTypeIdentifierHeartRate" startDate=… value=…>`. What is nested in records of
/// heart-rate variability, and every other type, is not a reading.
pub(super) fn read<R: Read>(mut reader: Xml<R>, rows: &mut Rows) -> Result<(), ImportError> {
    let mut buffer = Vec::new();
    let (mut number, mut of_hearts, mut depth) = (0, 0, Depth(1));
    loop {
        buffer.clear();
        let event = reader.next(&mut buffer)?;
        depth.pass(&event)?;
        match event {
            Event::Start(element) if element.local_name().as_ref() == "Record" => {
                number += 1;
                let mut kind = String::new();
                let (mut start, mut value) = (String::new(), String::new());
                if attribute(&element, "type", &mut kind) && kind == "HKQuantityTypeIdentifierHeartRate" {
                    of_hearts += 1;
                    let mut unit = String::new();
                    attribute(&element, "unit", &mut unit);
                    // A text that is not there is empty, which has its own reason.
                    attribute(&element, "startDate", &mut start);
                    attribute(&element, "value", &mut value);
                    let rate = match &*unit {
                        "" | "count/min" => Rate::parse(&value).map_err(Reason::Rate),
                        "count/s" => Rate::parse_per_second(&value).map_err(Reason::Rate),
                        _ => Err(Reason::UnknownUnit),
                    };
                    rows.take("", number, Kind::Sample, rate, || Stamp::parse(&start));
                }
            }
            Event::Eof => {
                depth.end(rows);
                if of_hearts == 0 {
                    let counted = if number == 1 { "1 record".into() } else { format!("{number} records") };
                    return Err(ImportError::NoRates {
                        format: "Apple Health's export",
                        counted,
                        help: "resting rates and averages of workouts are not read",
                    });
                }
                return Ok(());
            }
            _ => {}
        }
    }
}

/// Reads an attribute's value; `false` if there is none or it cannot be read.
fn attribute(element: &BytesStart, name: &str, into: &mut String) -> bool {
    let found = element.attributes().with_checks(false).flatten().find(|attribute| attribute.key.as_ref() == name);
    let Some(value) = found.and_then(|attribute| attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into())
    else {
        return false;
    };
    into.push_str(&value);
    true
}
