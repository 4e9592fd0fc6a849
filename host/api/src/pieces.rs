//! Bodies of two pieces, sent without being put together.
//!
//! A page's first piece stands for minutes, its second for a second. As two frames they are two writes of HTTP/1: where a frame
//! is larger than hyper's buffer it goes out before the next is asked for. So what the front itself answers with is one frame
//! of two pieces.

use axum::body::{Body, HttpBody};
use bytes::{Buf, Bytes};
use hyper::body::{Frame, SizeHint};
use std::convert::Infallible;
use std::io::IoSlice;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Two pieces, one after the other. As a body of the router's it is a frame for each.
#[derive(Debug, Default)]
pub struct Pieces([Bytes; 2]);

impl From<[Bytes; 2]> for Pieces {
    fn from(pieces: [Bytes; 2]) -> Self {
        Self(pieces)
    }
}

impl From<Bytes> for Pieces {
    fn from(piece: Bytes) -> Self {
        Self([piece, Bytes::new()])
    }
}

impl Buf for Pieces {
    fn remaining(&self) -> usize {
        self.0.iter().map(Bytes::len).sum()
    }

    fn chunk(&self) -> &[u8] {
        self.0.iter().find(|piece| !piece.is_empty()).map_or(&[], |piece| piece)
    }

    fn chunks_vectored<'a>(&'a self, into: &mut [IoSlice<'a>]) -> usize {
        let told = self.0.iter().filter(|piece| !piece.is_empty()).zip(into);
        told.map(|(piece, slice)| *slice = IoSlice::new(piece)).count()
    }

    fn advance(&mut self, mut count: usize) {
        for piece in &mut self.0 {
            let here = count.min(piece.len());
            piece.advance(here);
            count -= here;
        }
    }
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.0.iter_mut().find(|piece| !piece.is_empty()).map(std::mem::take);
        Poll::Ready(next.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        !self.has_remaining()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining() as u64)
    }
}

/// A body as the front gives it.
#[derive(Debug)]
pub enum Whole {
    /// From memory: a single frame, which goes out in one write with its head.
    Held(Pieces),
    /// From the router.
    Routed(Body),
}

impl HttpBody for Whole {
    type Data = Pieces;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Pieces>, axum::Error>>> {
        match self.get_mut() {
            Self::Held(pieces) => {
                let all = std::mem::take(pieces);
                Poll::Ready(all.has_remaining().then(|| Ok(Frame::data(all))))
            }
            Self::Routed(body) => {
                let frame = Pin::new(body).poll_frame(context);
                frame.map(|frame| frame.map(|frame| frame.map(|frame| frame.map_data(Pieces::from))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Held(pieces) => pieces.is_end_stream(),
            Self::Routed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Held(pieces) => pieces.size_hint(),
            Self::Routed(body) => body.size_hint(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::executor::block_on;
    use http_body_util::BodyExt;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pieces_read_as_if_they_had_been_put_together(
            pieces: [Vec<u8>; 2],
            steps in prop::collection::vec(0_usize..40, 0..20),
        ) {
            let whole = pieces.concat();
            let mut left = &whole[..];
            let mut buffer = Pieces::from(pieces.map(Bytes::from));
            for step in steps {
                let step = step.min(left.len());
                buffer.advance(step);
                left = &left[step..];
                let mut slices = [IoSlice::new(&[]); 3];
                let told = buffer.chunks_vectored(&mut slices);
                prop_assert_eq!(slices[..told].iter().flat_map(|slice| slice.to_vec()).collect::<Vec<_>>(), left);
                prop_assert!(left.starts_with(buffer.chunk()) && buffer.chunk().is_empty() == left.is_empty());
                prop_assert_eq!(buffer.remaining(), left.len());
            }
            prop_assert_eq!(buffer.copy_to_bytes(left.len()), left);
        }
    }

    #[test]
    fn what_memory_answers_with_is_one_frame() {
        let pieces = || Pieces::from([Bytes::from(vec![b'a'; 100_000]), Bytes::from_static(b"b")]);
        let mut held = Whole::Held(pieces());
        assert_eq!(held.size_hint().exact(), Some(100_001));
        let frame = block_on(held.frame()).unwrap().unwrap().into_data().unwrap();
        assert_eq!(frame.remaining(), 100_001);
        assert!(held.is_end_stream() && block_on(held.frame()).is_none());
        let routed = block_on(Whole::Routed(Body::new(pieces())).collect()).unwrap().to_bytes();
        assert_eq!(routed, block_on(Whole::Held(pieces()).collect()).unwrap().to_bytes());
    }
}
