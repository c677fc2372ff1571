//! Enums that the API and the database store as words.

/// Implements `ALL`, `as_str`, `Display` and `FromStr` for an enum. The error of `FromStr` lists the words; `$what`
/// begins its message.
macro_rules! spelled {
    ($type:ident, $what:literal, $error:ident, [$($variant:ident = $text:literal),+ $(,)?]) => {
        impl $type {
            /// All values, in declaration order.
            pub const ALL: [Self; [$($text),+].len()] = [$(Self::$variant),+];

            /// The word used in the API and the database.
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

        /// The error for a text that is none of the words.
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
