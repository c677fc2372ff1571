//! The expiry of a token, as given in a request.

#![expect(clippy::option_option, reason = "nothing said, and no end, are both none")]

use std::time::Duration;

use recto_domain::Timestamp;

use crate::member::Member;

const DAY: Duration = Duration::from_hours(24);
const MAX_DAYS: u64 = 36_500;

/// When a token expires by default.
pub(super) fn default(now: Timestamp) -> Timestamp {
    now.plus(DAY * 365)
}

/// The expiry: `expiresAt`, where `null` means never, or `expiresInDays` from now. `None` when neither was sent.
pub(super) fn parse(
    at: Member<String>,
    in_days: Member<u64>,
    now: Timestamp,
    wrong: &mut Vec<String>,
) -> Option<Option<Timestamp>> {
    match (at, in_days) {
        (at, Member::Missing | Member::Null) => match at {
            Member::Missing => None,
            Member::Null => Some(None),
            at => at.time("expiresAt", wrong).filter(|time| is_ahead(*time, now, wrong)).map(Some),
        },
        (Member::Missing, days) => {
            let days = days.optional("expiresInDays", &format!("a whole number from 1 to {MAX_DAYS}"), wrong)?;
            if (1..=MAX_DAYS).contains(&days) {
                return Some(Some(now.plus(DAY * days as u32)));
            }
            wrong.push(format!("expiresInDays must be a whole number from 1 to {MAX_DAYS}, not {days}"));
            None
        }
        _ => {
            wrong.push("expiresAt and expiresInDays cannot be combined: send only one of them".to_owned());
            None
        }
    }
}

fn is_ahead(time: Timestamp, now: Timestamp, wrong: &mut Vec<String>) -> bool {
    if time <= now {
        wrong.push(format!("expiresAt must be in the future, not {time}"));
    }
    time > now
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_774_951_200_000);

    fn of_text(at: Member<String>, days: Member<u64>) -> Result<Option<Option<String>>, String> {
        let mut wrong = Vec::new();
        let until = parse(at, days, NOW, &mut wrong);
        if wrong.is_empty() { Ok(until.map(|time| time.map(|time| time.to_string()))) } else { Err(wrong.join("; ")) }
    }

    fn at(text: &str) -> Member<String> {
        Member::Sent(text.to_owned())
    }

    #[test]
    fn a_time_or_days_or_never() {
        assert_eq!(of_text(Member::Missing, Member::Missing), Ok(None));
        assert_eq!(of_text(Member::Null, Member::Missing), Ok(Some(None)));
        let two_days = "2026-04-02T10:00:00.000Z".to_owned();
        assert_eq!(of_text(at("2026-04-02T12:00:00+02:00"), Member::Missing), Ok(Some(Some(two_days.clone()))));
        assert_eq!(of_text(Member::Missing, Member::Sent(2)), Ok(Some(Some(two_days))));
    }

    #[test]
    fn the_past_and_both_at_once_are_refused() {
        for (at, days) in [
            (at("2026-03-31T10:00:00Z"), Member::Missing),
            (at("soon"), Member::Missing),
            (Member::Missing, Member::Sent(0)),
            (Member::Missing, Member::Sent(36_501)),
            (Member::Null, Member::Sent(1)),
        ] {
            assert!(of_text(at, days).is_err());
        }
    }
}
