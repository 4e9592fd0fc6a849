//! A page's body, packed. The part that stands for minutes is packed once and shared; what follows it changes by the second
//! and is put behind it as it is, within the same stream.

use bytes::Bytes;
use flate2::write::GzEncoder;
use flate2::{Compression, Crc};
use std::io::{self, Write};
use std::sync::OnceLock;

/// The most that a block of either kind holds as it is.
const LARGEST_BLOCK: usize = 0xFFFF;
const GZIP_TRAILER: usize = 8;

/// How a body may be packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Packing {
    /// RFC 8878.
    Zstd,
    /// RFC 1952.
    Gzip,
}

impl Packing {
    /// As `Content-Encoding` has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
        }
    }
}

/// Packed forms of the first part of a body, made when they are first asked for.
#[derive(Debug, Default)]
pub(crate) struct PackedOnce {
    zstd: OnceLock<Option<Bytes>>,
    gzip: OnceLock<Option<Gzip>>,
}

/// Blocks up to the end of what was packed, and the checksum so far.
#[derive(Debug)]
struct Gzip {
    blocks: Bytes,
    crc: Crc,
}

impl PackedOnce {
    /// `first`, always the same and never empty (with nothing zstd does not begin a frame), and `rest` in one stream. None: they
    /// can't be packed.
    pub fn body(&self, first: &Bytes, rest: &[u8], packing: Packing) -> Option<[Bytes; 2]> {
        match packing {
            Packing::Zstd => {
                let blocks = self.zstd.get_or_init(|| zstd(first).ok()).clone()?;
                Some([blocks, zstd_end(rest).into()])
            }
            Packing::Gzip => {
                let gzip = self.gzip.get_or_init(|| Gzip::new(first).ok()).as_ref()?;
                Some([gzip.blocks.clone(), gzip.end(rest).into()])
            }
        }
    }
}

/// A frame that lacks its end.
fn zstd(bytes: &[u8]) -> io::Result<Bytes> {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::with_capacity(bytes.len() / 4), 1)?;
    encoder.write_all(bytes)?;
    encoder.flush()?;
    Ok(std::mem::take(encoder.get_mut()).into())
}

/// Raw blocks, the last of the frame (RFC 8878, 3.1.1.2).
fn zstd_end(bytes: &[u8]) -> Vec<u8> {
    let mut end = Vec::with_capacity(bytes.len() + 3);
    let mut left = bytes;
    loop {
        let (block, more) = left.split_at(left.len().min(LARGEST_BLOCK));
        let header = (block.len() as u32) << 3 | u32::from(more.is_empty());
        end.extend_from_slice(&header.to_le_bytes()[..3]);
        end.extend_from_slice(block);
        if more.is_empty() {
            return end;
        }
        left = more;
    }
}

impl Gzip {
    fn new(bytes: &[u8]) -> io::Result<Self> {
        let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::fast());
        encoder.write_all(bytes)?;
        // Up to a whole byte.
        encoder.flush()?;
        let mut crc = Crc::new();
        crc.update(bytes);
        Ok(Self { blocks: std::mem::take(encoder.get_mut()).into(), crc })
    }

    /// Stored blocks, the last of the stream (RFC 1951, 3.2.4), and the trailer (RFC 1952, 2.3.1).
    fn end(&self, bytes: &[u8]) -> Vec<u8> {
        let mut end = Vec::with_capacity(bytes.len() + 5 + GZIP_TRAILER);
        let mut left = bytes;
        loop {
            let (block, more) = left.split_at(left.len().min(LARGEST_BLOCK));
            let length = block.len() as u16;
            end.push(u8::from(more.is_empty()));
            end.extend_from_slice(&length.to_le_bytes());
            end.extend_from_slice(&(!length).to_le_bytes());
            end.extend_from_slice(block);
            if more.is_empty() {
                break;
            }
            left = more;
        }
        let (mut crc, mut rest) = (Crc::new(), Crc::new());
        rest.update(bytes);
        crc.combine(&self.crc);
        crc.combine(&rest);
        end.extend_from_slice(&crc.sum().to_le_bytes());
        end.extend_from_slice(&crc.amount().to_le_bytes());
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Read;

    fn unpacked([blocks, end]: [Bytes; 2], packing: Packing) -> Vec<u8> {
        let (packed, mut text) = ([blocks, end].concat(), Vec::new());
        match packing {
            Packing::Zstd => zstd::stream::copy_decode(&packed[..], &mut text).unwrap(),
            Packing::Gzip => {
                let mut decoder = flate2::bufread::GzDecoder::new(&packed[..]);
                decoder.read_to_end(&mut text).unwrap();
                assert!(decoder.into_inner().is_empty(), "one member, and nothing after it");
            }
        }
        text
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_out_again_whatever_follows(
            first in prop::collection::vec(any::<u8>(), 1..5_000),
            rests in prop::collection::vec((any::<u8>(), 0_usize..200_000), 1..4),
        ) {
            let (first, packed) = (Bytes::from(first), PackedOnce::default());
            for packing in [Packing::Zstd, Packing::Gzip] {
                for (byte, length) in &rests {
                    let rest = vec![*byte; *length];
                    let body = packed.body(&first, &rest, packing).unwrap();
                    prop_assert_eq!(unpacked(body, packing), [&first[..], &rest[..]].concat());
                }
            }
        }
    }

    #[test]
    fn what_stands_for_minutes_is_packed_once() {
        let (first, packed) = (Bytes::from("{\"offers\":[]}".repeat(100)), PackedOnce::default());
        for packing in [Packing::Zstd, Packing::Gzip] {
            let [now, then] = ["1 s", "2 s"].map(|age| packed.body(&first, age.as_bytes(), packing).unwrap());
            assert!(now[0].len() < first.len() / 4);
            assert_eq!(now[0].as_ptr(), then[0].as_ptr());
        }
    }
}
