//! The weights as they were reasoned before any search, which the search starts from and is held
//! back to. The ranking uses what the search printed.

use epicenter_domain::suspect::{Code, PointTable, Weights};

/// Where the search starts.
pub(crate) fn weights() -> Weights {
    let table = |points: &[(Code, f64)]| {
        PointTable {
            points: points.iter().copied().collect(),
            convincing_score: 0.0,
            convincing_lead: 0.0,
        }
        .to_hundred()
    };
    Weights {
        with_blame: table(&WITH_BLAME),
        without_blame: table(&WITHOUT_BLAME),
    }
}

const WITH_BLAME: [(Code, f64); 24] = [
    (Code::LineBlame, 30.0),
    (Code::FunctionBlame, 20.0),
    (Code::FunctionLog, 10.0),
    (Code::FramePath, 10.0),
    (Code::Volume, 3.0),
    (Code::Focus, 3.0),
    (Code::Coupling, 3.0),
    (Code::ChangedLine, 3.0),
    (Code::FunctionName, 5.0),
    (Code::AddedText, 5.0),
    (Code::Wording, 10.0),
    (Code::Names, 5.0),
    (Code::Transaction, 5.0),
    (Code::Release, 4.0),
    (Code::DeployTime, 4.0),
    (Code::Recency, 4.0),
    (Code::Author, 0.5),
    (Code::Size, 0.3),
    (Code::Merge, 0.7),
    (Code::Upkeep, 0.7),
    (Code::Undone, 0.9),
    (Code::TooLate, 1.0),
    (Code::Dismissed, 1.0),
    (Code::Confirmed, 1.0),
];

const WITHOUT_BLAME: [(Code, f64); 24] = [
    (Code::LineBlame, 0.0),
    (Code::FunctionBlame, 0.0),
    (Code::FunctionLog, 0.0),
    (Code::FramePath, 25.0),
    (Code::Volume, 6.0),
    (Code::Focus, 6.0),
    (Code::Coupling, 5.0),
    (Code::ChangedLine, 15.0),
    (Code::FunctionName, 15.0),
    (Code::AddedText, 8.0),
    (Code::Wording, 15.0),
    (Code::Names, 8.0),
    (Code::Transaction, 8.0),
    (Code::Release, 4.0),
    (Code::DeployTime, 4.0),
    (Code::Recency, 6.0),
    (Code::Author, 0.5),
    (Code::Size, 0.3),
    (Code::Merge, 0.7),
    (Code::Upkeep, 0.7),
    (Code::Undone, 0.9),
    (Code::TooLate, 1.0),
    (Code::Dismissed, 1.0),
    (Code::Confirmed, 1.0),
];
