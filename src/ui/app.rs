//! The window: a sidebar of pages, the page, and a line that says what the server did.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use egui::{Align, CentralPanel, Frame, Layout, Margin, Panel, ScrollArea, Stroke, Ui};
use jiff::Timestamp;

use super::banners;
use super::charts::layers::Layers;
use super::context::{Action, Ctx, Page};
use super::dialogs::files::{Chosen, Dialogs, FilePurpose};
use super::dialogs::import;
use super::dialogs::key::KeyDialog;
use super::dialogs::many_files;
use super::dialogs::save::{SaveDialog, Saving};
use super::locale::DateForms;
use super::meter::Meter;
use super::model::{Model, Phase, Told};
use super::notice::Notice;
use super::pages::bundles::{self, BundleForms};
use super::pages::first_start;
use super::pages::help;
use super::pages::key;
use super::pages::overview::{self, OverviewPage};
use super::pages::readings::{self, ReadingsPage};
use super::pages::server::{self, ServerView};
use super::pages::settings::{self, SettingsPage};
use super::server_trouble::server_trouble_ui;
use super::shortcuts;
use super::status;
use super::theme::{self, GRID, palette};
use super::toast;
use super::widgets::dates;
use super::widgets::kit::{Secret, gap, heart, muted, nav_item};
use super::window_geometry;
use crate::client::KeyId;
use crate::jobs::Connect;
use crate::session::{Command, Session};
use crate::vault::{Home, WindowGeometry};

/// Lines of text become hard to follow beyond this.
const MOST_WIDE: f32 = 1_680.0;
/// Around a page.
const MARGIN: f32 = 24.0;

/// The parts that the window is given from outside, so that tests can give their own.
pub struct Setup {
    /// The profile's folders.
    pub home: Home,
    /// How to reach a server.
    pub connect: Connect,
    /// How to ask for files.
    pub dialogs: Box<dyn Dialogs>,
    /// The time.
    pub now: fn() -> Timestamp,
    /// When the program was started.
    pub started: Instant,
    /// Files to open once the profile is.
    pub files: Vec<PathBuf>,
    /// How the system writes dates.
    pub locale: DateForms,
}

/// The dialogs over the page.
struct Dialogues<'a> {
    key_dialog: &'a mut Option<KeyDialog>,
    save_dialog: &'a mut Option<SaveDialog>,
    choices: &'a mut import::Choices,
}

/// What was chosen, and what for.
type Picked = (FilePurpose, Chosen);

/// A dialog that has not come after so long is not going to.
const DIALOG_WAIT: Duration = Duration::from_secs(3);

/// The state of each page: the text typed, the rows marked, the days looked at.
#[derive(Default)]
struct Pages {
    overview: OverviewPage,
    readings: ReadingsPage,
    server: ServerView,
    bundles: BundleForms,
    settings: SettingsPage,
    passphrase: Secret,
}

/// The window's state.
pub struct App {
    model: Model,
    page: Page,
    pages: Pages,
    /// The dialog about the key, if one is open.
    key_dialog: Option<KeyDialog>,
    /// The dialog for saving a file, if one is open.
    save_dialog: Option<SaveDialog>,
    /// The choices for the file that is looked into.
    choices: import::Choices,
    home: Home,
    dialogs: Box<dyn Dialogs>,
    now: fn() -> Timestamp,
    picked: (Sender<Picked>, Receiver<Picked>),
    /// When a file was asked for whose dialog may not have come yet, and what for.
    asked: Option<(Instant, FilePurpose)>,
    /// Where the window is by now.
    geometry: Option<WindowGeometry>,
    /// Files to open once the profile is.
    files: Vec<PathBuf>,
    meter: Meter,
}

impl App {
    /// A window on a profile.
    pub fn new(ctx: &egui::Context, setup: Setup) -> std::io::Result<Self> {
        theme::install(ctx);
        let Setup { home, connect, dialogs, now, started, files, locale } = setup;
        let waker = ctx.clone();
        let clock = Arc::new(move || now().as_millisecond());
        let session = Session::start(home.clone(), connect, clock, Box::new(move || waker.request_repaint()))?;
        Ok(Self {
            model: Model::new(session, locale),
            page: Page::default(),
            pages: Pages::default(),
            key_dialog: None,
            save_dialog: None,
            choices: import::Choices::default(),
            home,
            dialogs,
            now,
            picked: channel(),
            asked: None,
            geometry: None,
            files,
            meter: Meter::new(started),
        })
    }

    /// Returns the cost of all frames so far.
    pub fn meter(&self) -> Meter {
        self.meter
    }

    /// Asks for a file; it comes when the person has chosen.
    fn choose_file(&mut self, ctx: &egui::Context, purpose: FilePurpose) {
        let (sender, ctx) = (self.picked.0.clone(), ctx.clone());
        ctx.request_repaint_after(DIALOG_WAIT + Duration::from_millis(50));
        self.asked = Some((Instant::now(), purpose));
        let reply = move |chosen: Chosen| {
            // The window may be gone by the time a dialog is closed.
            let _ = sender.send((purpose, chosen));
            ctx.request_repaint();
        };
        self.dialogs.ask(purpose, &self.model.folder(), Box::new(reply));
    }

    fn has_dialog(&self) -> bool {
        self.key_dialog.is_some()
            || self.save_dialog.is_some()
            || self.model.preview.is_some()
            || self.model.many.is_some()
    }

    /// Shows a part of the window, and does what it asks for.
    fn with_ctx(&mut self, ui: &mut Ui, part: impl FnOnce(&mut Ui, &mut Ctx, &mut Pages, &mut Dialogues)) {
        let has_dialog = self.has_dialog();
        let Self { model, home, now, meter, pages, key_dialog, save_dialog, choices, .. } = self;
        let mut ctx = Ctx { model, home, now: *now, meter: *meter, has_dialog, actions: Vec::new() };
        part(ui, &mut ctx, pages, &mut Dialogues { key_dialog, save_dialog, choices });
        for action in ctx.actions {
            self.act(ui.ctx(), action);
        }
    }

    fn act(&mut self, ctx: &egui::Context, action: Action) {
        match action {
            Action::Go(page) => self.page = page,
            Action::AddReading => {
                self.page = Page::Readings;
                self.pages.readings.entry.begin();
                ctx.request_repaint();
            }
            Action::ChooseFile(purpose) => self.choose_file(ctx, purpose),
            Action::OpenVeil(path) => {
                self.page = Page::Bundles;
                self.pages.bundles.picked(FilePurpose::Veil, &path);
            }
            Action::OpenKeyDialog(dialog) => self.key_dialog = Some(*dialog),
            Action::ShowWords => self.key_dialog = Some(KeyDialog::words(&mut self.model)),
            Action::Save(saving) => self.save_dialog = Some(SaveDialog::new(saving, &self.model.folder())),
            Action::Forget => {
                (self.key_dialog, self.model.notice, self.page) = (None, None, Page::default());
                // What was typed was the last person's.
                self.pages = Pages::default();
            }
        }
    }

    /// Tells forms and dialogs what concerns them.
    fn tell(&mut self, ctx: &egui::Context, told: Told) {
        match told {
            Told::Settings => {
                theme::choose(ctx, self.model.settings.theme);
                dates::choose(self.model.locale.with(&self.model.settings));
                if self.geometry.is_none() {
                    let geometry = self.geometry.insert(self.model.settings.window);
                    ctx.set_zoom_factor(geometry.zoom_percent as f32 / 100.0);
                }
                if let Some(names) = &self.model.settings.layers {
                    self.pages.overview.layers = Layers::named(names);
                }
                self.pages.settings.zone = self.model.settings.timezone.clone().unwrap_or_default();
            }
            Told::Entered(kept) => self.pages.readings.entry.hear(kept),
            Told::Key(outcome) => {
                if KeyDialog::hear(&mut self.key_dialog, &mut self.model, outcome) {
                    self.act(ctx, Action::Forget);
                }
            }
            Told::Saved(saved) => SaveDialog::hear(&mut self.save_dialog, &mut self.model, saved),
        }
    }

    /// Says that there is no dialog, and lets the path be typed.
    fn no_dialog(&mut self, purpose: FilePurpose) {
        let words = "No file dialog came: the desktop's file portal does not answer. Type the path instead";
        self.model.notice = Some(Notice::bad(words));
        if matches!(purpose, FilePurpose::Readings | FilePurpose::Folder) {
            self.page = Page::Readings;
            self.pages.readings.focus_path();
        }
        SaveDialog::focus_path(&mut self.save_dialog);
    }

    fn picked(&mut self, purpose: FilePurpose, chosen: Chosen) {
        self.asked = None;
        let files = match chosen {
            Chosen::Files(files) => files,
            Chosen::Nothing => return,
            Chosen::NoDialog => return self.no_dialog(purpose),
        };
        let Some(path) = files.first().cloned() else { return };
        self.model.remember_folder(&path);
        match purpose {
            FilePurpose::Readings | FilePurpose::Folder => self.model.import_files(files),
            FilePurpose::Key => KeyDialog::picked(&mut self.key_dialog, &path),
            FilePurpose::KeyCopy => self.model.ask_key(Command::SaveKeyCopy(path)),
            FilePurpose::WordsPage => {
                if let Some(dialog) = &self.key_dialog {
                    dialog.save_words(&mut self.model, path);
                }
            }
            FilePurpose::NewReadings
            | FilePurpose::NewTable
            | FilePurpose::NewLog
            | FilePurpose::NewPicture
            | FilePurpose::NewReport => {
                SaveDialog::picked(&mut self.save_dialog, &path);
            }
            FilePurpose::NewBundle | FilePurpose::Bundle | FilePurpose::NewQuestion | FilePurpose::Veil => {
                self.pages.bundles.picked(purpose, &path);
            }
        }
    }

    fn sidebar_ui(&mut self, ui: &mut Ui, key: KeyId) {
        ui.horizontal(|ui| {
            heart(ui, 22.0);
            ui.label(egui::RichText::new("Veilbeat").font(theme::semibold(18.0)));
        });
        gap(ui, 2.0);
        ui.spacing_mut().item_spacing.y = 4.0;
        for (index, (page, name)) in Page::ALL.into_iter().enumerate() {
            let mut item = nav_item(ui, page.icon(), name, self.page == page);
            if let Some(shortcut) = shortcuts::of_page(index) {
                item = item.on_hover_text(shortcuts::words(ui, shortcut));
            }
            if item.clicked() {
                self.page = page;
            }
        }
        ui.with_layout(Layout::bottom_up(Align::Min), |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            if secrets_sent_ui(ui, self.model.sceptic.has_found_key()) {
                self.page = Page::Server;
                self.pages.server.show_search = true;
                self.model.search_for_key();
            }
            muted(ui, format!("key {key:.8}")).on_hover_text(format!("Public id of your key: {key}"));
        });
    }

    fn page_ui(&mut self, ui: &mut Ui) {
        let page = self.page;
        self.with_ctx(ui, |ui, ctx, pages, _| match &ctx.model.phase {
            Phase::Starting => {}
            Phase::FirstStart => first_start::create_ui(ui, ctx),
            Phase::Locked(why) => {
                let why = why.clone();
                first_start::locked_ui(ui, ctx, &mut pages.passphrase, why.as_deref());
            }
            Phase::Closed(why) => {
                let why = why.clone();
                first_start::closed_ui(ui, ctx, &why);
            }
            Phase::Open(_) => {
                server_trouble_ui(ui, ctx.model);
                banners::exposed_key_ui(ui, ctx.model);
                if page == Page::Overview {
                    banners::sample_ui(ui, ctx.model);
                }
                // The page of the key says so itself.
                if page != Page::Key && banners::backup_reminder_ui(ui, ctx.model) {
                    ctx.act(Action::ShowWords);
                }
                match page {
                    Page::Overview if ctx.model.readings.is_empty() => first_start::empty_ui(ui, ctx),
                    Page::Overview => overview::overview_ui(ui, ctx, &mut pages.overview),
                    Page::Readings => readings::readings_ui(ui, ctx, &mut pages.readings),
                    Page::Server => server::server_ui(ui, ctx, &mut pages.server),
                    Page::Bundles => bundles::bundles_ui(ui, ctx, &mut pages.bundles),
                    Page::Key => key::key_ui(ui, ctx),
                    Page::Settings => settings::settings_ui(ui, ctx, &mut pages.settings),
                    Page::Help => help::help_ui(ui, ctx),
                }
            }
        });
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.meter.begin();
        for told in self.model.hear() {
            self.tell(ctx, told);
        }
        self.geometry = self.geometry.map(|before| window_geometry::seen(ctx, before));
        if let Some(picture) = self.pages.overview.snapshot.taken() {
            self.act(ctx, Action::Save(Saving::Picture(picture)));
        }
        match self.pages.overview.report.made() {
            Some(Ok(document)) => self.act(ctx, Action::Save(Saving::Report(document))),
            Some(Err(why)) => self.model.notice = Some(Notice::bad(&why)),
            None => {}
        }
        self.model.next_file();
        while let Ok(picked) = self.picked.1.try_recv() {
            self.picked(picked.0, picked.1);
        }
        // A dialog that has come has the keyboard.
        let waited = self.asked.filter(|(since, _)| since.elapsed() >= DIALOG_WAIT);
        if let Some((_, purpose)) = waited {
            self.asked = None;
            if ctx.input(|input| input.viewport().focused == Some(true)) {
                self.no_dialog(purpose);
            }
        }
        if matches!(self.model.phase, Phase::Open(_)) {
            let dropped = ctx
                .input(|input| input.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect::<Vec<_>>());
            let mut readings = Vec::new();
            for path in std::mem::take(&mut self.files).into_iter().chain(dropped) {
                let veil = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("veil"));
                if veil {
                    self.page = Page::Bundles;
                    self.pages.bundles.dropped(&path);
                    self.model.with_bundle(Command::OpenVeil(path));
                } else {
                    readings.push(path);
                }
            }
            if !readings.is_empty() {
                self.model.import_files(readings);
            }
        }
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let colours = palette(ui);
        let ground = |margin: Margin| Frame::new().fill(colours.ground).inner_margin(margin);
        if let Phase::Open(key) = self.model.phase {
            // A dialog keeps the keys to itself.
            let pressed = if self.has_dialog() { None } else { shortcuts::pressed(ui) };
            if let Some(action) = pressed {
                self.act(ui.ctx(), action);
            }
            Panel::left("sidebar")
                .exact_size(200.0)
                .resizable(false)
                .frame(ground(Margin::same(16)))
                .show(ui, |ui| self.sidebar_ui(ui, key));
            Panel::bottom("status")
                .exact_size(40.0)
                .resizable(false)
                .frame(ground(Margin::symmetric(24, 0)))
                .show(ui, |ui| status::status_ui(ui, &mut self.model));
        }
        CentralPanel::default().frame(ground(Margin::ZERO)).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            // Each page keeps its own place.
            ScrollArea::vertical().id_salt(self.page as u8).auto_shrink(false).show(ui, |ui| {
                // In the middle of a wide window.
                let beside = ((ui.available_width() - 2.0 * MARGIN - MOST_WIDE) / 2.0).max(0.0).floor() as i8;
                let margin = Margin::same(MARGIN as i8);
                Frame::new().outer_margin(Margin::symmetric(beside, 0)).inner_margin(margin).show(ui, |ui| {
                    ui.spacing_mut().item_spacing = egui::vec2(2.0 * GRID, 2.0 * GRID);
                    self.page_ui(ui);
                });
            });
        });
        self.with_ctx(ui, |ui, ctx, _, dialogues| {
            KeyDialog::show(ui, ctx, dialogues.key_dialog);
            SaveDialog::show(ui, ctx, dialogues.save_dialog);
            import::show(ui, ctx, dialogues.choices);
            many_files::show(ui, ctx);
            if matches!(ctx.model.phase, Phase::Open(_)) {
                toast::toast_ui(ui, ctx);
            }
        });
        let hovering = ui.ctx().input(|input| !input.raw.hovered_files.is_empty());
        if hovering && matches!(self.model.phase, Phase::Open(_)) {
            drop_hint_ui(ui);
        }
        self.meter.end();
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        if self.geometry.is_some_and(|geometry| geometry != self.model.settings.window) {
            self.model.settings.window = self.geometry.unwrap_or_default();
            self.model.save_settings();
        }
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}

/// What the sidebar says about secrets, as a button. Returns whether the messages are to be searched for them.
fn secrets_sent_ui(ui: &mut Ui, found: bool) -> bool {
    let colours = palette(ui);
    let (words, colour) = if found { ("A secret was sent", colours.heart) } else { ("0 secrets sent", colours.muted) };
    let link = ui.add(egui::Link::new(egui::RichText::new(words).small().color(colour)));
    link.on_hover_text("Searches every message to the server and back for your key").clicked()
}

/// Shown while a file hovers over the window.
fn drop_hint_ui(ui: &Ui) {
    let colours = palette(ui);
    let painter = ui.ctx().layer_painter(egui::LayerId::new(egui::Order::Foreground, egui::Id::unique("drop")));
    let rect = ui.ctx().content_rect().shrink(8.0);
    painter.rect(
        rect,
        8,
        colours.ground.gamma_multiply(0.92),
        Stroke::new(2.0, colours.data),
        egui::StrokeKind::Inside,
    );
    painter.text(rect.center(), egui::Align2::CENTER_CENTER, "Drop to import", theme::semibold(22.0), colours.ink);
}
