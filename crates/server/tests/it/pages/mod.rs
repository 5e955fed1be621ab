//! Pages as people read them.

mod lists;
