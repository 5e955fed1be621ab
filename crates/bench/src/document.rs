//! The figures in a document that keeps them.

use crate::Failure;
use std::fs;
use std::path::Path;

/// Replaces what is between the marks with this name.
pub fn rewrite(path: &Path, name: &str, figures: &str) -> Result<(), Failure> {
    let text = fs::read_to_string(path)?;
    let text = replaced(&text, name, figures)
        .ok_or_else(|| format!("{} has no marks for {name}", path.display()))?;
    Ok(fs::write(path, text)?)
}

fn replaced(text: &str, name: &str, figures: &str) -> Option<String> {
    let begin = format!("<!-- measured: {name} -->\n");
    let end = format!("<!-- end: {name} -->");
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
    fn only_the_block_of_the_name_changes() {
        let text = "a\n<!-- measured: X -->\nold\n<!-- end: X -->\nb\n<!-- measured: Y -->\n\
            kept\n<!-- end: Y -->\n";
        let new = replaced(text, "X", "new\n").unwrap();
        assert_eq!(new, text.replace("\nold\n", "\n\nnew\n\n"));
        assert_eq!(replaced(&new, "X", "new").unwrap(), new);
        assert!(replaced(text, "Z", "new").is_none());
    }
}
