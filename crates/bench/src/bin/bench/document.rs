//! The figures in the document that keeps them.

use epicenter_bench::Failure;
use std::fs;
use std::path::Path;

/// Replaces what is between the engine's marks.
pub(crate) fn rewrite(path: &Path, engine: &str, figures: &str) -> Result<(), Failure> {
    let text = fs::read_to_string(path)?;
    let text = replaced(&text, engine, figures)
        .ok_or_else(|| format!("{} has no marks for {engine}", path.display()))?;
    Ok(fs::write(path, text)?)
}

fn replaced(text: &str, engine: &str, figures: &str) -> Option<String> {
    let begin = format!("<!-- measured: {engine} -->\n");
    let end = format!("<!-- end: {engine} -->");
    let (before, rest) = text.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!(
        "{before}{begin}\n{}\n\n{end}{after}",
        figures.trim()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_block_of_the_engine_changes() {
        let text = "a\n<!-- measured: X -->\nold\n<!-- end: X -->\nb\n<!-- measured: Y -->\n\
            kept\n<!-- end: Y -->\n";
        let new = replaced(text, "X", "new\n").unwrap();
        assert_eq!(new, text.replace("\nold\n", "\n\nnew\n\n"));
        assert_eq!(replaced(&new, "X", "new").unwrap(), new);
        assert!(replaced(text, "Z", "new").is_none());
    }
}
