//! How a search was put: what of a request its answer depends on.

use crate::routes;
use crate::trace;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, ORIGIN};
use http::{HeaderName, HeaderValue, Method, Request};
use moka::Equivalent;

const SAID_LEN: usize = 4;
/// Headers, beside the query, that an answer depends on.
static SAID: [HeaderName; SAID_LEN] = [HeaderName::from_static("x-api-key"), AUTHORIZATION, ORIGIN, ACCEPT_ENCODING];

/// Who asks, and what is taken: those headers.
#[derive(PartialEq, Eq, Hash)]
pub struct Said([Option<HeaderValue>; SAID_LEN]);

/// Of a request.
#[derive(PartialEq, Eq, Hash)]
pub struct SaidRef<'a>([Option<&'a HeaderValue>; SAID_LEN]);

/// Kept.
#[derive(PartialEq, Eq, Hash)]
pub struct Words {
    pub query: String,
    pub said: Said,
}

/// Of a request.
#[derive(PartialEq, Eq, Hash)]
pub struct WordsRef<'a> {
    pub query: &'a str,
    pub said: SaidRef<'a>,
}

impl Equivalent<Said> for SaidRef<'_> {
    fn equivalent(&self, said: &Said) -> bool {
        self.0.iter().zip(&said.0).all(|(mine, other)| *mine == other.as_ref())
    }
}

impl Equivalent<Words> for WordsRef<'_> {
    fn equivalent(&self, words: &Words) -> bool {
        self.query == words.query && self.said.equivalent(&words.said)
    }
}

impl<'a> WordsRef<'a> {
    /// None: it is no search by query.
    pub fn of<B>(request: &'a Request<B>) -> Option<Self> {
        let uri = request.uri();
        if request.method() != Method::GET || uri.path() != routes::flights::PATH {
            return None;
        }
        let headers = request.headers();
        // A header may come in several lines, of which only the first is looked at here.
        if headers.len() > headers.keys_len() && SAID.iter().any(|name| headers.get_all(name).iter().nth(1).is_some()) {
            return None;
        }
        if trace::caller(headers).is_some_and(|caller| caller.sampled) {
            return None;
        }
        Some(Self { query: uri.query()?, said: SaidRef(SAID.each_ref().map(|name| headers.get(name))) })
    }

    /// To be kept.
    pub fn to_owned(&self) -> Words {
        Words { query: self.query.to_owned(), said: Said(self.said.0.map(Option::<&HeaderValue>::cloned)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_in_several_lines_is_left_to_the_router() {
        let said = |lines: &[(HeaderName, &str)]| {
            let mut request = Request::new(());
            *request.uri_mut() = format!("{}?origin=CGK", routes::flights::PATH).parse().unwrap();
            for (name, value) in lines {
                request.headers_mut().append(name, HeaderValue::from_str(value).unwrap());
            }
            WordsRef::of(&request).is_some()
        };
        let forwarded = HeaderName::from_static("x-forwarded-for");
        assert!(said(&[(ACCEPT_ENCODING, "gzip, zstd")]));
        assert!(!said(&[(ACCEPT_ENCODING, "gzip"), (ACCEPT_ENCODING, "zstd")]));
        assert!(said(&[(ACCEPT_ENCODING, "gzip"), (forwarded.clone(), "192.0.2.1"), (forwarded, "192.0.2.2")]));
    }
}
