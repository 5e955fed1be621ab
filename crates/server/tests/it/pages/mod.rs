//! Pages as people read them.

mod bell;
mod lists;
mod on_call;
mod rights;
mod timeline;
