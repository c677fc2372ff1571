//! File names for the results of single files.

use std::collections::{HashMap, HashSet};

/// The most bytes of a path component, including extension and number; file systems allow 255.
const MOST_BYTES: usize = 200;
/// The name of a file without a usable name.
const UNNAMED: &str = "unnamed";

/// A relative path for the result of each file: the file's own path with another extension. If two would be the same,
/// the names keep their extensions too (`a.tif.pdf`, `a.png.pdf`), and after that they are numbered. No path leads out
/// of the folder, and no two differ only in case.
///
/// ```
/// use recto_export::result_names;
///
/// let names = ["2026/a.tif", "b.tif", "b.png", "../c.pdf"];
/// assert_eq!(result_names(names, "txt"), ["2026/a.txt", "b.tif.txt", "b.png.txt", "c.txt"]);
/// ```
pub fn result_names<'a>(names: impl IntoIterator<Item = &'a str>, extension: &str) -> Vec<String> {
    names_beside(&[], names, extension)
}

/// The same, avoiding names that are taken.
pub(crate) fn names_beside<'a>(
    taken: &[&str],
    names: impl IntoIterator<Item = &'a str>,
    extension: &str,
) -> Vec<String> {
    let names: Vec<String> = names.into_iter().map(path_below).collect();
    let mut stems: HashMap<String, usize> = HashMap::new();
    for name in &names {
        *stems.entry(stem(name).to_lowercase()).or_default() += 1;
    }
    let mut taken: HashSet<String> = taken.iter().map(|name| name.to_lowercase()).collect();
    let mut results = Vec::with_capacity(names.len());
    for name in &names {
        let short = Some(stem(name)).filter(|short| stems[&short.to_lowercase()] == 1);
        let plain = short.into_iter().chain([name.as_str()]).map(|base| format!("{base}.{extension}"));
        let numbered = (2u32..).map(|number| format!("{name} ({number}).{extension}"));
        let free = plain.chain(numbered).find(|result| taken.insert(result.to_lowercase()));
        results.push(free.expect("there are more numbers than files"));
    }
    results
}

/// A path that stays below the current folder on every system.
fn path_below(name: &str) -> String {
    let parts: Vec<String> = name.split(['/', '\\']).map(part).filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { UNNAMED.to_owned() } else { parts.join("/") }
}

fn part(text: &str) -> String {
    let refused = |c: char| c.is_control() || matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*');
    let mut part: String = text.chars().map(|c| if refused(c) { '_' } else { c }).collect();
    let mut end = part.len().min(MOST_BYTES);
    while !part.is_char_boundary(end) {
        end -= 1;
    }
    part.truncate(end);
    // A component of dots alone leads elsewhere, and some systems drop trailing dots and spaces.
    part.trim_end_matches(['.', ' ']).trim_start().to_owned()
}

/// The path without its extension; a name that consists only of an extension stays whole.
fn stem(path: &str) -> &str {
    let name_at = path.rfind('/').map_or(0, |at| at + 1);
    match path[name_at..].rfind('.') {
        Some(at) if at > 0 => &path[..name_at + at],
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_result_is_called_as_its_file_with_another_extension() {
        let names = ["scans/März 2026.tif", "a.b.pdf", ".hidden", "no extension", "a/b/c.d/e.png"];
        let expected = ["scans/März 2026.txt", "a.b.txt", ".hidden.txt", "no extension.txt", "a/b/c.d/e.txt"];
        assert_eq!(result_names(names, "txt"), expected);
    }

    #[test]
    fn no_two_are_the_same_and_none_leads_out() {
        let names = ["a.tif", "A.png", "a.tif", "../../etc/passwd", "C:\\x\\y.pdf", "/", "..", "a/../b.png"];
        let expected = [
            "a.tif.pdf",
            "A.png.pdf",
            "a.tif (2).pdf",
            "etc/passwd.pdf",
            "C_/x/y.pdf",
            "unnamed.pdf",
            "unnamed (2).pdf",
            "a/b.pdf",
        ];
        assert_eq!(result_names(names, "pdf"), expected);
    }

    proptest! {
        #[test]
        fn any_names_give_as_many_safe_paths(names in proptest::collection::vec(any::<String>(), 0..8)) {
            let results = result_names(names.iter().map(String::as_str), "md");
            prop_assert_eq!(results.len(), names.len());
            let folded: HashSet<String> = results.iter().map(|result| result.to_lowercase()).collect();
            prop_assert_eq!(folded.len(), results.len());
            for result in &results {
                prop_assert!(!result.starts_with('/') && !result.contains('\\') && result.rsplit_once('.').is_some_and(|(_, extension)| extension == "md"));
                prop_assert!(result.split('/').all(|part| !part.is_empty() && part != "." && part != ".."), "{}", result);
            }
        }
    }
}
