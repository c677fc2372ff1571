//! What an export can be told beside its format.

mod pdf;

use std::str::FromStr;

use crate::format::Format;
use crate::notation::{DateFormat, Locale};
pub use pdf::{Optimization, PdfOptions, PdfStandard, UnknownOptimization, UnknownStandard};

/// What an export can be told beside its format. The default asks for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExportOptions {
    /// What a PDF can be told.
    pub pdf: PdfOptions,
    /// How a CSV holds fields that are lists of objects, such as the line items of an invoice. One sets it to
    /// [`CsvLayout::Items`] to calculate with the items in a spreadsheet; the price is a file of two tables, which
    /// programs that expect one cannot read.
    pub csv_layout: CsvLayout,
    /// What parts the cells of a CSV. One sets it to [`CsvDelimiter::Semicolon`] for programs of countries that write
    /// decimal numbers with a comma, such as Excel in German.
    pub csv_delimiter: CsvDelimiter,
    /// Whether a CSV begins with the byte order mark of UTF-8. One sets it for Excel, which takes the file for one in
    /// another encoding without it; the price is that other programs take it for a part of the first column's name.
    pub csv_byte_order_mark: bool,
    /// How CSV and XLSX write days; as the locale does, or as `2026-03-31`, without it.
    pub date_format: Option<DateFormat>,
    /// The country in whose way CSV writes numbers and days, and XLSX days; numbers of a workbook are shown as the reader's
    /// own program does. Without it both are written as every program reads them.
    pub locale: Option<Locale>,
    /// The address at which a record can be looked at, up to its id, such as `https://ocr.example.com/records/`. With it
    /// the file names of a workbook are links.
    pub record_address: Option<String>,
}

/// What parts the cells of a CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CsvDelimiter {
    /// A comma, as RFC 4180 has it.
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
    /// A row a document; a list is compact JSON in its cell.
    #[default]
    Documents,
    /// After the rows of the documents and an empty line, a second table with a row an object.
    Items,
}

/// What a batch is exported as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Content {
    /// One file of the format with all documents.
    #[default]
    Combined,
    /// A ZIP with a file of the format for each document; see [`export_zip`](crate::export_zip).
    Zip,
    /// A CSV with the tables that stand on the pages; see [`export_tables`](crate::export_tables).
    Tables,
    /// JSON with what a PDF changes of the documents; see [`export_report`](crate::export_report).
    Report,
}

/// A name that is no content of an export.
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

    /// Refuses a format in which that content is not written.
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

/// A name that is no layout of a CSV.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("layout must be one of documents, items")]
pub struct UnknownLayout;

/// A sign that does not part cells.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("delimiter must be one of , ; | tab")]
pub struct UnknownDelimiter;

/// Options that ask for what cannot be: whoever asked can be told before anything is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnfitOptions {
    /// The option belongs to another format.
    #[error("{what} is for {}, not for {}", formats(.meant_for), .asked.name())]
    OtherFormat {
        /// The option, and what it was set to where that is a word.
        what: String,
        /// The formats that have the option.
        meant_for: &'static [Format],
        /// The format that was asked for.
        asked: Format,
    },
    /// Pages of a PDF would have to be drawn to follow the standard, and nobody draws.
    #[error(
        "{file_name} cannot stand in a PDF that follows the standard {} as it is, because {reason}, and pages cannot be \
         drawn here; leave the standard out, or export that file by itself",
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
    /// Every page was to be drawn, and nobody draws.
    #[error("pages cannot be drawn here; leave rasterize out")]
    Undrawn,
}

impl ExportOptions {
    /// Refuses options that the format does not have. What the documents do not allow is found by
    /// [`prepare`](crate::prepare).
    ///
    /// # Errors
    /// [`UnfitOptions`], with the option that does not fit.
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

/// What was set to something else than the default.
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

    /// The name in `?delimiter=` and `--csv-delimiter`: the sign itself but for the tab, which `\t` means too.
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
        assert_eq!(refused.to_string(), "layout items is for the format csv, not for json");
        let german = ExportOptions { locale: Some("de-DE".parse().unwrap()), ..ExportOptions::default() };
        assert_eq!((german.check(Format::Csv), german.check(Format::Xlsx)), (Ok(()), Ok(())));
        let refused = german.check(Format::Text).unwrap_err();
        assert_eq!(refused.to_string(), "locale is for the formats csv and xlsx, not for text");
        assert_eq!(Content::Tables.check(Format::Csv), Ok(()));
        let refused = Content::Tables.check(Format::Json).unwrap_err();
        assert_eq!(refused.to_string(), "content tables is for the format csv, not for json");
        let archive = PdfOptions { standard: Some(PdfStandard::A2b), ..PdfOptions::default() };
        let archive = ExportOptions { pdf: archive, ..ExportOptions::default() };
        let refused = archive.check(Format::Docx).unwrap_err();
        assert_eq!(refused.to_string(), "standard pdfa-2b is for the format pdf, not for docx");
    }
}
