//! Options of an export, besides its format.

mod pdf;

use std::str::FromStr;

use crate::format::Format;
use crate::notation::{DateFormat, Locale};
pub use pdf::{Optimization, PdfOptions, PdfStandard, UnknownOptimization, UnknownStandard};

/// Options of an export, besides its format. By default, nothing special is requested.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExportOptions {
    /// Options of a PDF.
    pub pdf: PdfOptions,
    /// How a CSV holds fields that are lists of objects, such as the line items of an invoice. [`CsvLayout::Items`] is
    /// useful for calculating with the items in a spreadsheet. Its drawback is a file with two tables, which programs
    /// that expect one cannot read.
    pub csv_layout: CsvLayout,
    /// The separator of a CSV's cells. [`CsvDelimiter::Semicolon`] is useful for programs of countries with a decimal
    /// comma, such as Excel in German.
    pub csv_delimiter: CsvDelimiter,
    /// Whether a CSV begins with the byte order mark of UTF-8. Excel needs it to read the file as UTF-8. Its drawback
    /// is that other programs take it for part of the first column's name.
    pub csv_byte_order_mark: bool,
    /// How CSV and XLSX write dates; by default in the format of the locale, or as `2026-03-31`.
    pub date_format: Option<DateFormat>,
    /// The country whose notation CSV uses for numbers and dates, and XLSX for dates. Numbers of a workbook are shown
    /// in the notation of the reader's own program. By default, both are written in a neutral format.
    pub locale: Option<Locale>,
    /// The address of a record's web page, up to its id, such as `https://ocr.example.com/records/`. If set, the file
    /// names of a workbook are links.
    pub record_address: Option<String>,
}

/// The separator of a CSV's cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CsvDelimiter {
    /// A comma, as in RFC 4180.
    #[default]
    Comma,
    /// A semicolon.
    Semicolon,
    /// A tab.
    Tab,
    /// A vertical bar.
    Bar,
}

/// How a CSV holds lists of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CsvLayout {
    /// One row per document; a list is compact JSON in its cell.
    #[default]
    Documents,
    /// After the rows of the documents and an empty line, a second table with one row per object.
    Items,
}

/// The content of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Content {
    /// One file in the format with all documents.
    #[default]
    Combined,
    /// A ZIP with one file in the format per document; see [`export_zip`](crate::export_zip).
    Zip,
    /// A CSV with the tables on the pages; see [`export_tables`](crate::export_tables).
    Tables,
    /// A JSON report of what a PDF changes in the documents; see [`export_report`](crate::export_report).
    Report,
}

/// The error for a name that is not a content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("content must be one of combined, zip, tables, report")]
pub struct UnknownContent;

impl Content {
    /// The name in `?content=`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Combined => "combined",
            Self::Zip => "zip",
            Self::Tables => "tables",
            Self::Report => "report",
        }
    }

    /// Every content.
    pub const ALL: [Self; 4] = [Self::Combined, Self::Zip, Self::Tables, Self::Report];

    /// Refuses a format in which that content is not available.
    ///
    /// # Errors
    /// [`UnfitOptions::OtherFormat`].
    pub fn check(self, format: Format) -> Result<(), UnfitOptions> {
        let meant_for: &'static [Format] = match self {
            Self::Combined | Self::Zip => return Ok(()),
            Self::Tables => &[Format::Csv],
            Self::Report => &[Format::Pdf],
        };
        if meant_for.contains(&format) {
            return Ok(());
        }
        Err(UnfitOptions::OtherFormat { what: format!("content {}", self.name()), meant_for, asked: format })
    }
}

impl FromStr for Content {
    type Err = UnknownContent;

    fn from_str(text: &str) -> Result<Self, UnknownContent> {
        Self::ALL.into_iter().find(|content| content.name() == text).ok_or(UnknownContent)
    }
}

/// The error for a name that is not a layout.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("layout must be one of documents, items")]
pub struct UnknownLayout;

/// The error for a character that is not a delimiter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("delimiter must be one of , ; | tab")]
pub struct UnknownDelimiter;

/// Options that cannot be fulfilled. They are reported before anything is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnfitOptions {
    /// The option belongs to another format.
    #[error("{what} is only available for {}, not for {}", formats(.meant_for), .asked.name())]
    OtherFormat {
        /// The option, with its value if that is a word.
        what: String,
        /// The formats that have the option.
        meant_for: &'static [Format],
        /// The requested format.
        asked: Format,
    },
    /// Pages of a PDF would have to be drawn to follow the standard, but drawing is not available.
    #[error(
        "{file_name} cannot be included unchanged in a PDF that follows the standard {}: {reason}. Pages cannot be \
         drawn here; leave the standard out, or export that file separately",
        .standard.name()
    )]
    CarriedPages {
        /// The requested standard.
        standard: PdfStandard,
        /// The first such PDF of the batch.
        file_name: String,
        /// The reason, worded for a person.
        reason: String,
    },
    /// All pages were to be drawn, but drawing is not available.
    #[error("pages cannot be drawn here; leave rasterize out")]
    Undrawn,
}

impl ExportOptions {
    /// Refuses options that the format does not have. Options that the documents do not allow are found by
    /// [`prepare`](crate::prepare).
    ///
    /// # Errors
    /// [`UnfitOptions`] with the unsuitable option.
    pub fn check(&self, format: Format) -> Result<(), UnfitOptions> {
        const CSV: &[Format] = &[Format::Csv];
        const TABLES: &[Format] = &[Format::Csv, Format::Xlsx];
        const PDF: &[Format] = &[Format::Pdf];
        let switch = |is_set: bool, name: &str| is_set.then(|| name.to_owned());
        let of_formats: [(Option<String>, &'static [Format]); 12] = [
            (set(&self.csv_layout).map(|layout| format!("layout {}", layout.name())), CSV),
            (set(&self.csv_delimiter).map(|delimiter| format!("delimiter {}", delimiter.name())), CSV),
            (switch(self.csv_byte_order_mark, "bom"), CSV),
            (switch(self.date_format.is_some(), "dateFormat"), TABLES),
            (switch(self.locale.is_some(), "locale"), TABLES),
            (self.pdf.standard.map(|standard| format!("standard {}", standard.name())), PDF),
            (set(&self.pdf.optimize).map(|level| format!("optimize {}", level.name())), PDF),
            (switch(self.pdf.deskew, "deskew"), PDF),
            (switch(self.pdf.clean, "clean"), PDF),
            (switch(self.pdf.drop_blank, "dropBlank"), PDF),
            (switch(self.pdf.split_spreads, "splitSpreads"), PDF),
            (switch(self.pdf.rasterize, "rasterize"), PDF),
        ];
        for (what, meant_for) in of_formats {
            if let Some(what) = what.filter(|_| !meant_for.contains(&format)) {
                return Err(UnfitOptions::OtherFormat { what, meant_for, asked: format });
            }
        }
        Ok(())
    }
}

/// The value, if it differs from the default.
fn set<T: Default + PartialEq>(option: &T) -> Option<&T> {
    Some(option).filter(|option| **option != T::default())
}

/// `the format csv`, `the formats csv and xlsx`.
fn formats(formats: &[Format]) -> String {
    let names: Vec<&str> = formats.iter().map(|format| format.name()).collect();
    format!("the format{} {}", if names.len() == 1 { "" } else { "s" }, names.join(" and "))
}

impl CsvDelimiter {
    /// Every delimiter.
    pub const ALL: [Self; 4] = [Self::Comma, Self::Semicolon, Self::Tab, Self::Bar];

    /// The name in `?delimiter=` and `--csv-delimiter`: the character itself, except for the tab, which may also be
    /// written `\t`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Comma => ",",
            Self::Semicolon => ";",
            Self::Tab => "tab",
            Self::Bar => "|",
        }
    }

    pub(crate) fn sign(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Semicolon => ';',
            Self::Tab => '\t',
            Self::Bar => '|',
        }
    }
}

impl FromStr for CsvDelimiter {
    type Err = UnknownDelimiter;

    fn from_str(text: &str) -> Result<Self, UnknownDelimiter> {
        let is_it = |delimiter: &Self| delimiter.name() == text || text.chars().eq([delimiter.sign()]);
        let spelt = Some(Self::Tab).filter(|_| text == "\\t");
        Self::ALL.into_iter().find(is_it).or(spelt).ok_or(UnknownDelimiter)
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
        for layout in CsvLayout::ALL {
            assert_eq!(layout.name().parse(), Ok(layout));
        }
        for delimiter in CsvDelimiter::ALL {
            assert_eq!(delimiter.name().parse(), Ok(delimiter));
        }
        assert_eq!(("\t".parse(), "\\t".parse()), (Ok(CsvDelimiter::Tab), Ok(CsvDelimiter::Tab)));
        for content in Content::ALL {
            assert_eq!(content.name().parse(), Ok(content));
            assert!(UnknownContent.to_string().contains(content.name()));
        }
        assert_eq!(";;".parse::<CsvDelimiter>(), Err(UnknownDelimiter));
        assert_eq!("rows".parse::<CsvLayout>(), Err(UnknownLayout));
    }

    #[test]
    fn an_option_of_another_format_is_refused_by_name() {
        let items = ExportOptions { csv_layout: CsvLayout::Items, ..ExportOptions::default() };
        assert_eq!(items.check(Format::Csv), Ok(()));
        let refused = items.check(Format::Json).unwrap_err();
        assert_eq!(refused.to_string(), "layout items is only available for the format csv, not for json");
        let german = ExportOptions { locale: Some("de-DE".parse().unwrap()), ..ExportOptions::default() };
        assert_eq!((german.check(Format::Csv), german.check(Format::Xlsx)), (Ok(()), Ok(())));
        let refused = german.check(Format::Text).unwrap_err();
        assert_eq!(refused.to_string(), "locale is only available for the formats csv and xlsx, not for text");
        assert_eq!(Content::Tables.check(Format::Csv), Ok(()));
        let refused = Content::Tables.check(Format::Json).unwrap_err();
        assert_eq!(refused.to_string(), "content tables is only available for the format csv, not for json");
        let archive = PdfOptions { standard: Some(PdfStandard::A2b), ..PdfOptions::default() };
        let archive = ExportOptions { pdf: archive, ..ExportOptions::default() };
        let refused = archive.check(Format::Docx).unwrap_err();
        assert_eq!(refused.to_string(), "standard pdfa-2b is only available for the format pdf, not for docx");
    }
}
