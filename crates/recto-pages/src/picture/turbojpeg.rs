//! JPEG pixels exactly as libjpeg decodes them, using the system's libjpeg-turbo (`TurboJPEG` API 2.1, which version 3
//! keeps).
//!
//! Other decoders round the inverse DCT differently. Differences of one brightness level change the threshold that
//! Tesseract computes for a page. On faint receipts, words are then lost that the `tesseract` program, which uses
//! libjpeg, reads.
#![allow(unsafe_code, reason = "TurboJPEG is a C library")]

use std::ffi::{CStr, c_char, c_int, c_uchar, c_ulong, c_void};
use std::ptr::NonNull;

/// `TJPF_RGB`, `TJPF_GRAY` and `TJPF_CMYK` of turbojpeg.h.
const RGB: c_int = 0;
const GREY: c_int = 6;
const CMYK: c_int = 11;

/// `TJFLAG_LIMITSCANS`: more than 500 scans, which no genuine file has, are an error.
const LIMIT_SCANS: c_int = 1 << 15;

/// The initial value of pixels: almost white, so that pixels stay light where the decoder cannot continue.
const UNWRITTEN: u8 = 254;

// SAFETY: the signatures are those of turbojpeg.h; `build.rs` links the library.
unsafe extern "C" {
    fn tjInitDecompress() -> *mut c_void;
    fn tjDestroy(handle: *mut c_void) -> c_int;
    fn tjGetErrorStr2(handle: *mut c_void) -> *mut c_char;
    fn tjDecompressHeader3(
        handle: *mut c_void,
        jpeg: *const c_uchar,
        size: c_ulong,
        width: *mut c_int,
        height: *mut c_int,
        subsampling: *mut c_int,
        colors: *mut c_int,
    ) -> c_int;
    fn tjDecompress2(
        handle: *mut c_void,
        jpeg: *const c_uchar,
        size: c_ulong,
        pixels: *mut c_uchar,
        width: c_int,
        row_bytes: c_int,
        height: c_int,
        format: c_int,
        flags: c_int,
    ) -> c_int;
}

/// The form of decoded samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Samples {
    /// The brightness that most JPEGs store, without converting to colours.
    Grey,
    /// Red, green and blue, if stored as such.
    Rgb,
    /// Four inks as stored: in files by Adobe's programs, 0 is full and 255 is none.
    Cmyk,
}

impl Samples {
    /// Bytes per pixel.
    pub(super) fn count(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
            Self::Cmyk => 4,
        }
    }
}

/// The decoder's message about a JPEG that cannot be decoded.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct JpegError(String);

/// A JPEG whose header was read.
pub(super) struct Jpeg<'a> {
    decoder: Decoder,
    bytes: &'a [u8],
    width: c_int,
    height: c_int,
    samples: Samples,
}

impl<'a> Jpeg<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, JpegError> {
        let decoder = Decoder::new()?;
        let (mut width, mut height, mut subsampling, mut colors) = (0, 0, -1, -1);
        // SAFETY: the decoder is alive, `bytes` has the size given, and the four places outlive the call.
        unsafe {
            tjDecompressHeader3(
                decoder.0.as_ptr(),
                bytes.as_ptr(),
                bytes.len() as c_ulong,
                &raw mut width,
                &raw mut height,
                &raw mut subsampling,
                &raw mut colors,
            );
        }
        // The decoder reports recoverable damage, and kinds of subsampling it has no name for, like failures.
        let samples = match colors {
            _ if width < 1 || height < 1 => return Err(decoder.error()),
            0 => Samples::Rgb,
            1 | 2 => Samples::Grey,
            3 | 4 => Samples::Cmyk,
            _ => return Err(decoder.error()),
        };
        Ok(Self { decoder, bytes, width, height, samples })
    }

    pub(super) fn width(&self) -> usize {
        self.width as usize
    }

    pub(super) fn height(&self) -> usize {
        self.height as usize
    }

    pub(super) fn samples(&self) -> Samples {
        self.samples
    }

    /// The size of all pixels in bytes.
    pub(super) fn size(&self) -> usize {
        self.width() * self.height() * self.samples.count()
    }

    /// Decodes into `pixels`, whose length is [`Jpeg::size`]. A damaged JPEG is decoded as far as possible; if nothing
    /// can be decoded, that is an error.
    pub(super) fn decode(&self, pixels: &mut [u8]) -> Result<(), JpegError> {
        assert_eq!(pixels.len(), self.size(), "the caller asked for the size");
        pixels.fill(UNWRITTEN);
        let format = match self.samples {
            Samples::Grey => GREY,
            Samples::Rgb => RGB,
            Samples::Cmyk => CMYK,
        };
        let row_bytes = self.width * self.samples.count() as c_int;
        // SAFETY: the decoder is alive, `bytes` has the size given, and `pixels` has room for `height` rows of
        // `row_bytes`: the decoder writes no more rows than that, and none longer than `width` pixels.
        let failed = unsafe {
            tjDecompress2(
                self.decoder.0.as_ptr(),
                self.bytes.as_ptr(),
                self.bytes.len() as c_ulong,
                pixels.as_mut_ptr(),
                self.width,
                row_bytes,
                self.height,
                format,
                LIMIT_SCANS,
            )
        } != 0;
        if failed && pixels.iter().all(|&p| p == UNWRITTEN) { Err(self.decoder.error()) } else { Ok(()) }
    }
}

/// A decompressor, used by one thread at a time.
struct Decoder(NonNull<c_void>);

impl Decoder {
    fn new() -> Result<Self, JpegError> {
        // SAFETY: the function takes nothing.
        let handle = unsafe { tjInitDecompress() };
        NonNull::new(handle).map(Self).ok_or_else(|| JpegError("there is not enough memory for a decoder".to_owned()))
    }

    /// The decoder's last error.
    fn error(&self) -> JpegError {
        // SAFETY: the handle is alive; the text is its own, ends with a zero and is copied before the next call.
        let text = unsafe { CStr::from_ptr(tjGetErrorStr2(self.0.as_ptr())) }.to_string_lossy();
        // Errors of TurboJPEG itself begin with the function's name.
        JpegError(text.rsplit("(): ").next().unwrap_or_default().to_owned())
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: the handle is alive and not used afterwards. It fails only for a handle that is null.
        unsafe { tjDestroy(self.0.as_ptr()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 8 x 8 pixels of a receipt.
    const BLOCK: &[u8] = b"\xff\xd8\xff\xe0\x00\x10\x4a\x46\x49\x46\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xdb\x00\x43\x00\x1b\x12\x14\x17\x14\
        \x11\x1b\x17\x16\x17\x1e\x1c\x1b\x20\x28\x42\x2b\x28\x25\x25\x28\x51\x3a\x3d\x30\x42\x60\x55\x65\x64\x5f\x55\x5d\x5b\x6a\
        \x78\x99\x81\x6a\x71\x90\x73\x5b\x5d\x85\xb5\x86\x90\x9e\xa3\xab\xad\xab\x67\x80\xbc\xc9\xba\xa6\xc7\x99\xa8\xab\xa4\xff\
        \xc0\x00\x0b\x08\x00\x08\x00\x08\x01\x01\x11\x00\xff\xc4\x00\x14\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\
        \x00\x00\x00\x05\xff\xc4\x00\x1b\x10\x00\x01\x04\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01\x03\x05\
        \x11\x31\x32\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x62\xb2\xae\x0a\xd8\xdc\x62\xc9\x11\x74\x65\xb7\x5f\xff\xd9";

    fn decoded(bytes: &[u8]) -> Result<Vec<u8>, JpegError> {
        let jpeg = Jpeg::new(bytes)?;
        let mut pixels = vec![0; jpeg.size()];
        jpeg.decode(&mut pixels).map(|()| pixels)
    }

    /// The block as a progressive JPEG that repeats its mean brightness.
    fn in_scans(count: usize) -> Vec<u8> {
        let start = BLOCK.windows(2).position(|marker| marker == [0xFF, 0xDA]).unwrap();
        let mut bytes = BLOCK[..start].to_vec();
        let frame = BLOCK.windows(2).position(|marker| marker == [0xFF, 0xC0]).unwrap();
        bytes[frame + 1] = 0xC2;
        for _ in 0..count {
            bytes.extend([0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0, 0x62]);
        }
        bytes.extend([0xFF, 0xD9]);
        bytes
    }

    #[test]
    fn pixels_are_those_of_libjpeg() {
        #[rustfmt::skip]
        let libjpegs = [
            32, 0, 0, 39, 152, 239, 255, 244,
            0, 0, 35, 121, 210, 255, 255, 245,
            0, 49, 136, 212, 255, 255, 255, 249,
            136, 177, 228, 255, 254, 247, 249, 255,
            251, 255, 255, 255, 243, 240, 250, 255,
            255, 255, 254, 250, 250, 253, 255, 255,
            246, 246, 249, 254, 255, 255, 255, 255,
            255, 255, 255, 255, 254, 252, 252, 254,
        ];
        assert_eq!(decoded(BLOCK).unwrap(), libjpegs);
    }

    #[test]
    fn of_a_damaged_jpeg_comes_what_can_be_had() {
        for cut in 1..12 {
            assert_eq!(decoded(&BLOCK[..BLOCK.len() - cut]).unwrap().len(), 64, "{cut}");
        }
    }

    #[test]
    fn without_a_picture_there_is_an_error_in_words() {
        for (bytes, words) in [
            (&b""[..], "Invalid argument"),
            (b"no picture at all", "Not a JPEG file: starts with 0x6e 0x6f"),
            (&BLOCK[..60], "Premature end of JPEG file"),
        ] {
            assert_eq!(decoded(bytes).unwrap_err().to_string(), words);
        }
    }

    #[test]
    fn scans_come_to_an_end() {
        assert_eq!(decoded(&in_scans(100)).unwrap().len(), 64);
        assert_eq!(decoded(&in_scans(600)).unwrap_err().to_string(), "Progressive JPEG image has more than 500 scans");
    }
}
