//! What a server prints when it has started.

use std::io::{IsTerminal, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use crate::installation::{CREDENTIALS_FILE, Credentials, unpack_samples};
use crate::settings::Settings;

/// Prints the address. At a first start, it also prints what was created, and two lines to paste. The key is shown on a
/// terminal only, because other outputs may be stored in logs.
pub(super) fn print(settings: &Settings, address: SocketAddr, made: Option<&Credentials>, link: Option<&str>) {
    let mut text = format!("listening on http://{address}\n");
    match made {
        Some(credentials) => {
            let data_dir = std::path::absolute(&settings.data_dir).unwrap_or_else(|_| settings.data_dir.clone());
            let file = data_dir.join(CREDENTIALS_FILE);
            text.push_str(&first_words(credentials, &file, std::io::stdout().is_terminal()));
            if let Some(path) = link {
                text.push_str(&link_to_pages(settings.server.public_url.as_deref(), address, path));
            }
            match unpack_samples(&data_dir) {
                Ok(samples) => text.push_str(&lines_to_paste(address, credentials, &file, &samples)),
                Err(error) => tracing::warn!(%error, "the sample documents could not be unpacked"),
            }
        }
        None => text.push_str("API under /v1/openapi. `recto token create` creates further keys.\n"),
    }
    let mut out = std::io::stdout().lock();
    // A server whose stdout is closed works all the same.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn first_words(credentials: &Credentials, file: &Path, show_key: bool) -> String {
    let Credentials { organization_id, project_id, api_key } = credentials;
    let key = if show_key { api_key } else { "in that file, as apiKey" };
    format!(
        "
This is the first start. Recto created an organization, a project and an API key, and wrote them to
{}

  organization  {organization_id}
  project       {project_id}
  API key       {key}
",
        file.display()
    )
}

/// The link to open in a browser. Its code works once and for an hour, so it may appear in a log.
fn link_to_pages(public_url: Option<&str>, address: SocketAddr, path: &str) -> String {
    let base = public_url.map_or_else(|| format!("http://{}", reachable(address)), str::to_owned);
    format!(
        "\nTo use Recto in a browser, open this link. It signs you in once, within an hour:\n\n  {}{path}\n",
        base.trim_end_matches('/')
    )
}

/// Two shell lines: one sends the samples, the other waits for their text and shows it.
fn lines_to_paste(address: SocketAddr, credentials: &Credentials, file: &Path, samples: &[PathBuf]) -> String {
    let project_id = credentials.project_id;
    let batches = format!("http://{}/v1/openapi/batch", reachable(address));
    let file = in_quotes(&file.display().to_string());
    let key = format!("-H \"X-API-Key: $(grep -o 'ocr_[^\"]*' {file})\"");
    let files: Vec<String> = samples.iter().map(|path| format!("-F {}", form_file(path))).collect();
    let files = files.join(" ");
    format!(
        "
To try Recto, paste this line, which sends the sample documents:

batch=$(curl -sS {key} -F projectId={project_id} {files} {batches}/upload | grep -o '\"id\":\"[0-9a-f]*' | cut -d '\"' -f 4); echo \"batch $batch\"

and this one, which waits until they are read and prints their text (format=json, csv, xml, pdf and docx work too):

until curl -sS {key} \"{batches}/$batch\" | grep -q '\"completedAt\":\"\\|\"statusCode\":'; do sleep 1; done; curl -sS {key} \"{batches}/$batch/export?format=text\"

"
    )
}

/// The address at which this machine reaches a server that listens there.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

/// A file as a value for curl's `-F`, quoted for curl and for the shell.
fn form_file(path: &Path) -> String {
    let for_curl = path.display().to_string().replace('\\', "\\\\").replace('"', "\\\"");
    in_quotes(&format!("files=@\"{for_curl}\""))
}

/// The text quoted as one word for the shell.
fn in_quotes(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_survive_curl_and_the_shell() {
        assert_eq!(form_file(Path::new("/a b/it's;1.pdf")), r#"'files=@"/a b/it'\''s;1.pdf"'"#);
    }

    #[test]
    fn a_server_on_every_address_is_reached_on_the_local_one() {
        assert_eq!(reachable("0.0.0.0:80".parse().unwrap()).to_string(), "127.0.0.1:80");
        assert_eq!(reachable("[::]:80".parse().unwrap()).to_string(), "[::1]:80");
        assert_eq!(reachable("10.1.2.3:80".parse().unwrap()).to_string(), "10.1.2.3:80");
    }
}
