//! The names of columns, as they are compared.

/// A column's name in lower case, with single spaces for everything that is neither letter nor digit,
/// and without the dotted path that Samsung puts before it.
pub(in crate::import) fn plain(name: &str) -> String {
    let last = name.rsplit_once('.').filter(|(path, _)| path.contains('.')).map_or(name, |(_, last)| last);
    let spaced: String = last.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
