//! What a company lives through, webhook by webhook. Ids of acceptance criteria in comments.

mod bodies;
mod changes;
mod channels;
mod clones;
mod door;
mod durability;
mod escalation;
mod full_disk;
mod groups;
mod notices;
mod order;
mod packing;
mod privacy;
mod proof;
mod signals;
mod slow;
mod time;
