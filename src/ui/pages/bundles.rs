//! Bundles: encrypted readings handed to other machines, and the answers that come back.

use std::path::{Path, PathBuf};

use egui::{RichText, Role, Ui, WidgetInfo};

use crate::jobs::ExportOptions;
use crate::reading::{DayRange, Step};
use crate::session::{Command, OpenedFile};
use crate::statistics::{Detail, ReportRequest};
use crate::ui::context::{Action, Ctx};
use crate::ui::dialogs::files::FilePurpose;
use crate::ui::dialogs::save::Saving;
use crate::ui::model::Model;
use crate::ui::pages::windows_table;
use crate::ui::theme::palette;
use crate::ui::widgets::kit::{
    button, card, error_text, fact, field, full_card, gap, heading, muted, primary_button, segmented, title,
};
use crate::ui::widgets::numbers::sentence;
use crate::ui::widgets::words::step_name;

/// The text typed and the options chosen on the page.
pub(in crate::ui) struct BundleForms {
    export: String,
    only_view: bool,
    for_computing: bool,
    hours: bool,
    bundle: String,
    question: String,
    step: Step,
    detail: Detail,
    open: String,
}

impl Default for BundleForms {
    fn default() -> Self {
        Self {
            export: String::new(),
            only_view: false,
            for_computing: false,
            hours: false,
            bundle: String::new(),
            question: String::new(),
            step: Step::Day,
            detail: Detail::Averages,
            open: String::new(),
        }
    }
}

impl BundleForms {
    /// A bundle or an answer was dropped on the window: it is what is opened, asked about or inspected.
    pub(in crate::ui) fn dropped(&mut self, path: &Path) {
        self.open = path.display().to_string();
        self.bundle.clone_from(&self.open);
    }

    /// Takes a path that was chosen in a dialog.
    pub(in crate::ui) fn picked(&mut self, purpose: FilePurpose, path: &Path) {
        let field = match purpose {
            FilePurpose::NewBundle => &mut self.export,
            FilePurpose::Bundle => &mut self.bundle,
            FilePurpose::NewQuestion => &mut self.question,
            _ => &mut self.open,
        };
        *field = path.display().to_string();
    }
}

pub(in crate::ui) fn bundles_ui(ui: &mut Ui, ctx: &mut Ctx, forms: &mut BundleForms) {
    heading(ui, "Bundles");
    muted(ui, "Any machine can add up encrypted readings for you: it gets a bundle and a question, and learns no rate");
    for content in [export_ui, ask_ui, open_ui] {
        full_card(ui, |ui| {
            content(ui, ctx, forms);
        });
    }
    inspected_ui(ui, ctx.model);
    if let Some(OpenedFile { name, about, report }) = ctx.model.opened.as_deref() {
        let saving = card(ui, |ui| {
            ui.set_width(ui.available_width());
            title(ui, &format!("{name}, verified"));
            muted(ui, sentence(&about.words()));
            if let Some(warning) = about.warning() {
                error_text(ui, sentence(warning));
            }
            windows_table::table_ui(ui, report, ctx.model.settings.zones.zones())
        });
        if let Some(table) = saving {
            ctx.act(Action::Save(Saving::Table(table)));
        }
    }
}

/// A path that can be typed or chosen.
fn path_ui(ui: &mut Ui, ctx: &mut Ctx, label: &str, purpose: FilePurpose, path: &mut String) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let width = (ui.available_width() - 130.0).clamp(200.0, 520.0);
        field(ui, label, path, width);
        ui.vertical(|ui| {
            // As far down as the field, whose label stands above it.
            ui.add_space(20.0);
            let choose = ui.button("Choose…");
            choose.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Choose… ({label})")));
            if choose.clicked() {
                ctx.act(Action::ChooseFile(purpose));
            }
        });
    });
}

fn given(path: &str) -> Option<PathBuf> {
    (!path.trim().is_empty()).then(|| PathBuf::from(path.trim()))
}

fn export_ui(ui: &mut Ui, ctx: &mut Ctx, forms: &mut BundleForms) {
    title(ui, "Export");
    ui.label("Encrypts your readings into one file, which any machine can add up.");
    ui.horizontal_wrapped(|ui| {
        segmented(ui, &mut forms.only_view, &[(false, "All readings"), (true, "The days on the overview")]);
        segmented(ui, &mut forms.for_computing, &[(false, "As backup"), (true, "For computing only")]);
        segmented(ui, &mut forms.hours, &[(false, "Days and longer"), (true, "Hours too")]);
    });
    let what = if forms.for_computing {
        "It holds encrypted weeks only, and restores nothing"
    } else {
        "It also restores your readings, on any computer that has the same key: they are in it, sealed"
    };
    let hours = if forms.hours { ". With distributions by the hour it is eight times as large" } else { "" };
    muted(ui, format!("{what}{hours}"));
    path_ui(ui, ctx, "File to write, as in heart.veil", FilePurpose::NewBundle, &mut forms.export);
    let ready = !ctx.model.is_busy() && !ctx.model.readings.is_empty();
    let path = given(&forms.export);
    if primary_button(ui, "Export bundle", ready && path.is_some()).clicked()
        && let Some(path) = path
    {
        let settings = &ctx.model.settings;
        let (first, last) = ctx.model.view.days(&ctx.model.readings).filter(|_| forms.only_view).unzip();
        let days = DayRange { first, last };
        let options = ExportOptions {
            days,
            parameters: settings.parameters,
            weighting: settings.weighting,
            hours: forms.hours,
            for_computing: forms.for_computing,
        };
        ctx.model.with_bundle(Command::Export(path, options));
    }
}

fn ask_ui(ui: &mut Ui, ctx: &mut Ctx, forms: &mut BundleForms) {
    title(ui, "Ask");
    ui.label("Writes a question about a bundle. What its numbers mean stays here.");
    path_ui(ui, ctx, "Bundle", FilePurpose::Bundle, &mut forms.bundle);
    ui.horizontal_wrapped(|ui| {
        let week = Step::Week(ctx.model.weeks());
        let steps = [Step::Hour, Step::Day, week, Step::Month, Step::All].map(|step| (step, step_name(step)));
        if matches!(forms.step, Step::Week(_)) {
            forms.step = week;
        }
        segmented(ui, &mut forms.step, &steps);
        let details = [(Detail::Averages, "Averages"), (Detail::Statistics, "Everything")];
        segmented(ui, &mut forms.detail, &details);
    });
    path_ui(ui, ctx, "Question to write, as in question.txt", FilePurpose::NewQuestion, &mut forms.question);
    let paths = given(&forms.bundle).zip(given(&forms.question));
    let request = ReportRequest::all(forms.step, forms.detail);
    let ready = !ctx.model.is_busy() && paths.is_some();
    if button(ui, "Write question", ready).clicked()
        && let Some((bundle, question)) = paths
    {
        ctx.model.with_bundle(Command::AskBundle(bundle, request, question));
    }
    gap(ui, 0.5);
    muted(ui, "Then, on any machine, without a key:");
    let command = "veilbeat compute heart.veil question.txt -o answer.veil";
    ui.label(RichText::new(command).monospace().color(palette(ui).ink));
}

fn open_ui(ui: &mut Ui, ctx: &mut Ctx, forms: &mut BundleForms) {
    title(ui, "Open an answer, or restore a bundle");
    ui.label("An answer is checked before it is decrypted. A bundle of this key brings its readings back; nothing is replaced.");
    path_ui(ui, ctx, "Answer or bundle", FilePurpose::Veil, &mut forms.open);
    let path = given(&forms.open);
    let ready = !ctx.model.is_busy() && path.is_some();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let open = button(ui, "Open", ready).clicked();
        let inspect = button(ui, "Inspect", ready).on_hover_text("What it is, and what it reveals to whoever holds it");
        let (inspect, Some(path)) = (inspect.clicked(), path) else { return };
        if open {
            ctx.model.with_bundle(Command::OpenVeil(path));
        } else if inspect {
            ctx.model.with_bundle(Command::Inspect(path));
        }
    });
    muted(ui, "Or drop the file on this window");
}

/// Shows the facts about the file that was inspected last.
fn inspected_ui(ui: &mut Ui, model: &Model) {
    let Some((path, facts)) = &model.inspected else { return };
    full_card(ui, |ui| {
        title(ui, &path.file_name().unwrap_or_default().to_string_lossy());
        for (name, value) in facts {
            fact(ui, name, value.as_str());
        }
    });
}
