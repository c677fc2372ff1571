//! `recto ready`: asks a running server or node whether it can work, for supervisors.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::tenants;
use crate::failure::advised;
use crate::settings::Settings;
use crate::terminal;

/// The time to wait for an answer. It is just under the time limit of the health check in the container image.
const PATIENCE: Duration = Duration::from_secs(4);
/// The most bytes of an answer that are shown.
const MOST_SHOWN_BYTES: usize = 4096;

const AFTER_HELP: &str = "\
Requests /readyz. Exits with 0 if the database, the files, the disks and a worker are ready, and with 1 otherwise.

Examples:
  recto ready
  recto ready --url http://127.0.0.1:9090     a work node, at its metrics.listen";

/// Flags of `recto ready`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ReadyArgs {
    /// URL of the server [default: the address in server.listen]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

pub(crate) fn run(settings: &Settings, args: &ReadyArgs) -> anyhow::Result<ExitCode> {
    let base = args.url.clone().unwrap_or_else(|| format!("http://{}", reachable(&settings.server.listen)));
    let url = format!("{}/readyz", base.trim_end_matches('/'));
    // TLS is needed for the address of a proxy.
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(recto_tls::client_config()?)
        .timeout(PATIENCE)
        .no_proxy()
        .build()?;
    let (status, text) = tenants::runtime()?.block_on(ask(&client, &url)).map_err(|error| {
        advised(
            format!("{url} does not answer: {}", error.without_url()),
            "Start the server with `recto serve`, or give its address with --url.",
        )
    })?;
    println!("{}", terminal::lines(&text));
    Ok(if status.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn ask(client: &reqwest::Client, url: &str) -> reqwest::Result<(reqwest::StatusCode, String)> {
    let answer = client.get(url).send().await?;
    let status = answer.status();
    let mut text = answer.text().await?;
    text.truncate(text.floor_char_boundary(MOST_SHOWN_BYTES));
    Ok((status, text))
}

/// An address at which this machine reaches a listener that is bound to all addresses.
fn reachable(listen: &str) -> String {
    match listen.rsplit_once(':') {
        Some(("0.0.0.0", port)) => format!("127.0.0.1:{port}"),
        Some(("[::]", port)) => format!("[::1]:{port}"),
        _ => listen.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_every_address_is_asked_on_the_loopback_one() {
        assert_eq!(reachable("0.0.0.0:8080"), "127.0.0.1:8080");
        assert_eq!(reachable("[::]:8080"), "[::1]:8080");
        assert_eq!(reachable("10.0.0.1:80"), "10.0.0.1:80");
    }
}
