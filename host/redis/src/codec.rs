//! One supplier's part as it stands in Redis.
//!
//! | bytes | what |
//! | --- | --- |
//! | 0 | format, [`FORMAT`]: this layout |
//! | 1 | generation: what is packed, and the dictionary it is packed with, if any |
//! | 2..6 | CRC-32 of all that follows, big-endian like every number here |
//! | 6..10 | length when unpacked |
//! | 10..18 | when the supplier's reply came, in milliseconds since 1970 |
//! | 18..26 | until when nothing newer is asked for |
//! | 26..34 | until when it may be shown |
//! | 34.. | a zstd frame of the [`Packed`] part in postcard |
//!
//! What stands before the frame is read without unpacking it.

mod generation;

pub use generation::Generation;

use interline_domain::trip::{SupplierScope, Trip};
use interline_search::Part;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// First byte of every block.
pub const FORMAT: u8 = 1;

/// Length of what stands before the frame.
pub const HEAD: usize = 34;

/// Longest that a part may be when unpacked: that of fifty thousand offers.
pub const LONGEST: usize = 16 << 20;

/// What is packed: the part, and what it answers, since a broad key ends in a short digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packed {
    /// What was asked for.
    pub trip: Trip,
    /// With which credentials, for which point of sale.
    pub scope: SupplierScope,
    /// What the supplier said.
    pub part: Part,
}

/// Times of a part, read without unpacking it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// When the reply came.
    pub fetched_at: Timestamp,
    /// Until then nothing newer is asked for.
    pub fresh_until: Timestamp,
    /// Until then it may be shown.
    pub stale_until: Timestamp,
}

/// Why a block reads as nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Another layout.
    #[error("another format")]
    Format,
    /// A generation that is neither the present one nor the one before.
    #[error("another generation")]
    Generation,
    /// Not what was written.
    #[error("damaged")]
    Damaged,
    /// Longer than a part can be.
    #[error("too long")]
    TooLong,
}

impl Unreadable {
    /// Stable name, for metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Generation => "generation",
            Self::Damaged => "damaged",
            Self::TooLong => "too_long",
        }
    }
}

/// Packs parts in the present generation, and unpacks those of the present one and the one before.
pub struct Codec {
    present: Generation,
    before: Option<Generation>,
}

impl Default for Codec {
    fn default() -> Self {
        Self { present: Generation::second(), before: Some(Generation::first()) }
    }
}

impl Codec {
    /// With these generations, whose numbers differ.
    pub fn new(present: Generation, before: Option<Generation>) -> Self {
        Self { present, before }
    }

    /// A part as a block. Takes milliseconds of work. None: it is too long to be kept.
    pub fn pack(&self, packed: &Packed) -> Option<Vec<u8>> {
        let plain = self.present.write(packed)?;
        let length = u32::try_from(plain.len()).ok().filter(|_| plain.len() <= LONGEST)?;
        let part = &packed.part;
        let mut block = vec![FORMAT, self.present.number(), 0, 0, 0, 0];
        block.extend(length.to_be_bytes());
        for time in [part.fetched_at, part.fresh_until, part.stale_until] {
            block.extend(time.as_millisecond().to_be_bytes());
        }
        block.extend(self.present.compress(&plain)?);
        let sum = crc32fast::hash(&block[6..]);
        block[2..6].copy_from_slice(&sum.to_be_bytes());
        Some(block)
    }

    /// A block's times.
    pub fn freshness(&self, block: &[u8]) -> Result<Freshness, Unreadable> {
        let (_, head) = self.head(block)?;
        let time = |from: usize| {
            let bytes = head.get(from..from + 8).and_then(|bytes| bytes.try_into().ok()).ok_or(Unreadable::Damaged)?;
            Timestamp::from_millisecond(i64::from_be_bytes(bytes)).map_err(|_| Unreadable::Damaged)
        };
        Ok(Freshness { fetched_at: time(10)?, fresh_until: time(18)?, stale_until: time(26)? })
    }

    /// Bytes that a block says to unpack to; 0: it says nothing.
    pub fn length(block: &[u8]) -> usize {
        let length = block.get(6..10).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_be_bytes);
        usize::try_from(length).unwrap_or(usize::MAX)
    }

    /// A block's part. Takes milliseconds of work, and memory for no more than [`LONGEST`].
    pub fn unpack(&self, block: &[u8]) -> Result<Packed, Unreadable> {
        let (generation, _) = self.head(block)?;
        let sum = block.get(2..6).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
        if sum != Some(crc32fast::hash(&block[6..])) {
            return Err(Unreadable::Damaged);
        }
        let length = Self::length(block);
        if length > LONGEST {
            return Err(Unreadable::TooLong);
        }
        let plain = generation.decompress(&block[HEAD..], length).ok_or(Unreadable::Damaged)?;
        generation.read(&plain).ok_or(Unreadable::Damaged)
    }

    fn head<'a>(&self, block: &'a [u8]) -> Result<(&Generation, &'a [u8]), Unreadable> {
        let [format, number, ..] = *block else { return Err(Unreadable::Damaged) };
        if format != FORMAT {
            return Err(Unreadable::Format);
        }
        let readable = std::iter::once(&self.present).chain(&self.before);
        let generation = { readable }.find(|generation| generation.number() == number).ok_or(Unreadable::Generation)?;
        Ok((generation, block.get(..HEAD).ok_or(Unreadable::Damaged)?))
    }
}

#[cfg(test)]
mod tests;
