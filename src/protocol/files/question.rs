//! Questions: text that a person can read. What its numbers mean stays with whoever asked.

use std::fmt::Write;
use std::str::Lines;

use super::{ANSWER_OVERHEAD_BYTES, DIGEST_BYTES, ExportId, FileError, KeyId, check_format};
use crate::protocol::{SheetId, SheetRange, SumQuestion};
use crate::scheme::{Column, LimbSums, MAX_SHEETS, ParameterSet};

/// The longest question file.
pub const MOST_QUESTION_BYTES: u64 = 16 << 20;
const FIRST_LINE: &str = "veilbeat question 2";
const ABOUT: &str = "# Sums over a bundle of encrypted heart rates: the number of each, its column, its sheets.
# Any machine can answer, without a key: veilbeat compute BUNDLE.veil THIS.txt -o answer.veil
";

/// Sums over the sheets of one bundle.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QuestionFile {
    /// Tells questions apart that ask for the same sums and mean different things.
    pub name: [u8; 16],
    /// Whose bundle it is about.
    pub key: KeyId,
    /// Which export.
    pub export: ExportId,
    /// The parameters of its sheets.
    pub parameters: ParameterSet,
    /// How many sheets that export has.
    pub sheets: u32,
    /// The sums.
    pub sums: Vec<SumQuestion>,
}

impl QuestionFile {
    /// The text of the question.
    pub fn to_text(&self) -> String {
        let mut text = format!("{FIRST_LINE}\n{ABOUT}");
        // Writing to a string cannot fail.
        let _ = writeln!(text, "name {}", ExportId(self.name));
        let _ = writeln!(text, "key {}\nexport {}\nparameters {}", self.key, self.export, self.parameters.name());
        let _ = writeln!(text, "sheets {}\nsums {}", self.sheets, self.sums.len());
        for (number, sum) in (1..).zip(&self.sums) {
            let _ = write!(text, "{number} {} ", sum.column.name());
            for (index, range) in sum.ranges.iter().enumerate() {
                let comma = if index == 0 { "" } else { "," };
                let _ = match range.count {
                    1 => write!(text, "{comma}{}", range.first.0),
                    _ => write!(text, "{comma}{}-{}", range.first.0, range.end() - 1),
                };
            }
            text.push('\n');
        }
        text
    }

    /// Bytes that the answer will have.
    pub fn answer_bytes(&self) -> u64 {
        let sum = |column| 1 + LimbSums::byte_len(self.parameters, column) as u64;
        ANSWER_OVERHEAD_BYTES + self.sums.iter().map(|asked| sum(asked.column)).sum::<u64>()
    }

    /// Computes the name of a question: the hash of its text without carriage returns, which a mail may have added.
    pub fn digest(text: &[u8]) -> [u8; DIGEST_BYTES] {
        let mut hasher = blake3::Hasher::new();
        for piece in text.split(|&byte| byte == b'\r') {
            hasher.update(piece);
        }
        *hasher.finalize().as_bytes()
    }

    /// Reads the text of a question.
    pub fn parse(text: &[u8]) -> Result<Self, FileError> {
        let damaged = FileError::Damaged("a line does not follow the format");
        let other = FileError::Other("question");
        let text = std::str::from_utf8(text).map_err(|_| FileError::Other("question"))?;
        let mut lines = text.lines();
        let format = lines.next().and_then(|line| line.strip_prefix("veilbeat question "));
        let Some(format) = format.and_then(number) else { return Err(other) };
        check_format(format)?;
        Self::read(&mut lines).ok_or(damaged)
    }

    fn read(lines: &mut Lines) -> Option<Self> {
        let mut lines = lines.by_ref().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        let mut field = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
        let name = bytes_of(field("name")?)?;
        let key = KeyId(bytes_of(field("key")?)?);
        let export = ExportId(bytes_of(field("export")?)?);
        let name_of = field("parameters")?;
        let parameters = ParameterSet::ALL.into_iter().find(|parameters| parameters.name() == name_of)?;
        let sheets: u32 = number(field("sheets")?)?;
        let count: usize = number(field("sums")?)?;
        let mut sums = Vec::new();
        for (number, line) in (1usize..).zip(lines) {
            let mut words = line.split(' ');
            if self::number(words.next()?) != Some(number) || number > count {
                return None;
            }
            let name = words.next()?;
            let column = Column::all().find(|&column| column.name() == name)?;
            let ranges = ranges(words.next()?, sheets)?;
            if words.next().is_some() {
                return None;
            }
            sums.push(SumQuestion { column, ranges });
        }
        (sums.len() == count).then_some(Self { name, key, export, parameters, sheets, sums })
    }
}

/// Ranges that ascend, of sheets that there are.
fn ranges(text: &str, sheets: u32) -> Option<Vec<SheetRange>> {
    let (mut ranges, mut end) = (Vec::new(), 0);
    for text in text.split(',') {
        let range = range(text)?;
        if u64::from(range.first.0) < end || range.end() > sheets.into() || ranges.len() == MAX_SHEETS {
            return None;
        }
        end = range.end();
        ranges.push(range);
    }
    Some(ranges)
}

/// A number as it is written here: digits, without a sign or leading zeros.
fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

/// `7` or `7-12`, both included.
fn range(text: &str) -> Option<SheetRange> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last): (u32, u32) = (number(first)?, number(last)?);
    let count = last.checked_sub(first)?.checked_add(1)?;
    Some(SheetRange { first: SheetId(first), count })
}

/// 32 hexadecimal digits, in lower case.
fn bytes_of(text: &str) -> Option<[u8; 16]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes: Option<Vec<u8>> = pairs.iter().map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect();
    bytes.filter(|_| rest.is_empty())?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question() -> QuestionFile {
        let range = |first, count| SheetRange { first: SheetId(first), count };
        QuestionFile {
            name: [2; 16],
            key: KeyId([0xab; 16]),
            export: ExportId([1; 16]),
            parameters: ParameterSet::LongTerm,
            sheets: 50,
            sums: vec![
                SumQuestion { column: Column::RATE, ranges: vec![range(0, 24), range(40, 1)] },
                SumQuestion { column: Column::hour(7).unwrap(), ranges: vec![range(7, 2)] },
            ],
        }
    }

    #[test]
    fn a_question_survives_its_text() {
        let text = question().to_text();
        assert!(text.contains("\n1 rate 0-23,40\n2 hour-07 7-8\n"), "{text}");
        assert_eq!(QuestionFile::parse(text.as_bytes()).unwrap(), question());
        let returned = text.replace('\n', "\r\n");
        assert_eq!(QuestionFile::parse(returned.as_bytes()).unwrap(), question());
        assert_eq!(QuestionFile::digest(returned.as_bytes()), QuestionFile::digest(text.as_bytes()));
    }

    #[test]
    fn every_cut_and_every_odd_line_is_a_named_error() {
        let text = question().to_text();
        for len in 0..text.len() - 1 {
            assert!(
                QuestionFile::parse(&text.as_bytes()[..len]).is_err() || text[len..].starts_with("-8"),
                "cut to {len}"
            );
        }
        for (good, bad) in [
            ("sums 2", "sums 18446744073709551615"),
            ("sums 2", "sums 3"),
            ("0-23", "23-0"),
            ("0-23", "0-4294967296"),
            ("0-23", "0--1"),
            ("1 rate", "2 rate"),
            ("1 rate", "01 rate"),
            ("0-23,40", "0-23,23"),
            ("0-23,40", "40,0-23"),
            ("0-23,40", "0-23,50"),
            ("0-23,40", "0-23,+40"),
            ("1 rate", "1 rates"),
            ("key ab", "key AB"),
            ("parameters long-term", "parameters weak"),
            ("hour-07 7-8", "hour-07 7-8 9"),
            ("hour-07 7-8", "hour-07"),
        ] {
            assert!(QuestionFile::parse(text.replace(good, bad).as_bytes()).is_err(), "{bad}");
        }
        let newer = text.replace("question 2", "question 3");
        assert!(matches!(QuestionFile::parse(newer.as_bytes()), Err(FileError::Newer(3))));
        let older = text.replace("question 2", "question 1");
        assert!(matches!(QuestionFile::parse(older.as_bytes()), Err(FileError::Unreleased(1))));
        assert!(matches!(QuestionFile::parse(b"\xff"), Err(FileError::Other(_))));
    }
}
