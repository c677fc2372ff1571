//! The rules of endpoints.

use super::*;

fn headers(pairs: &[(&str, &str)]) -> WebhookHeaders {
    WebhookHeaders(pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect())
}

#[test]
fn three_days_of_nothing_but_failures_pause_an_endpoint() {
    let start = Timestamp::from_millis(1_774_951_200_000);
    let failing = WebhookHealth::active().after_failure("it answered 500", start);
    assert_eq!((failing.status, failing.failing_since), (WebhookStatus::Active, Some(start)));
    let almost =
        failing.clone().after_failure("it answered 500", start.plus(PAUSE_AFTER).minus(Duration::from_millis(1)));
    assert_eq!(almost, failing);
    let paused = almost.after_failure("it answered 503", start.plus(PAUSE_AFTER));
    assert_eq!(paused.status, WebhookStatus::Paused);
    let reason = "every delivery has failed since 2026-03-31T10:00:00.000Z, the last one with: it answered 503";
    assert_eq!(paused.pause_reason.as_deref(), Some(reason));
    assert_eq!(paused.resumed(), WebhookHealth::active());
}

#[test]
fn a_success_starts_the_count_anew() {
    let start = Timestamp::from_millis(0);
    let later = start.plus(PAUSE_AFTER);
    let health = WebhookHealth::active().after_failure("no", start).after_success().after_failure("no", later);
    assert_eq!((health.status, health.failing_since), (WebhookStatus::Active, Some(later)));
}

#[test]
fn pausing_twice_keeps_the_first_reason() {
    let start = Timestamp::from_millis(0);
    let failing = WebhookHealth::active().after_failure("no", start);
    let paused = failing.after_failure("no", start.plus(PAUSE_AFTER));
    assert_eq!(paused.clone().paused_by_hand(), paused);
    assert_eq!(WebhookHealth::active().paused_by_hand().pause_reason.as_deref(), Some("it was paused manually"));
}

#[test]
fn headers_of_recto_and_of_http_cannot_be_overwritten() {
    for name in ["Host", "content-length", "Content-Type", "X-Webhook-Signature", "webhook-id", "User-Agent"] {
        let problems = headers(&[(name, "x")]).problems();
        assert_eq!(problems, [format!("headers: {name} is set by Recto and cannot be changed")]);
    }
    assert_eq!(headers(&[("X-Team", "accounts")]).problems(), Vec::<String>::new());
}

#[test]
fn broken_headers_are_named() {
    let wrong = headers(&[("X Team", "a"), ("X-A", "line\nbreak"), ("x-b", "1"), ("X-B", "2")]);
    let problems = wrong.problems().join("\n");
    for part in ["X Team is not a valid header name", "value of X-A must be printable", "x-b is given twice"] {
        assert!(problems.contains(part), "{problems}");
    }
}

#[test]
fn values_that_are_likely_secrets_are_not_shown_and_come_back_unharmed() {
    let stored = headers(&[("Authorization", "Bearer 1"), ("X-Api-Key", "2"), ("X-Team", "accounts")]);
    let shown = WebhookHeaders(stored.shown());
    assert_eq!(shown, headers(&[("Authorization", "***"), ("X-Api-Key", "***"), ("X-Team", "accounts")]));
    assert_eq!(shown.or_as_before(&stored), stored);
}
