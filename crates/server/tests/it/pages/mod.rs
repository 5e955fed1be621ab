//! Pages as people read them.

mod bell;
mod lists;
mod rights;
mod timeline;
