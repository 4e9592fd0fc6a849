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
