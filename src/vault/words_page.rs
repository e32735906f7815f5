//! The recovery words as a page to print.

use std::fmt::Write;
use std::path::Path;

use zeroize::Zeroizing;

use super::key_file::{KeyFileError, write_new};
use super::words::RecoveryWords;
use crate::client::KeyId;

/// Writes the words of a key as a page that a browser prints: one new file, readable by its owner only,
/// that loads nothing from anywhere.
pub fn save_words_page(path: &Path, words: &RecoveryWords, key: KeyId) -> Result<(), KeyFileError> {
    write_new(path, page(words, key).as_bytes())
}

fn page(words: &RecoveryWords, key: KeyId) -> Zeroizing<String> {
    let mut page = Zeroizing::new(String::with_capacity(8 * 1024));
    page.push_str(HEAD);
    for word in words.words() {
        // Writing to a string cannot fail.
        let _ = writeln!(page, "<li>{word}</li>");
    }
    let _ = write!(page, "</ol>\n<p>Key {key}</p>\n");
    page.push_str(FOOT);
    page
}

const HEAD: &str = r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Veilbeat recovery words</title>
<style>
@page { margin: 20mm; }
body { font: 16px/1.5 system-ui, sans-serif; color: #1e2226; max-width: 42em; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 24px; margin: 0 0 .5em; }
ol { columns: 3; column-gap: 2em; padding: 1em 1em 1em 3em; border: 1px solid #1e2226; font-size: 18px; line-height: 2; }
li { break-inside: avoid; padding-left: .3em; }
p { margin: .6em 0; }
</style>
</head>
<body>
<h1>Veilbeat recovery words</h1>
<p>These 24 words are the key to your readings. Whoever has them can read everything that was
encrypted with this key; without them, or another copy of the key, nobody can.</p>
<ol>
"#;

const FOOT: &str = "<p>To get your key back: in Veilbeat, choose <em>Restore</em> on the page <em>Key</em> (or run
<code>veilbeat key restore</code>) and type the words in this order.</p>
<p>Print this page, keep it where you keep other papers that matter, and delete the file.</p>
</body>
</html>
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::MasterKey;

    #[test]
    fn the_printed_words_give_the_key_back() {
        let key = MasterKey::from_bytes(&[42; 32]);
        let page = page(&RecoveryWords::of(&key), key.id());
        let list = page.split("<ol>").nth(1).unwrap().split("</ol>").next().unwrap();
        let words = list.replace("<li>", "").replace("</li>", "");
        assert_eq!(RecoveryWords::read(&words).ok().unwrap().key().expose(), key.expose());
        assert!(page.contains(&key.id().to_string()));
        assert!(!page.contains("http"), "it loads nothing");
    }
}
