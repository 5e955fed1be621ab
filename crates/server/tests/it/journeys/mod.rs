//! What a company lives through, webhook by webhook. Ids of acceptance criteria in comments.

mod bodies;
mod changes;
mod channels;
mod clones;
mod cut_pushes;
mod door;
mod durability;
mod escalation;
mod full_disk;
mod late_changes;
mod notices;
mod order;
mod privacy;
mod proof;
mod signals;
mod slow;
mod time;
