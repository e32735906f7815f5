//! The report to print.

use std::path::Path;

use lopdf::{Document, Object};

use super::driver::Window;

/// A window on the sample, and its report as a file.
fn save(window: &mut Window, path: &Path) {
    window.click("Save as PDF…");
    window.wait_for("Path of the new file");
    window.clear("Path of the new file");
    window.type_into("Path of the new file", path.to_str().unwrap());
    window.click("Save");
    window.wait_for("Saved as ");
}

/// A window on the readings of the terminal's sample: thirty days, whose mean is 66.2.
fn with_sample(dir: &Path) -> Window {
    let mut window = Window::first_start(dir);
    window.harness.set_size(egui::vec2(1160.0, 2600.0));
    window.import(&Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sample.csv"));
    window.wait_for("Imported 8,393 readings");
    window.go_to("Overview");
    window.wait_for("66.2");
    window
}

/// The names of the fonts whose files are in the document.
fn embedded(document: &Document) -> Vec<String> {
    let dictionaries = document.objects.values().filter_map(|object| object.as_dict().ok());
    let with_file = dictionaries.filter(|dictionary| dictionary.has(b"FontFile3") || dictionary.has(b"FontFile2"));
    let name = |font: &lopdf::Dictionary| match font.get(b"FontName") {
        Ok(Object::Name(name)) => String::from_utf8_lossy(name).into_owned(),
        _ => String::new(),
    };
    with_file.map(name).collect()
}

#[test]
fn a_report_holds_its_words_as_text_on_two_pages_with_its_fonts() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("report.pdf");
    let mut window = with_sample(dir.path());
    save(&mut window, &file);
    let document = Document::load(&file).unwrap();
    assert_eq!(document.get_pages().len(), 2);
    let first = document.extract_text(&[1]).unwrap();
    let second = document.extract_text(&[2]).unwrap();
    for words in ["Heart rate", "1 – 30 Sep 2026", "66.2", "44 – 172", "90 % of time", "Your week", "Fitted day: level"]
    {
        assert!(first.contains(words), "{words} is not in {first}");
    }
    for words in ["Time in zone", "Resting and recovery", "How this was computed", "30 Sep 2026"] {
        assert!(second.contains(words), "{words} is not in {second}");
    }
    for page in [&first, &second] {
        assert!(page.contains("Information, not diagnosis"), "{page}");
        assert!(page.contains(&format!("2 Oct 2026, 08:30, with Veilbeat {}", env!("CARGO_PKG_VERSION"))), "{page}");
        // Nothing that would have to be clicked.
        assert!(!page.contains("Click") && !page.contains('…'), "{page}");
    }
    let fonts = embedded(&document);
    for face in ["Inter-Regular", "Inter-Medium", "Inter-SemiBold"] {
        assert!(fonts.iter().any(|font| font.ends_with(face)), "{face} is not among {fonts:?}");
    }
    let used = document.objects.values().filter_map(|object| object.as_dict().ok());
    let descriptors = used.filter(|dictionary| dictionary.has_type(b"FontDescriptor")).count();
    assert_eq!(descriptors, fonts.len(), "every font that is used is embedded");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // The same again: the same bytes, since the clock of the test stands still.
    let again = dir.path().join("again.pdf");
    save(&mut window, &again);
    assert_eq!(std::fs::read(&file).unwrap(), std::fs::read(&again).unwrap());
    // What is there is never replaced.
    let written = std::fs::read(&file).unwrap();
    window.click("Save as PDF…");
    window.wait_for("Path of the new file");
    window.clear("Path of the new file");
    window.type_into("Path of the new file", file.to_str().unwrap());
    window.click("Save");
    window.wait_for("already exists");
    assert_eq!(std::fs::read(&file).unwrap(), written);
}
