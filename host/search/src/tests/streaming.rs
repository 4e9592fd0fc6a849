use crate::service::SupplierUpdate;
use crate::testing::{Rig, Scripted, direct, reply, request};
use futures::StreamExt;
use std::sync::Arc;
use tokio::sync::Semaphore;

#[tokio::test]
async fn each_supplier_is_told_as_it_arrives_and_then_all_of_them() {
    let gate = Arc::new(Semaphore::new(0));
    let slow = {
        let gate = Arc::clone(&gate);
        Scripted::new("a-slow", move |_| {
            let gate = Arc::clone(&gate);
            async move {
                gate.acquire().await.unwrap().forget();
                Ok(reply(&[direct("NH", 2, 9, 60_000)]))
            }
        })
    };
    let rig = Rig::new([Arc::clone(&slow), Scripted::selling("b-quick", reply(&[direct("GA", 1, 8, 50_000)]))]);
    let mut updates = Box::pin(rig.service.stream(request()));
    let Some(SupplierUpdate::Supplier { status, offers }) = updates.next().await else { panic!() };
    assert_eq!((status.name.as_str(), offers.len()), ("b-quick", 1));
    gate.add_permits(1);
    let Some(SupplierUpdate::Supplier { status, offers }) = updates.next().await else { panic!() };
    assert_eq!((status.name.as_str(), offers.len()), ("a-slow", 1));
    let Some(SupplierUpdate::Summary(page)) = updates.next().await else { panic!() };
    assert_eq!((page.content.total_matching, page.complete), (2, true));
    assert!(updates.next().await.is_none());
    // Cached now: the same again, without a call.
    assert_eq!(rig.service.stream(request()).count().await, 3);
    assert_eq!(slow.calls(), 1);
}

#[tokio::test]
async fn a_reader_that_leaves_does_not_end_the_search() {
    let gate = Arc::new(Semaphore::new(0));
    let supplier = {
        let gate = Arc::clone(&gate);
        Scripted::new("a", move |_| {
            let gate = Arc::clone(&gate);
            async move {
                gate.acquire().await.unwrap().forget();
                Ok(reply(&[direct("NH", 2, 9, 60_000)]))
            }
        })
    };
    let rig = Rig::new([Arc::clone(&supplier)]);
    let updates = rig.service.stream(request());
    while supplier.calls() == 0 {
        tokio::task::yield_now().await;
    }
    drop(updates);
    gate.add_permits(1);
    assert_eq!(rig.service.search(&request()).await.unwrap().content.total_matching, 1);
    assert_eq!(supplier.calls(), 1);
}

#[tokio::test]
async fn a_search_without_suppliers_ends_with_its_error() {
    let updates: Vec<_> = Rig::new([]).service.stream(request()).collect().await;
    assert!(matches!(updates.as_slice(), [SupplierUpdate::Failed(_)]));
}
