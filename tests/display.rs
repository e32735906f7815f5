//! The real program on a real display: real clicks and real keys, under Xvfb where there is one.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ClientMessageEvent, ConfigureWindowAux, ConnectionExt as _, EventMask,
    InputFocus, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, MOTION_NOTIFY_EVENT, Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

const SHIFT: u32 = 0xffe1;
const CONTROL: u32 = 0xffe3;
const RETURN: u32 = 0xff0d;

/// A display that nobody sees. Gone when dropped.
struct Display {
    server: Child,
    name: String,
    link: RustConnection,
    root: Window,
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Display {
    fn open() -> Option<Self> {
        let screen = ["-screen", "0", "1400x1000x24", "-displayfd", "1", "-nolisten", "tcp"];
        let mut server = Command::new("Xvfb").args(screen).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
        let mut number = String::new();
        BufReader::new(server.stdout.take()?).read_line(&mut number).ok()?;
        let name = format!(":{}", number.trim());
        let (link, _) = x11rb::connect(Some(&name)).ok()?;
        let root = link.setup().roots[0].root;
        Some(Self { server, name, link, root })
    }

    fn start(&self, home: &Path) -> Child {
        self.command_of(home).spawn().unwrap()
    }

    /// The program on this display, and on no other.
    fn command_of(&self, home: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_veilbeat"));
        command.args(["--home", home.to_str().unwrap()]).env("DISPLAY", &self.name);
        command.env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET").stderr(Stdio::piped());
        command
    }

    /// The program's window, once it is there; `None` if the program has ended instead.
    fn window(&self, program: &mut Child) -> Option<Window> {
        let wm_name = u32::from(x11rb::protocol::xproto::AtomEnum::WM_NAME);
        let text = u32::from(x11rb::protocol::xproto::AtomEnum::ANY);
        wait("the window", || {
            if program.try_wait().unwrap().is_some() {
                return Some(None);
            }
            let windows = self.link.query_tree(self.root).unwrap().reply().unwrap().children;
            let named = |&window: &Window| {
                let name = self.link.get_property(false, window, wm_name, text, 0, 64).unwrap().reply();
                name.is_ok_and(|name| name.value == b"Veilbeat")
            };
            windows.into_iter().find(named).map(Some)
        })
    }

    /// Puts the window where its controls are known to be.
    fn place(&self, window: Window) {
        let place = ConfigureWindowAux::new().x(0).y(0).width(1_160).height(820);
        self.link.configure_window(window, &place).unwrap();
        self.settle();
        // There is no window manager that would give it the keyboard.
        self.link.set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME).unwrap().check().unwrap();
        self.settle();
    }

    fn settle(&self) {
        self.link.sync().unwrap();
        std::thread::sleep(Duration::from_millis(300));
    }

    fn fake(&self, kind: u8, detail: u8, at: (i16, i16)) {
        self.link.xtest_fake_input(kind, detail, x11rb::CURRENT_TIME, self.root, at.0, at.1, 0).unwrap();
        self.link.sync().unwrap();
        std::thread::sleep(Duration::from_millis(20));
    }

    fn click(&self, at: (i16, i16)) {
        self.fake(MOTION_NOTIFY_EVENT, 0, at);
        std::thread::sleep(Duration::from_millis(100));
        self.fake(BUTTON_PRESS_EVENT, 1, at);
        self.fake(BUTTON_RELEASE_EVENT, 1, at);
        self.settle();
    }

    /// The key that makes a symbol, and whether Shift is held for it.
    fn key_of(&self, symbol: u32) -> (u8, bool) {
        let setup = self.link.setup();
        let (first, count) = (setup.min_keycode, setup.max_keycode - setup.min_keycode + 1);
        let map = self.link.get_keyboard_mapping(first, count).unwrap().reply().unwrap();
        let keys = map.keysyms.chunks(map.keysyms_per_keycode.into());
        let found = (first..).zip(keys).find_map(|(key, symbols)| {
            symbols.iter().take(2).position(|&other| other == symbol).map(|level| (key, level == 1))
        });
        found.unwrap()
    }

    fn press(&self, held: &[u32], symbol: u32) {
        let (key, shifted) = self.key_of(symbol);
        let mut held: Vec<u8> = held.iter().map(|&symbol| self.key_of(symbol).0).collect();
        held.extend(shifted.then(|| self.key_of(SHIFT).0));
        for &key in &held {
            self.fake(KEY_PRESS_EVENT, key, (0, 0));
        }
        self.fake(KEY_PRESS_EVENT, key, (0, 0));
        self.fake(KEY_RELEASE_EVENT, key, (0, 0));
        for &key in &held {
            self.fake(KEY_RELEASE_EVENT, key, (0, 0));
        }
    }

    fn type_text(&self, text: &str) {
        text.chars().for_each(|letter| self.press(&[], letter.into()));
        self.settle();
    }

    fn command(&self, symbol: char) {
        self.press(&[CONTROL], symbol.into());
        self.settle();
    }

    /// Closes a window as its frame would.
    fn close(&self, window: Window) {
        let atom = |name: &[u8]| self.link.intern_atom(false, name).unwrap().reply().unwrap().atom;
        let (protocols, delete) = (atom(b"WM_PROTOCOLS"), atom(b"WM_DELETE_WINDOW"));
        let event = ClientMessageEvent::new(32, window, protocols, [delete, 0, 0, 0, 0]);
        self.link.send_event(false, window, EventMask::NO_EVENT, event).unwrap();
        self.link.sync().unwrap();
    }
}

/// Says something that the test's harness does not keep to itself.
fn say(words: &str) {
    let _ = writeln!(std::io::stderr(), "{words}");
}

fn wait<T>(what: &str, mut there: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        if let Some(found) = there() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn veilbeat(home: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_veilbeat"));
    let output = command.args(["--home", home.to_str().unwrap()]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_program_opens_imports_charts_adds_exports_closes_and_starts_again() {
    let Some(display) = Display::open() else {
        say("not run: there is no Xvfb here");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    // A reminder would move what is clicked.
    std::fs::create_dir_all(home.join("config")).unwrap();
    std::fs::write(home.join("config/settings.ron"), r#"{"reminded of a backup": true}"#).unwrap();
    let mut program = display.start(&home);
    let Some(window) = display.window(&mut program) else {
        let output = program.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && said.lines().count() == 1, "{said}");
        say(&format!("not run: {said}"));
        return;
    };
    display.place(window);
    // Create my key.
    display.click((582, 439));
    wait("the key", || home.join("config/secret.key").exists().then_some(()));
    display.settle();
    // Try with sample data.
    display.click((675, 465));
    wait("the sample", || home.join("data/readings.redb").metadata().ok().filter(|file| file.len() > 100_000));
    display.settle();
    // A reading, by keyboard alone.
    display.command('n');
    display.type_text("71.5");
    display.press(&[], RETURN);
    display.settle();
    // A bundle, by its path instead of the one that is there.
    let bundle = dir.path().join("heart.veil");
    display.command('4');
    display.click((501, 282));
    display.command('a');
    display.type_text(bundle.to_str().unwrap());
    display.click((304, 324));
    wait("the bundle", || bundle.exists().then_some(()));
    display.close(window);
    let ended = wait("the end", || program.try_wait().unwrap());
    assert!(ended.success());
    let imports = veilbeat(&home, &["imports"]);
    assert!(imports.contains("sample data") && imports.contains("by hand"), "{imports}");
    assert!(veilbeat(&home, &["inspect", bundle.to_str().unwrap()]).contains("a bundle of encrypted readings"));
    assert!(std::fs::read_to_string(home.join("config/settings.ron")).unwrap().contains("1160"));
    // And again.
    let mut program = display.start(&home);
    let window = display.window(&mut program).unwrap();
    display.settle();
    display.close(window);
    assert!(wait("the end", || program.try_wait().unwrap()).success());
}

#[test]
fn a_display_that_is_gone_and_a_corner_out_of_sight_keep_no_window_from_being_seen() {
    let Some(display) = Display::open() else {
        say("not run: there is no Xvfb here");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    std::fs::create_dir_all(home.join("config")).unwrap();
    std::fs::write(home.join("config/settings.ron"), r#"{"window": [900, 600], "window corner": [5000, 4000]}"#)
        .unwrap();
    let mut command = display.command_of(&home);
    command.env("WAYLAND_DISPLAY", "wayland-that-is-gone").env("XDG_RUNTIME_DIR", dir.path());
    let mut program = command.spawn().unwrap();
    let Some(window) = display.window(&mut program) else {
        let said = String::from_utf8_lossy(&program.wait_with_output().unwrap().stderr).into_owned();
        assert!(said.contains("a graphics library is missing"), "{said}");
        say(&format!("not run: {said}"));
        return;
    };
    wait("the window to be in sight", || {
        let at = display.link.get_geometry(window).unwrap().reply().unwrap();
        (at.x < 1_300 && at.y < 950).then_some(())
    });
    display.close(window);
    assert!(wait("the end", || program.try_wait().unwrap()).success());
}
