//! A score from 0 to 100 as a bar.

use super::Markup;

/// The bar; the number stands beside it, so it says nothing to screen readers.
pub fn score_bar(score: i64) -> Markup {
    let width = score.clamp(0, 100);
    Markup::new().html(&format!(
        "<svg class=\"score-bar\" viewBox=\"0 0 100 6\" preserveAspectRatio=\"none\" \
         aria-hidden=\"true\" focusable=\"false\">\
         <rect class=\"z\" x=\"0\" y=\"0\" width=\"100\" height=\"6\"/>\
         <rect x=\"0\" y=\"0\" width=\"{width}\" height=\"6\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_never_leaves_its_frame() {
        for (score, width) in [(-5, "\"0\""), (42, "\"42\""), (900, "\"100\"")] {
            let html = score_bar(score).to_string();
            assert!(
                html.ends_with(&format!("width={width} height=\"6\"/></svg>")),
                "{html}"
            );
        }
    }
}
