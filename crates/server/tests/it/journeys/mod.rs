//! What a company lives through, webhook by webhook. Ids of acceptance criteria in comments.

mod bodies;
mod changes;
mod channels;
mod clones;
mod config_file;
mod digests;
mod door;
mod durability;
mod escalation;
mod full_disk;
mod memory;
mod memory_feed;
mod noise;
mod groups;
mod notices;
mod order;
mod packing;
mod privacy;
mod proof;
mod routes;
mod signals;
mod slack;
mod slow;
mod storms;
mod time;
