//! The secret of the installation. API keys are stored as hashes keyed with it, and sign-in tokens are signed with it.
//! The secrets of webhook endpoints are encrypted with a key derived from it.

use std::io;
use std::path::Path;

use anyhow::Context;
use recto_storage::{SealingKeys, Storage, StorageSettings};

use super::{sync_folder, whole_file};
use crate::failure::advised;
use crate::settings::Settings;

const FILE_NAME: &str = "secret.key";
/// The file that may hold the previous secret, so that what was encrypted with it can be read and encrypted anew.
const FORMER_FILE_NAME: &str = "secret.key.former";
/// The number of hexadecimal digits in the file: 32 random bytes.
const DIGITS: usize = 64;

/// The secret that the settings name, if any. Without it, nodes on a shared database use the secret stored in that
/// database, and a single node uses the file in its data folder. A missing secret is created, and processes that start
/// at the same time agree on one.
pub(crate) async fn installation_secret(settings: &Settings) -> anyhow::Result<Vec<u8>> {
    if let Some(secret) = &settings.server.secret_key {
        return Ok(secret.clone().into_bytes());
    }
    let path = settings.data_dir.join(FILE_NAME);
    if settings.has_shared_database() {
        // A folder with a secret of its own was used before the database was shared.
        let proposed = match in_file(&path)? {
            Some(secret) => secret,
            None => random()?.to_vec(),
        };
        return Ok(Storage::shared_secret(&settings.storage(), &proposed).await?);
    }
    if let Some(secret) = in_file(&path)? {
        return Ok(secret);
    }
    make(&settings.data_dir, &path)?;
    in_file(&path)?.with_context(|| unreadable(&path))
}

fn in_file(path: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    match std::fs::read_to_string(path) {
        Ok(text) => parse(&text, path).map(Some),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e).with_context(|| unreadable(path)),
    }
}

fn random() -> anyhow::Result<[u8; DIGITS / 2]> {
    let mut random = [0; DIGITS / 2];
    getrandom::fill(&mut random).context("the operating system provides no random bytes")?;
    Ok(random)
}

/// The storage settings of the installation, with the keys that encrypt some of what is stored.
pub(crate) fn installation_storage(settings: &Settings, secret: &[u8]) -> anyhow::Result<StorageSettings> {
    let mut keys = SealingKeys::new(secret);
    if let Some(former) = in_file(&settings.data_dir.join(FORMER_FILE_NAME))? {
        keys = keys.and_former(&former);
    }
    Ok(StorageSettings { sealing: Some(keys), ..settings.storage() })
}

fn make(folder: &Path, path: &Path) -> anyhow::Result<()> {
    let file = whole_file(folder, hex::encode(random()?).as_bytes())
        .with_context(|| format!("{} cannot be written", path.display()))?;
    match file.persist_noclobber(path) {
        Ok(_) => sync_folder(folder).with_context(|| format!("{} cannot be written", path.display())),
        // Another process was faster; its secret is used.
        Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(e.error).with_context(|| format!("{} cannot be written", path.display())),
    }
}

fn parse(text: &str, path: &Path) -> anyhow::Result<Vec<u8>> {
    let digits = text.trim();
    hex::decode(digits).ok().filter(|_| digits.len() == DIGITS).ok_or_else(|| {
        advised(
            format!("the secret in {} is damaged", path.display()),
            "Restore the file from a backup. Without it, no existing API key works. If the keys can be given up, \
             delete the file and create new keys with `recto token create`.",
        )
    })
}

fn unreadable(path: &Path) -> String {
    format!("cannot read the secret in {}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_that_start_at_once_agree_on_one_secret() {
        let folder = tempfile::tempdir().unwrap();
        let flags = vec![("data_dir", folder.path().to_str().unwrap().to_owned(), "--data-dir")];
        let settings = Settings::load(None, &flags).unwrap();
        let start = || tokio::runtime::Runtime::new().unwrap().block_on(installation_secret(&settings)).unwrap();
        let secrets: Vec<Vec<u8>> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert!(secrets.iter().all(|s| s == &secrets[0]) && secrets[0].len() == 32);
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &std::fs::metadata(folder.path().join(FILE_NAME)).unwrap().permissions(),
        );
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[tokio::test]
    async fn a_damaged_secret_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE_NAME), "abc").unwrap();
        let flags = vec![("data_dir", folder.path().to_str().unwrap().to_owned(), "--data-dir")];
        let error = installation_secret(&Settings::load(None, &flags).unwrap()).await.unwrap_err();
        assert!(error.to_string().contains("damaged"));
    }
}
