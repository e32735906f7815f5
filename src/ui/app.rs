//! The window: a sidebar of pages, the page, and a line that says what the server did.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

use egui::{Align, CentralPanel, Frame, Layout, Margin, Panel, ScrollArea, Stroke, Ui};
use jiff::Timestamp;

use super::chart::Layers;
use super::dialogs::{Dialogs, Wanted};
use super::key_dialog::KeyDialog;
use super::meter::Meter;
use super::model::{Model, Phase};
use super::range::Looking;
use super::readings_page::Forms;
use super::readings_table::ReadingsTable;
use super::save_dialog::{SaveDialog, Saving};
use super::server_page::ServerView;
use super::snapshot::Snapshot;
use super::theme::{self, GRID, palette};
use super::widgets::{gap, heart, muted, nav_item};
use super::{
    bundles_page, first_start, help_page, import_dialog, key_page, notice, overview, place, readings_page, server_page,
    settings_page, shortcuts, status,
};
use crate::client::KeyId;
use crate::session::{Command, Session};
use crate::vault::{Home, WindowPlace};

/// Lines of text become hard to follow beyond this.
const MOST_WIDE: f32 = 1_360.0;

/// What the window is given from outside, so that tests can give their own.
pub struct Setup {
    /// The profile's folders.
    pub home: Home,
    /// How to ask for files.
    pub dialogs: Box<dyn Dialogs>,
    /// The time.
    pub now: fn() -> Timestamp,
    /// When the program was started.
    pub started: Instant,
    /// Files to open once the profile is.
    pub files: Vec<PathBuf>,
}

/// The pages of the sidebar.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Page {
    #[default]
    Overview,
    Readings,
    Server,
    Bundles,
    Key,
    Settings,
    Help,
}

impl Page {
    pub(super) const ALL: [(Self, &'static str); 7] = [
        (Self::Overview, "Overview"),
        (Self::Readings, "Readings"),
        (Self::Server, "Server"),
        (Self::Bundles, "Bundles"),
        (Self::Key, "Key"),
        (Self::Settings, "Settings"),
        (Self::Help, "Help"),
    ];
}

/// A file that was chosen, and what for.
type Picked = (Wanted, PathBuf);

/// The window's state.
pub struct App {
    pub(super) model: Model,
    pub(super) page: Page,
    pub(super) forms: Forms,
    pub(super) chart: Layers,
    pub(super) looking: Looking,
    /// What is being done with the key, if anything.
    pub(super) key_dialog: Option<KeyDialog>,
    /// What is about to be saved, if anything.
    pub(super) save_dialog: Option<SaveDialog>,
    pub(super) table: ReadingsTable,
    pub(super) server: ServerView,
    pub(super) snapshot: Snapshot,
    pub(super) home: Home,
    dialogs: Box<dyn Dialogs>,
    pub(super) now: fn() -> Timestamp,
    picked: (Sender<Picked>, Receiver<Picked>),
    /// Where the window is by now.
    place: Option<WindowPlace>,
    /// Files to open once the profile is.
    files: Vec<PathBuf>,
    meter: Meter,
}

impl App {
    /// A window on a profile.
    pub fn new(ctx: &egui::Context, setup: Setup) -> std::io::Result<Self> {
        theme::install(ctx);
        let Setup { home, dialogs, now, started, files } = setup;
        let waker = ctx.clone();
        let clock = Arc::new(move || now().as_millisecond());
        let session = Session::start(home.clone(), clock, Box::new(move || waker.request_repaint()))?;
        Ok(Self {
            model: Model::new(session),
            page: Page::default(),
            forms: Forms::default(),
            chart: Layers::default(),
            looking: Looking::default(),
            key_dialog: None,
            save_dialog: None,
            table: ReadingsTable::default(),
            server: ServerView::default(),
            snapshot: Snapshot::default(),
            home,
            dialogs,
            now,
            picked: channel(),
            place: None,
            files,
            meter: Meter::new(started),
        })
    }

    /// What frames have cost so far.
    pub fn meter(&self) -> Meter {
        self.meter
    }

    /// Asks for a file; it comes when the person has chosen.
    pub(super) fn ask_for_file(&self, ctx: &egui::Context, wanted: Wanted) {
        let (sender, ctx) = (self.picked.0.clone(), ctx.clone());
        let reply = move |path: Option<PathBuf>| {
            if let Some(path) = path {
                // The window may be gone by the time a dialog is closed.
                let _ = sender.send((wanted, path));
            }
            ctx.request_repaint();
        };
        self.dialogs.ask(wanted, &self.folder(), Box::new(reply));
    }

    /// Whether a dialog is open, to which the keys belong.
    pub(super) fn has_dialog(&self) -> bool {
        self.key_dialog.is_some() || self.save_dialog.is_some() || self.model.preview.is_some()
    }

    /// Goes to where a reading is typed in.
    pub(super) fn add_reading(&mut self, ui: &Ui) {
        self.page = Page::Readings;
        self.forms.entry.begin();
        ui.ctx().request_repaint();
    }

    /// Where a file is likely to be wanted: where the last one was.
    pub(super) fn folder(&self) -> PathBuf {
        self.model.settings.folder.clone().filter(|folder| folder.is_dir()).unwrap_or_else(Home::documents)
    }

    /// Remembers the folder of a file that a person has chosen.
    pub(super) fn remember_folder(&mut self, path: &Path) {
        let folder = path.parent().filter(|folder| folder.is_dir()).map(Path::to_owned);
        if folder.is_some() && folder != self.model.settings.folder {
            self.model.settings.folder = folder;
            self.model.save_settings();
        }
    }

    fn picked(&mut self, wanted: Wanted, path: PathBuf) {
        self.remember_folder(&path);
        match wanted {
            Wanted::Readings => self.model.import_file(path),
            Wanted::Key => KeyDialog::picked(&mut self.key_dialog, &path),
            Wanted::KeyCopy => self.model.ask_key(Command::SaveKeyCopy(path)),
            Wanted::WordsPage => KeyDialog::save_words(self, path),
            Wanted::NewReadings | Wanted::NewTable | Wanted::NewPicture => {
                SaveDialog::picked(&mut self.save_dialog, &path);
            }
            Wanted::NewBundle | Wanted::Bundle | Wanted::NewQuestion | Wanted::Veil => {
                self.forms.bundles.picked(wanted, &path);
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
        for (place, (page, name)) in Page::ALL.into_iter().enumerate() {
            let mut item = nav_item(ui, name, self.page == page);
            if let Some(shortcut) = shortcuts::of_page(place) {
                item = item.on_hover_text(shortcuts::words(ui, shortcut));
            }
            if item.clicked() {
                self.page = page;
            }
        }
        ui.with_layout(Layout::bottom_up(Align::Min), |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            muted(ui, "0 secrets sent");
            muted(ui, format!("key {key:.8}")).on_hover_text(format!("Public id of your key: {key}"));
        });
    }

    fn page_ui(&mut self, ui: &mut Ui) {
        match &self.model.phase {
            Phase::Starting => {}
            Phase::FirstStart => first_start::create_ui(ui, self),
            Phase::Locked(why) => {
                let why = why.clone();
                first_start::locked_ui(ui, self, why.as_deref());
            }
            Phase::Closed(why) => {
                let why = why.clone();
                first_start::closed_ui(ui, self, &why);
            }
            Phase::Open(_) => {
                notice::exposed_key_ui(ui, &mut self.model);
                // The page of the key says so itself.
                if self.page != Page::Key && notice::backup_reminder_ui(ui, &mut self.model) {
                    KeyDialog::open_words(self);
                }
                match self.page {
                    Page::Overview if self.model.readings.is_empty() => first_start::empty_ui(ui, self),
                    Page::Overview => overview::overview_ui(ui, self),
                    Page::Readings => readings_page::readings_ui(ui, self),
                    Page::Server => server_page::server_ui(ui, self),
                    Page::Bundles => bundles_page::bundles_ui(ui, self),
                    Page::Key => key_page::key_ui(ui, self),
                    Page::Settings => settings_page::settings_ui(ui, self),
                    Page::Help => help_page::help_ui(ui, self),
                }
            }
        }
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.meter.begin();
        if self.model.hear() {
            theme::choose(ctx, self.model.settings.theme);
            if self.place.is_none() {
                let place = self.place.insert(self.model.settings.window);
                ctx.set_zoom_factor(place.zoom_percent as f32 / 100.0);
            }
            self.forms.zone = self.model.settings.timezone.clone().unwrap_or_default();
        }
        self.place = self.place.map(|before| place::seen(ctx, before));
        if let Some(kept) = self.model.entered.take() {
            self.forms.entry.hear(kept);
        }
        KeyDialog::hear(self);
        SaveDialog::hear(self);
        if let Some(picture) = self.snapshot.taken() {
            SaveDialog::open(self, Saving::Picture(picture));
        }
        self.model.next_file();
        while let Ok(picked) = self.picked.1.try_recv() {
            self.picked(picked.0, picked.1);
        }
        if matches!(self.model.phase, Phase::Open(_)) {
            let dropped = ctx
                .input(|input| input.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect::<Vec<_>>());
            for path in std::mem::take(&mut self.files).into_iter().chain(dropped) {
                let veil = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("veil"));
                if veil {
                    self.page = Page::Bundles;
                    self.forms.bundles.dropped(&path);
                    self.model.with_bundle(Command::OpenVeil(path));
                } else {
                    self.model.import_file(path);
                }
            }
        }
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let colours = palette(ui);
        let ground = |margin: Margin| Frame::new().fill(colours.ground).inner_margin(margin);
        if let Phase::Open(key) = self.model.phase {
            shortcuts::hear(ui, self);
            Panel::left("sidebar")
                .exact_size(200.0)
                .resizable(false)
                .frame(ground(Margin::same(16)))
                .show(ui, |ui| self.sidebar_ui(ui, key));
            Panel::bottom("status")
                .exact_size(40.0)
                .resizable(false)
                .frame(ground(Margin::symmetric(24, 0)))
                .show(ui, |ui| status::status_ui(ui, &self.model));
        }
        CentralPanel::default().frame(ground(Margin::ZERO)).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let wide = |ui: &mut Ui| {
                ui.spacing_mut().item_spacing = egui::vec2(2.0 * GRID, 2.0 * GRID);
                ui.set_max_width(ui.available_width().min(MOST_WIDE));
            };
            // Above what scrolls: what happened last is seen wherever the page is.
            let said = self.model.notice.is_some() && matches!(self.model.phase, Phase::Open(_));
            if said {
                Frame::new().inner_margin(Margin { bottom: 0, ..Margin::same(24) }).show(ui, |ui| {
                    wide(ui);
                    notice::notice_ui(ui, &mut self.model);
                });
            }
            let top = if said { 16 } else { 24 };
            // Each page keeps its own place.
            ScrollArea::vertical().id_salt(self.page as u8).auto_shrink(false).show(ui, |ui| {
                Frame::new().inner_margin(Margin { top, ..Margin::same(24) }).show(ui, |ui| {
                    wide(ui);
                    self.page_ui(ui);
                });
            });
        });
        KeyDialog::show(ui, self);
        SaveDialog::show(ui, self);
        import_dialog::show(ui, self);
        let hovering = ui.ctx().input(|input| !input.raw.hovered_files.is_empty());
        if hovering && matches!(self.model.phase, Phase::Open(_)) {
            drop_hint_ui(ui);
        }
        self.meter.end();
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        if self.place.is_some_and(|place| place != self.model.settings.window) {
            self.model.settings.window = self.place.unwrap_or_default();
            self.model.save_settings();
        }
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
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
