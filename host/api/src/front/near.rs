//! What one thread remembers, for some seconds: processors that write to the same memory wait for each other, and even asking
//! the memory of all threads writes to it.

use super::Known;
use super::head::Head;
use super::mine::Mine;
use super::words::{Said, Words, WordsRef};
use crate::limits::Limits;
use hashbrown::HashMap;
use std::cell::RefCell;
use std::sync::Arc;

/// In milliseconds; after it everything is asked anew.
const NEAR: u64 = 5_000;
/// Different words at a time.
const CAPACITY: usize = 4_096;

type Map<K, V> = HashMap<K, V, foldhash::quality::RandomState>;

thread_local! {
    static MINE: RefCell<Near> = RefCell::default();
}

#[derive(Default)]
struct Near {
    front: u64,
    until: u64,
    searches: usize,
    /// By the headers of who asks: far fewer than searches.
    askers: Map<Said, Asker>,
}

#[derive(Default)]
struct Asker {
    /// Of the last search that was kept: the next is most often answered alike.
    head: Option<Arc<Head>>,
    searches: Map<String, Arc<Mine>>,
}

impl Near {
    /// Forgets what is of another front, or of too long ago.
    fn at(&mut self, front: u64, now: u64) -> &mut Self {
        if self.front != front || now >= self.until {
            *self = Self { front, until: now + NEAR, ..Self::default() };
        }
        self
    }

    fn keep(&mut self, words: Words, known: &Known, limits: &Limits) -> Arc<Mine> {
        let is_full = self.searches >= CAPACITY;
        if is_full && !self.askers.contains_key(&words.said) {
            return Arc::new(Mine::of(known, Arc::new(Head::of(known, limits))));
        }
        let asker = self.askers.entry(words.said).or_default();
        let head = asker.head.take().filter(|head| head.serves(known));
        let head = head.unwrap_or_else(|| Arc::new(Head::of(known, limits)));
        asker.head = Some(Arc::clone(&head));
        let mine = Arc::new(Mine::of(known, head));
        if let Some(before) = asker.searches.get_mut(&words.query) {
            *before = Arc::clone(&mine);
        } else if !is_full {
            asker.searches.insert(words.query, Arc::clone(&mine));
            self.searches += 1;
        }
        mine
    }
}

/// What this thread knows of a front's search; `now` in the front's milliseconds.
pub fn find(front: u64, now: u64, words: &WordsRef<'_>) -> Option<Arc<Mine>> {
    MINE.with_borrow_mut(|near| {
        let known = near.at(front, now).askers.get(&words.said)?.searches.get(words.query)?;
        (!known.is_spent()).then(|| Arc::clone(known))
    })
}

/// Makes this thread's own of what all threads know, and remembers it.
pub fn keep(front: u64, now: u64, words: Words, known: &Known, limits: &Limits) -> Arc<Mine> {
    MINE.with_borrow_mut(|near| near.at(front, now).keep(words, known, limits))
}

#[cfg(test)]
mod tests {
    use super::super::head::{blank, tests as head};
    use super::super::{Asked, Repeated};
    use super::*;
    use crate::input::search::tests::query;
    use crate::routes::flights::PATH;
    use http::header::ACCEPT_ENCODING;
    use http::{HeaderMap, HeaderValue, Request};

    fn words(query: &str, encoding: &'static str) -> Words {
        let request = Request::get(format!("{PATH}?{query}")).header(ACCEPT_ENCODING, encoding).body(()).unwrap();
        WordsRef::of(&request).unwrap().to_owned()
    }

    fn known(plan: &str, encoding: &'static str) -> Known {
        let search = query("origin=CGK&destination=NRT&departure_date=2027-01-20&adults=1").0.unwrap();
        let asked = Asked { client: head::client(plan), search: Arc::new(Repeated::new(search)), packing: None };
        let mut headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(encoding))]);
        blank(&mut headers);
        Known { asked, headers, vouched_until: 0 }
    }

    #[test]
    fn only_who_asks_with_the_same_headers_and_is_answered_alike_shares_a_head() {
        let (mut near, limits) = (Near::default(), head::limits());
        let mut keep = |query, said, known| near.keep(words(query, said), &known, &limits).head.clone();
        let first = keep("a", "gzip", known("standard", "x"));
        assert!(Arc::ptr_eq(&first, &keep("b", "gzip", known("standard", "x"))));
        for (said, known) in
            [("zstd", known("standard", "x")), ("gzip", known("other", "x")), ("gzip", known("standard", "y"))]
        {
            assert!(!Arc::ptr_eq(&first, &keep("c", said, known)));
        }
    }

    #[test]
    fn a_full_memory_takes_nothing_more_and_replaces_what_it_has() {
        let (mut near, limits, known) = (Near::default(), head::limits(), known("standard", "x"));
        near.at(0, 0);
        for number in 0..CAPACITY {
            near.keep(words(&number.to_string(), "gzip"), &known, &limits);
        }
        near.keep(words("more", "gzip"), &known, &limits);
        near.keep(words("0", "zstd"), &known, &limits);
        let again = near.keep(words("0", "gzip"), &known, &limits);
        assert_eq!((near.searches, near.askers.len()), (CAPACITY, 1));
        let asker = &near.askers[&words("0", "gzip").said];
        assert!(asker.searches.len() == CAPACITY && Arc::ptr_eq(&asker.searches["0"], &again));
        assert_eq!([NEAR - 1, NEAR].map(|now| near.at(0, now).searches), [CAPACITY, 0], "it ends after some seconds");
    }
}
