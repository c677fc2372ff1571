//! What an export can be told beside its format.

use std::str::FromStr;

use crate::format::Format;

/// What an export can be told beside its format. The default asks for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExportOptions {
    /// The standard that a PDF is to follow. One sets it for files that go into an archive, which has to be able to
    /// show them in decades. The price: of PDFs only those that say that they follow one themselves can stand in it,
    /// because their pages are carried over as they are, with whatever the standard forbids.
    pub pdf_standard: Option<PdfStandard>,
    /// How a CSV holds fields that are lists of objects, such as the line items of an invoice. One sets it to
    /// [`CsvLayout::Items`] to calculate with the items in a spreadsheet; the price is a file of two tables, which
    /// programs that expect one cannot read.
    pub csv_layout: CsvLayout,
}

/// A standard for PDF files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PdfStandard {
    /// PDF/A-2b (ISO 19005-2, level B): looks the same for ever.
    A2b,
    /// PDF/A-2u: and its text can be searched and copied.
    A2u,
    /// PDF/A-3b (ISO 19005-3, level B): and files of any kind may be attached, such as the data of an invoice.
    A3b,
}

/// How a CSV holds lists of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CsvLayout {
    /// A row a document; a list is compact JSON in its cell.
    #[default]
    Documents,
    /// After the rows of the documents and an empty line, a second table with a row an object.
    Items,
}

/// A name that is no standard for PDF files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("standard must be one of pdfa-2b, pdfa-2u, pdfa-3b")]
pub struct UnknownStandard;

/// A name that is no layout of a CSV.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("layout must be one of documents, items")]
pub struct UnknownLayout;

/// Options that ask for what cannot be: whoever asked can be told before anything is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnfitOptions {
    /// The option belongs to another format.
    #[error("{option} {value} is for the format {meant_for}, not for {asked}", meant_for = .meant_for.name(), asked = .asked.name())]
    OtherFormat {
        /// The option, `standard` or `layout`.
        option: &'static str,
        /// What it was set to.
        value: &'static str,
        /// The format that has the option.
        meant_for: Format,
        /// The format that was asked for.
        asked: Format,
    },
    /// The pages of a PDF cannot be made to follow the standard.
    #[error(
        "{file_name} cannot stand in a PDF that follows the standard {}, because {reason}, and its pages are carried \
         over as they are; leave the standard out, or send that file in another batch",
        .standard.name()
    )]
    CarriedPages {
        /// The standard that was asked for.
        standard: PdfStandard,
        /// The first PDF of the batch that cannot.
        file_name: String,
        /// Why, for a person.
        reason: String,
    },
}

impl ExportOptions {
    /// Refuses options that the format does not have. What the documents do not allow is found by
    /// [`prepare`](crate::prepare).
    ///
    /// # Errors
    /// [`UnfitOptions`], with the option that does not fit.
    pub fn check(&self, format: Format) -> Result<(), UnfitOptions> {
        let other =
            |option, value, meant_for| Err(UnfitOptions::OtherFormat { option, value, meant_for, asked: format });
        if self.csv_layout != CsvLayout::default() && format != Format::Csv {
            return other("layout", self.csv_layout.name(), Format::Csv);
        }
        if let Some(standard) = self.pdf_standard.filter(|_| format != Format::Pdf) {
            return other("standard", standard.name(), Format::Pdf);
        }
        Ok(())
    }
}

impl PdfStandard {
    /// Every standard.
    pub const ALL: [Self; 3] = [Self::A2b, Self::A2u, Self::A3b];

    /// The name in `?standard=` and `--pdf-standard`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::A2b => "pdfa-2b",
            Self::A2u => "pdfa-2u",
            Self::A3b => "pdfa-3b",
        }
    }
}

impl FromStr for PdfStandard {
    type Err = UnknownStandard;

    fn from_str(text: &str) -> Result<Self, UnknownStandard> {
        Self::ALL.into_iter().find(|standard| standard.name() == text).ok_or(UnknownStandard)
    }
}

impl CsvLayout {
    /// Every layout.
    pub const ALL: [Self; 2] = [Self::Documents, Self::Items];

    /// The name in `?layout=` and `--csv-layout`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Documents => "documents",
            Self::Items => "items",
        }
    }
}

impl FromStr for CsvLayout {
    type Err = UnknownLayout;

    fn from_str(text: &str) -> Result<Self, UnknownLayout> {
        Self::ALL.into_iter().find(|layout| layout.name() == text).ok_or(UnknownLayout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_as_they_are_spelt() {
        for standard in PdfStandard::ALL {
            assert_eq!(standard.name().parse(), Ok(standard));
            assert!(UnknownStandard.to_string().contains(standard.name()));
        }
        for layout in CsvLayout::ALL {
            assert_eq!(layout.name().parse(), Ok(layout));
        }
        assert_eq!("pdfa-1b".parse::<PdfStandard>(), Err(UnknownStandard));
        assert_eq!("rows".parse::<CsvLayout>(), Err(UnknownLayout));
    }

    #[test]
    fn an_option_of_another_format_is_refused_by_name() {
        let items = ExportOptions { csv_layout: CsvLayout::Items, ..ExportOptions::default() };
        assert_eq!(items.check(Format::Csv), Ok(()));
        let refused = items.check(Format::Json).unwrap_err();
        assert_eq!(refused.to_string(), "layout items is for the format csv, not for json");
        let archive = ExportOptions { pdf_standard: Some(PdfStandard::A2b), ..ExportOptions::default() };
        let refused = archive.check(Format::Docx).unwrap_err();
        assert_eq!(refused.to_string(), "standard pdfa-2b is for the format pdf, not for docx");
    }
}
