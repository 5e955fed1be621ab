//! What the kernel says about other processes.

use crate::Failure;
use std::collections::HashMap;
use std::fs;
use std::time::Duration;

/// What `/proc/PID/stat` says.
#[derive(Clone, Copy, Debug)]
struct Stat {
    parent: u32,
    /// User and system time, all threads, and of the children that have ended.
    ticks: u64,
}

/// User and system time of these processes and of everything they started, also of what has ended.
pub fn cpu(roots: &[u32]) -> Result<Duration, Failure> {
    let all = all()?;
    let ticks = all
        .iter()
        .filter(|(pid, _)| descends(&all, **pid, roots))
        .map(|(_, stat)| stat.ticks)
        .sum::<u64>();
    let per_second = rustix::param::clock_ticks_per_second().max(1);
    Ok(Duration::from_millis(ticks * 1_000 / per_second))
}

/// Bytes of memory that a process has resident.
pub fn resident(pid: u32) -> Result<u64, Failure> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().strip_suffix(" kB"))
        .ok_or("the kernel does not say how much memory is resident")?;
    Ok(kilobytes.parse::<u64>()? * 1_024)
}

fn all() -> Result<HashMap<u32, Stat>, Failure> {
    let mut found = HashMap::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // A process may end while the list is read.
        let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        if let Some(stat) = parse(&text) {
            found.insert(pid, stat);
        }
    }
    Ok(found)
}

/// The name is in parentheses and may contain anything, so the fields are counted from its end.
fn parse(text: &str) -> Option<Stat> {
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |place: usize| fields.get(place)?.parse::<u64>().ok();
    Some(Stat {
        parent: u32::try_from(number(1)?).ok()?,
        ticks: number(11)? + number(12)? + number(13)? + number(14)?,
    })
}

fn descends(all: &HashMap<u32, Stat>, mut pid: u32, roots: &[u32]) -> bool {
    // Deeper than any tree of processes; a reused id cannot make a loop of it.
    for _ in 0..64 {
        if roots.contains(&pid) {
            return true;
        }
        match all.get(&pid) {
            Some(stat) if stat.parent != 0 => pid = stat.parent,
            _ => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_is_no_trouble() {
        let text = "42 (a) (b c) S 7 42 42 0 -1 4194560 9 0 0 0 100 20 3 4 20 0 1 0 5 0 0\n";
        let stat = parse(text).unwrap();
        assert_eq!((stat.parent, stat.ticks), (7, 127));
    }

    #[test]
    fn descendants_count_and_others_do_not() {
        let stat = |parent| Stat { parent, ticks: 1 };
        let all = HashMap::from([(1, stat(0)), (5, stat(1)), (6, stat(5)), (7, stat(1))]);
        assert!(descends(&all, 6, &[5]) && descends(&all, 5, &[5]));
        assert!(!descends(&all, 7, &[5]));
    }

    #[test]
    fn this_process_uses_memory_and_time() {
        let own = std::process::id();
        assert!(resident(own).unwrap() > 100_000);
        assert!(cpu(&[own]).is_ok());
    }
}
