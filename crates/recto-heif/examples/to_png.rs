//! Converts HEIC and AVIF pictures to PNG files beside them:
//!
//! ```text
//! cargo run -p recto-heif --example to_png -- photo.heic
//! ```

use std::fs::File;
use std::path::PathBuf;

use image::DynamicImage;
use recto_heif::{AvifDecoder, HeicDecoder};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args_os().skip(1).map(PathBuf::from) {
        let picture = if path.extension().is_some_and(|extension| extension == "avif") {
            DynamicImage::from_decoder(AvifDecoder::new(File::open(&path)?)?)?
        } else {
            DynamicImage::from_decoder(HeicDecoder::new(File::open(&path)?)?)?
        };
        picture.save(path.with_extension("png"))?;
        println!("{}: {} x {}", path.display(), picture.width(), picture.height());
    }
    Ok(())
}
