//! `Content-Encoding: gzip`.

use flate2::read::MultiGzDecoder;
use std::io::{Error, ErrorKind, Read};

/// Unpacks, up to `largest` bytes: a small bomb doesn't fill the memory.
#[cfg_attr(not(target_family = "wasm"), allow(dead_code, reason = "the component's transport uses it"))]
pub fn unpack(packed: &[u8], largest: usize) -> Result<Vec<u8>, Error> {
    let mut body = Vec::with_capacity(packed.len().saturating_mul(6).min(largest));
    let limit = u64::try_from(largest).unwrap_or(u64::MAX).saturating_add(1);
    MultiGzDecoder::new(packed).take(limit).read_to_end(&mut body)?;
    if body.len() > largest { Err(Error::new(ErrorKind::InvalidData, "unpacks to too much")) } else { Ok(body) }
}

#[cfg(test)]
mod tests {
    use super::unpack;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn pack(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body).expect("packs");
        encoder.finish().expect("packs")
    }

    #[test]
    fn what_was_packed_comes_back() {
        assert_eq!(unpack(&pack(b"{}"), 100).expect("unpacks"), b"{}");
    }

    #[test]
    fn a_bomb_is_refused() {
        assert!(unpack(&pack(&vec![0; 100_000]), 50_000).is_err());
    }

    #[test]
    fn half_a_body_is_refused() {
        let packed = pack(b"some text that was longer");
        assert!(unpack(&packed[..packed.len() / 2], 1000).is_err());
    }
}
