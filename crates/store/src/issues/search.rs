//! How the rows of a filtered and sorted error log are found, without reading all of it.

use crate::page::{comparable, pattern};
use crate::{StoreError, Tx};
use epicenter_domain::issue::Issue;
use epicenter_domain::level::Level;
use epicenter_domain::signal::IssueStatus;
use epicenter_domain::time::Time;
use sqlx::{Database, Encode, QueryBuilder, Type};

/// Rows that one page looks through for filters without an index.
pub(super) const WINDOW: i64 = 5_000;
/// Rows that are read and sorted for one page.
const FEW: i64 = 2_000;

/// Filters of a list; empty ones let everything through.
#[derive(Clone, Debug, Default)]
pub struct IssueFilter {
    /// This status.
    pub status: Option<IssueStatus>,
    /// This level.
    pub level: Option<Level>,
    /// This project slug.
    pub project: Option<String>,
    /// A part of title or short id, or Sentry's id.
    pub q: Option<String>,
    /// Last seen at or after.
    pub from: Option<Time>,
    /// Last seen before.
    pub to: Option<Time>,
}

/// Orders of a list; always the largest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IssueSort {
    /// Last seen.
    #[default]
    LastSeen,
    /// Events.
    Count,
    /// First seen.
    FirstSeen,
}

impl IssueSort {
    fn column(self) -> &'static str {
        match self {
            Self::LastSeen => "last_seen_at",
            Self::Count => "event_count",
            Self::FirstSeen => "first_seen_at",
        }
    }

    pub(super) fn value(self, issue: &Issue) -> i64 {
        match self {
            Self::LastSeen => issue.last_seen_at.0,
            Self::Count => issue.event_count(),
            Self::FirstSeen => issue.first_seen_at.0,
        }
    }
}

/// A filter that has an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Narrowing {
    /// None.
    Nothing,
    Status,
    Project,
    Dates,
}

/// How the rows of a page are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// An index has the filter and the order.
    Ordered,
    /// In order, from the cursor to this place; to the end if there is none.
    Window(Option<(i64, i64)>),
    /// This filter lets few rows through: they are read and sorted.
    Few(Narrowing),
}

impl IssueFilter {
    fn has_dates(&self) -> bool {
        self.from.is_some() || self.to.is_some()
    }

    /// Filters that have an index, the most telling first.
    fn narrowings(&self) -> impl Iterator<Item = Narrowing> {
        let all = [
            (self.project.is_some(), Narrowing::Project),
            (self.status.is_some(), Narrowing::Status),
            (self.has_dates(), Narrowing::Dates),
        ];
        all.into_iter()
            .filter_map(|(is_set, narrowing)| is_set.then_some(narrowing))
    }

    /// The filters that are a part of one index in this order: rows are found by walking it.
    fn walked(&self, sort: IssueSort) -> [Narrowing; 2] {
        if sort != IssueSort::LastSeen {
            return [Narrowing::Nothing; 2];
        }
        let mut narrowings = self.narrowings().filter(|other| *other != Narrowing::Dates);
        let dates = if self.has_dates() {
            Narrowing::Dates
        } else {
            Narrowing::Nothing
        };
        [narrowings.next().unwrap_or(Narrowing::Nothing), dates]
    }

    /// Does a walk find nothing but what this lets through?
    pub(super) fn is_walked(&self, sort: IssueSort) -> bool {
        let walked = self.walked(sort);
        self.level.is_none()
            && self.q.is_none()
            && self.narrowings().all(|other| walked.contains(&other))
    }
}

/// One page of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading<'a> {
    pub(super) workspace_id: i64,
    pub(super) filter: &'a IssueFilter,
    pub(super) sort: IssueSort,
    pub(super) before: Option<(i64, i64)>,
    pub(super) way: Way,
}

/// Chooses the way when no index has both filter and order.
pub(super) async fn way(tx: &mut Tx, reading: &Reading<'_>) -> Result<Way, StoreError> {
    let mut fewest = (FEW, None);
    for narrowing in reading.filter.narrowings() {
        let count: i64 = on_engine!(tx, |conn, Engine| {
            let mut query =
                QueryBuilder::<Engine>::new("SELECT count(*) FROM (SELECT 1 AS one FROM ");
            query
                .push("issues WHERE workspace_id = ")
                .push_bind(reading.workspace_id);
            reading.push_narrowing(&mut query, narrowing, false);
            query.push(" LIMIT ").push_bind(FEW).push(") AS few");
            query.build_query_scalar().fetch_one(conn).await?
        });
        if count < fewest.0 {
            fewest = (count, Some(narrowing));
        }
    }
    if let (_, Some(narrowing)) = fewest {
        return Ok(Way::Few(narrowing));
    }
    let column = reading.sort.column();
    let edge: Option<(i64, i64)> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(column)
            .push(", id FROM issues WHERE workspace_id = ");
        query.push_bind(reading.workspace_id);
        reading.push_walk(&mut query);
        reading.push_order(&mut query, 1);
        query.push(" OFFSET ").push_bind(WINDOW - 1);
        query.build_query_as().fetch_optional(conn).await?
    });
    Ok(Way::Window(edge))
}

impl Reading<'_> {
    /// What follows FROM, with the workspace.
    pub(super) fn push_source<E: Database>(&self, query: &mut QueryBuilder<E>)
    where
        for<'q> String: Encode<'q, E> + Type<E>,
        for<'q> i64: Encode<'q, E> + Type<E>,
    {
        let Way::Few(narrowing) = self.way else {
            query
                .push("issues WHERE workspace_id = ")
                .push_bind(self.workspace_id);
            return;
        };
        query
            .push("(SELECT * FROM issues WHERE workspace_id = ")
            .push_bind(self.workspace_id);
        self.push_narrowing(query, narrowing, false);
        query
            .push(" LIMIT ")
            .push_bind(FEW)
            .push(") AS few WHERE 1 = 1");
    }

    /// All filters, and the place of the page.
    pub(super) fn push_conditions<E: Database>(&self, query: &mut QueryBuilder<E>)
    where
        for<'q> String: Encode<'q, E> + Type<E>,
        for<'q> i64: Encode<'q, E> + Type<E>,
    {
        self.push_walk(query);
        let walked = self.filter.walked(self.sort);
        for narrowing in self.filter.narrowings() {
            if !walked.contains(&narrowing) {
                self.push_narrowing(query, narrowing, true);
            }
        }
        if let Some(level) = self.filter.level {
            query
                .push(" AND level = ")
                .push_bind(level.as_str().to_owned());
        }
        if let Some(q) = &self.filter.q {
            query
                .push(" AND (sentry_issue_id || '' = ")
                .push_bind(comparable(q.trim()));
            for column in ["title", "short_id"] {
                query.push(" OR lower(").push(column).push(") LIKE lower(");
                query.push_bind(pattern(q)).push(") ESCAPE '!'");
            }
            query.push(")");
        }
        if let Way::Window(Some((value, id))) = self.way {
            query
                .push(" AND (")
                .push(self.sort.column())
                .push(", id) >= (");
            query.push_bind(value).push(", ").push_bind(id).push(")");
        }
    }

    /// The part of the filter that is walked in order, and where to begin.
    fn push_walk<E: Database>(&self, query: &mut QueryBuilder<E>)
    where
        for<'q> String: Encode<'q, E> + Type<E>,
        for<'q> i64: Encode<'q, E> + Type<E>,
    {
        let [narrowing, dates] = self.filter.walked(self.sort);
        self.push_narrowing(query, narrowing, false);
        if dates == Narrowing::Dates {
            // The planner takes one bound on each side: the narrower one, cursor or edge.
            let has_edge = matches!(self.way, Way::Window(Some(_)));
            let hidden = |is_hidden| if is_hidden { " + 0" } else { "" };
            push_dates(query, (self.filter.from, None), hidden(has_edge));
            let has_cursor = self.before.is_some();
            push_dates(query, (None, self.filter.to), hidden(has_cursor));
        }
        if let Some((value, id)) = self.before {
            query
                .push(" AND (")
                .push(self.sort.column())
                .push(", id) < (");
            query.push_bind(value).push(", ").push_bind(id).push(")");
        }
    }

    /// The condition of one filter. `is_hidden` keeps the planner from using its index: another
    /// one is in the right order.
    fn push_narrowing<E: Database>(
        &self,
        query: &mut QueryBuilder<E>,
        narrowing: Narrowing,
        is_hidden: bool,
    ) where
        for<'q> String: Encode<'q, E> + Type<E>,
        for<'q> i64: Encode<'q, E> + Type<E>,
    {
        let text = if is_hidden { " || '' = " } else { " = " };
        match (narrowing, self.filter.status, &self.filter.project) {
            (Narrowing::Status, Some(status), _) => {
                query
                    .push(" AND status")
                    .push(text)
                    .push_bind(status.as_str().to_owned());
            }
            (Narrowing::Project, _, Some(project)) => {
                query
                    .push(" AND project_slug")
                    .push(text)
                    .push_bind(comparable(project));
            }
            (Narrowing::Dates, ..) => {
                let number = if is_hidden { " + 0" } else { "" };
                push_dates(query, (self.filter.from, self.filter.to), number);
            }
            (Narrowing::Status | Narrowing::Project | Narrowing::Nothing, ..) => {}
        }
    }

    pub(super) fn push_order<E: Database>(&self, query: &mut QueryBuilder<E>, limit: i64)
    where
        for<'q> i64: Encode<'q, E> + Type<E>,
    {
        let column = self.sort.column();
        query
            .push(" ORDER BY ")
            .push(column)
            .push(" DESC, id DESC LIMIT ")
            .push_bind(limit);
    }
}

fn push_dates<E: Database>(
    query: &mut QueryBuilder<E>,
    (from, to): (Option<Time>, Option<Time>),
    number: &'static str,
) where
    for<'q> i64: Encode<'q, E> + Type<E>,
{
    for (sign, at) in [(" >= ", from), (" < ", to)] {
        let Some(at) = at else { continue };
        query.push(" AND last_seen_at").push(number).push(sign);
        query.push_bind(at.0);
    }
}
