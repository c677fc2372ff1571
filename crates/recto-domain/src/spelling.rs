//! Enums that the API and the database write as words.

/// Spells an enum: `ALL`, `as_str`, `Display`, and `FromStr` with an error that lists the words. `$what` begins the error's
/// message.
macro_rules! spelled {
    ($type:ident, $what:literal, $error:ident, [$($variant:ident = $text:literal),+ $(,)?]) => {
        impl $type {
            /// Every one, in the order of the type.
            pub const ALL: [Self; [$($text),+].len()] = [$(Self::$variant),+];

            /// As the API and the database spell it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        /// A text that is none of the words.
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        #[error("{} must be one of {}", $what, [$($text),+].join(", "))]
        pub struct $error;

        impl std::str::FromStr for $type {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                Self::ALL.into_iter().find(|known| known.as_str() == text).ok_or($error)
            }
        }
    };
}

pub(crate) use spelled;
