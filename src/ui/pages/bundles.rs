//! Bundles in three steps: encrypted readings go out, another machine computes, the answer is opened.

use std::path::{Path, PathBuf};

use egui::{Align2, Frame, RichText, Sense, Stroke, Ui, vec2};

use crate::jobs::ExportOptions;
use crate::reading::{DayRange, Step};
use crate::session::{BundleStep, Command, OpenedFile};
use crate::statistics::{Detail, ReportRequest};
use crate::ui::charts::chart;
use crate::ui::charts::layers::Layers;
use crate::ui::context::{Action, Ctx};
use crate::ui::dialogs::files::FilePurpose;
use crate::ui::dialogs::save::Saving;
use crate::ui::model::Model;
use crate::ui::pages::bundle_paths::{PathText, answer_path, bundle_name, command, question_path};
use crate::ui::pages::windows_table;
use crate::ui::theme::{medium, palette};
use crate::ui::widgets::kit::{
    button, error_text, fact, full_card, gap, heading, muted, primary_button, segmented, title,
};
use crate::ui::widgets::numbers::sentence;
use crate::ui::widgets::words::step_name;

const CHART_HEIGHT: f32 = 260.0;

/// The text typed and the options chosen on the page.
pub(in crate::ui) struct BundleForms {
    export: PathText,
    /// Where a bundle is written unless somebody says otherwise; known once the page was shown.
    suggested: Option<PathBuf>,
    only_view: bool,
    for_computing: bool,
    hours: bool,
    bundle: PathText,
    question: PathText,
    step: Step,
    detail: Detail,
    open: PathText,
}

impl Default for BundleForms {
    fn default() -> Self {
        Self {
            export: PathText::default(),
            suggested: None,
            only_view: false,
            for_computing: false,
            hours: false,
            bundle: PathText::default(),
            question: PathText::default(),
            step: Step::Day,
            detail: Detail::Averages,
            open: PathText::default(),
        }
    }
}

impl BundleForms {
    /// A bundle or an answer was dropped on the window: it is what is opened, asked about or inspected.
    pub(in crate::ui) fn dropped(&mut self, path: &Path) {
        self.open.set(path);
        self.bundle.set(path);
    }

    /// Takes a path that was chosen in a dialog.
    pub(in crate::ui) fn picked(&mut self, purpose: FilePurpose, path: &Path) {
        let field = match purpose {
            FilePurpose::NewBundle => &mut self.export,
            FilePurpose::Bundle => &mut self.bundle,
            FilePurpose::NewQuestion => &mut self.question,
            _ => &mut self.open,
        };
        field.set(path);
    }

    fn bundle_path(&self) -> Option<PathBuf> {
        self.bundle.path(self.export.path(self.suggested.clone()))
    }

    fn question_path(&self) -> Option<PathBuf> {
        let beside = self.bundle_path().map(|bundle| question_path(&bundle, self.step, self.detail));
        self.question.path(beside)
    }
}

pub(in crate::ui) fn bundles_ui(ui: &mut Ui, ctx: &mut Ctx, forms: &mut BundleForms) {
    let now = || (ctx.now)().to_zoned(ctx.model.settings.zone()).datetime();
    forms.suggested.get_or_insert_with(|| ctx.model.folder().join(bundle_name(now())));
    heading(ui, "Bundles");
    muted(ui, "Any machine can add up encrypted readings for you: it gets a bundle and a question, and learns no rate");
    for (content, step) in
        [(export_ui as fn(&mut Ui, &mut Ctx, &mut BundleForms), BundleStep::Export), (ask_ui, BundleStep::Ask)]
    {
        full_card(ui, |ui| {
            content(ui, ctx, forms);
            said_ui(ui, ctx.model, step);
            if step == BundleStep::Ask {
                command_ui(ui, forms);
            }
        });
    }
    let saving = full_card(ui, |ui| {
        open_ui(ui, ctx, forms);
        said_ui(ui, ctx.model, BundleStep::Open);
        inspected_ui(ui, ctx.model);
        opened_ui(ui, ctx.model)
    });
    if let Some(saving) = saving {
        ctx.act(Action::Save(saving));
    }
}

/// A step's number, and its name.
fn step_title(ui: &mut Ui, number: u8, text: &str) {
    let colours = palette(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let (rect, _) = ui.allocate_exact_size(vec2(22.0, 22.0), Sense::hover());
        ui.painter().circle(rect.center(), 10.5, colours.ground, Stroke::new(1.0, colours.data));
        ui.painter().text(rect.center(), Align2::CENTER_CENTER, number, medium(13.0), colours.data);
        title(ui, text);
    });
}

/// What a step came to, where its button is. What is new is brought into sight, with what stands below it.
fn said_ui(ui: &mut Ui, model: &mut Model, step: BundleStep) {
    let Some(said) = model.bundle_said(step) else { return };
    let shown = match said {
        Ok(words) => ui.label(RichText::new(words).font(medium(15.0)).color(palette(ui).data)),
        Err(why) => error_text(ui, sentence(why)),
    };
    if model.takes_bundle_news(step) {
        let below = if step == BundleStep::Open { CHART_HEIGHT + 80.0 } else { 0.0 };
        let mut rect = shown.rect;
        rect.max.y += below;
        ui.scroll_to_rect(rect, None);
    }
}

fn export_ui(ui: &mut Ui, ctx: &mut Ctx, forms: &mut BundleForms) {
    step_title(ui, 1, "Export");
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
    let field = ("File to write, as in heart.veil", FilePurpose::NewBundle);
    let path = forms.export.ui(ui, ctx, field, forms.suggested.clone());
    let ready = !ctx.model.is_busy() && !ctx.model.readings.is_empty();
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
    step_title(ui, 2, "Compute elsewhere");
    ui.label("Write a question, and take it with the bundle to the other machine. What its numbers mean stays here.");
    let exported = forms.export.path(forms.suggested.clone());
    let bundle = forms.bundle.ui(ui, ctx, ("Bundle", FilePurpose::Bundle), exported);
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
    let beside = bundle.as_ref().map(|bundle| question_path(bundle, forms.step, forms.detail));
    let field = ("Question to write, as in question.txt", FilePurpose::NewQuestion);
    let paths = bundle.zip(forms.question.ui(ui, ctx, field, beside));
    let request = ReportRequest::all(forms.step, forms.detail);
    let ready = !ctx.model.is_busy() && paths.is_some();
    if button(ui, "Write question", ready).clicked()
        && let Some((bundle, question)) = paths
    {
        ctx.model.with_bundle(Command::AskBundle(bundle, request, question));
    }
}

/// The command that the other machine runs, with these very paths.
fn command_ui(ui: &mut Ui, forms: &BundleForms) {
    let Some((bundle, question)) = forms.bundle_path().zip(forms.question_path()) else { return };
    let command = command(&bundle, &question, &answer_path(&question));
    gap(ui, 0.5);
    muted(ui, "Then, on any machine that has the two files, without a key");
    let colours = palette(ui);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let width = (ui.available_width() - 90.0).clamp(200.0, 720.0);
        Frame::new().fill(colours.ground).corner_radius(6).inner_margin(8).show(ui, |ui| {
            ui.set_width(width - 16.0);
            ui.add(egui::Label::new(RichText::new(&*command).monospace().size(13.0).color(colours.ink)).wrap());
        });
        if ui.button("Copy").on_hover_text("Copies the command").clicked() {
            ui.ctx().copy_text(command.clone());
        }
    });
}

fn open_ui(ui: &mut Ui, ctx: &mut Ctx, forms: &mut BundleForms) {
    step_title(ui, 3, "Open the answer");
    ui.label("An answer is checked before it is decrypted. A bundle of this key brings its readings back; nothing is replaced.");
    let answer = forms.question_path().map(|question| answer_path(&question));
    let path = forms.open.ui(ui, ctx, ("Answer or bundle", FilePurpose::Veil), answer);
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
    gap(ui, 0.5);
    title(ui, &path.file_name().unwrap_or_default().to_string_lossy());
    for (name, value) in facts {
        fact(ui, name, value.as_str());
    }
}

/// The answer that was opened last: its chart, where there is more than one window, and its table. Returns the table if
/// it is to be saved.
fn opened_ui(ui: &mut Ui, model: &Model) -> Option<Saving> {
    let OpenedFile { name, about, overview } = model.opened.as_deref()?;
    let (report, zones) = (&overview.now.report, model.settings.zones.zones());
    gap(ui, 0.5);
    title(ui, &format!("{name}, verified"));
    muted(ui, sentence(&about.words()));
    if let Some(warning) = about.warning() {
        error_text(ui, sentence(warning));
    }
    if report.windows.len() > 1 {
        // Another answer is seen whole, however this one was looked at.
        let id = (name.as_str(), report.days, report.windows.len());
        let points = chart::Points::of(&overview.now.report);
        ui.push_id(id, |ui| chart::chart_ui(ui, overview, &points, Layers::default(), zones, CHART_HEIGHT, false));
    }
    windows_table::table_ui(ui, report, zones).map(Saving::Table)
}
