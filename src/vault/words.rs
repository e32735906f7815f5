//! Recovery words: the 32 bytes of a key as 24 words of BIP39's English list.
//!
//! The words encode the key itself with its checksum of 8 bits; BIP39's derivation of a seed from
//! words is not used. <https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki>

use bip39::{Error, Language, Mnemonic};
use zeroize::{Zeroize, Zeroizing};

use crate::client::{MasterKey, NoRandomness, random_bytes};

/// How many words a key has.
pub const WORDS: usize = 24;

/// The words of a key. Wiped when dropped; never printed by `Debug`.
#[derive(Clone)]
pub struct RecoveryWords(Mnemonic);

/// Why words are not a key. The words themselves are never repeated.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WordsError {
    /// Not as many as a key has.
    #[error("a key has 24 words, but these are {0}")]
    Count(usize),
    /// A word that is not in the list.
    #[error("word {0} is not in the word list; check its spelling")]
    Unknown(usize),
    /// Words of the list, but not those of a key.
    #[error("these are not the words of a key: one of them is wrong, or two have changed places")]
    Checksum,
}

impl RecoveryWords {
    /// The words of a key.
    pub fn of(key: &MasterKey) -> Self {
        Self(
            Mnemonic::from_entropy_in(Language::English, key.expose())
                .unwrap_or_else(|_| unreachable!("32 bytes are a length that BIP39 has")),
        )
    }

    /// The words, in order.
    pub fn words(&self) -> impl Iterator<Item = &'static str> {
        self.0.words()
    }

    /// Three places, in order, to ask for so that a person shows that the words are written down.
    pub fn places_to_check() -> Result<[usize; 3], NoRandomness> {
        let mut indices = std::collections::BTreeSet::new();
        while indices.len() < 3 {
            let [byte] = random_bytes()?;
            indices.insert(usize::from(byte) % WORDS);
        }
        let mut indices = indices.into_iter();
        Ok(std::array::from_fn(|_| indices.next().unwrap_or_default()))
    }

    /// Whether `typed` is the word at `place`, counted from zero.
    pub fn is_word(&self, index: usize, typed: &str) -> bool {
        self.0.words().nth(index).is_some_and(|word| typed.trim().eq_ignore_ascii_case(word))
    }

    /// Reads words as a person types or copies them: numbers, commas and capitals do not matter.
    pub fn read(text: &str) -> Result<Self, WordsError> {
        let mut plain = Zeroizing::new(String::with_capacity(text.len() + 1));
        for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
            // ASCII lower case keeps the length; other letters are in no word of the list.
            plain.push_str(word);
            plain.push(' ');
        }
        plain.make_ascii_lowercase();
        let count = plain.split_whitespace().count();
        if count != WORDS {
            return Err(WordsError::Count(count));
        }
        Mnemonic::parse_in_normalized(Language::English, &plain).map(Self).map_err(|error| match error {
            Error::UnknownWord(index) => WordsError::Unknown(index + 1),
            _ => WordsError::Checksum,
        })
    }

    /// The key of these words.
    pub fn key(&self) -> MasterKey {
        let (mut bytes, _) = self.0.to_entropy_array();
        let mut first = [0; 32];
        first.copy_from_slice(&bytes[..32]);
        let key = MasterKey::from_bytes(&first);
        first.zeroize();
        bytes.zeroize();
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(key: [u8; 32]) -> String {
        RecoveryWords::of(&MasterKey::from_bytes(&key)).words().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_are_bip39_of_the_key_itself() {
        // Vectors of BIP39's reference implementation (python-mnemonic, vectors.json, 256 bits).
        assert_eq!(text([0; 32]), format!("{}art", "abandon ".repeat(23)));
        assert_eq!(
            text([0x7f; 32]),
            format!(
                "{}title",
                "legal winner thank year wave sausage worth useful "
                    .repeat(3)
                    .trim_end()
                    .rsplit_once(' ')
                    .unwrap()
                    .0
                    .to_owned()
                    + " "
            )
        );
        assert_eq!(text([0xff; 32]), format!("{}vote", "zoo ".repeat(23)));
    }

    #[test]
    fn words_give_exactly_the_key_they_came_from() {
        for seed in 0..64u8 {
            let bytes = *blake3::hash(&[seed]).as_bytes();
            let words = text(bytes);
            assert_eq!(RecoveryWords::read(&words).ok().unwrap().key().expose(), &bytes);
            let numbered: Vec<_> = words.split(' ').enumerate().map(|(i, word)| format!("{}. {word}", i + 1)).collect();
            assert_eq!(RecoveryWords::read(&numbered.join("\n").to_uppercase()).ok().unwrap().key().expose(), &bytes);
            assert_eq!(RecoveryWords::read(&words.replace(' ', ", ")).ok().unwrap().key().expose(), &bytes);
        }
    }

    #[test]
    fn wrong_words_are_named_errors() {
        let words = text([7; 32]);
        let read = |text: &str| RecoveryWords::read(text).err().unwrap();
        assert_eq!(read(""), WordsError::Count(0));
        assert_eq!(read(words.rsplit_once(' ').unwrap().0), WordsError::Count(23));
        assert_eq!(read(&format!("{words} zoo")), WordsError::Count(25));
        let mut list: Vec<_> = words.split(' ').collect();
        list[4] = "heartbeat";
        assert_eq!(read(&list.join(" ")), WordsError::Unknown(5));
        // Among all words in one place, only one in 256 or so passes the checksum.
        let passing = Language::English.word_list().iter().filter(|word| {
            list[4] = word;
            RecoveryWords::read(&list.join(" ")).is_ok()
        });
        assert!(passing.count() < 32);
    }
}
