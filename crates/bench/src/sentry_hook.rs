//! The signature that Sentry puts on a webhook.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Signs and checks with one secret; keyed once, cloned per request.
#[derive(Clone)]
pub struct Signer(Hmac<Sha256>);

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    /// A key of any length is valid for HMAC.
    pub fn new(secret: &str) -> Result<Self, crate::Failure> {
        let keyed = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
        Ok(Self(keyed.map_err(|error| error.to_string())?))
    }

    /// Lower-case hex over the raw body.
    pub fn sign(&self, body: &[u8]) -> String {
        let mut mac = self.0.clone();
        mac.update(body);
        hex::encode(mac.finalize().into_bytes())
    }

    /// Constant time.
    pub fn is_valid(&self, body: &[u8], signature: &[u8]) -> bool {
        let mut claimed = [0; 32];
        if hex::decode_to_slice(signature, &mut claimed).is_err() {
            return false;
        }
        let mut mac = self.0.clone();
        mac.update(body);
        mac.verify_slice(&claimed).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_body_only() {
        let signer = Signer::new("secret").unwrap();
        let signature = signer.sign(b"{}");
        assert!(signer.is_valid(b"{}", signature.as_bytes()));
        assert!(!signer.is_valid(b"{ }", signature.as_bytes()));
        assert!(!signer.is_valid(b"{}", b"00"));
    }
}
