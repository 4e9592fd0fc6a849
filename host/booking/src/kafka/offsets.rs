//! Which offsets may be committed: jobs of a partition end in any order, and only what lies below the first one that has
//! not ended is done.

use std::collections::{BTreeSet, HashMap};

/// A message under way: where it stood, and in which of our turns with the partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    turn: u64,
}

/// The partitions that are ours now.
#[derive(Debug, Default)]
pub(crate) struct Offsets {
    partitions: HashMap<i32, Partition>,
    turns: u64,
}

#[derive(Debug)]
struct Partition {
    turn: u64,
    open: BTreeSet<i64>,
    /// One above the highest offset received.
    end: i64,
    /// What was last told to be committed.
    told: i64,
}

impl Offsets {
    /// A message has been received.
    pub(crate) fn begin(&mut self, partition: i32, offset: i64) -> Ticket {
        let turns = &mut self.turns;
        let ours = self.partitions.entry(partition).or_insert_with(|| {
            *turns += 1;
            Partition { turn: *turns, open: BTreeSet::new(), end: offset, told: offset }
        });
        ours.open.insert(offset);
        ours.end = ours.end.max(offset + 1);
        Ticket { partition, offset, turn: ours.turn }
    }

    /// A message's job has ended; the offset that may now be committed, if it has moved. What ends after the partition
    /// went to another member moves nothing.
    pub(crate) fn finish(&mut self, ticket: Ticket) -> Option<i64> {
        let ours = self.partitions.get_mut(&ticket.partition).filter(|ours| ours.turn == ticket.turn)?;
        ours.open.remove(&ticket.offset);
        let next = ours.open.first().copied().unwrap_or(ours.end);
        if next <= ours.told {
            return None;
        }
        ours.told = next;
        Some(next)
    }

    /// The partition has gone.
    pub(crate) fn leave(&mut self, partition: i32) {
        self.partitions.remove(&partition);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_is_committed_past_a_job_that_has_not_ended() {
        let mut offsets = Offsets::default();
        let [a, b, c] = [10, 11, 14].map(|offset| offsets.begin(3, offset));
        assert_eq!(offsets.finish(b), None);
        assert_eq!(offsets.finish(a), Some(14));
        assert_eq!(offsets.finish(c), Some(15));
    }

    #[test]
    fn what_ends_after_the_partition_went_and_came_back_moves_nothing() {
        let mut offsets = Offsets::default();
        let old = offsets.begin(0, 5);
        offsets.leave(0);
        assert_eq!(offsets.finish(old), None);
        let (first, _) = (offsets.begin(0, 5), offsets.begin(0, 6));
        assert_eq!(offsets.finish(old), None);
        assert_eq!(offsets.finish(first), Some(6));
    }

    proptest! {
        #[test]
        fn the_committed_offset_is_the_lowest_open_one_whatever_the_order(
            order in Just((0..40_i64).collect::<Vec<_>>()).prop_shuffle()
        ) {
            let mut offsets = Offsets::default();
            let tickets: Vec<_> = (0..40).map(|offset| offsets.begin(1, offset)).collect();
            let mut open: BTreeSet<i64> = (0..40).collect();
            let mut committed = 0;
            for offset in order {
                open.remove(&offset);
                if let Some(next) = offsets.finish(tickets[offset as usize]) {
                    prop_assert!(next > committed);
                    committed = next;
                }
                prop_assert_eq!(committed, open.first().copied().unwrap_or(40));
            }
        }
    }
}
