//! Names and words of a file, made fit to be shown.

/// Makes the words of a file or a library fit to be shown: short, and without control characters.
pub(super) fn clean(text: &str) -> String {
    const LONGEST_CHARS: usize = 160;
    let shown = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    if text.chars().count() > LONGEST_CHARS {
        shown.take(LONGEST_CHARS).chain(['…']).collect()
    } else {
        shown.collect()
    }
}

/// The first names of a list, and how many more there are.
pub(super) fn some_names(names: &[String]) -> String {
    const SHOWN: usize = 12;
    let quoted = |name: &String| if name.is_empty() { "(no name)".to_owned() } else { clean(name) };
    let shown = names.iter().take(SHOWN).map(quoted).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN { format!("{shown} and {} more", names.len() - SHOWN) } else { shown }
}
