//! A generation: how a part is serialised, and the dictionary that it is compressed with.
//!
//! Whatever changes the bytes of a part (a field of [`Part`](interline_search::Part) or of what is in it, the dictionary)
//! is a new generation: it gets the next number, and the one that was present is kept as the one before, with the types
//! that read it. So a node of the new release goes on with what those of the old one put; they take its own blocks for a miss, and
//! ask suppliers again for what is asked of them while the release is rolled out.

use super::Packed;
use interline_domain::offer::SupplierReply;
use interline_domain::trip::{SupplierScope, Trip};
use interline_runtime::PluginVersion;
use interline_search::{Part, SupplierState};
use jiff::Timestamp;
use parking_lot::Mutex;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::EncoderDictionary;

/// By `measure` (tests/redis/examples), over parts of 166 offers that take 321 bytes each in postcard: level 1 leaves 66 bytes an
/// offer in 0.1 ms, 3 leaves 64 in 0.14 ms, 5 leaves 62 in 0.4 ms, 19 leaves 55 in 20 ms; unpacking takes 0.06 ms at each.
/// Beyond 3 a byte saved costs more time than it is worth for a part that lives five minutes.
pub const LEVEL: i32 = 3;

/// What generation 1 is packed with. A table says once what its offers share, and leaves a dictionary little to do: one trained by
/// `measure` saves 3 bytes in a hundred, and takes a fifth longer.
static FIRST: &[u8] = include_bytes!("generation1.dictionary");

/// How a part stands in postcard.
#[derive(Debug, Clone, Copy)]
enum Layout {
    /// Offer by offer, as the supplier's reply had them; read, and not written any more.
    Replies,
    /// As the table that the read path works with.
    Tables,
}

/// How a part is serialised and compressed.
pub struct Generation {
    number: u8,
    layout: Layout,
    encoder: EncoderDictionary<'static>,
    dictionary: Vec<u8>,
    /// With the dictionary in them, for the next block: to make one takes a third as long as a block's unpacking.
    idle: Mutex<Vec<Decompressor<'static>>>,
}

/// Decompressors that are kept, 100 kB each without a dictionary, twice as much with one.
const MOST_IDLE: usize = 16;

impl Generation {
    /// The first, which is the one before.
    pub fn first() -> Self {
        Self { layout: Layout::Replies, ..Self::new(1, LEVEL, FIRST) }
    }

    /// The second, which is the present one.
    pub fn second() -> Self {
        Self::new(2, LEVEL, b"")
    }

    /// With a dictionary of its own; an empty one is none.
    pub fn new(number: u8, level: i32, dictionary: &[u8]) -> Self {
        let (encoder, dictionary) = (EncoderDictionary::copy(dictionary, level), dictionary.to_vec());
        Self { number, layout: Layout::Tables, encoder, dictionary, idle: Mutex::default() }
    }

    /// Its byte in a block.
    pub fn number(&self) -> u8 {
        self.number
    }

    /// A part in postcard; none in a layout that is not written any more.
    pub fn write(&self, packed: &Packed) -> Option<Vec<u8>> {
        match self.layout {
            Layout::Replies => None,
            Layout::Tables => postcard::to_stdvec(packed).ok(),
        }
    }

    /// The part back; nothing may be left over.
    pub fn read(&self, plain: &[u8]) -> Option<Packed> {
        match self.layout {
            Layout::Replies => whole::<PackedReply>(plain).map(Packed::from),
            Layout::Tables => whole(plain),
        }
    }

    /// A zstd frame.
    pub fn compress(&self, plain: &[u8]) -> Option<Vec<u8>> {
        Compressor::with_prepared_dictionary(&self.encoder).ok()?.compress(plain).ok()
    }

    /// What is in a frame, if it is of this length: no more memory is taken than that, whatever the frame says.
    pub fn decompress(&self, frame: &[u8], length: usize) -> Option<Vec<u8>> {
        let idle = self.idle.lock().pop();
        let mut decompressor = idle.or_else(|| Decompressor::with_dictionary(&self.dictionary).ok())?;
        let plain = decompressor.decompress(frame, length).ok().filter(|plain| plain.len() == length);
        let mut idle = self.idle.lock();
        if idle.len() < MOST_IDLE {
            idle.push(decompressor);
        }
        plain
    }
}

fn whole<'a, T: Deserialize<'a>>(plain: &'a [u8]) -> Option<T> {
    postcard::take_from_bytes(plain).ok().filter(|(_, rest)| rest.is_empty()).map(|(whole, _)| whole)
}

/// [`Packed`] as generation 1 has it.
#[derive(Deserialize)]
struct PackedReply {
    trip: Trip,
    scope: SupplierScope,
    part: PartReply,
}

/// [`Part`] as generation 1 has it.
#[derive(Deserialize)]
struct PartReply {
    supplier: String,
    version: PluginVersion,
    state: SupplierState,
    error: Option<String>,
    fetched_at: Timestamp,
    fresh_until: Timestamp,
    stale_until: Timestamp,
    latency: Duration,
    retry_after: Option<Duration>,
    reply: SupplierReply,
}

impl From<PackedReply> for Packed {
    fn from(PackedReply { trip, scope, part }: PackedReply) -> Self {
        let PartReply { supplier, version, state, error, latency, retry_after, reply, .. } = part;
        let (fetched_at, fresh_until, stale_until) = (part.fetched_at, part.fresh_until, part.stale_until);
        let offers = Arc::new(reply.into());
        let part = Part {
            supplier,
            version,
            state,
            error,
            fetched_at,
            fresh_until,
            stale_until,
            latency,
            retry_after,
            offers,
        };
        Self { trip, scope, part }
    }
}
