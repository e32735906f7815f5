//! Months by their names.

/// A month by the first letters of its name in the languages that exports are written in: English,
/// German, French, Spanish, Italian, Portuguese, Dutch and Swedish.
pub(in crate::import) fn month_named(word: &[u8]) -> Option<u8> {
    const STARTS: [&[&str]; 12] = [
        &["jan", "ene", "gen", "jän"],
        &["feb", "fév", "fev"],
        &["mar", "mär", "maa", "mrt", "mrz"],
        &["apr", "avr", "abr"],
        &["may", "mai", "maj", "mei", "mag"],
        &["jun", "juin", "giu"],
        &["jul", "juil", "lug"],
        &["aug", "aoû", "aou", "ago"],
        &["sep", "set"],
        &["oct", "okt", "ott", "out"],
        &["nov"],
        &["dec", "dez", "déc", "dic"],
    ];
    let word = std::str::from_utf8(word).ok()?.to_lowercase();
    // Longer starts first: `juin` and `juil` share three letters with nothing else.
    let index = STARTS.iter().position(|starts| starts.iter().any(|start| word.starts_with(start)))?;
    (word.chars().count() >= 3).then_some(index as u8 + 1)
}
