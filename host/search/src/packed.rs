//! A page's body, packed once for all who are shown it.

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::sync::OnceLock;

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

/// Packed forms of a body, made when they are first asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Packed {
    zstd: OnceLock<Option<Bytes>>,
    gzip: OnceLock<Option<Bytes>>,
}

impl Packed {
    /// None: it can't be packed. For pages that are shown for a second, quick packing is the best.
    pub fn body(&self, body: &Bytes, packing: Packing) -> Option<Bytes> {
        let packed = match packing {
            Packing::Zstd => self.zstd.get_or_init(|| zstd::bulk::compress(body, 1).ok().map(Bytes::from)),
            Packing::Gzip => self.gzip.get_or_init(|| gzip(body).ok().map(Bytes::from)),
        };
        packed.clone()
    }
}

fn gzip(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn what_is_packed_comes_out_again_and_is_packed_once() {
        let (body, packed) = (Bytes::from("{\"offers\":[]}".repeat(100)), Packed::default());
        let [zstd, gzip] = [Packing::Zstd, Packing::Gzip].map(|packing| packed.body(&body, packing).unwrap());
        assert!(zstd.len() < body.len() && gzip.len() < body.len());
        assert_eq!(zstd::bulk::decompress(&zstd, body.len()).unwrap(), body);
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(&gzip[..]).read_to_end(&mut text).unwrap();
        assert_eq!(text, body);
        assert_eq!(packed.body(&body, Packing::Zstd).unwrap().as_ptr(), zstd.as_ptr());
    }
}
