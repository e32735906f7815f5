//! The report to print: what is looked at, as a PDF of two pages. It is laid out by the window's own widgets on a
//! context without a window, on a thread of its own, and its shapes become those of the document.

mod content;
mod page;
mod pdf;
#[cfg(test)]
mod tests;
mod text;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use jiff::Zoned;

use super::charts::layers::Layers;
use super::context::Ctx;
use super::locale::DateForms;
use super::widgets::dates;
use crate::reading::WeekStart;
use crate::session::{Document, Overview, Year};
use crate::statistics::Zones;

/// Everything that a report is made of.
#[derive(Clone)]
pub(in crate::ui) struct Content {
    overview: Arc<Overview>,
    year: Option<Arc<Year>>,
    layers: Layers,
    zones: Zones,
    weeks: WeekStart,
    forms: DateForms,
    made: Zoned,
}

impl Content {
    /// What is looked at now.
    pub(in crate::ui) fn of(ctx: &Ctx, overview: &Arc<Overview>, layers: Layers) -> Self {
        Self {
            overview: Arc::clone(overview),
            year: ctx.model.year.clone(),
            layers,
            zones: ctx.model.settings.zones.zones(),
            weeks: ctx.model.weeks(),
            forms: dates::forms(),
            made: (ctx.now)().to_zoned(ctx.model.settings.zone()),
        }
    }

    /// The report as a PDF.
    fn document(&self) -> Result<Document, String> {
        dates::choose(self.forms);
        let pages = page::lay_out(self);
        let bytes = pdf::write(&pages, &content::title_words(self), &self.made)
            .map_err(|why| format!("could not make the report ({why}); nothing was written. Save a picture instead"))?;
        Ok(Document(bytes.into()))
    }
}

/// What comes of making a report.
type Made = Result<Document, String>;

/// Makes reports, each on a thread of its own, so that no frame waits for one.
pub(in crate::ui) struct Reports(Sender<Made>, Receiver<Made>);

impl Default for Reports {
    fn default() -> Self {
        let (sender, receiver) = channel();
        Self(sender, receiver)
    }
}

impl Reports {
    /// Makes a report; it comes as [`Self::made`].
    pub(in crate::ui) fn make(&self, ctx: &egui::Context, content: Content) {
        let (sender, ctx) = (self.0.clone(), ctx.clone());
        let make = move || {
            let failed =
                |_| Err("could not make the report, which is an error in the program; nothing was written".into());
            let made = catch_unwind(AssertUnwindSafe(|| content.document())).unwrap_or_else(failed);
            // The window may be gone by now.
            let _ = sender.send(made);
            ctx.request_repaint();
        };
        if let Err(error) = std::thread::Builder::new().name("veilbeat-report".into()).spawn(make) {
            let _ = self.0.send(Err(format!("could not make the report ({error}); nothing was written. Try again")));
        }
    }

    /// The report, once it is made.
    pub(in crate::ui) fn made(&self) -> Option<Made> {
        self.1.try_recv().ok()
    }
}
