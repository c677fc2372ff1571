//! The numbers of tags that describe pages: those of TIFF 6.0 (appendix A), of its technical notes, and of Exif.

/// Bits that say whether a directory is a reduced copy (1) or a mask (4).
pub const NEW_SUBFILE_TYPE: u16 = 254;
/// The older form of [`NEW_SUBFILE_TYPE`]; 2 is a reduced copy.
pub const SUBFILE_TYPE: u16 = 255;
/// Width in pixels.
pub const WIDTH: u16 = 256;
/// Height in pixels.
pub const HEIGHT: u16 = 257;
/// Bits of each sample.
pub const BITS: u16 = 258;
/// The compression, as a number.
pub const COMPRESSION: u16 = 259;
/// The colour space of the samples.
pub const PHOTOMETRIC: u16 = 262;
/// Whether a byte begins with its highest bit (1) or its lowest (2).
pub const FILL_ORDER: u16 = 266;
/// Where each strip begins.
pub const STRIP_OFFSETS: u16 = 273;
/// The orientation, from 1 to 8.
pub const ORIENTATION: u16 = 274;
/// Samples per pixel.
pub const SAMPLES: u16 = 277;
/// Rows in each strip except the last.
pub const ROWS_PER_STRIP: u16 = 278;
/// Bytes of each strip.
pub const STRIP_BYTES: u16 = 279;
/// Horizontal resolution in pixels per unit.
pub const X_RESOLUTION: u16 = 282;
/// Vertical resolution in pixels per unit.
pub const Y_RESOLUTION: u16 = 283;
/// Whether the samples of a pixel are stored together (1) or in planes (2).
pub const PLANAR: u16 = 284;
/// Bits that describe the coding of lines in a group 3 fax.
pub const T4_OPTIONS: u16 = 292;
/// The unit of resolutions: none (1), inch (2) or centimetre (3).
pub const RESOLUTION_UNIT: u16 = 296;
/// Whether samples are stored as differences.
pub const PREDICTOR: u16 = 317;
/// The colours of the palette.
pub const COLOR_MAP: u16 = 320;
/// Width of a tile in pixels.
pub const TILE_WIDTH: u16 = 322;
/// Height of a tile in pixels.
pub const TILE_HEIGHT: u16 = 323;
/// Where each tile begins.
pub const TILE_OFFSETS: u16 = 324;
/// Bytes of each tile.
pub const TILE_BYTES: u16 = 325;
/// Offsets of the subdirectories of a directory.
pub const SUB_DIRECTORIES: u16 = 330;
/// The meaning of samples in addition to the colour.
pub const EXTRA_SAMPLES: u16 = 338;
/// Whether samples are unsigned (1), signed (2) or floating-point (3) numbers.
pub const SAMPLE_FORMAT: u16 = 339;
/// Tables shared by the JPEG data of all strips.
pub const JPEG_TABLES: u16 = 347;
/// Where the JPEG file of an old TIFF begins.
pub const JPEG_OFFSET: u16 = 513;
/// Bytes of the JPEG file of an old TIFF.
pub const JPEG_BYTES: u16 = 514;
/// How many pixels share colour differences, across and down.
pub const SUBSAMPLING: u16 = 530;
