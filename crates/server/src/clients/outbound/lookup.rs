//! Names to addresses that have been checked. The connection is made to the addresses that this
//! answers and to no others, so that a name cannot mean something else a moment later.

use super::Guard;
use super::error::Blocked;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

/// The answer of a [`Lookup`].
pub type Found = Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send>>;

/// Who turns names into addresses: the system, or a test.
pub trait Lookup: Send + Sync {
    /// All addresses of a name.
    fn find(&self, host: String) -> Found;
}

/// The system's own way, with its hosts file and its name servers.
#[derive(Clone, Copy, Debug)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn find(&self, host: String) -> Found {
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((host, 0)).await?;
            Ok(addresses.map(|address| address.ip()).collect())
        })
    }
}

/// Finds names and lets only those pass whose every address may be connected to.
#[derive(Clone)]
pub(super) struct GuardedLookup {
    pub(super) guard: Arc<Guard>,
    pub(super) lookup: Arc<dyn Lookup>,
}

impl std::fmt::Debug for GuardedLookup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("GuardedLookup").field(&self.guard).finish()
    }
}

/// Why a name leads nowhere.
#[derive(Debug, thiserror::Error)]
pub(super) enum LookupError {
    #[error(transparent)]
    Blocked(#[from] Blocked),
    #[error("the name cannot be found")]
    NotFound,
}

impl GuardedLookup {
    /// The addresses of a name. One that may not be connected to closes all of them: which one is
    /// taken would be chance.
    pub(super) async fn find(&self, host: &str) -> Result<Vec<IpAddr>, LookupError> {
        let found = self.lookup.find(host.to_owned()).await;
        let addresses = found.map_err(|_| LookupError::NotFound)?;
        if addresses.is_empty() {
            return Err(LookupError::NotFound);
        }
        for address in &addresses {
            self.check(host, *address)?;
        }
        Ok(addresses)
    }

    pub(super) fn check(&self, host: &str, address: IpAddr) -> Result<(), Blocked> {
        match self.guard.objection(address) {
            None => Ok(()),
            Some(what) => Err(Blocked {
                host: host.to_owned(),
                what,
            }),
        }
    }
}

impl Resolve for GuardedLookup {
    fn resolve(&self, name: Name) -> Resolving {
        let lookup = self.clone();
        Box::pin(async move {
            let addresses = lookup.find(name.as_str()).await?;
            // Port 0: the URL's own.
            let sockets = addresses.into_iter().map(|ip| SocketAddr::new(ip, 0));
            Ok::<Addrs, _>(Box::new(sockets))
        })
    }
}
