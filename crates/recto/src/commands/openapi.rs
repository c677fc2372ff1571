//! `recto openapi`: the OpenAPI document of the HTTP API, for client generators.

use std::io::Write;
use std::process::ExitCode;

pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout();
    out.write_all(recto_http::openapi_json().as_bytes())?;
    out.write_all(b"\n")?;
    Ok(ExitCode::SUCCESS)
}
