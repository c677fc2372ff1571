//! Points in time, in the API's format.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time in whole milliseconds since 1970-01-01T00:00:00Z.
///
/// Prints as RFC 3339 UTC with milliseconds: `2026-03-31T10:00:00.000Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The error for a text that is not an RFC 3339 time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a time must have the form 2026-03-31T10:00:00.000Z")]
pub struct InvalidTimestamp;

/// The error for a text that is not a date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a date must have the form 2026-03-31")]
pub struct InvalidDay;

impl Timestamp {
    /// The current time of the system clock.
    #[must_use]
    pub fn now() -> Self {
        Self(jiff::Timestamp::now().as_millisecond())
    }

    /// The time with that many milliseconds since the Unix epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The time that lies `duration` later.
    #[must_use]
    pub fn plus(self, duration: std::time::Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The time that lies `duration` earlier.
    #[must_use]
    pub fn minus(self, duration: std::time::Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The UTC date, as in `2026-03-31`.
    #[must_use]
    pub fn day(self) -> String {
        self.to_string()[..10].to_owned()
    }

    /// The beginning of a UTC day, given as in `2026-03-31`.
    ///
    /// # Errors
    /// [`InvalidDay`] when there is no such day.
    pub fn start_of_day(text: &str) -> Result<Self, InvalidDay> {
        let date: jiff::civil::Date = text.parse().map_err(|_| InvalidDay)?;
        let start = jiff::tz::TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).map_err(|_| InvalidDay)?;
        // jiff accepts other forms too, such as 20260331.
        if date.to_string() == text { Ok(Self(start.as_millisecond())) } else { Err(InvalidDay) }
    }

    fn civil(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.civil())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        let parsed: jiff::Timestamp = text.parse().map_err(|_| InvalidTimestamp)?;
        Ok(Self(parsed.as_millisecond()))
    }
}

#[cfg(feature = "openapi")]
crate::schema::schema_is!(
    Timestamp = crate::schema::text("A time in RFC 3339, UTC, with milliseconds.")
        .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::DateTime)))
        .pattern(Some(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$"))
        .examples(["2026-03-31T10:00:00.000Z"])
);

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_rfc_3339_with_milliseconds() {
        assert_eq!(Timestamp::from_millis(1_774_951_200_000).to_string(), "2026-03-31T10:00:00.000Z");
        assert_eq!(Timestamp::from_millis(1_774_951_200_007).to_string(), "2026-03-31T10:00:00.007Z");
        assert_eq!(Timestamp::from_millis(1_774_951_200_000).day(), "2026-03-31");
    }

    #[test]
    fn reads_what_it_prints() {
        let now = Timestamp::now();
        assert_eq!(now.to_string().parse(), Ok(now));
        assert_eq!("soon".parse::<Timestamp>(), Err(InvalidTimestamp));
    }
}
