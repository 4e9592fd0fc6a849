//! What is counted of jobs and of the messages that tell of them.

use std::time::Duration;

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

/// How a run of a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobEnd {
    /// Nothing is left to do.
    Done,
    /// It is to be done again: a pause, a question to the far side that has no answer yet.
    Again,
    /// An error of ours; it is done again.
    Failed,
    /// It can't end by itself.
    Dead,
    /// Another worker has taken it over.
    Lost,
}

impl JobEnd {
    /// Stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Again => "again",
            Self::Failed => "failed",
            Self::Dead => "dead",
            Self::Lost => "lost",
        }
    }
}

/// Watches jobs, and the messages on Kafka that tell of them. Called from within: it must not wait.
pub trait JobObserver: Send + Sync {
    /// A job of this kind was worked on, whichever way it came.
    fn worked(&self, _kind: &'static str, _end: JobEnd, _took: Duration) {}
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
impl JobObserver for () {}
