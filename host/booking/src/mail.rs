//! Mail to travellers: once for each booking and kind. The message id is made from both, so that a repeat can be told.

mod message;
mod transport;

pub(crate) use transport::Mailer;

use crate::failure::Failure;
use crate::items::Item;
use crate::jobs::{self, Job};
use crate::passengers;
use crate::quotes::QuoteRow;
use crate::rows::BookingRow;
use crate::service::BookingService;
use crate::worker::Outcome;
use interline_domain::money::Money;
use message::{Kind, Letter};
use transport::Unsent;

impl BookingService {
    /// Sends one message, and remembers that it was sent. Only between the server's 250 and the commit can it be repeated.
    pub(crate) async fn do_mail(&self, job: &Job, mailer: &Mailer) -> Result<Outcome, Failure> {
        let kind = match job.detail.as_deref() {
            Some("e-ticket") => Kind::Ticket,
            Some("refunded") => Kind::Refunded,
            Some("cancelled") => Kind::Cancelled,
            _ => return Err(Failure::broken("a mail job names no kind of mail")),
        };
        let message_id = mailer.message_id(kind.as_str(), job.booking);
        let mut tx = self.begin().await?;
        jobs::fence(&mut tx, job).await?;
        sqlx::query!(
            "INSERT INTO mails (message_id, booking_id, kind) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            message_id,
            job.booking,
            kind.as_str()
        )
        .execute(&mut *tx)
        .await?;
        let sent = sqlx::query_scalar!(
            r#"SELECT sent_at IS NOT NULL AS "sent!" FROM mails WHERE booking_id = $1 AND kind = $2"#,
            job.booking,
            kind.as_str()
        )
        .fetch_one(&mut *tx)
        .await?;
        if sent {
            tx.commit().await?;
            return Ok(Outcome::Done);
        }
        let booking = BookingRow::get(&mut tx, job.booking).await?;
        let item = Item::of(&mut tx, job.booking).await?;
        let given_back = sqlx::query!(
            r#"SELECT coalesce(sum(amount), 0)::bigint AS "units!" FROM refunds
               WHERE booking_id = $1 AND status = 'succeeded'"#,
            job.booking
        )
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        if self.keys.load(&mut *self.parts.pool.acquire().await?, job.booking).await?.is_none() {
            return Ok(Outcome::Done);
        }

        let refund = Money::new(given_back.units, booking.total.currency);
        let quote = QuoteRow::find(&mut *self.parts.pool.acquire().await?, None, item.quote).await?;
        let windows = quote.map(|quote| quote.shown.cancellation).unwrap_or_default();
        let letter = Letter::new(&booking, &item, refund)?.with_cancellation(&windows);
        let to = passengers::contact(&booking.contact_details)?.email;
        let message = letter.into_message(kind, mailer.from(), &to, &message_id)?;
        match mailer.send(&message, kind.as_str(), job.booking).await {
            Ok(()) => {}
            Err(Unsent::Later(why)) => return Ok(Outcome::backoff(why)),
            Err(Unsent::Never(why)) => return Ok(Outcome::Dead(why)),
        }
        sqlx::query!(
            "UPDATE mails SET sent_at = now() WHERE booking_id = $1 AND kind = $2",
            job.booking,
            kind.as_str()
        )
        .execute(&self.parts.pool)
        .await?;
        Ok(Outcome::Done)
    }
}
