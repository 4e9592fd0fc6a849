//! The write path: quotes, bookings, payments, outbox, ticketing, refunds.
