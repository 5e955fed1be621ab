//! Harbor Goods, a small company that does not exist: a web shop with four Sentry projects, a few
//! people and some forty things that go wrong. Every name, line of source and address is invented.

pub mod fulfilment;
pub mod libraries;
pub mod mobile;
pub mod payments;
pub mod storefront;

/// The organisation's slug.
pub const ORGANIZATION: &str = "harbor-goods";
/// The organisation's numeric id.
pub const ORGANIZATION_ID: u64 = 4_507_113;
/// Where its Sentry is.
pub const SENTRY_URL: &str = "https://harbor-goods.sentry.io";
/// The installation of the integration that sends to Epicenter.
pub const INSTALLATION: &str = "5b0c6f0e-3d1a-4c8e-9f52-7a9d1be0c4d7";
/// The integration itself.
pub const APP: &str = "0f4b8a52-61cd-4b77-8a0e-d2c95a3f1e86";

/// What a project's code is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Python.
    Python,
    /// JavaScript and TypeScript.
    JavaScript,
}

impl Language {
    /// Sentry's `platform` of an event.
    pub fn platform(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::JavaScript => "javascript",
        }
    }
}

/// A team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Team {
    /// Sentry's id.
    pub id: u64,
    /// Slug.
    pub slug: &'static str,
    /// Name to show.
    pub name: &'static str,
}

/// Somebody who works there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// Sentry's id.
    pub id: u64,
    /// Name to show.
    pub name: &'static str,
    /// Address, under a domain that is reserved for examples.
    pub email: &'static str,
}

/// A Sentry project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Project {
    /// Sentry's id.
    pub id: u64,
    /// Slug.
    pub slug: &'static str,
    /// Name to show.
    pub name: &'static str,
    /// First half of its issues' short ids.
    pub prefix: &'static str,
    /// Sentry's word for the kind of project.
    pub platform: &'static str,
    /// What it is written in.
    pub language: Language,
    /// The SDK that reports.
    pub sdk: &'static str,
    /// The SDK's version.
    pub sdk_version: &'static str,
    /// Where the source is.
    pub repository: &'static str,
    /// Who owns it.
    pub team: &'static Team,
    /// Releases, oldest first.
    pub releases: &'static [&'static str],
    /// Machines it runs on; empty for what runs at the customer's.
    pub servers: &'static [&'static str],
}

impl Project {
    /// The release that is out now.
    pub fn current_release(&self) -> &'static str {
        self.releases.last().copied().unwrap_or_default()
    }
}

/// A place in the company's own code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// File, relative to the repository.
    pub file: &'static str,
    /// Function.
    pub function: &'static str,
    /// Line.
    pub line: u32,
    /// Some lines of source; the one that was running begins with `>`.
    pub source: &'static str,
}

/// The exception behind an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Type.
    pub kind: &'static str,
    /// Message.
    pub value: &'static str,
    /// Where it was raised, oldest call first.
    pub spots: &'static [Spot],
}

/// Something that goes wrong, again and again: what becomes one Sentry issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// In which project.
    pub project: &'static Project,
    /// Type of the exception; empty for a message without one.
    pub kind: &'static str,
    /// The exception's message, or the message.
    pub value: &'static str,
    /// Route, task or page it happens in.
    pub transaction: &'static str,
    /// Sentry's level.
    pub level: &'static str,
    /// Was it caught?
    pub handled: bool,
    /// Where.
    pub environment: &'static str,
    /// How many people a usual day of it reaches.
    pub users: u64,
    /// The company's own code on the stack, oldest call first.
    pub spots: &'static [Spot],
    /// The exception behind it.
    pub cause: Option<Cause>,
    /// Tags beside the usual ones.
    pub tags: &'static [(&'static str, &'static str)],
}

/// A place in the code.
pub const fn spot(
    file: &'static str,
    function: &'static str,
    line: u32,
    source: &'static str,
) -> Spot {
    Spot {
        file,
        function,
        line,
        source,
    }
}

impl Fault {
    /// An exception that nobody catches, in production, of level error.
    pub const fn error(
        project: &'static Project,
        kind: &'static str,
        value: &'static str,
        transaction: &'static str,
        spots: &'static [Spot],
    ) -> Self {
        Self {
            project,
            kind,
            value,
            transaction,
            level: "error",
            handled: false,
            environment: "production",
            users: 9,
            spots,
            cause: None,
            tags: &[],
        }
    }

    /// A message without an exception.
    pub const fn message(
        project: &'static Project,
        value: &'static str,
        transaction: &'static str,
    ) -> Self {
        let mut fault = Self::error(project, "", value, transaction, &[]);
        fault.handled = true;
        fault.level = "warning";
        fault
    }

    /// The same with another level.
    #[must_use]
    pub const fn level(mut self, level: &'static str) -> Self {
        self.level = level;
        self
    }

    /// The same, but caught.
    #[must_use]
    pub const fn caught(mut self) -> Self {
        self.handled = true;
        self
    }

    /// The same in another environment.
    #[must_use]
    pub const fn on(mut self, environment: &'static str) -> Self {
        self.environment = environment;
        self
    }

    /// The same for more or fewer people.
    #[must_use]
    pub const fn reaching(mut self, users: u64) -> Self {
        self.users = users;
        self
    }

    /// The same with the exception behind it.
    #[must_use]
    pub const fn because(mut self, cause: Cause) -> Self {
        self.cause = Some(cause);
        self
    }

    /// The same with more tags.
    #[must_use]
    pub const fn tagged(mut self, tags: &'static [(&'static str, &'static str)]) -> Self {
        self.tags = tags;
        self
    }
}

/// The team of the shop.
pub static SHOP_TEAM: Team = Team {
    id: 88_121,
    slug: "shop",
    name: "Shop",
};
/// The team of the money.
pub static MONEY_TEAM: Team = Team {
    id: 88_122,
    slug: "money",
    name: "Money & Ledgers",
};
/// The team of the warehouse.
pub static WAREHOUSE_TEAM: Team = Team {
    id: 88_123,
    slug: "warehouse",
    name: "Warehouse",
};

/// Who answers when nobody else is named.
pub static FIRST_PERSON: Person = Person {
    id: 300_411,
    name: "Maren Tidewell",
    email: "maren@harborgoods.example",
};

/// Everybody.
pub static PEOPLE: &[Person] = &[
    FIRST_PERSON,
    Person {
        id: 300_412,
        name: "Jonas Brackwater",
        email: "jonas@harborgoods.example",
    },
    Person {
        id: 300_413,
        name: "Priya Saltmarsh",
        email: "priya@harborgoods.example",
    },
    Person {
        id: 300_414,
        name: "Zo\u{eb} K\u{fc}stenfeld",
        email: "zoe@harborgoods.example",
    },
    Person {
        id: 300_415,
        name: "Tomasz \u{141}odzik",
        email: "tomasz@harborgoods.example",
    },
    Person {
        id: 300_416,
        name: "Adaeze Quayside",
        email: "adaeze@harborgoods.example",
    },
];

/// Every project.
pub static PROJECTS: [&Project; 4] = [
    &storefront::STOREFRONT,
    &payments::PAYMENTS,
    &fulfilment::FULFILMENT,
    &mobile::MOBILE,
];

/// Every fault of every project, in a fixed order.
pub fn faults() -> impl Iterator<Item = &'static Fault> + Clone {
    storefront::FAULTS
        .iter()
        .chain(payments::FAULTS)
        .chain(fulfilment::FAULTS)
        .chain(mobile::FAULTS)
}
