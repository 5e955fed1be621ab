//! Pages as people read them.

mod bell;
mod lists;
mod timeline;
