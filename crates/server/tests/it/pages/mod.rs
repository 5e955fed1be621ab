//! Pages as people read them.

mod bell;
mod lists;
mod notices;
mod on_call;
mod rights;
mod routes;
mod timeline;
