//! Every page as a picture, in both themes, drawn without a display. `UPDATE_SNAPSHOTS=1 cargo test
//! --test pictures` makes them anew; look at what has changed before it is kept. Some of them, twice as
//! fine, are the README's.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod driver;
mod raster;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use egui_kittest::kittest::NodeT;
use egui_kittest::{Harness, SnapshotOptions, SnapshotResults, try_image_snapshot_options};
use raster::Raster;

use driver::Window;

fn now() -> jiff::Timestamp {
    // Only the session: the window draws meanwhile.
    while std::thread::current().name() == Some("veilbeat-session") && HELD.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(1));
    }
    "2026-10-01T08:30:00Z".parse().unwrap()
}

/// Whether the session has to wait, so that a picture can be taken of that.
static HELD: AtomicBool = AtomicBool::new(false);

/// What differs from run to run: measured times, the key's id, how often the server says how far it is.
fn varies(words: &str) -> bool {
    let id = words.len() == 32 && words.bytes().all(|byte| byte.is_ascii_hexdigit());
    id || words.contains(" ms")
        || words.starts_with("key ")
        || words.contains("from server, ")
        || words.starts_with("To the server")
}

struct Album {
    window: Window,
    results: SnapshotResults,
}

impl Album {
    fn open(home: &str, size: [f32; 2], scale: f32) -> Self {
        let builder = Harness::builder().with_size(egui::Vec2::from(size)).with_pixels_per_point(scale);
        let window = Window::build(builder.renderer(Raster::default()), Path::new(home), now, Vec::new());
        Self { window, results: SnapshotResults::new() }
    }

    /// Compares the window with its picture, but for what varies.
    fn take(&mut self, folder: &str, name: &str) {
        self.window.harness.event(egui::Event::PointerGone);
        self.window.harness.run_steps(20);
        let mut image = self.window.harness.render().unwrap();
        let whole = image.clone();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        if let Ok(expected) = image::open(path.join(format!("{name}.png"))).map(image::DynamicImage::into_rgba8)
            && expected.dimensions() == image.dimensions()
        {
            for rect in self.varying() {
                let pixel =
                    |at: f32, end: u32| ((at * self.window.harness.ctx.pixels_per_point()).max(0.0) as u32).min(end);
                let (width, height) = image.dimensions();
                for y in pixel(rect.top() - 2.0, height)..pixel(rect.bottom() + 3.0, height) {
                    // To the right edge: it may have grown or shrunk.
                    for x in pixel(rect.left() - 2.0, width)..width {
                        image.put_pixel(x, y, *expected.get_pixel(x, y));
                    }
                }
            }
            // A picture that is made anew has nothing of the old one in it.
            if std::env::var_os("UPDATE_SNAPSHOTS").is_some() && image != expected {
                image = whole;
            }
        }
        let options = SnapshotOptions::new().output_path(path).threshold(1.0).max_failed_pixels(20);
        self.results.add(try_image_snapshot_options(&image, name, &options));
    }

    fn varying(&self) -> Vec<egui::Rect> {
        let nodes = self.window.harness.root().children_recursive();
        // Lines of a text have no place of their own; the text has.
        let placed = nodes.filter(|node| node.accesskit_node().bounding_box().is_some());
        placed.filter(|node| driver::words(node).is_some_and(|words| varies(&words))).map(|node| node.rect()).collect()
    }
}

/// A folder of its own, in which everything has the same name in every run.
fn somewhere() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::env::set_current_dir(dir.path()).unwrap();
    dir
}

fn settings(theme: &str, zoom_percent: u16) {
    std::fs::create_dir_all("veilbeat/config").unwrap();
    let text = format!(
        r#"{{"theme": "{theme}", "timezone": "Europe/Paris", "reminded of a backup": true, "age": 38, "folder": ".",
        "zoom percent": {zoom_percent}}}"#
    );
    std::fs::write("veilbeat/config/settings.ron", text).unwrap();
}

const WATCH: &str = "timestamp;heart rate;steps\n\
    2026-09-28 07:58:00;61;0\n2026-09-28 07:59:00;64;12\n2026-09-28 08:00:00;250;3\n\
    2026-09-28 08:01:00;zero;0\n2026-09-28 08:02:00;66;9\n";

const PICTURES: &str = "tests/pictures";
const SIZE: [f32; 2] = [1_160.0, 820.0];

#[test]
fn every_page_looks_as_it_was_seen_last() {
    let _dir = somewhere();
    let mut results = SnapshotResults::new();
    settings("Light", 100);
    let mut album = Album::open("veilbeat", SIZE, 1.0);
    album.window.wait_for("Create my key");
    album.take(PICTURES, "first-start");
    album.window.click("Create my key");
    album.window.wait_for("No readings yet");
    album.take(PICTURES, "empty");
    album.window.go_to("Server");
    album.take(PICTURES, "server-empty");
    album.window.go_to("Overview");
    album.window.click("Try with sample data");
    album.window.wait_for("Server added");
    album.take(PICTURES, "notice");
    album.window.click("7 d");
    album.window.wait_for("Compared with the days before");
    album.window.click("Close");
    album.take(PICTURES, "a-week");
    std::fs::write("watch.csv", WATCH).unwrap();
    album.window.go_to("Readings");
    album.window.type_into("Path of a file or folder", "watch.csv");
    album.window.click("Import this path");
    album.window.wait_for("as they will be kept");
    album.take(PICTURES, "import-preview");
    album.window.click("Cancel");
    std::fs::create_dir_all("exports").unwrap();
    std::fs::copy("watch.csv", "exports/watch.csv").unwrap();
    std::fs::copy("watch.csv", "exports/watch (copy).csv").unwrap();
    std::fs::write("exports/days.csv", "date,bpm\n01/02/2026 08:00,61\n03/04/2026 08:00,62\n").unwrap();
    std::fs::write("exports/notes.txt", "milk, eggs").unwrap();
    album.window.type_into("Path of a file or folder", "exports");
    album.window.click("Import this path");
    album.window.wait_for("Import 4 files");
    album.take(PICTURES, "many-files");
    album.window.click("Cancel");
    album.window.type_into("Path of a file or folder", "nowhere.csv");
    album.window.click("Import this path");
    album.window.wait_for("nowhere.csv");
    album.take(PICTURES, "error");
    album.window.click("Close");
    album.window.go_to("Overview");
    // Held where the first message of a question passes.
    HELD.store(true, Ordering::Relaxed);
    album.window.click("Hour");
    album.take(PICTURES, "busy");
    HELD.store(false, Ordering::Relaxed);
    album.window.wait_for("Server added");
    results.extend(album.results);
    // A profile is open once.
    drop(album.window);
    for theme in ["Light", "Dark"] {
        settings(theme, 100);
        results.extend(pages(theme));
    }
    // Where there is little room, where there is much, and with everything twice as large.
    for (name, size, zoom) in
        [("small", [900.0, 600.0], 100), ("large", [2_560.0, 1_440.0], 100), ("zoomed", SIZE, 200)]
    {
        for page in ["overview", "readings", "server"] {
            if name == "large" && page != "overview" {
                continue;
            }
            settings("Light", zoom);
            let mut album = Album::open("veilbeat", size, 1.0);
            album.window.wait_for("Server added");
            album.window.go_to(&veilbeat_page(page));
            album.take(PICTURES, &format!("{page}-{name}"));
            results.extend(album.results);
        }
    }
    // The whole of the overview, further than a screen is high.
    for theme in ["Light", "Dark"] {
        settings(theme, 100);
        let mut album = Album::open("veilbeat", [1_160.0, 2_600.0], 1.0);
        album.window.wait_for("Server added");
        album.take(PICTURES, &format!("overview-whole-{}", theme.to_lowercase()));
        results.extend(album.results);
    }
    // The README's.
    settings("Light", 100);
    for page in ["overview", "readings", "server"] {
        let mut album = Album::open("veilbeat", SIZE, 2.0);
        album.window.wait_for("Server added");
        album.window.go_to(&veilbeat_page(page));
        album.take("docs", page);
        results.extend(album.results);
    }
    results.unwrap();
}

fn pages(theme: &str) -> SnapshotResults {
    let name = |page: &str| format!("{page}-{}", theme.to_lowercase());
    let mut album = Album::open("veilbeat", SIZE, 1.0);
    album.window.wait_for("Server added");
    album.take(PICTURES, &name("overview"));
    for layer in ["7-day average", "Trend", "Zones"] {
        album.window.click_last(layer);
    }
    album.take(PICTURES, &name("layers"));
    // More windows than there is room for a bar each.
    album.window.click("Hour");
    album.window.wait_for("Average by hour");
    album.take(PICTURES, &name("hours"));
    album.window.click("Auto");
    album.window.wait_for("Average by day");
    album.window.click("Days: 1 – 30 Sep 2026");
    album.take(PICTURES, &name("days"));
    for _ in 0..2 {
        album.window.click_last("14 Sep 2026");
    }
    album.window.wait_for("Points: your readings");
    album.take(PICTURES, &name("day"));
    for page in ["Readings", "Server", "Bundles", "Key", "Settings", "Help"] {
        album.window.go_to(page);
        album.take(PICTURES, &name(&page.to_lowercase()));
    }
    album.results
}

/// A page's name as the sidebar has it.
fn veilbeat_page(page: &str) -> String {
    page[..1].to_uppercase() + &page[1..]
}

#[test]
fn every_widget_looks_as_it_was_seen_last() {
    let mut results = SnapshotResults::new();
    for (dark, name) in [(false, "widgets-light"), (true, "widgets-dark")] {
        let builder = Harness::builder().with_size(egui::vec2(900.0, 1360.0)).renderer(Raster::default());
        let mut gallery = None;
        let mut harness = builder.build_ui(move |ui| {
            let gallery = gallery.get_or_insert_with(|| veilbeat::ui::Gallery::new(ui.ctx()));
            gallery.set_theme(ui.ctx(), dark);
            egui::Frame::new().fill(ui.visuals().panel_fill).inner_margin(24).show(ui, |ui| {
                ui.spacing_mut().item_spacing = egui::vec2(16.0, 16.0);
                gallery.show(ui);
            });
        });
        harness.run_steps(4);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PICTURES);
        let options = SnapshotOptions::new().output_path(path).threshold(1.0).max_failed_pixels(20);
        results.add(try_image_snapshot_options(&harness.render().unwrap(), name, &options));
    }
    results.unwrap();
}
