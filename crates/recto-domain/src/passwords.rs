//! Passwords to try on protected files.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Passwords to try on a protected file, in this order. They appear in no message and no log.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Passwords(Vec<String>);

/// Why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPasswords {
    /// It is too long or contains a NUL, which no PDF password may.
    #[error("a password must have 1 to {} bytes and no NUL", Passwords::MAX_BYTES)]
    Unfit,
    /// There are so many that the list could only serve for guessing.
    #[error("at most {} passwords can be given for a file", Passwords::MAX_COUNT)]
    TooMany,
}

impl Passwords {
    /// The longest password, in bytes of UTF-8. PDF ignores the bytes after the first 127.
    pub const MAX_BYTES: usize = 512;
    /// The most passwords per file.
    pub const MAX_COUNT: usize = 20;

    /// Adds a password to be tried after the others; a password that is in the list already is not added again.
    ///
    /// # Errors
    /// [`InvalidPasswords`], whose message does not repeat the password.
    pub fn add(&mut self, password: &str) -> Result<(), InvalidPasswords> {
        if password.is_empty() || password.len() > Self::MAX_BYTES || password.contains('\0') {
            return Err(InvalidPasswords::Unfit);
        }
        if self.0.iter().any(|known| known == password) {
            return Ok(());
        }
        if self.0.len() == Self::MAX_COUNT {
            return Err(InvalidPasswords::TooMany);
        }
        self.0.push(password.to_owned());
        Ok(())
    }

    /// These passwords followed by those of `others`, up to the limit.
    #[must_use]
    pub fn and(mut self, others: &Self) -> Self {
        for password in &others.0 {
            // Each password is valid by itself, so only those beyond the limit are left out.
            let _ = self.add(password);
        }
        self
    }

    /// Whether there are no passwords.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The passwords themselves.
    #[must_use]
    pub fn expose(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Passwords({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_own_come_first_and_none_twice() {
        let of = |all: &[&str]| {
            let mut passwords = Passwords::default();
            for password in all {
                passwords.add(password).unwrap();
            }
            passwords
        };
        assert_eq!(of(&["b", "a"]).and(&of(&["a", " c "])).expose(), ["b", "a", " c "]);
        let mut many = of(&["x"]);
        (1..Passwords::MAX_COUNT).for_each(|n| many.add(&n.to_string()).unwrap());
        assert_eq!(many.add("one more"), Err(InvalidPasswords::TooMany));
        assert_eq!(many.add("x"), Ok(()));
        for unfit in ["", "a\0b", &"p".repeat(Passwords::MAX_BYTES + 1)] {
            assert_eq!(Passwords::default().add(unfit), Err(InvalidPasswords::Unfit));
        }
    }

    #[test]
    fn they_are_shown_nowhere() {
        let mut passwords = Passwords::default();
        passwords.add("secret").unwrap();
        let options = crate::ReadOptions { passwords, ..Default::default() };
        assert!(!format!("{options:?}").contains("secret"));
        assert!(!serde_json::to_string(&options).unwrap().contains("secret"));
    }
}
