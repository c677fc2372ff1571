//! Why an attempt failed, worded for the delivery log.

use std::error::Error;
use std::io;

use crate::address_guard::UrlProblem;

/// The failure of a request without an answer. It does not repeat the address, which the endpoint has and which may
/// contain a key.
pub(crate) fn of_request(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut last: &dyn Error = &error;
    while let Some(cause) = last.source() {
        last = cause;
        if let Some(problem) = last.downcast_ref::<UrlProblem>() {
            return problem.to_string();
        }
    }
    let last = last.downcast_ref().map_or_else(|| last.to_string(), in_words);
    if error.is_connect() { format!("cannot connect: {last}") } else { format!("the connection was lost: {last}") }
}

/// The operating system's error of a connection, without the number at its end, as in `(os error 111)`.
fn in_words(error: &io::Error) -> String {
    match error.kind() {
        _ if error.raw_os_error().is_none() => error.to_string(),
        io::ErrorKind::ConnectionRefused => "nothing is listening there".to_owned(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => "the other side closed it".to_owned(),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => "there is no route to it".to_owned(),
        _ => error.to_string().split(" (os error").next().unwrap_or_default().to_owned(),
    }
}

/// The failure of an answer that does not acknowledge; `None` for one that does.
pub(crate) fn of_status(status: reqwest::StatusCode) -> Option<String> {
    if status.is_success() {
        None
    } else if status.is_redirection() {
        Some(format!("it answered {status}: redirects are not followed"))
    } else {
        Some(format!("it answered {status}"))
    }
}
