//! The standard security handler (ISO 32000-1, section 7.6, and ISO 32000-2 for AES-256), for files that open without a
//! password and only restrict what viewers may do.

use std::io::{self, Read};

use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes256};
use md5::Md5;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::pdf::object::{Dictionary, Object, Reference};

/// The padding of an empty password (algorithm 2).
const PADDING: [u8; 32] = *b"\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08\
    \x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A";

/// The encryption method of strings or streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Plain,
    Rc4,
    Aes128,
    Aes256,
}

/// The file's key and methods.
pub(super) struct Encryption {
    key: Vec<u8>,
    strings: Method,
    streams: Method,
    encrypts_metadata: bool,
}

impl Encryption {
    /// From the `Encrypt` dictionary with its references resolved, and the first part of the file's `ID`. `None` for a
    /// handler other than the standard one.
    pub(super) fn new(dictionary: &Dictionary, id: &[u8]) -> Option<Self> {
        let number = |key| dictionary.get(key).and_then(Object::as_integer);
        let string = |key| match dictionary.get(key) {
            Some(Object::String(bytes)) => Some(bytes.as_slice()),
            _ => None,
        };
        let (version, revision) = (number("V").unwrap_or(0), number("R").unwrap_or(2));
        let encrypts_metadata = dictionary.get("EncryptMetadata") != Some(&Object::Boolean(false));
        let (strings, streams) = match version {
            1 | 2 => (Method::Rc4, Method::Rc4),
            4 | 5 => (method(dictionary, "StrF")?, method(dictionary, "StmF")?),
            _ => return None,
        };
        let key = if revision >= 5 {
            modern_key(string("U")?, string("UE")?, revision)?
        } else {
            let bits = number("Length").unwrap_or(if version == 4 { 128 } else { 40 });
            let length = if revision == 2 { 5 } else { usize::try_from(bits / 8).ok()?.clamp(5, 16) };
            let permissions = number("P").unwrap_or(0) as i32;
            let mut hash = Md5::new();
            hash.update(PADDING);
            hash.update(string("O")?.get(..32)?);
            hash.update(permissions.to_le_bytes());
            hash.update(id);
            if revision >= 4 && !encrypts_metadata {
                hash.update([0xFF; 4]);
            }
            let mut key = hash.finalize().to_vec();
            if revision >= 3 {
                for _ in 0..50 {
                    key = Md5::digest(&key[..length]).to_vec();
                }
            }
            key.truncate(length);
            key
        };
        Some(Self { key, strings, streams, encrypts_metadata })
    }

    /// Decrypts a string of an object.
    pub(super) fn string(&self, object: Reference, bytes: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        // Reading from memory does not fail.
        let _infallible = self.reader(object, self.strings, bytes).read_to_end(&mut plain);
        plain
    }

    /// The encryption method of a stream.
    pub(super) fn stream_method(&self, dictionary: &Dictionary) -> Method {
        let first_filter = match dictionary.get("Filter") {
            Some(Object::Array(filters)) => filters.first(),
            filter => filter,
        };
        let by_itself = first_filter.and_then(Object::as_name) == Some(b"Crypt");
        let is_plain_metadata = dictionary.is("Type", "Metadata") && !self.encrypts_metadata;
        // A crypt filter names another method, in practice the one that leaves the stream unencrypted.
        if by_itself || is_plain_metadata || dictionary.is("Type", "XRef") { Method::Plain } else { self.streams }
    }

    /// A reader of the decrypted bytes of a stream or a string of an object.
    pub(super) fn reader<'a>(&self, object: Reference, method: Method, data: impl Read + 'a) -> Box<dyn Read + 'a> {
        match method {
            Method::Plain => Box::new(data),
            Method::Rc4 => Box::new(Rc4Reader { data, state: Rc4::new(&self.object_key(object, false)) }),
            Method::Aes128 => match Aes128::new_from_slice(&self.object_key(object, true)) {
                Ok(cipher) => Box::new(CbcReader::new(data, cipher)),
                Err(_) => Box::new(io::empty()),
            },
            Method::Aes256 => match Aes256::new_from_slice(&self.key) {
                Ok(cipher) => Box::new(CbcReader::new(data, cipher)),
                Err(_) => Box::new(io::empty()),
            },
        }
    }

    /// Algorithm 1: each object has its own key.
    fn object_key(&self, object: Reference, aes: bool) -> Vec<u8> {
        let mut hash = Md5::new();
        hash.update(&self.key);
        hash.update(&object.number.to_le_bytes()[..3]);
        hash.update(object.generation.to_le_bytes());
        if aes {
            hash.update(b"sAlT");
        }
        hash.finalize()[..(self.key.len() + 5).min(16)].to_vec()
    }
}

/// The method of a crypt filter (section 7.6.5).
fn method(dictionary: &Dictionary, filter: &str) -> Option<Method> {
    let name = dictionary.get(filter).and_then(Object::as_name).unwrap_or(b"Identity");
    if name == b"Identity" {
        return Some(Method::Plain);
    }
    let filters = dictionary.get("CF").and_then(Object::as_dictionary)?;
    let filter = filters.iter().find(|(key, _)| *key == name)?.1.as_dictionary()?;
    match filter.get("CFM").and_then(Object::as_name).unwrap_or(b"None") {
        b"None" => Some(Method::Plain),
        b"V2" => Some(Method::Rc4),
        b"AESV2" => Some(Method::Aes128),
        b"AESV3" => Some(Method::Aes256),
        _ => None,
    }
}

/// Algorithm 2.A with an empty user password: the file's key is encrypted with a key derived from the password.
fn modern_key(user: &[u8], sealed: &[u8], revision: i64) -> Option<Vec<u8>> {
    let salt = user.get(40..48)?;
    let key = if revision == 5 { Sha256::digest(salt).to_vec() } else { hardened(salt) };
    let cipher = Aes256::new_from_slice(&key).ok()?;
    let mut previous = [0; 16];
    let mut plain = Vec::new();
    for block in sealed.get(..32)?.chunks_exact(16) {
        let block: [u8; 16] = block.try_into().ok()?;
        plain.extend_from_slice(&decrypted(&cipher, block, previous));
        previous = block;
    }
    Some(plain)
}

/// Algorithm 2.B with an empty password.
fn hardened(salt: &[u8]) -> Vec<u8> {
    let mut key = Sha256::digest(salt).to_vec();
    let mut round = 0;
    loop {
        let mut data = key.repeat(64);
        let (Ok(cipher), Ok(start)) = (Aes128::new_from_slice(&key[..16]), <[u8; 16]>::try_from(&key[16..32])) else {
            return key;
        };
        let mut previous = start;
        for block in data.chunks_exact_mut(16) {
            block.iter_mut().zip(previous).for_each(|(b, p)| *b ^= p);
            previous.copy_from_slice(block);
            let mut sealed = aes::Block::from(previous);
            cipher.encrypt_block(&mut sealed);
            previous = sealed.into();
            block.copy_from_slice(&previous);
        }
        key = match data[..16].iter().map(|b| u32::from(*b)).sum::<u32>() % 3 {
            0 => Sha256::digest(&data).to_vec(),
            1 => Sha384::digest(&data).to_vec(),
            _ => Sha512::digest(&data).to_vec(),
        };
        round += 1;
        if round >= 64 && data.last().is_none_or(|last| i32::from(*last) <= round - 32) {
            key.truncate(32);
            return key;
        }
    }
}

fn decrypted<C: BlockCipherDecrypt<BlockSize = aes::cipher::consts::U16>>(
    cipher: &C,
    block: [u8; 16],
    previous: [u8; 16],
) -> [u8; 16] {
    let mut plain = aes::Block::from(block);
    cipher.decrypt_block(&mut plain);
    let mut plain: [u8; 16] = plain.into();
    plain.iter_mut().zip(previous).for_each(|(b, p)| *b ^= p);
    plain
}

/// AES in cipher block chaining: the first block starts the chain, the last is padded.
struct CbcReader<R, C> {
    data: R,
    cipher: C,
    previous: Option<[u8; 16]>,
    /// A decrypted block that may be the last.
    held: Option<[u8; 16]>,
    ready: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R, C> CbcReader<R, C> {
    fn new(data: R, cipher: C) -> Self {
        Self { data, cipher, previous: None, held: None, ready: Vec::new(), given: 0, ended: false }
    }
}

impl<R: Read, C: BlockCipherDecrypt<BlockSize = aes::cipher::consts::U16>> CbcReader<R, C> {
    fn refill(&mut self) -> io::Result<()> {
        let mut coded = Vec::new();
        (&mut self.data).take(16 * 1024).read_to_end(&mut coded)?;
        self.ended = coded.len() < 16 * 1024;
        self.ready.clear();
        self.given = 0;
        for block in coded.chunks_exact(16) {
            let mut coded = [0; 16];
            coded.copy_from_slice(block);
            if let Some(previous) = self.previous.replace(coded) {
                let plain = decrypted(&self.cipher, coded, previous);
                if let Some(sure) = self.held.replace(plain) {
                    self.ready.extend_from_slice(&sure);
                }
            }
        }
        if self.ended
            && let Some(last) = self.held.take()
        {
            let padding = usize::from(last[15]);
            // If the padding is invalid, because the writer was careless, the whole block is data.
            let kept = if (1..=16).contains(&padding) { 16 - padding } else { 16 };
            self.ready.extend_from_slice(&last[..kept]);
        }
        Ok(())
    }
}

impl<R: Read, C: BlockCipherDecrypt<BlockSize = aes::cipher::consts::U16>> Read for CbcReader<R, C> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() && !self.ended {
            self.refill()?;
        }
        let n = buffer.len().min(self.ready.len() - self.given);
        buffer[..n].copy_from_slice(&self.ready[self.given..self.given + n]);
        self.given += n;
        Ok(n)
    }
}

/// The RC4 stream cipher.
struct Rc4 {
    state: [u8; 256],
    i: u8,
    j: u8,
}

impl Rc4 {
    fn new(key: &[u8]) -> Self {
        let mut state = [0; 256];
        state.iter_mut().zip(0..=255).for_each(|(s, i)| *s = i);
        let mut j = 0u8;
        for i in 0..256 {
            j = j.wrapping_add(state[i]).wrapping_add(key[i % key.len()]);
            state.swap(i, j.into());
        }
        Self { state, i: 0, j: 0 }
    }

    fn next(&mut self) -> u8 {
        self.i = self.i.wrapping_add(1);
        self.j = self.j.wrapping_add(self.state[usize::from(self.i)]);
        self.state.swap(self.i.into(), self.j.into());
        let sum = self.state[usize::from(self.i)].wrapping_add(self.state[usize::from(self.j)]);
        self.state[usize::from(sum)]
    }
}

struct Rc4Reader<R> {
    data: R,
    state: Rc4,
}

impl<R: Read> Read for Rc4Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.data.read(buffer)?;
        buffer[..n].iter_mut().for_each(|byte| *byte ^= self.state.next());
        Ok(n)
    }
}
