//! The passwords that are tried on protected files.

use std::io::Read;
use std::path::Path;

use anyhow::Context;
use recto_domain::Passwords;

use crate::failure::advised;

/// The passwords of the command line, then those of the file, one per line.
pub(super) fn gather(named: &[String], file: Option<&Path>) -> anyhow::Result<Passwords> {
    let mut passwords = Passwords::default();
    for password in named {
        add(&mut passwords, password, "--password")?;
    }
    if let Some(file) = file {
        let lines = read(file).with_context(|| format!("cannot read the passwords in {}", file.display()))?;
        for line in lines.lines().filter(|line| !line.is_empty()) {
            add(&mut passwords, line, &format!("a line of {}", file.display()))?;
        }
    }
    Ok(passwords)
}

fn add(passwords: &mut Passwords, password: &str, place: &str) -> anyhow::Result<()> {
    passwords.add(password).map_err(|error| advised(format!("{place}: {error}"), "Nothing was read."))
}

fn read(file: &Path) -> std::io::Result<String> {
    if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        return Ok(text);
    }
    std::fs::read_to_string(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_of_the_command_line_come_first_and_lines_keep_their_blanks() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("passwords");
        std::fs::write(&file, "two \r\n\n three\n").unwrap();
        let passwords = gather(&["one".to_owned()], Some(&file)).unwrap();
        assert_eq!(passwords.expose(), ["one", "two ", " three"]);
    }

    #[test]
    fn what_is_no_password_is_refused_without_repeating_it() {
        let error = gather(&["p".repeat(600)], None).unwrap_err().to_string();
        assert_eq!(error, "--password: a password must have 1 to 512 bytes and no NUL");
        let missing = gather(&[], Some(Path::new("nowhere"))).unwrap_err();
        assert!(missing.to_string().contains("nowhere"), "{missing}");
    }
}
