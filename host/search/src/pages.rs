//! Pages, ready-made: of a page asked for again only the ages are written anew, and within the same second not even these.

use crate::cursor;
use crate::error::SearchError;
use crate::filter::Filters;
use crate::loaded::Loaded;
use crate::offer_id::OfferSigner;
use crate::packed::PackedOnce;
use crate::page::{CacheState, PageContent, SearchPage};
use crate::request::{SearchRequest, Sort};
use crate::sieve::{Match, Selection, select};
use crate::superset::count;
use crate::view::priced::PricedView;
use arc_swap::ArcSwapOption;
use bytes::Bytes;
use foldhash::quality::RandomState;
use jiff::Timestamp;
use moka::Equivalent;
use moka::future::Cache;
use std::sync::Arc;

/// What of a request makes a page of a view.
#[derive(Debug, PartialEq, Eq, Hash)]
struct PageKey {
    view: u64,
    filters: Filters,
    sort: Sort,
    size: usize,
    fares: usize,
    cursor: Option<String>,
}

#[derive(PartialEq, Eq, Hash)]
struct PageRef<'a> {
    view: u64,
    filters: &'a Filters,
    sort: Sort,
    size: usize,
    fares: usize,
    cursor: Option<&'a String>,
}

impl Equivalent<PageKey> for PageRef<'_> {
    fn equivalent(&self, key: &PageKey) -> bool {
        let own = PageRef {
            view: key.view,
            filters: &key.filters,
            sort: key.sort,
            size: key.size,
            fares: key.fares,
            cursor: key.cursor.as_ref(),
        };
        *self == own
    }
}

/// A page's offers, and the page as it was told last.
pub struct Kept {
    content: Arc<PageContent>,
    told: ArcSwapOption<Told>,
}

/// Ages of suppliers' answers change by the second.
struct Told {
    second: i64,
    cache: CacheState,
    page: Arc<SearchPage>,
}

/// Pages in memory, up to a number of bytes.
pub struct Pages(Cache<PageKey, Arc<Kept>, RandomState>);

impl Pages {
    pub fn new(bytes: u64) -> Self {
        let weigh = |_: &PageKey, kept: &Arc<Kept>| count(kept.content.weight());
        Self(Cache::builder().max_capacity(bytes).weigher(weigh).build_with_hasher(RandomState::default()))
    }

    /// The page that a request asks for, if it was made before.
    pub async fn made(&self, request: &SearchRequest, view: &PricedView) -> Option<Arc<Kept>> {
        let key = PageRef {
            view: view.number,
            filters: &request.filters,
            sort: request.sort,
            size: request.page_size(),
            fares: request.fares(),
            cursor: request.cursor.as_ref(),
        };
        self.0.get(&key).await
    }

    /// The page that a request asks for. To make it is up to a millisecond of work.
    pub async fn page(
        &self,
        request: &SearchRequest,
        view: &PricedView,
        signer: &OfferSigner,
    ) -> Result<Arc<Kept>, SearchError> {
        if let Some(kept) = self.made(request, view).await {
            return Ok(kept);
        }
        let kept = Kept { content: Arc::new(content(request, view, signer)?), told: ArcSwapOption::empty() };
        let kept = Arc::new(kept);
        let key = PageKey {
            view: view.number,
            filters: request.filters.clone(),
            sort: request.sort,
            size: request.page_size(),
            fares: request.fares(),
            cursor: request.cursor.clone(),
        };
        self.0.insert(key, Arc::clone(&kept)).await;
        Ok(kept)
    }
}

impl Kept {
    /// The page as it is now.
    pub fn tell(&self, loaded: &Loaded, cache: CacheState, now: Timestamp) -> Arc<SearchPage> {
        let second = now.as_second();
        if let Some(told) = &*self.told.load()
            && told.second == second
            && told.cache == cache
        {
            return Arc::clone(&told.page);
        }
        let suppliers = loaded.superset.statuses(now);
        let page = Arc::new(SearchPage::new(Arc::clone(&self.content), suppliers, cache, loaded.is_complete));
        self.told.store(Some(Arc::new(Told { second, cache, page: Arc::clone(&page) })));
        page
    }
}

/// What of a request's page stands as long as the view.
fn content(request: &SearchRequest, view: &PricedView, signer: &OfferSigner) -> Result<PageContent, SearchError> {
    let Selection { matches, facets } = select(view, &request.filters, request.sort);
    let start = cursor::start(request, view, &matches, signer)?;
    let end = (start + request.page_size()).min(matches.len());
    let more = end < matches.len();
    let last = matches.get(end.wrapping_sub(1)).filter(|_| more && end > start);
    let next_cursor = last.map(|last| cursor::after(request, view, last, signer));
    let shown = matches.get(start..end).unwrap_or_default();
    let mut json = Vec::with_capacity(1_536 * shown.len() + 1_024);
    let currency = view.context.display_currency;
    json.extend(
        format!("{{\"currency\":\"{currency}\",\"total_matching\":{},\"offers\":[", matches.len()).into_bytes(),
    );
    let mut offers = Vec::with_capacity(shown.len());
    for (index, found) in shown.iter().enumerate() {
        if index > 0 {
            json.push(b',');
        }
        let from = json.len();
        view.write_offer(found.group, &found.rows, request.fares(), &mut json);
        offers.push(from..json.len());
    }
    json.extend_from_slice(b"],\"facets\":");
    // Strings, numbers and lists of them: writing these to memory cannot fail.
    json.extend(serde_json::to_vec(&facets).unwrap_or_default());
    let next = next_cursor.as_ref().map_or_else(|| "null".to_owned(), |cursor| format!("\"{cursor}\""));
    json.extend(format!(",\"next_cursor\":{next},").into_bytes());
    // It is kept: what was taken in advance and not needed is given back.
    let json = Bytes::from(json.into_boxed_slice());
    Ok(PageContent {
        offers: offers.into_iter().map(|range| json.slice(range)).collect(),
        total_matching: count(matches.len()),
        facets,
        next_cursor,
        json,
        packed: PackedOnce::default(),
    })
}

/// The first offers of a view that pass the request's filters, each a JSON object.
pub fn first_offers(view: &PricedView, request: &SearchRequest) -> Vec<Bytes> {
    let selection = select(view, &request.filters, request.sort);
    let json = |found: &Match| {
        let mut json = Vec::with_capacity(2_048);
        view.write_offer(found.group, &found.rows, request.fares(), &mut json);
        Bytes::from(json)
    };
    selection.matches.iter().take(request.page_size()).map(json).collect()
}
