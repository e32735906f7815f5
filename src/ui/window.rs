//! Opening the window on a real desktop, or saying in one sentence why there is none.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::app::{App, Setup};
use super::dialogs::files::NativeDialogs;
use super::locale::DateForms;
use super::window_geometry::{Screen, corner_in_sight};
use crate::jobs::Connect;
use crate::platform;
use crate::vault::{Home, Settings, WindowGeometry};

const INSTEAD: &str = "in a terminal, use `veilbeat average FILE`";
const PACKAGES: &str = "libgl1 libegl1 libwayland-egl1 libxcursor1 libxi6 libxkbcommon-x11-0";

/// The window as it was.
fn viewport(geometry: WindowGeometry) -> egui::ViewportBuilder {
    let points = |pair: [i32; 2]| pair.map(|number| number as f32);
    let viewport = egui::ViewportBuilder::default()
        .with_app_id("veilbeat")
        .with_title("Veilbeat")
        .with_inner_size(points(geometry.size))
        .with_min_inner_size([720.0, 520.0])
        .with_maximized(geometry.maximized);
    match geometry.corner {
        Some(corner) => viewport.with_position(points(corner)),
        None => viewport,
    }
}

/// Options for a desktop of which only the older display answers.
fn through_x11(mut options: eframe::NativeOptions) -> eframe::NativeOptions {
    #[cfg(all(unix, not(target_os = "macos")))]
    {
        options.event_loop_builder = Some(Box::new(|builder| {
            winit::platform::x11::EventLoopBuilderExtX11::with_x11(builder);
        }));
    }
    #[cfg(not(all(unix, not(target_os = "macos"))))]
    let _ = &mut options;
    options
}

/// Moves a window back whose corner is on a screen that is not there any more.
fn bring_into_sight(window: &winit::window::Window, geometry: WindowGeometry) {
    let Some(corner) = geometry.corner else { return };
    let screens: Vec<Screen> = window
        .available_monitors()
        .map(|monitor| {
            let (at, size, scale) = (monitor.position(), monitor.size(), monitor.scale_factor());
            let points = |x: f64, y: f64| [x / scale, y / scale].map(|number| number.round() as i32);
            let (from, size) = (points(at.x.into(), at.y.into()), points(size.width.into(), size.height.into()));
            Screen { from, to: [from[0] + size[0], from[1] + size[1]] }
        })
        .collect();
    if let Some([x, y]) = corner_in_sight(corner, geometry.size, &screens) {
        window.set_outer_position(winit::dpi::LogicalPosition::new(x, y));
    }
}

/// Opens the window, with files in it, and returns when it is closed, or says in one sentence why it cannot open.
pub fn open_window(home: Option<&Path>, connect: Connect, files: &[PathBuf]) -> Result<(), String> {
    let started = Instant::now();
    let home = Home::find(home).ok_or("could not find your home folder; name one with --home DIR")?;
    if let Some(missing) = platform::missing_display() {
        return Err(format!("could not open a window: {missing}; {INSTEAD}"));
    }
    let geometry = Settings::window_of(&home);
    let setup = Setup {
        home,
        connect,
        dialogs: Box::new(NativeDialogs),
        now: crate::reading::now,
        started,
        files: files.to_vec(),
        locale: platform::time_locale().map(|name| DateForms::of_locale(&name)).unwrap_or_default(),
    };
    let icon = eframe::icon_data::from_png_bytes(include_bytes!("../../assets/icon.png")).unwrap_or_default();
    let options =
        eframe::NativeOptions { viewport: viewport(geometry).with_icon(icon), ..eframe::NativeOptions::default() };
    let options = if platform::wayland_is_stale() { through_x11(options) } else { options };
    let mut opened = false;
    let running = &mut opened;
    // Missing libraries make winit panic before the window is there; a panic after that is ours,
    // and keeps its message.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = catch_unwind(AssertUnwindSafe(|| {
        eframe::run_native(
            "Veilbeat",
            options,
            Box::new(move |creation| {
                *running = true;
                if let Some(window) = creation.winit_window() {
                    bring_into_sight(window, geometry);
                }
                std::panic::set_hook(hook);
                Ok(Box::new(App::new(&creation.egui_ctx, setup)?))
            }),
        )
    }));
    match result {
        Ok(Ok(())) => Ok(()),
        Err(panic) if opened => std::panic::resume_unwind(panic),
        // What the libraries say about it is pages of their own paths.
        Ok(Err(_)) | Err(_) => Err(format!(
            "could not open a window: the display does not answer or a graphics library is missing; \
             on Debian, install {PACKAGES}, or {INSTEAD}"
        )),
    }
}
