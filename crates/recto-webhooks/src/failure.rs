//! Why an attempt failed, in words for the delivery log.

use std::error::Error;

use crate::address_guard::UrlProblem;

/// A request that got no answer. The address is not repeated: the endpoint has it, and it may hold a key.
pub(crate) fn of_request(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut last: &dyn Error = &error;
    while let Some(cause) = last.source() {
        last = cause;
        if let Some(problem) = last.downcast_ref::<UrlProblem>() {
            return problem.to_string();
        }
    }
    if error.is_connect() { format!("no connection: {last}") } else { format!("the connection broke off: {last}") }
}

/// An answer that does not acknowledge; `None` for one that does.
pub(crate) fn of_status(status: reqwest::StatusCode) -> Option<String> {
    if status.is_success() {
        None
    } else if status.is_redirection() {
        Some(format!("it answered {status}: redirects are not followed"))
    } else {
        Some(format!("it answered {status}"))
    }
}
