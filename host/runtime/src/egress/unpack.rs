//! Answers packed with gzip are unpacked here and not by each guest, where the same code is slower.

use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use http::{HeaderMap, Response, header};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame};
use std::io::Write;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use wasmtime_wasi_http::{Error, WasiBody};

/// As much is unpacked before it is looked how much came out: a thousand times as much at most.
const CHUNK: usize = 1024;
/// As much is let through at once, or a little more: pieces of this size are memory that is used again, and not a megabyte that
/// grows by doubling and is fresh from the kernel each time.
const PIECE: usize = 48 << 10;

/// The answer as if it had come plain. Of what is unpacked no more than `most` bytes are let through.
pub(super) fn unpacked(response: Response<WasiBody>, most: u64) -> Response<WasiBody> {
    if !is_packed(response.headers()) {
        return response;
    }
    let (mut parts, inner) = response.into_parts();
    parts.headers.remove(header::CONTENT_ENCODING);
    parts.headers.remove(header::CONTENT_LENGTH);
    let decoder = MultiGzDecoder::new(room());
    let body = Unpacked { inner, packed: Bytes::new(), decoder, left: most, is_empty: true, is_over: false };
    Response::from_parts(parts, body.boxed_unsync())
}

fn is_packed(headers: &HeaderMap) -> bool {
    let coding = headers.get(header::CONTENT_ENCODING).and_then(|coding| coding.to_str().ok());
    coding.is_some_and(|coding| ["gzip", "x-gzip"].iter().any(|gzip| coding.trim().eq_ignore_ascii_case(gzip)))
}

struct Unpacked {
    inner: WasiBody,
    /// Of the last frame, what is not unpacked yet.
    packed: Bytes,
    decoder: MultiGzDecoder<Vec<u8>>,
    /// Bytes that may still come out.
    left: u64,
    /// Nothing came: an answer without a body may name a coding too.
    is_empty: bool,
    is_over: bool,
}

impl Unpacked {
    /// Of the frame, about a piece.
    fn unpack(&mut self) -> Result<Bytes, Error> {
        while !self.packed.is_empty() && self.decoder.get_ref().len() < PIECE {
            let chunk = self.packed.split_to(CHUNK.min(self.packed.len()));
            self.decoder.write_all(&chunk).map_err(damaged)?;
            self.check()?;
        }
        Ok(self.take())
    }

    fn rest(&mut self) -> Result<Bytes, Error> {
        if !self.is_empty {
            self.decoder.try_finish().map_err(damaged)?;
            self.check()?;
        }
        Ok(self.take())
    }

    fn check(&self) -> Result<(), Error> {
        let is_within = self.decoder.get_ref().len() as u64 <= self.left;
        if is_within { Ok(()) } else { Err(Error::HttpResponseBodySize(None)) }
    }

    fn take(&mut self) -> Bytes {
        let room = if self.is_over { Vec::new() } else { room() };
        let bytes = std::mem::replace(self.decoder.get_mut(), room);
        self.left -= bytes.len() as u64;
        bytes.into()
    }
}

/// For a piece, and what its last chunk has beyond it.
fn room() -> Vec<u8> {
    Vec::with_capacity(PIECE + PIECE / 2)
}

fn damaged(error: std::io::Error) -> Error {
    tracing::debug!(%error, "a packed answer can't be read");
    Error::HttpResponseContentCoding(Some("gzip".to_owned()))
}

impl Body for Unpacked {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        while !this.is_over {
            let bytes = if this.packed.is_empty() {
                match ready!(Pin::new(&mut this.inner).poll_frame(context)) {
                    Some(Ok(frame)) => {
                        // Trailers tell of the packed body.
                        this.packed = frame.into_data().unwrap_or_default();
                        this.is_empty &= this.packed.is_empty();
                        this.unpack()
                    }
                    Some(Err(error)) => Err(error),
                    None => {
                        this.is_over = true;
                        this.rest()
                    }
                }
            } else {
                this.unpack()
            };
            this.is_over |= bytes.is_err();
            match bytes {
                Ok(bytes) if bytes.is_empty() => {}
                told => return Poll::Ready(Some(told.map(Frame::data))),
            }
        }
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.is_over
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use http_body_util::StreamBody;
    use proptest::prelude::*;

    fn pack(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    /// An answer that comes in pieces.
    fn answer(packed: &[u8], pieces: usize) -> Response<WasiBody> {
        let pieces: Vec<Bytes> = packed.chunks(pieces.max(1)).map(Bytes::copy_from_slice).collect();
        let frames = futures::stream::iter(pieces.into_iter().map(|piece| Ok::<_, Error>(Frame::data(piece))));
        let answer = Response::builder().header("content-encoding", "GZip").header("content-length", packed.len());
        answer.body(StreamBody::new(frames).boxed_unsync()).unwrap()
    }

    fn read(answer: Response<WasiBody>) -> Result<Bytes, Error> {
        futures::executor::block_on(answer.into_body().collect()).map(|body| body.to_bytes())
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_plain_however_it_is_cut(
            plain in prop::collection::vec(any::<u8>(), 0..20_000), repeated in 1_usize..20, pieces in 1_usize..30_000,
        ) {
            let plain = plain.repeat(repeated);
            let answer = unpacked(answer(&pack(&plain), pieces), plain.len() as u64);
            prop_assert!(answer.headers().is_empty());
            prop_assert_eq!(read(answer).unwrap(), plain);
        }

        #[test]
        fn a_cut_answer_is_never_taken_for_a_whole_one(cut in 1_usize..100) {
            let packed = pack(b"some text that was longer than what came of it, by far");
            let cut = cut.min(packed.len() - 1);
            let answer = unpacked(answer(&packed[..packed.len() - cut], 16), 1_000);
            prop_assert!(matches!(read(answer), Err(Error::HttpResponseContentCoding(_))));
        }
    }

    #[test]
    fn a_bomb_is_stopped_at_the_cap() {
        let answer = unpacked(answer(&pack(&vec![0; 50_000_000]), 65_536), 1_000_000);
        assert!(matches!(read(answer), Err(Error::HttpResponseBodySize(_))));
    }

    #[test]
    fn an_answer_without_a_body_stays_one() {
        assert_eq!(read(unpacked(answer(&[], 1), 10)).unwrap(), "");
    }

    #[test]
    fn what_is_not_packed_is_not_touched() {
        let mut plain = answer(b"{}", 1);
        plain.headers_mut().remove("content-encoding");
        let plain = unpacked(plain, 1);
        assert_eq!(plain.headers()["content-length"], "2");
        assert_eq!(read(plain).unwrap(), "{}");
    }
}
