//! E-mail, over SMTP. All letters about one incident are one conversation in the reader's program.

mod letter;
mod text;

pub(super) use letter::Letter;

#[cfg(test)]
mod tests;
