use super::*;

#[test]
fn every_kind_of_evidence_is_listed_once_and_in_order() {
    let listed: Vec<Code> = EVIDENCE.iter().map(|evidence| evidence.code).collect();
    assert_eq!(listed, Code::ALL);
    assert!(Code::ALL.is_sorted());
}
