//! Lists the pages of a TIFF:
//!
//! ```text
//! cargo run -p recto-tiff --example list -- scan.tif
//! ```

use std::fs::File;

use recto_tiff::{Tiff, tag};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args().skip(1) {
        let mut tiff = Tiff::open(File::open(&path)?)?;
        for (number, page) in (1..).zip(tiff.pages()?) {
            let directory = tiff.directory(page.offset, &[tag::COMPRESSION, tag::X_RESOLUTION])?;
            let (width, height) = page.size;
            let compression = directory.integer(tag::COMPRESSION).unwrap_or(1);
            let resolution = directory.real(tag::X_RESOLUTION).unwrap_or(f32::NAN);
            println!("{path}, page {number}: {width} x {height}, compression {compression}, resolution {resolution}");
        }
    }
    Ok(())
}
