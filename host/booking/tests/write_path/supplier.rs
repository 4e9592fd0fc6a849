//! A supplier that keeps books, and does as it is told: fail, lose its answer, or be killed with it.

use async_trait::async_trait;
use interline_domain::fault::{Disposition, Fault, Origin};
use interline_domain::money::Money;
use interline_domain::offer::{Offer, SupplierReply};
use interline_domain::order::{CancelQuote, Cancellation, FindOutcome, OrderStatus, SupplierOrder, Ticket};
use interline_runtime::{
    CancelRequest, Capabilities, FindRequest, Lookup, OrderRef, OrderRequest, PluginVersion, PriceReply, PriceRequest,
    SearchRequest, Supplier, SupplierDescription, Suppliers, TicketRequest,
};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

/// What happens at a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Script {
    /// As it should.
    Well,
    /// Nothing is done.
    Refuse(Disposition),
    /// It is done, and the answer is lost.
    LoseAnswer,
    /// Nothing is done, and no answer comes.
    LoseRequest,
    /// It is done, and the caller never hears of it: whoever waits is killed.
    DoAndHang,
    /// Nothing is done, likewise.
    Hang,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    Price,
    Create,
    Retrieve,
    Find,
    Issue,
    QuoteCancel,
    Cancel,
}

/// An order in the supplier's books.
#[derive(Debug, Clone)]
pub struct Made {
    pub reference: String,
    pub id: String,
    pub status: OrderStatus,
    pub travellers: u8,
    pub total: Money,
    pub issued: u32,
    pub cancelled: u32,
}

pub struct Books {
    pub orders: Vec<Made>,
    pub calls: Vec<Call>,
    pub scripts: Vec<(Call, VecDeque<Script>)>,
    /// What it sells: segments and one offer.
    pub reply: SupplierReply,
    /// Orders can be held; else they are ticketed at once.
    pub holds: bool,
    /// Its look-ups can tell.
    pub can_find: bool,
    /// Of the price, in hundredths, given back by a cancellation.
    pub gives_back: i64,
}

pub struct FakeSupplier {
    pub books: Mutex<Books>,
    /// Told when a call hangs.
    pub hung: Notify,
    version: PluginVersion,
    description: SupplierDescription,
}

impl FakeSupplier {
    pub fn new(reply: SupplierReply) -> Arc<Self> {
        Arc::new(Self {
            books: Mutex::new(Books {
                orders: Vec::new(),
                calls: Vec::new(),
                scripts: Vec::new(),
                reply,
                holds: true,
                can_find: true,
                gives_back: 100,
            }),
            hung: Notify::new(),
            version: PluginVersion { name: "one".into(), version: "1.2.3".into(), hash: "ab".repeat(32) },
            description: SupplierDescription {
                name: "one".into(),
                protocol: "none".into(),
                lookups: vec![Lookup::ClientReference],
                absence_is_proof: vec![Lookup::ClientReference],
            },
        })
    }

    pub fn with<T>(&self, look: impl FnOnce(&mut Books) -> T) -> T {
        look(&mut self.books.lock().unwrap())
    }

    /// The next calls of a kind go like this, one after the other; then all goes well.
    pub fn script(&self, call: Call, scripts: impl IntoIterator<Item = Script>) {
        let scripts = scripts.into_iter().collect();
        self.with(|books| books.scripts.push((call, scripts)));
    }

    pub fn count(&self, call: Call) -> usize {
        self.with(|books| books.calls.iter().filter(|made| **made == call).count())
    }

    /// Orders that are neither cancelled nor gone.
    pub fn alive(&self) -> Vec<Made> {
        self.with(|books| books.orders.iter().filter(|order| order.status != OrderStatus::Cancelled).cloned().collect())
    }

    /// Does `act` as the script for this call has it.
    async fn play<T>(&self, call: Call, act: impl FnOnce(&mut Books) -> Result<T, Fault>) -> Result<T, Fault> {
        let (script, done) = self.with(|books| {
            books.calls.push(call);
            let queue = books.scripts.iter_mut().find(|(of, scripts)| *of == call && !scripts.is_empty());
            let script = queue.and_then(|(_, scripts)| scripts.pop_front()).unwrap_or(Script::Well);
            let does = matches!(script, Script::Well | Script::LoseAnswer | Script::DoAndHang);
            (script, does.then(|| act(books)))
        });
        // What travels takes a turn of the scheduler.
        tokio::task::yield_now().await;
        match (script, done) {
            (Script::Well, Some(done)) => done,
            (Script::Refuse(disposition), _) => Err(fault(disposition)),
            (Script::LoseAnswer | Script::LoseRequest, _) => Err(fault(Disposition::OutcomeUnknown)),
            _ => {
                self.hung.notify_one();
                std::future::pending().await
            }
        }
    }
}

pub fn fault(disposition: Disposition) -> Fault {
    Fault { disposition, origin: Origin::Component, code: None, message: "as scripted".into(), field: None }
}

fn told(made: &Made, reply: &SupplierReply) -> SupplierOrder {
    let ticketed = made.status == OrderStatus::Ticketed;
    let ticket = |traveller: u8| Ticket { traveller, number: format!("999{:010}", u64::from(traveller) + 1) };
    SupplierOrder {
        id: made.id.clone(),
        locator: "QX7LMN".into(),
        carrier_locators: vec![("QZ".into(), "QX7LMN".into())],
        status: made.status,
        total: made.total,
        tickets: if ticketed { (0..made.travellers).map(ticket).collect() } else { Vec::new() },
        ticketing_deadline: None,
        segments: reply.segments.clone(),
        token: made.id.clone().into_bytes(),
    }
}

fn find<'a>(books: &'a mut Books, id: &str) -> Result<&'a mut Made, Fault> {
    books.orders.iter_mut().find(|order| order.id == id).ok_or_else(|| fault(Disposition::Rejected))
}

#[async_trait]
impl Supplier for FakeSupplier {
    fn name(&self) -> &str {
        "one"
    }

    fn version(&self) -> &PluginVersion {
        &self.version
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { search: true, price_check: true, order: true, ticketing: true, cancel: true }
    }

    fn description(&self) -> &SupplierDescription {
        &self.description
    }

    fn search_timeout(&self) -> Duration {
        Duration::from_secs(1)
    }

    async fn search(&self, _request: &SearchRequest) -> Result<SupplierReply, Fault> {
        Err(fault(Disposition::Unsupported))
    }

    async fn check_price(&self, _request: &PriceRequest) -> Result<PriceReply, Fault> {
        self.play(Call::Price, |books| {
            let offer: Offer = books.reply.offers[0].clone();
            Ok(PriceReply { segments: books.reply.segments.clone(), offer })
        })
        .await
    }

    /// Makes a new order at every call: only who asks first what became of the last one makes no second.
    async fn create_order(&self, request: &OrderRequest) -> Result<SupplierOrder, Fault> {
        self.play(Call::Create, |books| {
            let total = books.reply.offers[0].total;
            if total.units > request.expected_total.units {
                return Err(fault(Disposition::PriceChanged { total: Some(total) }));
            }
            let made = Made {
                reference: request.client_reference.clone(),
                id: format!("order-{}", books.orders.len() + 1),
                status: if books.holds { OrderStatus::Held } else { OrderStatus::Ticketed },
                travellers: request.travellers.len() as u8,
                total,
                issued: u32::from(!books.holds),
                cancelled: 0,
            };
            books.orders.push(made.clone());
            Ok(told(&made, &books.reply))
        })
        .await
    }

    async fn retrieve_order(&self, order: &OrderRef) -> Result<SupplierOrder, Fault> {
        self.play(Call::Retrieve, |books| {
            let made = find(books, &order.id)?.clone();
            Ok(told(&made, &books.reply))
        })
        .await
    }

    async fn find_order(&self, request: &FindRequest) -> Result<FindOutcome, Fault> {
        self.play(Call::Find, |books| {
            if !books.can_find {
                return Ok(FindOutcome::CannotTell("no look-up by reference".into()));
            }
            let made = books.orders.iter().find(|order| order.reference == request.client_reference);
            Ok(made.map_or(FindOutcome::Absent, |made| FindOutcome::Found(told(made, &books.reply))))
        })
        .await
    }

    async fn issue_tickets(&self, request: &TicketRequest) -> Result<SupplierOrder, Fault> {
        self.play(Call::Issue, |books| {
            let made = find(books, &request.order.id)?;
            match made.status {
                OrderStatus::Cancelled => return Err(fault(Disposition::Rejected)),
                OrderStatus::Ticketed => {}
                _ => {
                    made.status = OrderStatus::Ticketed;
                    made.issued += 1;
                }
            }
            let made = made.clone();
            Ok(told(&made, &books.reply))
        })
        .await
    }

    async fn quote_cancel(&self, order: &OrderRef) -> Result<CancelQuote, Fault> {
        self.play(Call::QuoteCancel, |books| {
            let share = books.gives_back;
            let made = find(books, &order.id)?;
            let refund = Money::new(made.total.units * share / 100, made.total.currency);
            Ok(CancelQuote { refund, expires_at: None, token: b"cancel".to_vec() })
        })
        .await
    }

    async fn cancel_order(&self, request: &CancelRequest) -> Result<Cancellation, Fault> {
        self.play(Call::Cancel, |books| {
            let share = books.gives_back;
            let made = find(books, &request.order.id)?;
            if made.status != OrderStatus::Cancelled {
                made.status = OrderStatus::Cancelled;
                made.cancelled += 1;
            }
            let refund = Money::new(made.total.units * share / 100, made.total.currency);
            Ok(Cancellation { refund, reference: None })
        })
        .await
    }
}

pub struct OneSupplier(pub Arc<FakeSupplier>);

impl Suppliers for OneSupplier {
    fn all(&self) -> Vec<Arc<dyn Supplier>> {
        vec![self.0.clone()]
    }

    fn get(&self, name: &str) -> Option<Arc<dyn Supplier>> {
        (name == "one").then(|| self.0.clone() as Arc<dyn Supplier>)
    }
}
