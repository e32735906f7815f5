//! Reading a text byte by byte.

/// A text that is read from left to right.
pub(in crate::import) struct Cursor<'a>(pub(in crate::import) &'a [u8]);

impl<'a> Cursor<'a> {
    /// A run of digits: its value and length.
    pub(in crate::import) fn number(&mut self) -> Option<(u32, usize)> {
        let len = self.0.iter().take_while(|b| b.is_ascii_digit()).count();
        if len == 0 || len > 9 {
            return None;
        }
        let value = self.0[..len].iter().fold(0, |value, b| value * 10 + u32::from(b - b'0'));
        self.0 = &self.0[len..];
        Some((value, len))
    }

    pub(in crate::import) fn eat(&mut self, wanted: u8) -> bool {
        self.eat_any(&[wanted]).is_some()
    }

    pub(in crate::import) fn eat_any(&mut self, wanted: &[u8]) -> Option<u8> {
        let (&first, rest) = self.0.split_first().filter(|(first, _)| wanted.contains(first))?;
        self.0 = rest;
        Some(first)
    }

    pub(in crate::import) fn eat_word(&mut self, word: &[u8]) -> bool {
        let found = self.0.len() >= word.len() && self.0[..word.len()].eq_ignore_ascii_case(word);
        if found {
            self.0 = &self.0[word.len()..];
        }
        found
    }

    pub(in crate::import) fn skip_spaces(&mut self) {
        while self.eat_any(b" \t").is_some() {}
        // Newer exports put a narrow no-break space before AM and PM.
        while self.eat_word("\u{202f}".as_bytes()) || self.eat_word("\u{a0}".as_bytes()) {}
    }

    /// A run of letters, of any alphabet.
    pub(in crate::import) fn letters(&mut self) -> &'a [u8] {
        let len = self.0.iter().take_while(|byte| byte.is_ascii_alphabetic() || **byte >= 0x80).count();
        let (word, rest) = self.0.split_at(len);
        self.0 = rest;
        word
    }
}
