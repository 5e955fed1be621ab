//! The rules of each workspace, ready to be asked; made anew only when something of them changed.

use epicenter_domain::change::mapping::Mapping;
use epicenter_domain::id::IdKind;
use epicenter_domain::routing::book::{Book, Directory};
use epicenter_domain::routing::owners::Owners;
use epicenter_domain::routing::ownership::Ownership;
use epicenter_domain::routing::router::Router;
use epicenter_domain::time::Time;
use epicenter_store::changes::mappings::{self, MappingRecord};
use epicenter_store::notices::destinations;
use epicenter_store::routing::{owner_files, versions};
use epicenter_store::services::ServiceRecord;
use epicenter_store::{StoreError, Tx};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The routing of a workspace, and what it was made from.
#[derive(Debug)]
pub(crate) struct Routing {
    source: Source,
    /// Ready to be asked.
    pub(crate) router: Arc<Router>,
}

#[derive(Debug, PartialEq, Eq)]
struct Source {
    number: i64,
    services: Vec<(i64, String)>,
    destinations: Vec<i64>,
    files: Vec<(i64, Time)>,
    mappings: Vec<MappingRecord>,
}

/// What a book of this workspace may name: services and destinations by their ids on the wire.
pub(crate) async fn directory(
    tx: &mut Tx,
    workspace_id: i64,
    services: &[ServiceRecord],
) -> Result<Directory, StoreError> {
    let destinations = destinations::list(tx, workspace_id).await?;
    Ok(Directory {
        services: (services.iter())
            .map(|one| (IdKind::Service.show(one.id), one.id))
            .collect(),
        destinations: (destinations.iter())
            .map(|one| (IdKind::Destination.show(one.id), one.id))
            .collect(),
    })
}

/// Whose the files of a workspace are.
pub(crate) async fn ownership(tx: &mut Tx, workspace_id: i64) -> Result<Ownership, StoreError> {
    let mappings = mappings::list(tx, workspace_id).await?;
    let files = owner_files::list(tx, workspace_id).await?;
    Ok(Ownership {
        mappings: by_project(mappings),
        files: (files.into_iter())
            .map(|file| (file.repository_id, Owners::parse(&file.text)))
            .collect(),
    })
}

fn by_project(records: Vec<MappingRecord>) -> BTreeMap<String, Vec<Mapping>> {
    let mut mappings: BTreeMap<String, Vec<Mapping>> = BTreeMap::new();
    for record in records {
        mappings.entry(record.project).or_default().push(Mapping {
            repository_id: record.repository_id,
            stack_prefix: record.stack_prefix,
            source_prefix: record.source_prefix,
        });
    }
    mappings
}

/// A router for a book, with all it needs to be asked; and what of the book does not work.
pub(crate) async fn router(
    tx: &mut Tx,
    workspace_id: i64,
    services: &[ServiceRecord],
    book: &Book,
) -> Result<(Router, Vec<epicenter_domain::sources::Fault>), StoreError> {
    let directory = directory(tx, workspace_id, services).await?;
    let (mut router, faults) = book.compile_what_works(&directory);
    router.service_names = (services.iter())
        .map(|one| (one.id, one.name.clone()))
        .collect();
    if router.asks_for_owners() {
        router.ownership = ownership(tx, workspace_id).await?;
    }
    Ok((router, faults))
}

/// The routing of a workspace; none, while nobody wrote rules.
pub(crate) async fn load(
    tx: &mut Tx,
    workspace_id: i64,
    services: &[ServiceRecord],
    before: Option<&Arc<Routing>>,
) -> Result<Option<Arc<Routing>>, StoreError> {
    let Some(version) = versions::newest(tx, workspace_id).await? else {
        return Ok(None);
    };
    if version.book.is_empty() {
        return Ok(None);
    }
    let before = before.filter(|routing| routing.source.number == version.number);
    let mut source = Source {
        number: version.number,
        services: (services.iter())
            .map(|one| (one.id, one.name.clone()))
            .collect(),
        destinations: (destinations::list(tx, workspace_id).await?)
            .into_iter()
            .map(|one| one.id)
            .collect(),
        files: Vec::new(),
        mappings: Vec::new(),
    };
    if before.is_some_and(|routing| routing.router.asks_for_owners()) {
        source.ask_for_owners(tx, workspace_id).await?;
    }
    if let Some(routing) = before.filter(|routing| routing.source == source) {
        return Ok(Some(Arc::clone(routing)));
    }
    let (router, faults) = router(tx, workspace_id, services, &version.book).await?;
    for fault in faults {
        tracing::warn!(
            version = version.number,
            "a routing rule does not work as it was meant: {} {}",
            fault.field,
            fault.message
        );
    }
    if router.asks_for_owners() {
        source.ask_for_owners(tx, workspace_id).await?;
    }
    Ok(Some(Arc::new(Routing {
        source,
        router: Arc::new(router),
    })))
}

impl Source {
    async fn ask_for_owners(&mut self, tx: &mut Tx, workspace_id: i64) -> Result<(), StoreError> {
        self.files = owner_files::stamps(tx, workspace_id).await?;
        self.mappings = mappings::list(tx, workspace_id).await?;
        Ok(())
    }
}
