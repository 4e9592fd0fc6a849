//! One timer for a connection: hyper begins one with each request's head and drops it when the head is there, and to begin and
//! to drop one of tokio's takes locks that all threads share.

use hyper::rt::{Sleep, Timer};
use parking_lot::Mutex;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

type Alarm = Arc<Mutex<Option<Pin<Box<tokio::time::Sleep>>>>>;

/// Of one connection, which waits for one head at a time.
#[derive(Default)]
pub struct HeadTimer(Alarm);

/// Until a moment. The alarm stays as it was set for a head before, and is set anew once it has rung too early.
struct Until {
    moment: Instant,
    alarm: Alarm,
}

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(Instant::now() + duration)
    }

    fn sleep_until(&self, moment: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Until { moment, alarm: Arc::clone(&self.0) })
    }
}

impl Sleep for Until {}

impl Future for Until {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let moment = self.moment.into();
        let mut alarm = self.alarm.lock();
        let alarm = alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(moment)));
        if alarm.deadline() > moment {
            alarm.as_mut().reset(moment);
        }
        loop {
            ready!(alarm.as_mut().poll(context));
            if alarm.deadline() == moment {
                return Poll::Ready(());
            }
            alarm.as_mut().reset(moment);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    const SOON: Duration = Duration::from_millis(20);
    const LATE: Duration = Duration::from_secs(3600);

    #[tokio::test]
    async fn each_head_has_its_whole_time_however_many_were_waited_for_before() {
        let timer = HeadTimer::default();
        for _ in 0..5 {
            let (first, second) = (timer.sleep(SOON), Instant::now() + SOON * 2);
            assert!(first.now_or_never().is_none());
            timer.sleep_until(second).await;
            assert!(Instant::now() >= second);
        }
    }

    #[tokio::test]
    async fn an_earlier_moment_is_not_missed() {
        let timer = HeadTimer::default();
        assert!(timer.sleep(LATE).now_or_never().is_none());
        tokio::time::timeout(LATE / 60, timer.sleep(SOON)).await.expect("it rings soon");
        assert!(timer.sleep(LATE).now_or_never().is_none());
    }
}
