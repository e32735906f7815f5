//! The sceptic's table: an answer changed on its way, the same week encrypted again, and every message searched for the
//! key.

use std::fmt::Write;

use egui::{Label, RichText, Ui};

use crate::protocol::{FrameKind, LogEntry};
use crate::session::{EncryptedTwice, KeySearch, TamperView};
use crate::ui::model::Model;
use crate::ui::theme::{medium, palette};
use crate::ui::widgets::kit::{button, error_text, fact, gap, muted, title};
use crate::ui::widgets::numbers::{bytes, counted, grouped, sentence};
use crate::ui::widgets::words::week_words;

/// The views that a sceptic has asked for, or why there is none.
#[derive(Default)]
pub(in crate::ui) struct Sceptic {
    pub(in crate::ui) tampered: Option<Result<TamperView, String>>,
    pub(in crate::ui) encrypted: Option<Result<EncryptedTwice, String>>,
    pub(in crate::ui) searched: Option<KeySearch>,
}

impl Sceptic {
    /// Whether a message holds a piece of the key.
    pub(in crate::ui) fn has_found_key(&self) -> bool {
        self.searched.is_some_and(|searched| searched.found.is_some())
    }
}

/// A card's verdict: in the colour of what is well, or of what is not.
fn verdict(ui: &mut Ui, words: &str, is_well: bool) {
    let colours = palette(ui);
    let colour = if is_well { colours.data } else { colours.heart };
    ui.label(RichText::new(words).font(medium(15.0)).color(colour));
}

/// An answer that is changed on its way.
pub(in crate::ui) fn tamper_ui(ui: &mut Ui, model: &mut Model) {
    title(ui, "Tamper with an answer");
    match &model.sceptic.tampered {
        None => {
            ui.label("Veilbeat asks the server for the sum of all weeks, and one bit of the real answer is changed before it arrives. See what the app says to it.");
        }
        Some(Err(why)) => {
            error_text(ui, sentence(why));
        }
        Some(Ok(view)) => tampered_ui(ui, view),
    }
    gap(ui, 0.5);
    let verb = if matches!(model.sceptic.tampered, Some(Ok(_))) { "Change another bit" } else { "Change one bit" };
    let ready = is_sent(model) && !model.is_busy();
    if button(ui, verb, ready).clicked() {
        model.tamper();
    }
}

fn tampered_ui(ui: &mut Ui, view: &TamperView) {
    let refused = view.said.is_some() && view.decrypted == 0;
    let words = if refused {
        "Refused, and nothing of it was decrypted"
    } else {
        "Problem: the change was not noticed; please report this"
    };
    verdict(ui, words, refused);
    if let Some(said) = &view.said {
        ui.label(format!("“{}”", sentence(said)));
    }
    let message = view.message.map_or_else(String::new, |number| format!(" of message {}", grouped(number)));
    fact(
        ui,
        "Changed",
        format!("bit {} of byte {}{message}, of {} bytes", view.bit, grouped(view.at as u64), grouped(view.len as u64)),
    );
    fact(ui, "Byte", RichText::new(format!("{:02x} sent, {:02x} arrived", view.sent, view.arrived)).monospace());
    if !view.meaning.is_empty() {
        fact(ui, "Part of", view.meaning.as_str());
    }
    fact(ui, "Decrypted", counted(view.decrypted, "ciphertext", "ciphertexts"));
    let unchanged =
        if view.passes_unchanged { "asked again, it passed its check" } else { "asked again, it did not pass either" };
    fact(ui, "Unchanged", unchanged);
}

/// The same week, encrypted twice.
pub(in crate::ui) fn encrypt_again_ui(ui: &mut Ui, model: &mut Model, chosen: Option<u64>) {
    title(ui, "Encrypt the same week again");
    match &model.sceptic.encrypted {
        None => {
            ui.label("Each encryption draws new random numbers. Veilbeat encrypts one of your weeks twice, and compares the two byte by byte: who sees both cannot tell that they hold the same.");
        }
        Some(Err(why)) => {
            error_text(ui, sentence(why));
        }
        Some(Ok(view)) => encrypted_ui(ui, view),
    }
    gap(ui, 0.5);
    let verb =
        if matches!(model.sceptic.encrypted, Some(Ok(_))) { "Encrypt it twice again" } else { "Encrypt it twice" };
    let ready = is_sent(model) && !model.is_busy();
    if button(ui, verb, ready).clicked() {
        let put = |entry: &LogEntry| entry.kind == FrameKind::Put;
        model.encrypt_again(chosen.filter(|number| model.log().entry(*number).as_ref().is_some_and(put)));
    }
}

fn encrypted_ui(ui: &mut Ui, view: &EncryptedTwice) {
    let words = format!("{:.1} % of the bits are equal, as with coin tosses", 100.0 * view.equal_bits);
    verdict(ui, &words, (0.45..0.55).contains(&view.equal_bits));
    muted(ui, sentence(&week_words(view.week.week)));
    for (name, beginning) in ["First", "Again"].into_iter().zip(&view.beginnings) {
        let (seed, body) = beginning.split_at(EncryptedTwice::SEED);
        fact(ui, name, RichText::new(format!("{} {}…", hex(seed), hex(body))).monospace().size(12.5));
    }
    let (equal, len) = (view.equal_bytes as u64, view.len as u64);
    fact(ui, "Differ", format!("{} of {} bytes", grouped(len - equal), grouped(len)));
    fact(
        ui,
        "Equal",
        format!("{} by chance; of random bytes one in 256 is, some {}", grouped(equal), grouped(len / 256)),
    );
    muted(ui, "The 16 bytes of the seed, then the encrypted rates. Neither was sent");
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(3 * bytes.len());
    for byte in bytes {
        // A text takes whatever is written.
        let _ = write!(text, "{byte:02x} ");
    }
    text
}

/// Every message searched for the key. `asked` says that the person has just asked for it elsewhere, and should see it.
pub(in crate::ui) fn search_ui(ui: &mut Ui, model: &mut Model, asked: bool) {
    let shown = ui.scope(|ui| {
        title(ui, "Was anything secret sent?");
        match model.sceptic.searched {
            None => {
                ui.label("Every message is searched, at every place, for every piece of your key and of the keys that are made from it.");
            }
            Some(search) => searched_ui(ui, search),
        }
        let any = model.log().passed(crate::protocol::Direction::ToServer).frames > 0;
        let verb = if model.sceptic.searched.is_some() { "Search again" } else { "Search all messages" };
        if button(ui, verb, any && !model.is_busy()).clicked() {
            model.search_for_key();
        }
    });
    if asked {
        ui.scroll_to_rect(shown.response.rect, None);
    }
}

fn searched_ui(ui: &mut Ui, search: KeySearch) {
    let what = format!(
        "Searched {} ({}) for {} of your key: ",
        counted(search.messages, "message", "messages"),
        bytes(search.bytes),
        counted(search.pieces as u64, "piece", "pieces"),
    );
    match search.found {
        None => verdict(ui, &format!("{what}none found"), true),
        Some((message, at)) => {
            let place = format!("{what}one found in message {}, from byte {}", grouped(message), grouped(at as u64));
            verdict(ui, &place, false);
            error_text(
                ui,
                "This must never happen. Your readings may be exposed to the server; please report it, and create a new key",
            );
        }
    }
    let unkept = match search.unkept {
        0 => String::new(),
        unkept => format!(
            ". {} not searched: only the bytes of the newest 4 MiB in each direction are kept",
            counted(unkept, "earlier message was", "earlier messages were")
        ),
    };
    let words = format!(
        "A piece is 8 bytes of the master key, the lattice key, the coefficients and keys of tags and seeds, and the keys that seal{unkept}"
    );
    let colour = palette(ui).muted;
    ui.add(Label::new(RichText::new(words).small().color(colour)).wrap());
}

/// Whether a sheet has been sent whose bytes are still kept.
fn is_sent(model: &Model) -> bool {
    model.log().newest_of(FrameKind::Put).is_some()
}
