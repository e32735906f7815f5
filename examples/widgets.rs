//! Every widget of the window in every state: `cargo run --example widgets`.

use veilbeat::ui::Gallery;

fn main() -> eframe::Result {
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default().with_inner_size([900.0, 860.0]),
        ..eframe::NativeOptions::default()
    };
    eframe::run_native("Widgets", options, Box::new(|creation| Ok(Box::new(Window(Gallery::new(&creation.egui_ctx))))))
}

struct Window(Gallery);

impl eframe::App for Window {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        egui::CentralPanel::default().show(ui, |ui| {
            egui::ScrollArea::vertical().show(ui, |ui| {
                egui::widgets::global_theme_preference_buttons(ui);
                self.0.show(ui);
            });
        });
    }
}
