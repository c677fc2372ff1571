//! Flags for PDFs that are written.

use clap::Args;
use recto_export::{Optimization, PdfOptions, PdfStandard};

/// Flags of every command that writes PDFs.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct PdfArgs {
    /// Archival standard for PDFs: pdfa-2b, pdfa-2u or pdfa-3b
    #[arg(long, value_name = "STANDARD")]
    pdf_standard: Option<PdfStandard>,
    /// Reduce the size of PDFs: 1 without loss, 2 with photographs as JPEG of quality 75, 3 of quality 50 [default: 0]
    #[arg(long, value_name = "LEVEL")]
    optimize: Option<Optimization>,
    /// Straighten skewed pages in PDFs
    #[arg(long)]
    deskew: bool,
    /// Remove specks and dark edges of scans in PDFs
    #[arg(long)]
    clean: bool,
    /// Leave blank pages out of PDFs
    #[arg(long)]
    drop_blank: bool,
    /// Split scans of a double-page spread into two pages in PDFs
    #[arg(long)]
    split_spreads: bool,
}

impl PdfArgs {
    /// What the flags ask for.
    pub(super) fn options(&self) -> PdfOptions {
        PdfOptions {
            standard: self.pdf_standard,
            optimize: self.optimize.unwrap_or_default(),
            deskew: self.deskew,
            clean: self.clean,
            drop_blank: self.drop_blank,
            split_spreads: self.split_spreads,
            rasterize: false,
        }
    }
}
