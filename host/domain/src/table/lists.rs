//! Many short lists as two long ones.

use serde::{Deserialize, Serialize};

/// Lists, one after the other; each is a slice of the items of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored<T>")]
pub struct Lists<T> {
    lengths: Vec<u32>,
    items: Vec<T>,
    /// Where each ends among the items.
    #[serde(skip_serializing)]
    ends: Vec<u32>,
}

/// As they are written: lengths repeat, and pack better than ends.
#[derive(Deserialize)]
#[serde(rename = "Lists")]
struct Stored<T> {
    lengths: Vec<u32>,
    items: Vec<T>,
}

impl<T> TryFrom<Stored<T>> for Lists<T> {
    type Error = &'static str;

    fn try_from(stored: Stored<T>) -> Result<Self, Self::Error> {
        let Stored { lengths, items } = stored;
        let mut ends = Vec::with_capacity(lengths.len());
        let mut end = 0_u32;
        for length in &lengths {
            end = end.checked_add(*length).ok_or("lists of more items than can be counted")?;
            ends.push(end);
        }
        if end as usize != items.len() {
            return Err("lists of other lengths than they have items");
        }
        Ok(Self { lengths, items, ends })
    }
}

impl<T> FromIterator<Vec<T>> for Lists<T> {
    fn from_iter<I: IntoIterator<Item = Vec<T>>>(lists: I) -> Self {
        let mut all = Self { lengths: Vec::new(), items: Vec::new(), ends: Vec::new() };
        for list in lists {
            all.lengths.push(super::number(list.len()));
            all.items.extend(list);
            all.ends.push(super::number(all.items.len()));
        }
        // It is kept for minutes.
        all.lengths.shrink_to_fit();
        all.items.shrink_to_fit();
        all.ends.shrink_to_fit();
        all
    }
}

impl<T> Lists<T> {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// The list at a place; empty where there is none.
    pub fn get(&self, at: u32) -> &[T] {
        let at = at as usize;
        let Some(&end) = self.ends.get(at) else { return &[] };
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.items.get(start as usize..end as usize).unwrap_or_default()
    }

    /// All lists, in order.
    pub fn iter(&self) -> impl Iterator<Item = &[T]> {
        (0..super::number(self.count())).map(|at| self.get(at))
    }

    /// Items of all lists.
    pub fn items(&self) -> &[T] {
        &self.items
    }

    /// Bytes that it takes in memory, but for what items hold elsewhere.
    pub fn weight(&self) -> usize {
        8 * self.ends.len() + size_of::<T>() * self.items.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lists_come_back_as_they_went(lists in prop::collection::vec(prop::collection::vec(any::<u16>(), 0..5), 0..20)) {
            let all: Lists<u16> = lists.iter().cloned().collect();
            let again: Lists<u16> = serde_json::from_str(&serde_json::to_string(&all).unwrap()).unwrap();
            prop_assert_eq!(&again, &all);
            prop_assert_eq!(again.count(), lists.len());
            for (at, list) in lists.iter().enumerate() {
                prop_assert_eq!(again.get(at as u32), list.as_slice());
            }
            prop_assert!(again.get(lists.len() as u32).is_empty());
        }
    }

    #[test]
    fn lists_that_do_not_add_up_are_refused() {
        for (lengths, items) in [("[1]", "[]"), ("[0]", "[7]"), ("[4294967295,2]", "[7]")] {
            let stored = format!("{{\"lengths\":{lengths},\"items\":{items}}}");
            assert!(serde_json::from_str::<Lists<u16>>(&stored).is_err(), "{stored}");
        }
    }
}
