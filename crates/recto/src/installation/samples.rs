//! Sample documents for a new installation, embedded in the binary.

use std::io;
use std::path::{Path, PathBuf};

use super::whole_file;

/// The file names and bytes. Their sources and licences are in `assets/samples/SOURCES.md`.
pub(crate) static SAMPLES: [(&str, &[u8]); 4] = [
    ("invoice.pdf", include_bytes!("../../../../assets/samples/invoice.pdf")),
    ("letter.tif", include_bytes!("../../../../assets/samples/letter.tif")),
    ("receipt.jpg", include_bytes!("../../../../assets/samples/receipt.jpg")),
    ("two-page-scan.tif", include_bytes!("../../../../assets/samples/two-page-scan.tif")),
];

/// The sources and licences of the samples, for anyone who passes them on.
static SOURCES: &str = include_str!("../../../../assets/samples/SOURCES.md");

/// Writes the documents to `samples` in the data folder, and returns their paths.
pub(crate) fn unpack(data_dir: &Path) -> io::Result<Vec<PathBuf>> {
    let folder = data_dir.join("samples");
    // The umask closes the folder to others.
    std::fs::create_dir_all(&folder)?;
    let place = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        whole_file(&folder, bytes)?.persist(&path).map_err(|e| e.error)?;
        Ok(path)
    };
    place("SOURCES.md", SOURCES.as_bytes())?;
    SAMPLES.iter().map(|(name, bytes)| place(name, bytes)).collect()
}
