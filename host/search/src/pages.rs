//! Pages, ready-made: a page asked for again is copied from the view, and within the same second not even that.

use crate::cursor;
use crate::error::SearchError;
use crate::facets::Facets;
use crate::filter::Filters;
use crate::loaded::Loaded;
use crate::offer_id::OfferSigner;
use crate::packed::Packed;
use crate::page::{CacheState, SearchPage};
use crate::request::{SearchRequest, Sort};
use crate::sieve::{Match, select};
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
    cursor: Option<String>,
}

#[derive(PartialEq, Eq, Hash)]
struct PageRef<'a> {
    view: u64,
    filters: &'a Filters,
    sort: Sort,
    size: usize,
    cursor: Option<&'a String>,
}

impl Equivalent<PageKey> for PageRef<'_> {
    fn equivalent(&self, key: &PageKey) -> bool {
        let own = PageRef {
            view: key.view,
            filters: &key.filters,
            sort: key.sort,
            size: key.size,
            cursor: key.cursor.as_ref(),
        };
        *self == own
    }
}

/// A page's offers, and the text made of it last.
struct Page {
    view: Arc<PricedView>,
    matches: Vec<Match>,
    total_matching: u32,
    facets: Arc<Facets>,
    facets_json: Vec<u8>,
    next_cursor: Option<String>,
    written: ArcSwapOption<Written>,
}

/// Ages stand in the text, and change by the second.
struct Written {
    second: i64,
    cache: CacheState,
    page: Arc<SearchPage>,
}

/// Pages in memory, up to a number of bytes.
pub struct Pages(Cache<PageKey, Arc<Page>, RandomState>);

impl Pages {
    pub fn new(bytes: u64) -> Self {
        // Offers make the most of a page; 1.5 kB each, in the text.
        let weigh = |_: &PageKey, page: &Arc<Page>| count(2_048 + 1_536 * page.matches.len());
        Self(Cache::builder().max_capacity(bytes).weigher(weigh).build_with_hasher(RandomState::default()))
    }

    /// The page that a request asks for.
    pub async fn page(
        &self,
        request: &SearchRequest,
        view: Arc<PricedView>,
        loaded: &Loaded,
        cache: CacheState,
        signer: &OfferSigner,
        now: Timestamp,
    ) -> Result<Arc<SearchPage>, SearchError> {
        let key = PageRef {
            view: view.number,
            filters: &request.filters,
            sort: request.sort,
            size: request.page_size(),
            cursor: request.cursor.as_ref(),
        };
        if let Some(page) = self.0.get(&key).await {
            return Ok(page.write(loaded, cache, now));
        }
        let page = Arc::new(Page::new(request, view, signer)?);
        let text = page.write(loaded, cache, now);
        let key = PageKey {
            view: key.view,
            filters: request.filters.clone(),
            sort: key.sort,
            size: key.size,
            cursor: request.cursor.clone(),
        };
        self.0.insert(key, page).await;
        Ok(text)
    }
}

impl Page {
    fn new(request: &SearchRequest, view: Arc<PricedView>, signer: &OfferSigner) -> Result<Self, SearchError> {
        let selection = select(&view, &request.filters, request.sort);
        let start = cursor::start(request, &view, &selection.matches, signer)?;
        let total_matching = count(selection.matches.len());
        let end = (start + request.page_size()).min(selection.matches.len());
        let more = end < selection.matches.len();
        let last = selection.matches.get(end.wrapping_sub(1)).filter(|_| more && end > start);
        let next_cursor = last.map(|last| cursor::after(request, &view, last, signer));
        let matches = selection.matches.get(start..end).unwrap_or_default().to_vec();
        Ok(Self {
            facets_json: serde_json::to_vec(&selection.facets).unwrap_or_default(),
            facets: Arc::new(selection.facets),
            view,
            matches,
            total_matching,
            next_cursor,
            written: ArcSwapOption::empty(),
        })
    }

    fn write(&self, loaded: &Loaded, cache: CacheState, now: Timestamp) -> Arc<SearchPage> {
        let second = now.as_second();
        if let Some(written) = &*self.written.load()
            && written.second == second
            && written.cache == cache
        {
            return Arc::clone(&written.page);
        }
        let page = Arc::new(self.text(loaded, cache, now));
        self.written.store(Some(Arc::new(Written { second, cache, page: Arc::clone(&page) })));
        page
    }

    /// The page as [`crate::view::PageView`] describes it.
    fn text(&self, loaded: &Loaded, cache: CacheState, now: Timestamp) -> SearchPage {
        let suppliers = loaded.superset.statuses(now);
        let mut json = Vec::with_capacity(1_536 * self.matches.len() + self.facets_json.len() + 1_024);
        let currency = self.view.context.display_currency;
        let head = format!("{{\"currency\":\"{currency}\",\"total_matching\":{},\"offers\":[", self.total_matching);
        json.extend_from_slice(head.as_bytes());
        let mut offers = Vec::with_capacity(self.matches.len());
        for (index, found) in self.matches.iter().enumerate() {
            if index > 0 {
                json.push(b',');
            }
            let from = json.len();
            self.view.copy_offer(found.group, &found.rows, &mut json);
            offers.push(from..json.len());
        }
        json.extend_from_slice(b"],\"facets\":");
        json.extend_from_slice(&self.facets_json);
        let next = self.next_cursor.as_ref().map_or_else(|| "null".to_owned(), |cursor| format!("\"{cursor}\""));
        json.extend_from_slice(format!(",\"next_cursor\":{next},\"suppliers\":").as_bytes());
        json.extend(serde_json::to_vec(&suppliers).unwrap_or_default());
        let complete = loaded.is_complete;
        json.extend_from_slice(format!(",\"cache\":\"{}\",\"complete\":{complete}}}", cache.as_str()).as_bytes());
        let body = Bytes::from(json);
        SearchPage {
            offers: offers.into_iter().map(|range| body.slice(range)).collect(),
            total_matching: self.total_matching,
            facets: Arc::clone(&self.facets),
            suppliers,
            cache,
            next_cursor: self.next_cursor.clone(),
            complete,
            body,
            packed: Packed::default(),
        }
    }
}

/// The first offers of a view that pass the request's filters, each a JSON object.
pub fn first_offers(view: &PricedView, request: &SearchRequest) -> Vec<Bytes> {
    let selection = select(view, &request.filters, request.sort);
    let json = |found: &Match| {
        let mut json = Vec::with_capacity(2_048);
        view.copy_offer(found.group, &found.rows, &mut json);
        Bytes::from(json)
    };
    selection.matches.iter().take(request.page_size()).map(json).collect()
}
