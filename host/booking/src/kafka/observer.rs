//! What is counted.

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageFate {
    /// Its job was claimed and worked on.
    Worked,
    /// Its job was done, taken, or not due.
    NotNow,
    /// It holds no job's id.
    Unreadable,
    /// There is no such job.
    UnknownJob,
}

impl MessageFate {
    /// Stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Worked => "worked",
            Self::NotNow => "not_now",
            Self::Unreadable => "unreadable",
            Self::UnknownJob => "unknown_job",
        }
    }
}

/// Watches a Kafka queue. Called from within it: it must not wait.
pub trait QueueObserver: Send + Sync {
    /// So many jobs were announced, and so many could not be.
    fn announced(&self, _sent: usize, _failed: usize) {}
    /// A message has met its fate.
    fn received(&self, _fate: MessageFate) {}
    /// Jobs under way here, and whether no more are fetched because of them.
    fn under_way(&self, _jobs: usize, _paused: bool) {}
    /// Partitions came or went.
    fn rebalanced(&self) {}
    /// Offsets could not be committed.
    fn commit_failed(&self) {}
    /// Messages of each partition that is ours which have not been done.
    fn lag(&self, _partitions: &[(i32, i64)]) {}
}

/// Watches nothing.
impl QueueObserver for () {}
