//! What one thread remembers, for some seconds: processors that write to the same memory wait for each other, and even asking
//! the memory of all threads writes to it.

use super::mine::Mine;
use super::words::{Words, WordsRef};
use hashbrown::HashMap;
use std::cell::RefCell;
use std::sync::Arc;

/// In milliseconds; after it everything is asked anew.
const NEAR: u64 = 5_000;
/// Different words at a time.
const CAPACITY: usize = 4_096;

thread_local! {
    static MINE: RefCell<Near> = RefCell::default();
}

#[derive(Default)]
struct Near {
    front: u64,
    until: u64,
    known: HashMap<Words, Arc<Mine>, foldhash::quality::RandomState>,
}

impl Near {
    /// Forgets what is of another front, or of too long ago.
    fn at(&mut self, front: u64, now: u64) -> &mut Self {
        if self.front != front || now >= self.until {
            self.known.clear();
            (self.front, self.until) = (front, now + NEAR);
        }
        self
    }
}

/// What this thread knows of a front's search; `now` in the front's milliseconds.
pub fn find(front: u64, now: u64, said: &WordsRef<'_>) -> Option<Arc<Mine>> {
    MINE.with_borrow_mut(|near| {
        let known = near.at(front, now).known.get(said)?;
        (!known.is_spent()).then(|| Arc::clone(known))
    })
}

/// Remembers it. It should be this thread's own, and not shared by all.
pub fn keep(front: u64, now: u64, words: Words, known: &Arc<Mine>) {
    MINE.with_borrow_mut(|near| {
        let near = near.at(front, now);
        if near.known.len() < CAPACITY {
            near.known.insert(words, Arc::clone(known));
        }
    });
}
